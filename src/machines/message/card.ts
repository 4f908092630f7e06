import type { ContextCard } from '../vocabulary/card.js';
import type { Lease, Self } from '../vocabulary/leases.js';
import { defaultOptions } from '../vocabulary/options.js';
import { type MessageContext, placeName, runOf } from './chart.js';

export const messageContext: ContextCard<MessageContext> = {
  input: ({ at, needed }) => ({
    message: needed.inbound,
    options: defaultOptions.handlers,
    locale: defaultOptions.locale,
    at,
  }),
  nullable: { dead: [''], reason: [''] },
  optional: { isAlone: true, externals: 0, isAside: true },
  needed: {
    inbound: {
      id: '',
      place: { kind: 'guild', guildId: '', channelId: '' },
      author: { id: '', username: '', bot: false, roles: [] },
      content: '',
      mentionsBot: false,
    },
    receivedAt: 0,
  },
};

/** What a message holds and waits for. */
export function messageLeases({ value, context }: Self<MessageContext>): readonly Lease[] {
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
