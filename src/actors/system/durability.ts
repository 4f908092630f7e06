import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Record } from '../ports.js';
import type { ActorSystem } from './actorSystem.js';

/**
 * Posts facts and gives their records once they are durable: for those who answer only then. Rejects when the system
 * has stopped; otherwise it settles whenever the journal does, so the caller sets the deadline.
 */
export function durablePosts(system: Pick<ActorSystem, 'post' | 'subscribe'>): (fact: Fact) => Promise<Record> {
  const waiting = new Map<string, (record: Record) => void>();
  system.subscribe((record) => {
    waiting.get(record.id)?.(record);
    waiting.delete(record.id);
  });
  return (fact) =>
    new Promise((resolve, reject) => {
      const id = system.post(fact);
      if (id === null) reject(new Error('the bot has stopped'));
      else waiting.set(id, resolve);
    });
}
