import type { Fact } from '../machines/facts.js';
import type { ActorSystem } from './actorSystem.js';

/**
 * Posts facts and tells when their records are durable: for sources that answer only then. Rejects when the system has
 * stopped; otherwise it settles whenever the journal does, so the caller sets the deadline.
 */
export function durablePosts(system: Pick<ActorSystem, 'post' | 'subscribe'>): (fact: Fact) => Promise<void> {
  const waiting = new Map<string, () => void>();
  system.subscribe(({ id }) => {
    waiting.get(id)?.();
    waiting.delete(id);
  });
  return (fact) =>
    new Promise((resolve, reject) => {
      const id = system.post(fact);
      if (id === null) reject(new Error('the bot has stopped'));
      else waiting.set(id, resolve);
    });
}
