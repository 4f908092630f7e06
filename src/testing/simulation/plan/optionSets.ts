import { type BotOptions, defaultOptions } from '../../../machines/vocabulary/options/options.js';
import { Dice } from './dice.js';

/** How many sets of options the lives of one run choose from; set 0 is the first life's. */
export const OPTION_SETS = 3;
const GUILD_MESSAGES = 1 << 9;

/**
 * One of the sets of a seed: small limits, so that lines fill; deadlines of hours shortened, so that a run sees their
 * end. Where events come from stays the same in all lives of a run.
 */
export function optionSet(seed: number, n: number): BotOptions {
  const base = defaultOptions;
  const dice = new Dice(seed * OPTION_SETS + n);
  const stable = new Dice(seed);
  const { handlers, calls, lane, circuitBreaker, delivery, gateway, features, intake } = base;
  return {
    ...base,
    handlers: {
      ...handlers,
      concurrencyMax: dice.pick([2, 3, 8, 64], 'slots'),
      queueMax: dice.pick([3, 20, 1_000], 'line'),
    },
    calls: { ...calls, inFlightMax: dice.pick([1, 2, 4, 16, 64], 'places') },
    lane: {
      ...lane,
      queueMax: dice.pick([3, 20, 1_000], 'lane'),
      asideAfter: dice.pick([2, lane.asideAfter], 'aside'),
    },
    circuitBreaker: {
      ...circuitBreaker,
      waitingMax: dice.pick([2, 10, circuitBreaker.waitingMax], 'waiting'),
      mode: dice.pick(['enabled', 'enabled', 'enabled', 'enabled', 'observing', 'disabled'] as const, 'mode'),
    },
    delivery: {
      ...delivery,
      uncertainReplies: dice.pick(['atLeastOnce', 'atMostOnce'] as const, 'uncertain'),
      textMax: dice.pick([60, 300, 2_000], 'text'),
    },
    gateway: {
      ...gateway,
      intents: stable.chance(0.5, 'private') ? gateway.intents | GUILD_MESSAGES : gateway.intents,
      source: stable.chance(0.15, 'source') ? 'webhook' : 'socket',
    },
    intake: { ...intake, unlinkedMax: dice.pick([6, 30, intake.unlinkedMax], 'unlinked') },
    features: { ...features, permissionMs: 240_000, leaseMs: dice.pick([features.leaseMs, 4_000], 'try') },
  };
}
