/** The clock that everything timed in the simulator goes by; tests bring their own. */
export interface Timers {
  now(): number;
  /** Acts once after `delayMs`; what it returns calls it off. */
  after(delayMs: number, act: () => void): () => void;
}

/** Real waiting; the process may end all the same. */
export function systemTimers(now: () => number = Date.now): Timers {
  return {
    now,
    after(delayMs, act) {
      const timer = setTimeout(act, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
