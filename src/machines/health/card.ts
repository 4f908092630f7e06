import type { Card } from '../vocabulary/card.js';
import { type HealthContext, healthEventTypes, healthMachine, withOptions } from './chart.js';

export const healthCard: Card<HealthContext> = {
  machine: healthMachine,
  events: healthEventTypes,
  lives: 'always',
  group: 'health',
  options: withOptions,
  delays: { downMs: 'patience', quietMs: 'schedule', degradedMs: 'schedule', unhealthyMs: 'schedule' },
  states: {
    unknown: { tone: 'idle' },
    healthy: { tone: 'good', isRest: true },
    degraded: { tone: 'warn' },
    unhealthy: { tone: 'bad' },
  },
  log: {},
  limits: [],
  context: { nullable: { lastError: [{ class: '', at: 0 }] }, optional: {}, needed: {} },
};
