import type { Card } from '../vocabulary/card.js';
import { type AccessTokenContext, accessTokenEventTypes, accessTokenMachine, withOptions } from './chart.js';

const REFUSED = { level: 'error', text: 'QQ refuses the credentials' } as const;

export const accessTokenCard: Card<AccessTokenContext> = {
  machine: accessTokenMachine,
  events: accessTokenEventTypes,
  lives: 'always',
  group: 'connection',
  options: withOptions,
  // QQ's clock tells when a token is over.
  delays: { refreshMs: 'schedule', retryMs: 'schedule', uselessMs: 'schedule' },
  states: {
    absent: { tone: 'warn' },
    fetching: { tone: 'busy' },
    valid: { tone: 'good', isRest: true },
    doubted: { tone: 'warn' },
    refreshing: { tone: 'busy' },
    refused: { tone: 'bad' },
  },
  log: {
    T5: REFUSED,
    T13: REFUSED,
    T17: {
      level: 'warn',
      text: 'QQ refuses an access token that has only just come: another in {seconds}s',
      fields: ({ secondsUntil }) => ({ seconds: secondsUntil('uselessMs') }),
    },
  },
  limits: [],
  context: { nullable: { ref: [''], reason: [''] }, optional: {}, needed: {} },
};
