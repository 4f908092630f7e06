import type { Log, Record } from '../../actors/ports.js';
import { forgetOldest } from '../../base/forgetting.js';
import { thrownOf } from '../../base/thrown.js';
import { EVENT_TYPES, type EventFact, type EventType } from '../../machines/vocabulary/facts/eventFacts.js';
import type { BotModule, Delivered } from './authorModule.js';
import { asAuthor } from './authorScope.js';

/** Calls whose end is awaited; of more, the oldest are forgotten. */
const CALLS_MAX = 10_000;

/**
 * Tells the author's listeners of events and of replies that arrived, once their records are durable. What a listener
 * throws is logged and harms nobody.
 */
export function createModuleEvents({ on, onDelivered }: BotModule, log: Log): ((record: Record) => void) | null {
  const listened = new Set<string>(EVENT_TYPES.filter((type) => on?.[type]));
  if (listened.size === 0 && !onDelivered) return null;
  const calls = new Map<string, Omit<Delivered, 'messageId'>>();
  const tell = (event: string, run: () => unknown): void => {
    void (async () => asAuthor({ message: null, occasion: event }, run))().catch((error: unknown) => {
      log.warn({ event, error: thrownOf(error).text }, "the author's listener threw");
    });
  };
  return ({ fact, effects }) => {
    if (listened.has(fact.type)) {
      const listener = on?.[fact.type as EventType] as ((event: EventFact) => unknown) | undefined;
      tell(fact.type, () => listener?.(fact as EventFact));
    }
    if (!onDelivered) return;
    for (const effect of effects) {
      if (effect.type !== 'call.start') continue;
      const { msgId, delivery } = effect as unknown as { msgId: string; delivery: string };
      calls.set(effect.id, { message: msgId, ordinal: Number(delivery.slice(delivery.lastIndexOf('.') + 1)) });
      forgetOldest(calls, CALLS_MAX);
    }
    if (fact.type !== 'call.succeeded' && fact.type !== 'call.failed') return;
    const call = calls.get(fact.effectId);
    calls.delete(fact.effectId);
    if (!call || fact.type === 'call.failed' || fact.messageId === null) return;
    const { messageId } = fact;
    tell('onDelivered', () => onDelivered({ ...call, messageId }));
  };
}
