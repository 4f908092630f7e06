import type { Timers } from '../../src/simulator/kit/timers.js';

interface Alarm {
  readonly at: number;
  readonly act: () => void;
}
/** Time that passes only when a test says so. */
export class FakeTimers implements Timers {
  private time = 1_700_000_000_000;
  private alarms: Alarm[] = [];

  now = (): number => this.time;
  after(delayMs: number, act: () => void): () => void {
    const alarm = { at: this.time + delayMs, act };
    this.alarms.push(alarm);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm);
    };
  }
  /** Alarms that have not gone off. */
  get waiting(): number {
    return this.alarms.length;
  }
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.alarms = this.alarms.filter((alarm) => alarm !== due);
      this.time = Math.max(this.time, due.at);
      due.act();
    }
    this.time = end;
  }
}
