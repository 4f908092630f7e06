import type { Clock } from '../../actors/ports.js';

/** What `run` brings; rejects with what `late` makes once `ms` are over. What comes after that is ignored. */
export function withDeadline<T>(clock: Clock, ms: number, run: () => Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(clock.now() + ms, () => reject(late()));
    run().then(resolve, reject).finally(cancel);
  });
}
