import { fixed } from '../../base/limit.js';
import type { Card } from '../vocabulary/card.js';
import {
  OPERATOR_WAITING_MAX,
  type OperatorBreakerContext,
  operatorBreakerEventTypes,
  operatorBreakerMachine,
} from './chart.js';

export const operatorBreakerCard: Card<OperatorBreakerContext> = {
  machine: operatorBreakerMachine,
  events: operatorBreakerEventTypes,
  lives: 'always',
  group: 'calls',
  options: () => ({}),
  delays: { leaseMs: 'patience', restMs: 'schedule' },
  states: {
    available: { tone: 'good', isRest: true },
    inUse: { tone: 'good' },
    resting: { tone: 'good' },
  },
  log: {},
  limits: [
    fixed(
      'operatorPermits',
      'answers to commands waiting for the reserved permit',
      OPERATOR_WAITING_MAX,
      'the answer asks again later',
    ),
  ],
  context: { nullable: { permit: [''] }, optional: {}, needed: {} },
};
