import type { Lease, Self } from '../vocabulary/leases.js';
import { type MessageContext, runOf } from './chart.js';

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
      ask: { type: 'slot.requested', message, author: author.id, work },
    },
  ];
}
