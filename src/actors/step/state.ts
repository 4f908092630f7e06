import type { BotOptions } from '../../machines/vocabulary/options/options.js';
import type { Snapshot } from '../charts/foldTypes.js';
import type { Effect, StateValue, Step } from '../ports.js';
import { LayeredMap, LayeredRing, TouchedKeys } from './layers.js';

export interface Timer {
  readonly dueAt: number;
  /** The record that armed it: a firing of an older arming is recognised by this. */
  readonly armedAtSeq: number;
}

/** One living actor. */
export interface ActorState {
  readonly machine: string;
  readonly snapshot: Snapshot;
  readonly timers: Readonly<Record<string, Timer>>;
  /** Ids of its effects without an outcome. */
  readonly open: readonly string[];
  /** When its state value last changed. */
  readonly since: number;
  /** The rule that brought it there. */
  readonly rule: string;
}

/** What remains of an actor that has ended. */
export interface Ended {
  readonly machine: string;
  readonly value: StateValue;
  readonly reason: string | null;
  readonly parent: string | null;
}

/** What one fact changes. Nothing of it is applied until the whole step has succeeded. */
export interface Changes {
  /** Of the life that this fact belongs to. */
  readonly behaviour: number;
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly options: BotOptions | null;
  readonly actors: ReadonlyMap<string, ActorState | null>;
  readonly openEffects: ReadonlyMap<string, Effect | null>;
  readonly seen: readonly string[];
  readonly ended: readonly (readonly [id: string, ended: Ended])[];
  readonly steps: readonly Step[];
  readonly effects: readonly Effect[];
}

/** What `step` may read. */
export interface StateView {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly behaviour: number;
  readonly options: BotOptions | null;
  actor(id: string): ActorState | undefined;
  /** Ids of all that live: a scan, for what happens seldom. */
  living(): Iterable<string>;
  openEffect(id: string): Effect | undefined;
  ended(id: string, at: number): Ended | undefined;
  hasSeen(messageId: string, at: number): boolean;
}

/** Message ids kept to recognise a second delivery: newest 10,000, one day. */
export const SEEN_MAX = 10_000;
export const SEEN_AGE_MS = 24 * 3_600_000;
/** Ended actors that can still be asked about: newest 10,000, one day. */
export const ENDED_MAX = 10_000;
export const ENDED_AGE_MS = 24 * 3_600_000;

/** All that the bot is: durable state, and above it what the append under way would make durable. */
export class SystemState implements StateView {
  readonly actors = new LayeredMap<ActorState>();
  readonly openEffects = new LayeredMap<Effect>();
  readonly seen = new LayeredRing<null>(SEEN_MAX, SEEN_AGE_MS);
  readonly endedActors = new LayeredRing<Ended>(ENDED_MAX, ENDED_AGE_MS);
  readonly touched = { actors: new TouchedKeys(), effects: new TouchedKeys() } as const;
  private durable: Position = { seq: 0, at: 0, epoch: 0, behaviour: 1, options: null };
  private pending: Position = this.durable;

  get seq(): number {
    return this.pending.seq;
  }
  get at(): number {
    return this.pending.at;
  }
  get epoch(): number {
    return this.pending.epoch;
  }
  get behaviour(): number {
    return this.pending.behaviour;
  }
  get options(): BotOptions | null {
    return this.pending.options;
  }
  actor(id: string): ActorState | undefined {
    return this.actors.get(id);
  }
  *living(): IterableIterator<string> {
    for (const [id] of this.actors.entries()) yield id;
  }
  openEffect(id: string): Effect | undefined {
    return this.openEffects.get(id);
  }
  ended(id: string, at: number): Ended | undefined {
    return this.endedActors.get(id, at);
  }
  hasSeen(messageId: string, at: number): boolean {
    return this.seen.get(messageId, at) !== undefined;
  }

  apply(changes: Changes): void {
    const { actors, effects } = this.touched;
    for (const [id, actor] of changes.actors) {
      actors.note(id, this.actors.get(id) !== undefined);
      this.actors.set(id, actor);
    }
    for (const [id, effect] of changes.openEffects) {
      effects.note(id, this.openEffects.get(id) !== undefined);
      this.openEffects.set(id, effect);
    }
    for (const id of changes.seen) this.seen.add(id, changes.at, null);
    for (const [id, ended] of changes.ended) this.endedActors.add(id, changes.at, ended);
    const { seq, at, epoch, behaviour, options } = changes;
    this.pending = { seq, at, epoch, behaviour, options };
  }
  merge(): void {
    this.actors.merge(this.touched.actors);
    this.openEffects.merge(this.touched.effects);
    this.seen.merge();
    this.endedActors.merge();
    this.durable = this.pending;
  }
  drop(): void {
    this.actors.drop();
    this.openEffects.drop();
    this.seen.drop();
    this.endedActors.drop();
    this.pending = this.durable;
  }
  /** For a restore from a checkpoint only. */
  place(position: Position): void {
    this.durable = position;
    this.pending = position;
  }
}

export interface Position {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly behaviour: number;
  readonly options: BotOptions | null;
}
