import type { ContextCard } from '../vocabulary/card.js';
import type { Lease, Self } from '../vocabulary/leases.js';
import { defaultOptions } from '../vocabulary/options.js';
import { type DeliveryContext, keyOf, READS } from './context.js';

const { retry, delivery, lane, calls, locale } = defaultOptions;
const options = { retry, delivery, lane, timeoutMs: calls.timeoutMs };

export const deliveryContext: ContextCard<DeliveryContext> = {
  input: ({ id, at, needed }) => ({ ...needed, locale, options, operator: false, id, at }),
  nullable: {
    rest: [''],
    part: [{ number: 0, of: 0, text: '' }],
    auditId: [''],
    breaker: [''],
    permit: [{ id: '', generation: 0 }],
    startedAt: [0],
    blockedMs: [0],
    reason: [''],
  },
  optional: { event: '', index: '', retry: 0, readsBack: true, refusals: 0 },
  needed: {
    message: '',
    messageId: '',
    ordinal: 0,
    place: { kind: 'guild', guildId: '', channelId: '' },
    lane: '',
    author: '',
    receivedAt: 0,
    form: { text: '', embed: false },
  },
};

/** States in which it has its lane's turn. */
const WITH_TURN: readonly unknown[] = [
  'awaitingPermit',
  'sending',
  'steppingDown',
  'continuing',
  'doubting',
  'awaitingReading',
  'reading',
  'unsettled',
];
const AT_BREAKER: readonly unknown[] = ['awaitingPermit', 'awaitingReading'];
const TO_READ: readonly unknown[] = ['awaitingReading', 'reading'];

/** Asks for a permit to call; with a breaker, for one of another purpose. */
export function permitAsk({ id, deadline, operator, lane }: DeliveryContext) {
  return { type: 'permit.requested', delivery: id, deadline, operator, target: lane } as const;
}

/** What a reply holds and waits for: its turn, and its permit. */
export function deliveryLeases({ id, value, context, permits }: Self<DeliveryContext>): readonly Lease[] {
  const { lane, deadline, operator, startedAt } = context;
  const isQueued = value === 'queued';
  if (!isQueued && !WITH_TURN.includes(value)) return [];
  const key = keyOf(context);
  const turn: Lease = {
    kind: 'turn',
    isHeld: !isQueued,
    back: { type: 'turn.returned', delivery: id, lane, key, startedAt, blockedMs: null },
    ask: { type: 'turn.requested', delivery: id, lane, key, urgent: operator },
  };
  const ask = { ...permitAsk(context), ...(TO_READ.includes(value) ? { breaker: READS } : {}) };
  if (AT_BREAKER.includes(value)) {
    const back = { type: 'permit.cancelled', delivery: id, breaker: '', deadline } as const;
    return [turn, { kind: 'permit', isHeld: false, back, ask }];
  }
  const held = permits.map(
    (permit): Lease => ({ kind: 'permit', isHeld: true, back: { type: 'permit.released', ...permit }, ask }),
  );
  return [turn, ...held];
}
