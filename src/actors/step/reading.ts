import type { ContextOf, MachineName } from '../../machines/cards.js';
import { AFTER } from '../charts/chartNodes.js';
import type { Fold, Snapshot } from '../charts/foldTypes.js';
import type { StateValue } from '../ports.js';
import type { ActorState, StateView } from './state.js';

/** XState's own names carry state paths; records do not. */
export const displayName = (type: string): string => (type.startsWith(AFTER) ? 'timer.elapsed' : type);

/** An actor, or as much of it as says what its context is. */
interface Read {
  readonly machine: string;
  readonly snapshot: Pick<Snapshot, 'context'>;
}
/** The context of an actor of this machine, or of one of two; undefined: there is none, or it is of another. */
export function contextOf<M extends MachineName>(
  actor: Read | undefined,
  one: M,
  other = one,
): ContextOf<M> | undefined {
  if (actor?.machine !== one && actor?.machine !== other) return undefined;
  return actor.snapshot.context as ContextOf<M>;
}
/** A text in the context of whatever actor; null: it has none of that name. */
export function textOf({ context }: Pick<Snapshot, 'context'>, name: string): string | null {
  const text: unknown = Reflect.get(context, name);
  return typeof text === 'string' ? text : null;
}

export function sameValue(a: StateValue, b: StateValue): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

/** The armings of an actor after a fold: what it cancelled is gone, what it armed is due from now. */
export function timersAfter(
  armed: ActorState['timers'],
  changes: Fold['timers'],
  { at, seq }: Pick<StateView, 'at' | 'seq'>,
): ActorState['timers'] {
  let timers = armed;
  for (const change of changes) {
    if (change.armed) {
      timers = { ...timers, [change.timer]: { dueAt: at + Math.round(change.delayMs), armedAtSeq: seq } };
    } else if (timers[change.timer]) {
      const { [change.timer]: _cancelled, ...rest } = timers;
      timers = rest;
    }
  }
  return timers;
}
