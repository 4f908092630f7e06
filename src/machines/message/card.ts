import type { Card } from '../vocabulary/card.js';
import type { Lease, Self } from '../vocabulary/leases.js';
import { messageMachine } from './chart.js';
import { emptyContext, type MessageContext, messageEventTypes, placeName, runOf, withOptions } from './words.js';

export const messageCard: Card<MessageContext> = {
  machine: messageMachine,
  events: messageEventTypes,
  lives: 'once',
  group: 'messages',
  options: withOptions,
  delays: { handlerMs: 'patience', twinMs: 'patience', rerunMs: 'schedule' },
  states: {
    received: { tone: 'busy', wait: { for: 'slot', asked: 'slot.requested' } },
    pairing: { tone: 'busy', wait: { for: 'twin' } },
    handling: { tone: 'busy', wait: { for: 'handler' } },
    pausing: { tone: 'busy', wait: { for: 'rerun' } },
    replying: { tone: 'busy', wait: { for: 'replies' } },
    answered: { tone: 'good' },
    silent: { tone: 'good' },
    refused: { tone: 'bad' },
    deadLettered: {
      tone: 'bad',
      entered: [{ level: 'warn', text: 'Dead letter: {reason}', fields: ({ reason }) => ({ reason }) }],
    },
    uncertain: { tone: 'warn' },
  },
  log: {
    M7: { level: 'error', text: 'Message processing failed' },
    M11: { level: 'error', text: 'Message processing failed: the handler took too long' },
    M16: { level: 'debug', text: 'Message processed successfully' },
  },
  limits: [],
  context: {
    born: ({ needed }) => ({ message: needed.inbound }),
    nullable: { dead: [''], reason: [''] },
    optional: { isAlone: true, externals: 0, isAside: true },
    needed: {
      inbound: emptyContext.inbound,
      receivedAt: 0,
    },
  },
  leases,
};

/** What a message holds and waits for. */
function leases({ value, context }: Self<MessageContext>): readonly Lease[] {
  if (value !== 'received' && value !== 'handling' && value !== 'pausing') return [];
  const { author, work = 'normal' } = context.inbound;
  const message = runOf(context.inbound);
  const isHeld = value !== 'received';
  return [
    {
      kind: 'slot',
      isHeld,
      back: isHeld ? { type: 'slot.released', message } : { type: 'slot.cancelled', message },
      ask: { type: 'slot.requested', message, author: author.id, work, place: placeName(context.inbound) },
    },
  ];
}
