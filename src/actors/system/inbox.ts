import type { Stamped } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';

/**
 * The facts that wait to be stepped, in two lines. What came through a socket is an arrival; arrivals keep their order.
 * Everything else (outcomes, timers, an operator's hand) goes before them: it ends work, and arrivals begin it. While
 * it is held, no message is taken, nor what stands behind one.
 */
export class Inbox {
  /** Facts of an append that failed, in the order in which they were taken. */
  private readonly returned = new Line();
  private readonly outcomes = new Line();
  private readonly arrivals = new Line();
  /** Arrivals that are let through whatever is held: those before the end of their socket. */
  private passing = 0;

  isHeld = false;

  put(fact: Stamped<Fact>): void {
    if (!('socket' in fact) || OF_OURS.has(fact.type)) {
      this.outcomes.push(fact);
      return;
    }
    this.arrivals.push(fact);
    // The end of a socket must be heard; what it brought before is few.
    if (fact.type === 'socket.closed') this.passing = this.arrivals.length;
  }

  /** The next fact to step, taken out; undefined: nothing may be taken now. */
  take(): Stamped<Fact> | undefined {
    const waiting = this.returned.shift() ?? this.outcomes.shift();
    if (waiting !== undefined || !this.hasArrival) return waiting;
    this.passing = Math.max(0, this.passing - 1);
    return this.arrivals.shift();
  }

  /** Facts that were taken, in that order: they are taken again before all others. */
  giveBack(facts: readonly Stamped<Fact>[]): void {
    for (const fact of facts) this.returned.push(fact);
  }

  get hasNext(): boolean {
    return this.returned.length > 0 || this.outcomes.length > 0 || this.hasArrival;
  }
  get length(): number {
    return this.returned.length + this.outcomes.length + this.arrivals.length;
  }

  private get hasArrival(): boolean {
    if (!this.isHeld || this.passing > 0) return this.arrivals.length > 0;
    const first = this.arrivals.first();
    return first !== undefined && first.type !== 'message.received';
  }
}

/** Facts about a socket that did not come through it. */
const OF_OURS: ReadonlySet<string> = new Set(['reading.paused', 'reading.resumed']);

/** First in, first out; both at constant cost. */
class Line {
  private facts: Stamped<Fact>[] = [];
  private taken = 0;

  push(fact: Stamped<Fact>): void {
    this.facts.push(fact);
  }
  first(): Stamped<Fact> | undefined {
    return this.facts[this.taken];
  }
  shift(): Stamped<Fact> | undefined {
    const fact = this.facts[this.taken];
    if (fact === undefined) return undefined;
    this.taken += 1;
    if (this.taken === this.facts.length || this.taken > COMPACT_AT) {
      this.facts = this.facts.slice(this.taken);
      this.taken = 0;
    }
    return fact;
  }
  get length(): number {
    return this.facts.length - this.taken;
  }
}
const COMPACT_AT = 1_024;
