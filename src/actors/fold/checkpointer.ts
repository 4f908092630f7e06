import type { Checkpoint, Effect } from '../ports.js';
import type { SavedRing } from '../step/layers.js';
import type { ActorState, SystemState } from '../step/state.js';
import { CHECKPOINT_VERSION, savedActor } from './checkpoint.js';

/** Parts of one piece, and entries of one part of a ring: a few milliseconds of writing. */
export const PIECE_PARTS = 100;
export const RING_PART = 256;
/** A part of a ring counts as so many parts. */
const RING_WEIGHT = 10;

const RINGS = ['seen', 'ended'] as const;
type RingName = (typeof RINGS)[number];
const ringOf = (state: SystemState, name: RingName) => (name === 'seen' ? state.seen : state.endedActors);

/**
 * What durable checkpoints hold: keys of actors and effects, and of each ring its total and the ordinals of its parts.
 */
interface Saved {
  readonly keys: Set<string>;
  readonly rings: { [ring in RingName]: { total: number; ordinals: number[] } };
}
/** The state at one seq, by reference: what is stepped afterwards makes new objects and leaves these as they are. */
interface Taken {
  readonly seq: number;
  readonly at: number;
  readonly isComplete: boolean;
  readonly head: unknown;
  readonly actors: readonly (readonly [id: string, actor: ActorState | undefined])[];
  readonly effects: readonly (readonly [id: string, effect: Effect | undefined])[];
  readonly ringParts: readonly (readonly [key: string, part: SavedRing<unknown> | null])[];
  readonly rings: Saved['rings'];
}

/**
 * Takes one checkpoint after the other of one state, each in pieces that are made and written one at a time. The first
 * is complete; those after it hold what changed since. Parts: `head`, `actor:ID`, `effect:ID`, and `seen:ORDINAL` and
 * `ended:ORDINAL`, parts of the rings named by their last ordinal.
 */
export class Checkpointer {
  private saved: Saved | null = null;
  private taken: Taken | null = null;
  /** Parts of the one under way that are durable, and of the piece that was given last. */
  private done = 0;
  private given = 0;

  constructor(
    private readonly state: SystemState,
    private readonly machineVersions: Readonly<Record<string, string>>,
  ) {}

  /** Whether pieces of one are still to be written. */
  get isUnderWay(): boolean {
    return this.taken !== null;
  }
  /** Whether a piece of the one under way is durable. */
  get isBegun(): boolean {
    return this.done > 0;
  }

  /** Takes the state as it is now: its cost is what changed, and nothing is written out yet. */
  begin(): void {
    const { state, saved } = this;
    const { epoch, behaviour, options, seq, at } = state;
    const { actors, effects } = state.touched;
    // What came and went since the last one is in neither.
    const ids = saved ? actors : [...state.actors.entries()].map(([id]) => id);
    const effectIds = saved ? effects : [...state.openEffects.entries()].map(([id]) => id);
    const takenActors: [string, ActorState | undefined][] = [];
    for (const id of ids) {
      const actor = state.actors.get(id);
      if (actor !== undefined || saved?.keys.has(`actor:${id}`)) takenActors.push([id, actor]);
    }
    const takenEffects: [string, Effect | undefined][] = [];
    for (const id of effectIds) {
      const effect = state.openEffects.get(id);
      if (effect !== undefined || saved?.keys.has(`effect:${id}`)) takenEffects.push([id, effect]);
    }
    const ringParts: [string, SavedRing<unknown> | null][] = [];
    const rings = { seen: this.takeRing('seen', ringParts), ended: this.takeRing('ended', ringParts) };
    this.taken = {
      seq,
      at,
      isComplete: saved === null,
      head: { version: CHECKPOINT_VERSION, epoch, behaviour, options, machineVersions: this.machineVersions },
      actors: takenActors,
      effects: takenEffects,
      ringParts,
      rings,
    };
    [this.done, this.given] = [0, 0];
    actors.clear();
    effects.clear();
  }

  /** The state as it is now, in one piece. */
  take(): Checkpoint {
    this.begin();
    return this.piece(Number.POSITIVE_INFINITY);
  }

  /** The next piece, the same until it is `written`; `partsMax` in it. */
  piece(partsMax = PIECE_PARTS): Checkpoint {
    const { seq, at, isComplete, head, actors, effects, ringParts } = this.taken!;
    const parts = new Map<string, unknown>();
    let place = this.done;
    let weight = 0;
    const last = actors.length + effects.length + ringParts.length;
    for (; place < last && weight < partsMax; place += 1) {
      weight += 1;
      if (place < actors.length) {
        const [id, actor] = actors[place]!;
        parts.set(`actor:${id}`, savedActor(actor));
      } else if (place < actors.length + effects.length) {
        const [id, effect] = effects[place - actors.length]!;
        parts.set(`effect:${id}`, effect ?? null);
      } else {
        const [key, part] = ringParts[place - actors.length - effects.length]!;
        parts.set(key, part);
        if (part !== null) weight += RING_WEIGHT;
      }
    }
    this.given = place;
    const isLast = place === last;
    if (isLast) parts.set('head', head);
    return { seq, at, parts, ...(isComplete ? { complete: true } : {}), ...(isLast ? {} : { more: true }) };
  }

  /** The piece that was given last is durable. */
  written(): void {
    const { taken } = this;
    if (!taken) return;
    const { actors, effects, ringParts, rings } = taken;
    this.done = this.given;
    if (this.done < actors.length + effects.length + ringParts.length) return;
    const keys = this.saved?.keys ?? new Set<string>();
    const keep = (key: string, isThere: boolean): void => void (isThere ? keys.add(key) : keys.delete(key));
    for (const [id, actor] of actors) keep(`actor:${id}`, actor !== undefined);
    for (const [id, effect] of effects) keep(`effect:${id}`, effect !== undefined);
    this.saved = { keys, rings };
    this.taken = null;
    this.done = 0;
  }

  /** The one under way is given up; what it held counts as changed. */
  abandon(): void {
    const { touched } = this.state;
    for (const [id] of this.taken?.actors ?? []) touched.actors.add(id);
    for (const [id] of this.taken?.effects ?? []) touched.effects.add(id);
    this.taken = null;
    this.done = 0;
  }

  /** What came since; parts that no longer count are gone. */
  private takeRing(name: RingName, parts: [string, SavedRing<unknown> | null][]): Saved['rings'][RingName] {
    const ring = ringOf(this.state, name);
    const before = this.saved?.rings[name] ?? { total: 0, ordinals: [] };
    const { total, entries } = ring.save(before.total);
    const added: number[] = [];
    for (let from = 0; from < entries.length; from += RING_PART) {
      const slice = entries.slice(from, from + RING_PART);
      const ordinal = from + RING_PART >= entries.length ? total : slice.at(-1)![1];
      added.push(ordinal);
      parts.push([`${name}:${ordinal}`, { total: ordinal, entries: slice }]);
    }
    const isGone = (ordinal: number): boolean => ordinal <= total - ring.countMax;
    for (const ordinal of before.ordinals.filter(isGone)) parts.push([`${name}:${ordinal}`, null]);
    return { total, ordinals: [...before.ordinals.filter((ordinal) => !isGone(ordinal)), ...added] };
  }
}

/** The whole state as a checkpoint in one piece. */
export function takeCheckpoint(state: SystemState, machineVersions: Readonly<Record<string, string>> = {}): Checkpoint {
  const { actors, effects } = state.touched;
  const touched = [[...actors], [...effects]] as const;
  const checkpoint = new Checkpointer(state, machineVersions).take();
  for (const id of touched[0]) actors.add(id);
  for (const id of touched[1]) effects.add(id);
  return checkpoint;
}
