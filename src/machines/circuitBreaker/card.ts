import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { CircuitBreakerContext } from './context.js';
import { noTargets } from './targets.js';

const { circuitBreaker, calls } = defaultOptions;

export const circuitBreakerContext: ContextCard<CircuitBreakerContext> = {
  input: ({ id }) => ({
    id,
    options: circuitBreaker,
    inFlightMax: calls.inFlightMax,
    slowMs: calls.slowMs,
  }),
  nullable: { firstOpenedAt: [0], probe: [''], reason: ['isolated'] },
  optional: { isTokenless: true, targets: noTargets },
  needed: {},
};
