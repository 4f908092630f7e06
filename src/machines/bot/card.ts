import type { Card } from '../vocabulary/card.js';
import { type BotContext, botEventTypes, botMachine, withOptions } from './chart.js';

export const botCard: Card<BotContext> = {
  machine: botMachine,
  events: botEventTypes,
  lives: 'always',
  group: 'life',
  options: withOptions,
  // Who stops it counts its seconds too.
  delays: { drainMs: 'schedule' },
  states: {
    starting: { tone: 'busy' },
    running: { tone: 'good', isRest: true },
    draining: { tone: 'warn' },
    stopped: { tone: 'bad' },
  },
  log: {
    O3: { level: 'info', text: 'Bot is running' },
    O10: { level: 'info', text: 'Drained' },
    O11: { level: 'warn', text: 'Drain took too long; the rest stays in the journal' },
  },
  limits: [],
  context: { nullable: { reason: [''] }, optional: {}, needed: {} },
};
