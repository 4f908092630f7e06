import type { Effect } from '../ports.js';
import type { ActorState, Changes, Ended, StateView } from './state.js';

/** What one step has changed so far, laid over the state that it began with. */
export class Overlay implements StateView {
  readonly seq: number;
  readonly at: number;
  epoch: number;
  behaviour: number;
  options: StateView['options'];
  readonly actors = new Map<string, ActorState | null>();
  readonly openEffects = new Map<string, Effect | null>();
  readonly seen: string[] = [];
  readonly endings: (readonly [string, Ended])[] = [];

  constructor(
    private readonly below: StateView,
    at: number,
  ) {
    this.seq = below.seq + 1;
    this.at = Math.max(at, below.at);
    this.epoch = below.epoch;
    this.behaviour = below.behaviour;
    this.options = below.options;
  }

  /** What it lays over the state below. */
  protected laid(steps: Changes['steps'], effects: Changes['effects']): Changes {
    const { seq, at, epoch, behaviour, options, actors, openEffects, seen, endings: ended } = this;
    return { seq, at, epoch, behaviour, options, actors, openEffects, seen, ended, steps, effects };
  }
  actor(id: string): ActorState | undefined {
    const actor = this.actors.get(id);
    return actor === undefined ? this.below.actor(id) : (actor ?? undefined);
  }
  /** In one order, whatever the order in which they came: a replay has to agree. */
  living(): readonly string[] {
    const kept = [...this.below.living()].filter((id) => this.actors.get(id) !== null);
    const born = [...this.actors].filter(([id, actor]) => actor && !this.below.actor(id)).map(([id]) => id);
    return [...kept, ...born].sort();
  }
  openEffect(id: string): Effect | undefined {
    const effect = this.openEffects.get(id);
    return effect === undefined ? this.below.openEffect(id) : (effect ?? undefined);
  }
  ended(id: string, at: number): Ended | undefined {
    return this.endings.find(([ended]) => ended === id)?.[1] ?? this.below.ended(id, at);
  }
  hasSeen(messageId: string, at: number): boolean {
    return this.below.hasSeen(messageId, at);
  }

  protected closeEffect(effect: Effect): void {
    this.openEffects.set(effect.id, null);
    const owner = this.actor(effect.actor);
    if (owner) this.actors.set(effect.actor, { ...owner, open: owner.open.filter((id) => id !== effect.id) });
  }

  /** The actor is no more; outcomes of effects that it still awaited will find nobody. */
  protected end(id: string, actor: ActorState, ended: Ended): void {
    for (const effectId of actor.open) this.openEffects.set(effectId, null);
    this.actors.set(id, null);
    this.endings.push([id, ended]);
  }
}
