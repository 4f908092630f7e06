import type { ClockWatcher, ProcessClock } from '../../actors/ports.js';

export interface ManualClock extends ProcessClock {
  /** Moves time on and runs what is due on the way, in the order of its due times. */
  advance(ms: number): void;
  /**
   * Lets `ms` pass that the process does not have: what was due in it runs at its end, after `arrived`, which stands
   * for what had come in meanwhile and is read first.
   */
  stall(ms: number, arrived?: () => void): void;
  /** Sets the wall clock forward, or back (below 0), by `ms`. */
  setWall(ms: number): void;
  /** Due times of what is scheduled. */
  readonly pending: readonly number[];
}

/** A clock that a test moves by hand, a supported test double. */
export function createManualClock(start = 1_000_000): ManualClock {
  const watchers = new Set<ClockWatcher>();
  let now = start;
  let lostMs = 0;
  let apartMs = 0;
  let scheduled: { readonly dueAt: number; readonly run: () => void }[] = [];
  const advance = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const next = scheduled.filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
      if (!next) break;
      scheduled = scheduled.filter((entry) => entry !== next);
      now = Math.max(now, next.dueAt);
      next.run();
    }
    now = end;
  };
  return {
    now: () => now,
    wallNow: () => now + apartMs,
    livedMs: () => now - start - lostMs,
    schedule(dueAt, run) {
      const entry = { dueAt, run };
      scheduled.push(entry);
      return () => {
        scheduled = scheduled.filter((other) => other !== entry);
      };
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    close: () => watchers.clear(),
    advance,
    stall(ms, arrived = () => undefined) {
      now += ms;
      lostMs += ms;
      for (const watcher of watchers) watcher.stalled({ lostMs: ms, cause: 'blocked' });
      arrived();
      advance(0);
    },
    setWall(ms) {
      apartMs += ms;
      for (const watcher of watchers) watcher.stepped({ stepMs: ms, apartMs });
    },
    get pending() {
      return scheduled.map(({ dueAt }) => dueAt);
    },
  };
}
