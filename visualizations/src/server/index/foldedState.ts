import type { Effect, Record } from '../../../../src/actors/ports.js';
import { factOf, stepOrReject } from '../../../../src/actors/recovery.js';
import type { Topology } from '../../../../src/actors/routes.js';
import type { ActorState, Changes, Ended, Position, StateView, SystemState } from '../../../../src/actors/state.js';

import { type EndedRing, type Ending, Endings, endedIn } from './endings.js';
import { PersistentMap } from './persistentMap.js';

/** A kept state of the whole bot. Never changes. */
export interface Keyframe extends Position {
  readonly actors: PersistentMap<ActorState>;
  readonly openEffects: PersistentMap<Effect>;
  readonly endings: Endings;
}

export const GENESIS: Keyframe = {
  seq: 0,
  at: 0,
  epoch: 0,
  options: null,
  actors: PersistentMap.empty(),
  openEffects: PersistentMap.empty(),
  endings: Endings.first(0, []),
};

/** The state that a checkpoint held. */
export function keyframeOf(state: SystemState): Keyframe {
  const { total } = state.endedActors.save();
  const endings = [...state.endedActors.entries()].map(([id, { at, value }]): Ending => [id, at, value]);
  const { seq, at, epoch, options } = state;
  return {
    seq,
    at,
    epoch,
    options,
    actors: PersistentMap.empty<ActorState>().with(state.actors.entries()),
    openEffects: PersistentMap.empty<Effect>().with(state.openEffects.entries()),
    endings: Endings.first(total, endings),
  };
}

/** The state of the bot while it is folded on from a kept state: that one, and above it what changed. */
export class FoldedState implements StateView {
  readonly changedActors = new Map<string, ActorState | null>();
  private readonly changedEffects = new Map<string, Effect | null>();
  private readonly endings: Ending[] = [];
  private readonly endedHere = new Map<string, readonly [at: number, ended: Ended]>();
  private position: Position;
  private ring: EndedRing | null = null;

  constructor(readonly base: Keyframe) {
    this.position = base;
  }

  get seq(): number {
    return this.position.seq;
  }
  get at(): number {
    return this.position.at;
  }
  get epoch(): number {
    return this.position.epoch;
  }
  get options(): Position['options'] {
    return this.position.options;
  }
  actor(id: string): ActorState | undefined {
    const changed = this.changedActors.get(id);
    return changed === undefined ? this.base.actors.get(id) : (changed ?? undefined);
  }
  openEffect(id: string): Effect | undefined {
    const changed = this.changedEffects.get(id);
    return changed === undefined ? this.base.openEffects.get(id) : (changed ?? undefined);
  }
  ended(id: string, at: number): Ended | undefined {
    const here = this.endedHere.get(id);
    if (here) return here[1];
    this.ring ??= this.base.endings.ring();
    return endedIn(this.ring, id, at);
  }
  /** Duplicates are facts of their own in a journal: nothing that is folded asks. */
  hasSeen(): boolean {
    return false;
  }
  *actors(): IterableIterator<[string, ActorState]> {
    for (const entry of this.base.actors.entries()) if (!this.changedActors.has(entry[0])) yield entry;
    for (const [id, actor] of this.changedActors) if (actor) yield [id, actor];
  }

  *effects(): IterableIterator<[string, Effect]> {
    for (const entry of this.base.openEffects.entries()) if (!this.changedEffects.has(entry[0])) yield entry;
    for (const [id, effect] of this.changedEffects) if (effect) yield [id, effect];
  }
  /** Ended actors that still count, oldest first. */
  *endedActors(): IterableIterator<Ending> {
    this.ring ??= this.base.endings.ring();
    for (const [id, [at]] of this.ring) {
      const ended = this.endedHere.has(id) ? undefined : endedIn(this.ring, id, this.at);
      if (ended) yield [id, at, ended];
    }
    yield* this.endings;
  }

  /** What a record does here, without doing it. */
  changesOf(record: Record, topology: Topology): Changes {
    return stepOrReject(topology, this, factOf(record)).changes;
  }
  apply(changes: Changes): void {
    for (const [id, actor] of changes.actors) this.changedActors.set(id, actor);
    for (const [id, effect] of changes.openEffects) this.changedEffects.set(id, effect);
    for (const [id, ended] of changes.ended) {
      this.endings.push([id, changes.at, ended]);
      this.endedHere.set(id, [changes.at, ended]);
    }
    const { seq, at, epoch, options } = changes;
    this.position = { seq, at, epoch, options };
  }

  /** This state, to be kept. */
  keep(): Keyframe {
    return {
      ...this.position,
      actors: this.base.actors.with(this.changedActors),
      openEffects: this.base.openEffects.with(this.changedEffects),
      endings: this.base.endings.after(this.endings),
    };
  }
  /** On from a state that was kept from this one: the ring of ended actors need not be read anew. */
  goOn(kept: Keyframe): FoldedState {
    const next = new FoldedState(kept);
    if (!this.ring) return next;
    for (const [id, at, ended] of this.endings) {
      this.ring.delete(id);
      this.ring.set(id, Endings.entryOf(at, ended));
    }
    Endings.trim(this.ring);
    next.ring = this.ring;
    return next;
  }
}
