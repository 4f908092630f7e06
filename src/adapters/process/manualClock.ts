import type { Clock } from '../../actors/ports.js';

export interface ManualClock extends Clock {
  /** Moves time on and runs what is due on the way, in the order of its due times. */
  advance(ms: number): void;
  /** Due times of what is scheduled. */
  readonly pending: readonly number[];
}

/** A clock that a test moves by hand, a supported test double. */
export function createManualClock(start = 1_000_000): ManualClock {
  let now = start;
  let scheduled: { readonly dueAt: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    schedule(dueAt, run) {
      const entry = { dueAt, run };
      scheduled.push(entry);
      return () => {
        scheduled = scheduled.filter((other) => other !== entry);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = scheduled.filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
        if (!next) break;
        scheduled = scheduled.filter((entry) => entry !== next);
        now = Math.max(now, next.dueAt);
        next.run();
      }
      now = end;
    },
    get pending() {
      return scheduled.map(({ dueAt }) => dueAt);
    },
  };
}
