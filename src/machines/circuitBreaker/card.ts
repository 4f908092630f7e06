import { fixed } from '../../base/limit.js';
import { BUCKETS_MAX } from '../kit/callWindow.js';
import type { Card } from '../vocabulary/card.js';
import { setBy } from '../vocabulary/options/options.js';
import { circuitBreakerEventTypes, circuitBreakerMachine } from './chart.js';
import { type CircuitBreakerContext, GRANTS_MAX, withOptions } from './context.js';
import { noTargets, TARGETS_MAX } from './targets.js';

export const circuitBreakerCard: Card<CircuitBreakerContext> = {
  machine: circuitBreakerMachine,
  events: circuitBreakerEventTypes,
  lives: 'onDemand',
  group: 'calls',
  options: withOptions,
  delays: { leaseMs: 'patience', openMs: 'schedule', rampStageMs: 'schedule' },
  states: {
    starting: { tone: 'idle' },
    closed: {
      tone: 'good',
      isRest: true,
      entered: [
        {
          from: ['open', 'halfOpen', 'isolated', 'disabled', 'observing'],
          level: 'info',
          text: 'Circuit breaker closed',
        },
      ],
    },
    open: {
      tone: 'bad',
      entered: [
        {
          from: ['closed'],
          level: 'warn',
          text: 'Circuit breaker opened after {failures} failures',
          fields: ({ context }) => ({
            failures: context?.failures ?? 0,
            reason: context?.reason ?? null,
            openMs: context?.openForMs ?? null,
          }),
        },
        {
          level: 'warn',
          text: 'Circuit breaker stays open: the probe failed',
          fields: ({ context }) => ({ openMs: context?.openForMs ?? null }),
        },
      ],
    },
    halfOpen: {
      tone: 'warn',
      entered: [{ from: ['open'], level: 'info', text: 'Circuit breaker half-open: probing' }],
    },
    isolated: { tone: 'warn' },
    disabled: { tone: 'idle' },
    observing: { tone: 'idle' },
  },
  log: {},
  limits: [
    setBy('calls.inFlightMax', 'callsAtOnce', 'calls at once', 'replies wait for a permit, earliest deadline first'),
    setBy(
      'circuitBreaker.waitingMax',
      'permits',
      'replies waiting for a permit',
      'the reply asks again later, without spending an attempt',
    ),
    fixed('targets', 'failing targets that one breaker knows', TARGETS_MAX, 'the oldest failure is forgotten'),
    fixed('grants', 'permits given in one step', GRANTS_MAX, 'the next outcome brings the next ones'),
    fixed('window', 'parts of a window of outcomes', BUCKETS_MAX, 'the oldest part is dropped'),
  ],
  context: {
    nullable: { firstOpenedAt: [0], probe: [''], reason: ['isolated'] },
    optional: { isTokenless: true, targets: noTargets },
    needed: {},
  },
};
