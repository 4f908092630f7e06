import { type BotOptions, defaultOptions } from '../machines/options.js';
import { folderOf } from './inertScope.js';
import type { SavedRing } from './layers.js';
import type { Checkpoint, Effect, StateValue } from './ports.js';
import type { Topology } from './routes.js';
import type { ActorState, Ended, SystemState, Timer } from './state.js';

/** Layout of a checkpoint's body; a body of another version is not read, the journal is folded from the start. */
export const CHECKPOINT_VERSION = 1;

interface SavedActor {
  readonly machine: string;
  readonly value: StateValue;
  readonly context: unknown;
  readonly timers: Readonly<Record<string, Timer>>;
  readonly open: readonly string[];
  readonly since: number;
  readonly rule: string;
}
interface Body {
  readonly version: number;
  readonly epoch: number;
  readonly options: BotOptions | null;
  readonly actors: Readonly<Record<string, SavedActor>>;
  readonly openEffects: readonly Effect[];
  readonly seen: SavedRing<null>;
  readonly ended: SavedRing<Ended>;
}

/** The durable state as JSON. */
export function takeCheckpoint(state: SystemState): Checkpoint {
  const actors: { [id: string]: SavedActor } = {};
  for (const [id, actor] of state.actors.entries()) {
    const { machine, snapshot, timers, open, since, rule } = actor;
    actors[id] = { machine, value: snapshot.value as StateValue, context: snapshot.context, timers, open, since, rule };
  }
  const body: Body = {
    version: CHECKPOINT_VERSION,
    epoch: state.epoch,
    options: state.options,
    actors,
    openEffects: [...state.openEffects.entries()].map(([, effect]) => effect),
    seen: state.seen.save(),
    ended: state.endedActors.save(),
  };
  return { seq: state.seq, at: state.at, body };
}

/**
 * Puts a checkpoint back into an empty state. Contexts are checked against the shape the machine gives a new actor and
 * get its defaults for what is new; timers that the present chart wants are armed, those it no longer has are dropped.
 * Throws naming actor, machine and state when a state no longer exists.
 */
export function loadCheckpoint(state: SystemState, checkpoint: Checkpoint, topology: Topology): boolean {
  const body = checkpoint.body as Body;
  if (body?.version !== CHECKPOINT_VERSION) return false;
  for (const [id, saved] of Object.entries(body.actors)) {
    state.actors.set(id, restoreActor(id, saved, checkpoint, topology));
  }
  for (const effect of body.openEffects) state.openEffects.set(effect.id, deepFreeze(effect));
  state.merge();
  state.seen.load(body.seen);
  state.endedActors.load(body.ended);
  const options = body.options && deepFreeze(withDefaults(defaultOptions, body.options) as BotOptions);
  state.place({ seq: checkpoint.seq, at: checkpoint.at, epoch: body.epoch, options });
  return true;
}

function restoreActor(id: string, saved: SavedActor, checkpoint: Checkpoint, topology: Topology): ActorState {
  const entry = topology.machines[saved.machine];
  if (!entry)
    throw new Error(
      `checkpoint ${checkpoint.seq}: actor ${id} is a "${saved.machine}", which this version does not have`,
    );
  const folder = folderOf(entry.machine);
  const context = checkContext(id, saved, entry.machine.config.meta as { contextShape?: object } | undefined);
  let snapshot: ActorState['snapshot'];
  try {
    snapshot = folder.restore({ status: 'active', value: saved.value, context });
  } catch (error) {
    const where = JSON.stringify(saved.value);
    throw new Error(
      `checkpoint ${checkpoint.seq}: actor ${id} is in state ${where}, which "${saved.machine}" does not have`,
      {
        cause: error,
      },
    );
  }
  const timers: { [timer: string]: Timer } = {};
  for (const { timer, delayMs } of folder.timersOf(snapshot)) {
    timers[timer] = saved.timers[timer] ?? { dueAt: checkpoint.at + Math.round(delayMs), armedAtSeq: checkpoint.seq };
  }
  const { machine, open, since, rule } = saved;
  return { machine, snapshot, timers, open, since, rule };
}

/** Holds a restored context against the machine's own example of one (`meta.contextShape`). */
function checkContext(id: string, saved: SavedActor, meta: { contextShape?: object } | undefined): object {
  const shape = meta?.contextShape;
  const context = shape ? withDefaults(shape, saved.context) : saved.context;
  const problem = shape ? mismatch(shape, context, 'context') : null;
  if (problem) throw new Error(`actor ${id} ("${saved.machine}"): ${problem}`);
  return deepFreeze(context as object);
}

/** `value` with what `shape` has and it has not; one level of nesting is what machines use. */
function withDefaults(shape: unknown, value: unknown): unknown {
  if (!isPlain(shape) || !isPlain(value)) return value;
  const merged: { [key: string]: unknown } = { ...value };
  for (const [key, fallback] of Object.entries(shape)) {
    merged[key] = key in value ? withDefaults(fallback, value[key]) : fallback;
  }
  return merged;
}

/** The first place where the kinds of two values differ; a null in the shape allows anything. */
function mismatch(shape: unknown, value: unknown, where: string): string | null {
  if (shape === null || value === null) return null;
  const [wanted, got] = [kindOf(shape), kindOf(value)];
  if (wanted !== got) return `${where} is ${got}, expected ${wanted}`;
  if (!isPlain(shape) || !isPlain(value)) return null;
  for (const key of Object.keys(shape)) {
    const problem = mismatch(shape[key], value[key], `${where}.${key}`);
    if (problem) return problem;
  }
  return null;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function isPlain(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Freezes a JSON value to its leaves; what is frozen already is left alone. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
