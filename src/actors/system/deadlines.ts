import type { Clock } from '../ports.js';
import type { ActorState } from '../step/state.js';

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
 * Wakes the system for the armings in its durable state: one clock timer for the earliest, the rest in a heap. One that waits for
 * somebody comes later by the time that this process did not have. A deadline
 * that was cancelled stays in the heap until it comes up and is then dropped; the heap is rebuilt when most of it is stale.
 */
export class Deadlines {
  private heap: Deadline[] = [];
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
    this.heap = [];
  }

  get size(): number {
    return this.heap.length;
  }

  private fireDue(): void {
    const now = this.clock.now() + this.skewMs();
    for (let top = this.heap[0]; top && top.dueAt <= now; top = this.heap[0]) {
      this.pop();
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
    let top = this.heap[0];
    while (top && !this.isLive(top)) {
      this.pop();
      top = this.heap[0];
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
    if (this.heap.length > 1_000 && this.heap.length > 2 * this.live) this.compact();
    this.heap.push(deadline);
    let i = this.heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(deadline, this.heap[parent]!)) break;
      this.heap[i] = this.heap[parent]!;
      i = parent;
    }
    this.heap[i] = deadline;
  }

  private pop(): void {
    const last = this.heap.pop()!;
    if (this.heap.length > 0) {
      this.heap[0] = last;
      this.sink(0);
    }
  }

  private sink(from: number): void {
    const item = this.heap[from]!;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && isBefore(this.heap[child + 1]!, this.heap[child]!)) child += 1;
      if (!isBefore(this.heap[child]!, item)) break;
      this.heap[i] = this.heap[child]!;
      i = child;
    }
    this.heap[i] = item;
  }

  /** Drops the stale ones; amortised over the pushes that made them. */
  private compact(): void {
    this.heap = this.heap.filter((deadline) => this.isLive(deadline));
    this.live = this.heap.length;
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i -= 1) this.sink(i);
  }

  /** Builds the heap anew from all actors, for a restart. */
  rebuild(): void {
    this.heap = [];
    for (const [actor, state] of this.allActors()) this.track(actor, undefined, state);
    this.live = this.heap.length;
  }
}

/** Earliest first; what was armed first wins a tie, so that firing order is the same in every life. */
function isBefore(a: Deadline, b: Deadline): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.armedAtSeq < b.armedAtSeq);
}
/** Things to do at a time, earliest first; what was added first wins a tie. */
export class Agenda<T> {
  private readonly heap: { readonly at: number; readonly order: number; readonly item: T }[] = [];
  private added = 0;

  /** When the earliest is due; undefined: there is nothing. */
  get nextAt(): number | undefined {
    return this.heap[0]?.at;
  }

  add(at: number, item: T): void {
    this.added += 1;
    const entry = { at, order: this.added, item };
    let i = this.heap.length;
    this.heap.push(entry);
    for (let parent = (i - 1) >> 1; i > 0 && this.isBefore(i, parent); parent = (i - 1) >> 1) {
      this.swap(i, parent);
      i = parent;
    }
  }

  /** The earliest, which is taken out. */
  take(): T | undefined {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (!first || !last) return undefined;
    if (this.heap.length > 0) {
      this.heap[0] = last;
      this.sink();
    }
    return first.item;
  }

  /** Forgets what does not pass. */
  keep(passes: (item: T) => boolean): void {
    const kept = this.heap.filter(({ item }) => passes(item)).sort((a, b) => a.at - b.at || a.order - b.order);
    this.heap.splice(0, this.heap.length, ...kept);
  }

  private sink(): void {
    for (let i = 0; ; ) {
      let child = 2 * i + 1;
      if (child >= this.heap.length) return;
      if (child + 1 < this.heap.length && this.isBefore(child + 1, child)) child += 1;
      if (!this.isBefore(child, i)) return;
      this.swap(i, child);
      i = child;
    }
  }
  private isBefore(i: number, j: number): boolean {
    const [a, b] = [this.heap[i]!, this.heap[j]!];
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }
  private swap(i: number, j: number): void {
    [this.heap[i], this.heap[j]] = [this.heap[j]!, this.heap[i]!];
  }
}
