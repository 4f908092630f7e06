import { uptime } from 'node:os';
import type { ClockWatcher, ProcessClock } from '../../actors/ports.js';

/** The longest wait a timer of Node can hold; longer ones are waited in chunks. */
export const TIMER_MAX_MS = 2 ** 31 - 1;
/** How often the clock looks at itself, and how much of the time since then the process has had at most. */
export const BEAT_MS = 250;
const LIVED_MAX_MS = 2 * BEAT_MS;
/** A standstill, a sleep, or a step of the wall clock is told from this on, ms. */
export const TOLD_FROM_MS = 1_000;
/**
 * Turns of the event loop before a deadline is judged: what has arrived is read in them. More of them after a
 * standstill.
 */
const READING_TURNS = 2;
const LATE_READING_TURNS = 4;
const LATE_MS = 100;

/** What the clock is made of; a test brings its own. */
export interface TimeSources {
  /** ms, rising; does not count the time in which the machine sleeps where the system does not. */
  readonly monotonic: () => number;
  readonly wall: () => number;
  /** ms since the machine's start, its sleep included. */
  readonly uptime: () => number;
}

/**
 * The clock of the process. Its time is the wall time at its start plus what has passed since, the machine's sleep
 * included: a wall clock that is set moves nothing, and is told. Everything that waits is run after the event loop has
 * read what had arrived, so a process that stood still judges nobody by what stood unread.
 */
export function createSystemClock(sources: Partial<TimeSources> = {}): ProcessClock {
  return new SystemClock({
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    uptime: () => uptime() * 1_000,
    ...sources,
  });
}

class SystemClock implements ProcessClock {
  private readonly watchers = new Set<ClockWatcher>();
  private readonly waits = new Set<() => void>();
  private readonly beating: NodeJS.Timeout;
  private readonly startedAt: number;
  private sleptMs = 0;
  /** Wall minus `now`, and uptime minus monotonic, as last looked at. */
  private apartMs = 0;
  private asleepMs: number;
  private beatAt: number;
  private livedAtBeat = 0;

  constructor(private readonly sources: TimeSources) {
    this.startedAt = sources.wall() - sources.monotonic();
    this.asleepMs = sources.uptime() - sources.monotonic();
    this.beatAt = this.now();
    this.beating = setInterval(() => this.beat(), BEAT_MS).unref();
  }

  now(): number {
    return Math.floor(this.startedAt + this.sources.monotonic() + this.sleptMs);
  }
  wallNow(): number {
    return this.sources.wall();
  }
  livedMs(): number {
    return this.livedAtBeat + Math.min(this.now() - this.beatAt, LIVED_MAX_MS);
  }

  schedule(dueAt: number, run: () => void): () => void {
    let timer: NodeJS.Timeout | undefined;
    let turn: NodeJS.Immediate | undefined;
    const readFirst = (turns: number): void => {
      turn = setImmediate(() => {
        if (turns > 1) return readFirst(turns - 1);
        this.waits.delete(look);
        run();
      });
    };
    // A timer may fire a little early, and is set anew when the machine has slept.
    const look = (): void => {
      clearTimeout(timer);
      const left = dueAt - this.now();
      if (left > 0) timer = setTimeout(look, Math.min(left, TIMER_MAX_MS));
      else if (turn === undefined) readFirst(left < -LATE_MS ? LATE_READING_TURNS : READING_TURNS);
    };
    this.waits.add(look);
    look();
    return () => {
      this.waits.delete(look);
      clearTimeout(timer);
      clearImmediate(turn);
    };
  }

  watch(watcher: ClockWatcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  close(): void {
    clearInterval(this.beating);
  }

  private beat(): void {
    const lostMs = this.now() - this.beatAt - BEAT_MS;
    this.livedAtBeat = this.livedMs();
    this.beatAt = this.now();
    if (lostMs >= TOLD_FROM_MS) this.tellStall({ lostMs, cause: 'blocked' });
    const apartMore = this.sources.wall() - this.now() - this.apartMs;
    if (Math.abs(apartMore) >= TOLD_FROM_MS) this.jump(apartMore);
  }

  /** The wall clock has parted from ours: the machine slept, or the clock was set. */
  private jump(apartMore: number): void {
    const { monotonic, uptime: up } = this.sources;
    const sleptMs = Math.floor(up() - monotonic() - this.asleepMs);
    const hasSlept = sleptMs >= TOLD_FROM_MS;
    if (hasSlept) {
      this.asleepMs += sleptMs;
      this.sleptMs += sleptMs;
      this.beatAt = this.now();
      for (const look of this.waits) look();
      this.tellStall({ lostMs: sleptMs, cause: 'slept' });
    }
    const stepMs = hasSlept ? apartMore - sleptMs : apartMore;
    this.apartMs += stepMs;
    if (Math.abs(stepMs) < TOLD_FROM_MS) return;
    for (const watcher of this.watchers) watcher.stepped({ stepMs, apartMs: this.apartMs });
  }

  private tellStall(stall: Parameters<ClockWatcher['stalled']>[0]): void {
    for (const watcher of this.watchers) watcher.stalled(stall);
  }
}
