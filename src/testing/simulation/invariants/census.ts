import type { Effect } from '../../../actors/ports.js';
import type { ActorState, SystemState } from '../../../actors/step/state.js';
import type { DeadlineQueue } from '../../../machines/kit/deadlineQueue.js';
import type { Stepped } from '../bot/bot.js';
import { contextOf, permitted, stateOf } from './contexts.js';

/**
 * Who holds what and who waits where, kept up to date by what each record changes. Built anew from the whole state it
 * must be the same (`differsFrom`); so a check after each record costs no more than the record.
 */
export class Census {
  /** Open effects under each permit's breaker and generation. */
  private readonly calls = new Map<string, Set<string>>();
  /** At which breaker each one waits. */
  readonly waitsAt = new Map<string, string>();
  /** Which feature each trying delivery holds. */
  readonly triesFor = new Map<string, string>();
  /** Living actors by machine and state, and messages that are set aside. */
  private readonly counts = new Map<string, number>();
  /** Deliveries whose line has changed since this was last asked. */
  private moved: string[] = [];
  actors = 0;

  static of(state: SystemState): Census {
    const census = new Census();
    for (const [id, actor] of state.actors.entries()) census.change(id, undefined, actor);
    for (const [, effect] of state.openEffects.entries()) census.changeEffect(undefined, effect);
    return census;
  }

  take({ changes, actorsBefore, effectsBefore }: Stepped): void {
    for (const [id, actor] of changes.actors) this.change(id, actorsBefore.get(id), actor ?? undefined);
    for (const [id, effect] of changes.openEffects) this.changeEffect(effectsBefore.get(id), effect ?? undefined);
  }

  callsUnder(breaker: string, generation: number): ReadonlySet<string> {
    return this.calls.get(`${breaker} ${generation}`) ?? NONE;
  }
  count(machine: string, ...states: readonly string[]): number {
    return states.reduce((sum, state) => sum + (this.counts.get(`${machine} ${state}`) ?? 0), 0);
  }
  countAll(machine: string): number {
    return this.counts.get(machine) ?? 0;
  }
  /** Whose place in a line has changed since this was last asked. */
  takeMoved(): readonly string[] {
    const { moved } = this;
    if (moved.length > 0) this.moved = [];
    return moved;
  }

  /** What differs between two; null: nothing. */
  differsFrom(other: Census): string | null {
    const pairs = [
      [this.textOf(), other.textOf()],
      [`${this.actors}`, `${other.actors}`],
    ] as const;
    const different = pairs.find(([a, b]) => a !== b);
    return different ? `${different[0]} is ${different[1]}` : null;
  }

  private textOf(): string {
    const lists = [
      [...this.calls].filter(([, set]) => set.size > 0).map(([key, set]) => `${key}: ${[...set].sort().join(' ')}`),
      [...this.waitsAt].map(([delivery, breaker]) => `${delivery} at ${breaker}`),
      [...this.triesFor].map(([delivery, feature]) => `${delivery} for ${feature}`),
      [...this.counts].filter(([, count]) => count > 0).map(([key, count]) => `${key} ${count}`),
    ];
    return lists.map((list) => list.sort().join('\n')).join('\n\n');
  }

  private change(id: string, before: ActorState | undefined, after: ActorState | undefined): void {
    if (before) this.add(before, -1);
    if (after) this.add(after, 1);
    const machine = (after ?? before)?.machine;
    if (machine === 'circuitBreaker' || machine === 'operatorBreaker')
      this.changeLine(id, lineOf(before), lineOf(after));
    if (machine === 'feature') this.changeCanary(id, canaryOf(before), canaryOf(after));
  }

  private add(actor: ActorState, by: number): void {
    this.actors += by;
    const aside = actor.machine === 'message' && contextOf(actor, 'message').isAside ? ['message aside'] : [];
    for (const key of [actor.machine, `${actor.machine} ${stateOf(actor)}`, ...aside])
      this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }

  /** Chunks are immutable: those that stand in both lines hold the same waiters. */
  private changeLine(breaker: string, before: DeadlineQueue | null, after: DeadlineQueue | null): void {
    if (before === after) return;
    const [was, is] = [new Set(before?.chunks), new Set(after?.chunks)];
    for (const chunk of was) {
      if (is.has(chunk)) continue;
      for (const { delivery } of chunk) {
        this.waitsAt.delete(delivery);
        this.moved.push(delivery);
      }
    }
    for (const chunk of is) {
      if (was.has(chunk)) continue;
      for (const { delivery } of chunk) {
        this.waitsAt.set(delivery, breaker);
        this.moved.push(delivery);
      }
    }
  }

  private changeCanary(feature: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (before !== null) {
      this.triesFor.delete(before);
      this.moved.push(before);
    }
    if (after !== null) {
      this.triesFor.set(after, feature);
      this.moved.push(after);
    }
  }

  private changeEffect(before: Effect | undefined, after: Effect | undefined): void {
    const [was, is] = [permitted(before), permitted(after)];
    if (was) this.calls.get(keyOf(was))?.delete(was.id);
    if (!is) return;
    const key = keyOf(is);
    const calls = this.calls.get(key);
    if (calls) calls.add(is.id);
    else this.calls.set(key, new Set([is.id]));
  }
}

const NONE: ReadonlySet<string> = new Set();
const keyOf = ({ breaker, permit }: { breaker: string; permit: { generation: number } }): string =>
  `${breaker} ${permit.generation}`;

function lineOf(actor: ActorState | undefined): DeadlineQueue | null {
  return actor ? contextOf(actor, 'circuitBreaker', 'operatorBreaker').waiting : null;
}
function canaryOf(actor: ActorState | undefined): string | null {
  return actor && stateOf(actor) === 'probing' ? contextOf(actor, 'feature').canary : null;
}
