import type { Clock } from '../../actors/ports.js';

/** The longest wait a timer of Node can hold; longer ones are waited in chunks. */
export const TIMER_MAX_MS = 2 ** 31 - 1;

/** The clock of the process: wall time at boot plus monotonic time since, so a stepping wall clock moves nothing. */
export function createSystemClock(): Clock {
  const bootWall = Date.now();
  const bootMonotonic = performance.now();
  const now = (): number => Math.floor(bootWall + performance.now() - bootMonotonic);
  return {
    now,
    schedule(dueAt, run) {
      let timer: NodeJS.Timeout;
      // A timer may fire a little early: look at the clock, and wait for the rest.
      const check = (): void => {
        const left = dueAt - now();
        if (left <= 0) run();
        else timer = setTimeout(check, Math.min(left, TIMER_MAX_MS));
      };
      timer = setTimeout(check, Math.min(Math.max(0, dueAt - now()), TIMER_MAX_MS));
      return () => clearTimeout(timer);
    },
  };
}
