import { fixed } from '../../base/limit.js';
import type { Card, EnteredLine } from '../vocabulary/card.js';
import { featureEventTypes, featureMachine } from './chart.js';
import { type FeatureContext, REFUSALS_MAX, THROTTLES_MAX, withOptions } from './context.js';

const ON = ['enabled', 'restoring', 'forcedOn'];
const OFF = ['suspended', 'probing', 'forcedOff'];
const nameOf = (id: string): string => id.slice(id.indexOf(':') + 1);
const off: EnteredLine<FeatureContext> = {
  from: ON,
  level: 'warn',
  text: 'Disabling feature: {feature}',
  fields: ({ id, context }) => ({
    feature: nameOf(id),
    reason: context?.reason ?? null,
    code: context?.code ?? null,
  }),
};
const on: EnteredLine<FeatureContext> = {
  from: OFF,
  level: 'info',
  text: 'Enabling feature: {feature}',
  fields: ({ id }) => ({ feature: nameOf(id) }),
};

export const featureCard: Card<FeatureContext> = {
  machine: featureMachine,
  events: featureEventTypes,
  lives: 'always',
  group: 'feature',
  options: withOptions,
  delays: {
    leaseMs: 'patience',
    suspendMs: 'schedule',
    probationMs: 'schedule',
    forcedOffMs: 'schedule',
    forcedOnMs: 'schedule',
  },
  states: {
    enabled: { tone: 'good', isRest: true, entered: [on] },
    suspended: { tone: 'bad', entered: [off] },
    probing: { tone: 'warn', entered: [off] },
    restoring: { tone: 'warn', entered: [on] },
    forcedOff: { tone: 'bad', entered: [off] },
    forcedOn: { tone: 'warn', entered: [on] },
  },
  log: {},
  limits: [
    fixed('featureRefusals', 'refused contents that a feature remembers', REFUSALS_MAX, 'the oldest is forgotten'),
    fixed('featureThrottles', 'throttled answers that a feature remembers', THROTTLES_MAX, 'the oldest is forgotten'),
  ],
  context: { nullable: { reason: ['refused'], code: [0, ''], note: [''], canary: [''] }, optional: {}, needed: {} },
};
