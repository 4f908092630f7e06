import type { Card } from '../vocabulary/card.js';
import { codeOf } from '../vocabulary/logFields.js';
import { type InteractionContext, interactionEventTypes, interactionMachine, withOptions } from './chart.js';

export const interactionCard: Card<InteractionContext> = {
  machine: interactionMachine,
  events: interactionEventTypes,
  lives: 'once',
  group: 'messages',
  options: withOptions,
  // QQ shows the button as failed after 3 s of its own.
  delays: { deadlineMs: 'schedule', retryMs: 'schedule' },
  states: {
    acknowledging: { tone: 'busy', wait: { for: 'call' } },
    pausing: { tone: 'busy', wait: { for: 'backOff' } },
    acknowledged: { tone: 'good' },
    missed: { tone: 'bad' },
  },
  log: {
    N2: { level: 'warn', text: 'An interaction was not acknowledged in time' },
    N5: { level: 'warn', text: 'QQ does not take the acknowledgement of an interaction', fields: codeOf },
  },
  limits: [],
  context: {
    // The chart keeps its whole input, with what the runtime stamps on it.
    born: ({ id }) => ({ interaction: id.slice(id.indexOf(':') + 1), cause: '' }),
    nullable: { reason: [''] },
    optional: {},
    needed: {},
  },
};
