import { type BotOptions, defaultOptions } from '../../machines/vocabulary/options/options.js';
import { folderOf } from '../charts/inertScope.js';
import { deepFreeze } from '../step/freeze.js';
import type { Topology } from '../step/routes.js';
import { SystemState } from '../step/state.js';

/** Options by dotted name, as `--set` writes them. */
export type OptionChanges = { readonly [name: string]: unknown };
type Tree = { readonly [key: string]: unknown };

/** `options` with the changes in it. Throws RangeError for a name that is no option. */
export function withChanges(options: BotOptions, changes: OptionChanges): BotOptions {
  let changed = options as unknown as Tree;
  for (const [name, value] of Object.entries(changes)) {
    const path = name.split('.');
    if (!isOption(path)) throw new RangeError(`there is no option "${name}"`);
    changed = withValue(changed, path, value);
  }
  return deepFreeze(changed as unknown as BotOptions);
}

function isOption(path: readonly string[]): boolean {
  let at: unknown = defaultOptions;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, key)) return false;
    at = (at as Tree)[key];
  }
  return typeof at !== 'object' || at === null || Array.isArray(at);
}

function withValue(tree: Tree, [key = '', ...rest]: readonly string[], value: unknown): Tree {
  return { ...tree, [key]: rest.length === 0 ? value : withValue((tree[key] ?? {}) as Tree, rest, value) };
}

/** A copy of a state that goes its own way from here; actors are never changed in place, so they are shared. */
export function forkOf(state: SystemState): SystemState {
  const fork = new SystemState();
  for (const [id, actor] of state.actors.entries()) fork.actors.set(id, actor);
  for (const [id, effect] of state.openEffects.entries()) fork.openEffects.set(id, effect);
  fork.merge();
  fork.seen.load([state.seen.save()]);
  fork.endedActors.load([state.endedActors.save()]);
  const { seq, at, epoch, behaviour, options } = state;
  fork.place({ seq, at, epoch, behaviour, options });
  return fork;
}

/**
 * Gives the living actors of a state other options, for a what-if that begins in the middle of a process life.
 * Deadlines that run already, reply windows among them, stay as they are: what is promised is promised.
 */
export function giveOptions(state: SystemState, topology: Topology, options: BotOptions): void {
  for (const [id, actor] of state.actors.entries()) {
    const machine = topology.machines[actor.machine];
    const given = (machine?.options?.(options) ?? {}) as Tree;
    const context = actor.snapshot.context as Tree;
    const known = Object.entries(given).filter(([key]) => key in context);
    if (!machine || known.length === 0) continue;
    const changed = deepFreeze({ ...context, ...Object.fromEntries(known) });
    const { value } = actor.snapshot;
    const snapshot = folderOf(machine.machine).restore({ status: 'active', value, context: changed });
    state.actors.set(id, { ...actor, snapshot });
  }
  state.merge();
  const { seq, at, epoch, behaviour } = state;
  state.place({ seq, at, epoch, behaviour, options });
}
