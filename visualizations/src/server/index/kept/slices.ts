/** Longest that work goes on without letting requests in between. */
const SLICE_MS = 8;

/** Lets long work be done in slices, so that requests are answered meanwhile. */
export class Slices {
  private started = performance.now();

  /** Resolves at once while the slice lasts, else after everything that waits has had its turn. */
  async pause(): Promise<void> {
    if (performance.now() - this.started < SLICE_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.started = performance.now();
  }
}

/** One piece of work after the other. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
