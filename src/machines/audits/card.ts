import { fixed } from '../../base/limit.js';
import type { Card } from '../vocabulary/card.js';
import { AUDITS_MAX, type AuditsContext, auditsEventTypes, auditsMachine } from './chart.js';

export const auditsCard: Card<AuditsContext> = {
  machine: auditsMachine,
  events: auditsEventTypes,
  lives: 'always',
  group: 'replies',
  options: () => ({}),
  delays: {},
  states: { matching: { tone: 'good', isRest: true } },
  log: {},
  limits: [
    fixed(
      'audits',
      'audits under way, and outcomes that came early',
      AUDITS_MAX,
      'the oldest is forgotten; its reply ends by `delivery.auditMs`',
    ),
  ],
  context: { nullable: {}, optional: {}, needed: {} },
};
