import type { Clock } from '../ports.js';
import type { ActorState } from '../step/state.js';
import { Heap } from './heap.js';

interface Deadline {
  readonly dueAt: number;
  readonly actor: string;
  readonly timer: string;
  readonly armedAtSeq: number;
  /** Time lost by this process until it was armed, ms. */
  readonly lostBefore: number;
}
/** What a deadline that has come is told as. */
export type Fired = Pick<Deadline, 'actor' | 'timer' | 'armedAtSeq'>;

/**
 * Wakes the system for the armings in its durable state: one clock timer for the earliest, the rest in a heap. One that
 * waits for somebody comes later by the time that this process did not have. A deadline that was cancelled stays in the
 * heap until it comes up and is then dropped; the heap is rebuilt when most of it is stale.
 */
export class Deadlines {
  private readonly heap = new Heap(isBefore);
  private armed: { dueAt: number; cancel: () => void } | null = null;
  private live = 0;

  constructor(
    private readonly clock: Clock,
    /** Journal time minus clock time: positive when the wall clock stepped back between two lives. */
    private readonly skewMs: () => number,
    private readonly actorOf: (id: string) => ActorState | undefined,
    private readonly allActors: () => Iterable<[string, ActorState]>,
    private readonly fire: (deadline: Fired) => void,
    /** Time that was lost does not count in this delay. */
    private readonly isPatience: (machine: string, timer: string) => boolean = () => false,
  ) {}

  /** Takes over what one record armed. */
  track(id: string, before: ActorState | undefined, after: ActorState | null): void {
    for (const [timer, arming] of Object.entries(after?.timers ?? {})) {
      if (before?.timers[timer]?.armedAtSeq === arming.armedAtSeq) continue;
      this.push({ dueAt: arming.dueAt, actor: id, timer, armedAtSeq: arming.armedAtSeq, lostBefore: this.lostMs() });
    }
  }

  /** Arms the clock for the earliest. Only the clock fires: it lets the event loop read first what has arrived. */
  wake(): void {
    this.arm();
  }

  stop(): void {
    this.armed?.cancel();
    this.armed = null;
    this.heap.clear();
  }

  get size(): number {
    return this.heap.size;
  }

  private fireDue(): void {
    const now = this.clock.now() + this.skewMs();
    for (let top = this.heap.top; top && top.dueAt <= now; top = this.heap.top) {
      this.heap.pop();
      if (!this.isLive(top)) continue;
      const { actor, timer, armedAtSeq } = top;
      const owedMs = this.owedMs(top);
      if (owedMs > 0) this.push({ ...top, dueAt: top.dueAt + owedMs, lostBefore: top.lostBefore + owedMs });
      else this.fire({ actor, timer, armedAtSeq });
    }
    this.arm();
  }

  /** What was lost of a wait in which that does not count, since it was armed or put off. */
  private owedMs({ actor, timer, lostBefore }: Deadline): number {
    const { machine = '' } = this.actorOf(actor) ?? {};
    return this.isPatience(machine, timer) ? this.lostMs() - lostBefore : 0;
  }

  /** Time that has passed and that this process did not have. */
  private lostMs(): number {
    const { clock } = this;
    return clock.livedMs ? clock.now() - clock.livedMs() : 0;
  }

  private arm(): void {
    let top = this.heap.top;
    while (top && !this.isLive(top)) {
      this.heap.pop();
      top = this.heap.top;
    }
    if (this.armed && top && this.armed.dueAt === top.dueAt) return;
    this.armed?.cancel();
    this.armed = null;
    if (!top) return;
    const { dueAt } = top;
    const cancel = this.clock.schedule(dueAt - this.skewMs(), () => {
      this.armed = null;
      this.fireDue();
    });
    this.armed = { dueAt, cancel };
  }

  private isLive(deadline: Deadline): boolean {
    return this.actorOf(deadline.actor)?.timers[deadline.timer]?.armedAtSeq === deadline.armedAtSeq;
  }

  private push(deadline: Deadline): void {
    if (this.heap.size > 1_000 && this.heap.size > 2 * this.live) this.compact();
    this.heap.push(deadline);
  }

  /** Drops the stale ones; amortised over the pushes that made them. */
  private compact(): void {
    this.heap.keep((deadline) => this.isLive(deadline));
    this.live = this.heap.size;
  }

  /** Builds the heap anew from all actors, for a restart. */
  rebuild(): void {
    this.heap.clear();
    for (const [actor, state] of this.allActors()) this.track(actor, undefined, state);
    this.live = this.heap.size;
  }
}

/** Earliest first; what was armed first wins a tie, so that firing order is the same in every life. */
function isBefore(a: Deadline, b: Deadline): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.armedAtSeq < b.armedAtSeq);
}
