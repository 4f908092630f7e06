import type { ProcessClock } from '../../actors/ports.js';
import { Patience } from './patience.js';

/** What `run` brings; rejects with what `late` makes once it has had `ms`. What comes after that is ignored. */
export function withDeadline<T>(clock: ProcessClock, ms: number, run: () => Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const patience = new Patience(clock, ms, () => reject(late()));
    run()
      .then(resolve, reject)
      .finally(() => patience.end());
  });
}
