import type { Effect, Record } from '../../../actors/ports.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import type { Fail } from '../invariants/violation.js';

/** Performed by the system itself. */
const ITS_OWN: readonly string[] = ['sources.pause', 'sources.resume'];

/**
 * [core 2, core 18] Of one process life: each fact is recorded once, in the order in which it came (arrivals among
 * themselves, what else happens among itself); no effect starts before its record is durable, and effects start in
 * their order.
 */
export class Order {
  private readonly arrivals: string[] = [];
  private readonly others: string[] = [];
  private readonly due: string[] = [];
  private lastSeq: number | null = null;
  /** Another process owns the journal. */
  isFenced = false;

  constructor(private readonly fail: Fail) {}

  /** An id was given: the fact counts as no arrival until `arrived` says so. */
  posted(id: string): void {
    this.others.push(id);
  }
  /** The fact with the newest id came through a socket. */
  arrived(fact: Fact): void {
    if (!('socket' in fact)) return;
    const id = this.others.pop();
    if (id !== undefined) this.arrivals.push(id);
  }

  /** Arrivals that are not recorded yet. */
  get arrivalsCount(): number {
    return this.arrivals.length;
  }

  durable(records: readonly Record[]): void {
    for (const record of records) {
      if (this.lastSeq !== null && record.seq !== this.lastSeq + 1)
        this.fail('[core 2] records follow each other', `${record.seq} after ${this.lastSeq}`);
      this.lastSeq = record.seq;
      const line = this.arrivals[0] === record.id ? this.arrivals : this.others;
      const next = line.shift();
      if (next !== record.id)
        this.fail(
          '[core 2] facts are recorded in order, each once',
          `record ${record.seq} has fact ${record.id} (${record.fact.type}), ${next} was next`,
        );
      for (const effect of record.effects) if (!ITS_OWN.includes(effect.type)) this.due.push(effect.id);
    }
  }

  performed(effect: Effect): void {
    if (this.isFenced) {
      if (effect.type !== 'process.exit')
        this.fail('[core 2] a fenced writer does nothing more', `${effect.type} ${effect.id}`);
      return;
    }
    if (effect.id === 'fenced') return;
    const next = this.due.shift();
    if (next !== effect.id)
      this.fail(
        '[core 2] effects start after their record, in order',
        `${effect.type} ${effect.id} started, ${next ?? 'nothing'} was due`,
      );
  }

  /** Nothing may be left of what came, once the journal works and everything is quiet. */
  quiet(isHeld: boolean): void {
    if (this.others.length > 0)
      this.fail('[core 2] no fact is lost', `${this.others.length} wait, first ${this.others[0]}`);
    if (!isHeld && this.arrivals.length > 0)
      this.fail('[core 2] no fact is lost', `${this.arrivals.length} arrivals wait, first ${this.arrivals[0]}`);
    if (this.due.length > 0) this.fail('[core 2] no effect is forgotten', `${this.due.length}, first ${this.due[0]}`);
  }
}
