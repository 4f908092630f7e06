import type { BotOptions } from '../../../src/machines/vocabulary/options/options.js';

/**
 * How well a part is, in plain code: every outcome is kept and counted anew at each judgement. Kept apart from the chart, so that a
 * mistake would have to be made twice.
 */
export class ReferenceHealth {
  level = 'unknown';
  /** What it told, in order. */
  readonly told: string[] = [];
  /** When the present level began; waits that are over are behind it. */
  private since = 0;
  private looked = 0;
  private down = false;
  private heardAt = 0;
  private past: { readonly at: number; readonly bad: boolean }[] = [];
  /** Outcomes before this one are not in the short window: the part was found since. */
  private foundAfter = 0;
  private row = 0;
  private askedDown = false;

  constructor(private readonly options: BotOptions['health']) {}

  outcome(bad: boolean, at: number): void {
    const isSecond = this.row === 0;
    this.past.push({ at, bad });
    this.row = bad ? this.row + 1 : 0;
    this.heardAt = at;
    if (this.level === 'unknown') this.become(bad ? 'degraded' : 'healthy', at);
    else if (bad) this.worse(at);
    else this.better(at, isSecond);
  }
  lost(at: number): void {
    const was = this.down;
    this.down = true;
    if (this.level === 'degraded') {
      if (was) return;
      this.heardAt = at;
      [this.since, this.askedDown] = [at, false];
      return;
    }
    this.heardAt = at;
    if (this.level !== 'unhealthy') this.become('degraded', at);
  }
  found(at: number): void {
    [this.down, this.row, this.heardAt, this.foundAfter] = [false, 0, at, this.past.length];
    if (this.level !== 'healthy') this.become('healthy', at);
  }
  forced(at: number): void {
    this.forget();
    this.become('unknown', at);
  }
  lived(at: number): void {
    this.forget();
    [this.level, this.since] = ['unknown', at];
  }

  /** Lets time pass up to and including this moment. */
  pass(to: number): void {
    for (;;) {
      const due = this.nextLook();
      if (due === null || due > to) return;
      this.look(due);
    }
  }
  private nextLook(): number | null {
    if (this.level === 'unknown') return null;
    const { longMs, downMs } = this.options;
    if (this.level === 'degraded' && !this.askedDown) return this.since + Math.min(downMs, longMs);
    return this.looked + longMs;
  }
  private look(at: number): void {
    if (this.level === 'degraded' && !this.askedDown) {
      this.askedDown = true;
      this.looked = this.since;
      if (this.down) this.become('unhealthy', at);
      return;
    }
    const stays =
      this.level === 'healthy' ? at - this.heardAt < this.options.longMs : this.level === 'unhealthy' && this.down;
    if (stays) this.looked = at;
    else this.forced(at);
  }

  private worse(at: number): void {
    const { degradedStreak, unhealthyStreak, outcomesMin, rateMin, shortMs, longMs } = this.options;
    const short = this.shareOf(this.foundAfter, at, shortMs);
    const long = this.shareOf(0, at, longMs);
    const isOften = ({ calls, bad }: Share): boolean => calls >= outcomesMin && calls - bad < rateMin * calls;
    const isMostly = short.calls >= outcomesMin && short.bad * 2 > short.calls;
    if (this.level === 'unhealthy') return;
    if (this.row >= unhealthyStreak || isMostly) this.become('unhealthy', at);
    else if (this.level === 'healthy' && (this.row >= degradedStreak || isOften(short) || isOften(long)))
      this.become('degraded', at);
  }
  private better(at: number, isSecond: boolean): void {
    if (this.level === 'healthy' || this.down || !isSecond) return;
    const { calls, bad } = this.shareOf(this.foundAfter, at, this.options.shortMs);
    if (calls >= 2 && calls - bad > this.options.goodAgainRate * calls) this.become('healthy', at);
  }

  /** The window moves in tenths of its length; what lies in a tenth that began within it counts. */
  private shareOf(from: number, at: number, windowMs: number): Share {
    const tenth = Math.ceil(windowMs / 10);
    const counted = this.past.slice(from).filter((one) => at - (one.at - (one.at % tenth)) < windowMs);
    return { calls: counted.length, bad: counted.filter(({ bad }) => bad).length };
  }
  private become(level: string, at: number): void {
    [this.level, this.since, this.looked, this.askedDown] = [level, at, at, false];
    this.told.push(level);
  }
  private forget(): void {
    [this.past, this.row, this.down, this.foundAfter] = [[], 0, false, 0];
  }
}
interface Share {
  readonly calls: number;
  readonly bad: number;
}
