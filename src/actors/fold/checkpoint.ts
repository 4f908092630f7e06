import { rowOf } from '../../machines/kit/byKey.js';
import { type BotOptions, defaultOptions } from '../../machines/vocabulary/options/options.js';
import { folderOf } from '../charts/inertScope.js';
import type { Checkpoint, Effect, StateValue } from '../ports.js';
import { deepFreeze } from '../step/freeze.js';
import type { SavedRing } from '../step/layers.js';
import type { Member, Topology } from '../step/routes.js';
import type { ActorState, Ended, SystemState, Timer } from '../step/state.js';
import { restoredContext, withDefaults } from './contexts.js';
import { machineVersionsOf } from './machineVersions.js';

/** Layout of the parts; a checkpoint of a higher version, or with a part that this one does not know, is not read. */
export const CHECKPOINT_VERSION = 2;

interface SavedActor {
  readonly machine: string;
  readonly value: StateValue;
  readonly context: unknown;
  readonly timers: Readonly<Record<string, Timer>>;
  readonly open: readonly string[];
  readonly since: number;
  readonly rule: string;
}
interface Head {
  readonly version: number;
  readonly epoch: number;
  /** Left out: 1. */
  readonly behaviour?: number;
  readonly options: BotOptions | null;
  /** Of the code that wrote it. */
  readonly machineVersions: Readonly<Record<string, string>>;
}
/** The whole state in one part, as version 1 wrote it. */
interface BodyV1 extends Omit<Head, 'machineVersions'> {
  readonly actors: Readonly<Record<string, SavedActor>>;
  readonly openEffects: readonly Effect[];
  readonly seen: SavedRing<null>;
  readonly ended: SavedRing<Ended>;
}

/** A checkpoint that this version cannot start from; the message says where and why. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/** An actor as it is written; null: there is none. */
export function savedActor(actor: ActorState | undefined): SavedActor | null {
  if (!actor) return null;
  const { machine, snapshot, timers, open, since, rule } = actor;
  return { machine, value: snapshot.value, context: snapshot.context, timers, open, since, rule };
}

type MachineVersions = Readonly<Record<string, string>>;
/** Parts put back in one turn of the event loop: a few milliseconds. */
const LOAD_SLICE = 100;

/**
 * Puts a checkpoint back into an empty state and gives the machine versions it was written with. Contexts are checked
 * against the machines' cards and get the defaults of a birth for what they lack; timers that a changed chart wants are
 * armed (of an unchanged one they have fired already), those it no longer has are dropped. Throws CheckpointError
 * naming actor, machine, and the state, or the field and its value, where it does not fit.
 */
export function loadCheckpoint(state: SystemState, checkpoint: Checkpoint, topology: Topology): MachineVersions {
  const loading = loadingOf(state, checkpoint, topology);
  let step = loading.next();
  while (!step.done) step = loading.next();
  return step.value;
}

/** The same a slice at a time, for who has other things to do; what it puts into the state counts at the end. */
export function* loadingOf(
  state: SystemState,
  checkpoint: Checkpoint,
  topology: Topology,
): Generator<void, MachineVersions, void> {
  const parts = checkpoint.parts.has('body') ? partsOfV1(checkpoint.parts.get('body') as BodyV1) : checkpoint.parts;
  const head = parts.get('head') as Head | undefined;
  if (head?.version !== CHECKPOINT_VERSION) {
    const { seq } = checkpoint;
    throw new CheckpointError(
      `checkpoint ${seq}: its layout has version ${String(head?.version)}, this version reads up to ${CHECKPOINT_VERSION}; use the version that wrote it`,
    );
  }
  const present = machineVersionsOf(topology);
  const isSame = (machine: string): boolean => present[machine] === head.machineVersions[machine];
  const pieces: { seen: SavedRing<null>[]; ended: SavedRing<Ended>[] } = { seen: [], ended: [] };
  let loaded = 0;
  for (const [key, part] of parts) {
    loaded += 1;
    if (loaded % LOAD_SLICE === 0) yield;
    const name = key.slice(key.indexOf(':') + 1);
    if (key.startsWith('actor:')) {
      const saved = part as SavedActor;
      state.actors.set(name, restoreActor(name, saved, { checkpoint, topology, isSame: isSame(saved.machine) }));
    } else if (key.startsWith('effect:')) state.openEffects.set(name, deepFreeze(part as Effect));
    else if (key.startsWith('seen:')) pieces.seen.push(part as SavedRing<null>);
    else if (key.startsWith('ended:')) pieces.ended.push(part as SavedRing<Ended>);
    else if (key !== 'head')
      throw new CheckpointError(`checkpoint ${checkpoint.seq}: this version does not know the part "${key}"`);
  }
  state.merge();
  yield;
  state.seen.load(pieces.seen.sort((a, b) => a.total - b.total));
  yield;
  state.endedActors.load(pieces.ended.sort((a, b) => a.total - b.total));
  const options = head.options && deepFreeze(withDefaults(defaultOptions, head.options) as BotOptions);
  const { epoch, behaviour = 1 } = head;
  state.place({ seq: checkpoint.seq, at: checkpoint.at, epoch, behaviour, options });
  return head.machineVersions;
}

function partsOfV1(body: BodyV1): ReadonlyMap<string, unknown> {
  const { epoch, options, actors, openEffects, seen, ended } = body;
  const head = { version: body.version === 1 ? CHECKPOINT_VERSION : body.version, epoch, options, machineVersions: {} };
  return new Map<string, unknown>([
    ['head', head],
    ...Object.entries(actors).map(([id, actor]) => [`actor:${id}`, actor] as const),
    ...openEffects.map((effect) => [`effect:${effect.id}`, effect] as const),
    [`seen:${seen.total}`, seen],
    [`ended:${ended.total}`, ended],
  ]);
}

function restoreActor(
  id: string,
  saved: SavedActor,
  { checkpoint, topology, isSame }: { checkpoint: Checkpoint; topology: Topology; isSame: boolean },
): ActorState {
  const entry = rowOf(topology.machines, saved.machine);
  if (!entry)
    throw new CheckpointError(
      `checkpoint ${checkpoint.seq}: actor ${id} is a "${saved.machine}", which this version does not have`,
    );
  const folder = folderOf(entry.machine);
  const context = contextOf(id, saved, entry, checkpoint);
  let snapshot: ActorState['snapshot'];
  try {
    snapshot = folder.restore({ status: 'active', value: saved.value, context });
  } catch (error) {
    const where = JSON.stringify(saved.value);
    throw new CheckpointError(
      `checkpoint ${checkpoint.seq}: actor ${id} is in state ${where}, which "${saved.machine}" does not have`,
      {
        cause: error,
      },
    );
  }
  const timers: { [timer: string]: Timer } = {};
  for (const { timer, delayMs } of folder.timersOf(snapshot)) {
    const fresh = { dueAt: checkpoint.at + Math.round(delayMs), armedAtSeq: checkpoint.seq };
    const kept = saved.timers[timer] ?? (isSame ? null : fresh);
    if (kept) timers[timer] = kept;
  }
  const { machine, open, since, rule } = saved;
  return { machine, snapshot, timers, open, since, rule };
}

function contextOf(id: string, saved: SavedActor, member: Member, checkpoint: Checkpoint): object {
  if (!member.context) return deepFreeze(saved.context as object);
  try {
    return restoredContext(member, { id, at: checkpoint.at, context: saved.context });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const where = `checkpoint ${checkpoint.seq}: actor ${id} ("${saved.machine}")`;
    throw new CheckpointError(`${where}: ${error.message}`, { cause: error });
  }
}
