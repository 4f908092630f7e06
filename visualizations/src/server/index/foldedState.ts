import { refold } from '../../../../src/actors/fold/refold.js';
import type { Effect, Record } from '../../../../src/actors/ports.js';
import type { Topology } from '../../../../src/actors/step/routes.js';
import type {
  ActorState,
  Changes,
  Ended,
  Position,
  StateView,
  SystemState,
} from '../../../../src/actors/step/state.js';

import type { Hop } from '../../protocol.js';
import { type Ending, Endings } from './endings.js';
import { type KeptActor, restored, type SeenActor, seen, textOf } from './kept/keptActor.js';
import { PersistentMap } from './kept/persistentMap.js';

/** A kept state of the whole bot. Never changes. */
export interface Keyframe extends Position {
  readonly actors: PersistentMap<KeptActor>;
  readonly openEffects: PersistentMap<Effect>;
  readonly endings: Endings;
  /** How the record travelled that led here; null: not known. */
  readonly hops: readonly Hop[] | null;
}

export const GENESIS: Keyframe = {
  seq: 0,
  at: 0,
  epoch: 0,
  behaviour: 1,
  options: null,
  actors: PersistentMap.empty(),
  openEffects: PersistentMap.empty(),
  endings: new Endings(null, 0, []),
  hops: null,
};

/** The state that a checkpoint held. */
export function keyframeOf(state: SystemState): Keyframe {
  const { total } = state.endedActors.save();
  const endings = [...state.endedActors.entries()].map(([id, { at, value }]): Ending => [id, at, value]);
  const { seq, at, epoch, behaviour, options } = state;
  return {
    seq,
    at,
    epoch,
    behaviour,
    options,
    actors: PersistentMap.empty<KeptActor>().with(state.actors.entries()),
    openEffects: PersistentMap.empty<Effect>().with(state.openEffects.entries()),
    endings: new Endings(null, total, endings),
    hops: null,
  };
}

/** The state of the bot while it is folded on from a kept state: that one, and above it what changed. */
export class FoldedState implements StateView {
  readonly changedActors = new Map<string, ActorState | null>();
  private readonly changedEffects = new Map<string, Effect | null>();
  private readonly endings: Ending[] = [];
  private readonly endedHere = new Map<string, readonly [at: number, ended: Ended]>();
  private position: Position;
  /** Actors of the kept state that have been asked for. */
  private restored = new Map<string, ActorState>();

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
  get behaviour(): number {
    return this.position.behaviour;
  }
  get options(): Position['options'] {
    return this.position.options;
  }
  actor(id: string): ActorState | undefined {
    const changed = this.changedActors.get(id);
    if (changed !== undefined) return changed ?? undefined;
    const kept = this.base.actors.get(id);
    if (typeof kept !== 'string') return kept;
    const found = this.restored.get(id) ?? restored(kept);
    this.restored.set(id, found);
    return found;
  }
  *living(): IterableIterator<string> {
    for (const [id] of this.actors()) yield id;
  }
  openEffect(id: string): Effect | undefined {
    const changed = this.changedEffects.get(id);
    return changed === undefined ? this.base.openEffects.get(id) : (changed ?? undefined);
  }
  ended(id: string, at: number): Ended | undefined {
    return this.endedHere.get(id)?.[1] ?? this.base.endings.find(id, at, this.base.endings.total + this.endings.length);
  }
  /** Duplicates are facts of their own in a journal: nothing that is folded asks. */
  hasSeen(): boolean {
    return false;
  }
  *actors(): IterableIterator<[string, SeenActor]> {
    for (const [id, kept] of this.base.actors.entries()) {
      if (this.changedActors.has(id)) continue;
      yield [id, typeof kept !== 'string' ? kept : (this.restored.get(id) ?? seen(kept))];
    }
    for (const [id, actor] of this.changedActors) if (actor) yield [id, actor];
  }

  *effects(): IterableIterator<[string, Effect]> {
    for (const entry of this.base.openEffects.entries()) if (!this.changedEffects.has(entry[0])) yield entry;
    for (const [id, effect] of this.changedEffects) if (effect) yield [id, effect];
  }
  /** Ended actors that still count, oldest first. */
  endedActors(): readonly Ending[] {
    const { endings } = this.base;
    return [...endings.entries(this.at, endings.total + this.endings.length), ...this.endings];
  }

  /** What a record does here, without doing it. */
  changesOf(record: Record, topology: Topology): Changes {
    return refold(topology, this, record);
  }
  apply(changes: Changes): void {
    for (const [id, actor] of changes.actors) this.changedActors.set(id, actor);
    for (const [id, effect] of changes.openEffects) this.changedEffects.set(id, effect);
    for (const [id, ended] of changes.ended) {
      this.endings.push([id, changes.at, ended]);
      this.endedHere.set(id, [changes.at, ended]);
    }
    const { seq, at, epoch, behaviour, options } = changes;
    this.position = { seq, at, epoch, behaviour, options };
  }

  /** This state, to be kept. `hops` are those of its last record. */
  keep(hops: readonly Hop[]): Keyframe {
    return {
      hops,
      ...this.position,
      actors: this.base.actors.with(
        [...this.changedActors].map(([id, actor]) => [id, actor && textOf(actor)] as const),
      ),
      openEffects: this.base.openEffects.with(this.changedEffects),
      endings: this.base.endings.after(this.endings),
    };
  }
  /** On from a state that was kept from this one: what was read of it need not be read anew. */
  goOn(kept: Keyframe): FoldedState {
    const next = new FoldedState(kept);
    next.restored = this.restored;
    for (const [id, actor] of this.changedActors) {
      if (actor) next.restored.set(id, actor);
      else next.restored.delete(id);
    }
    return next;
  }
}
