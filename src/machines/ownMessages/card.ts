import { fixed } from '../../base/limit.js';
import type { Card } from '../vocabulary/card.js';
import {
  OWN_MESSAGES_MAX,
  type OwnMessagesContext,
  ownMessagesEventTypes,
  ownMessagesMachine,
  withOptions,
} from './chart.js';

export const ownMessagesCard: Card<OwnMessagesContext> = {
  machine: ownMessagesMachine,
  events: ownMessagesEventTypes,
  lives: 'onDemand',
  group: 'messages',
  options: withOptions,
  delays: { permissionMs: 'schedule' },
  states: { reading: { tone: 'good', isRest: true }, forbidden: { tone: 'warn' } },
  log: {},
  limits: [
    fixed(
      'ownMessages',
      'own messages remembered to tell a reply in doubt from others (private bots)',
      OWN_MESSAGES_MAX,
      'the oldest is forgotten; replies to older messages stay in doubt',
    ),
  ],
  context: { born: () => ({ epoch: 0 }), nullable: {}, optional: {}, needed: {} },
};
