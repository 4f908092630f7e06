import type { ContextCard } from '../vocabulary/card.js';
import type { Lease, Self } from '../vocabulary/leases.js';
import { defaultOptions } from '../vocabulary/options.js';
import { type DeliveryContext, keyOf, READS } from './context.js';
import { UPLOADS } from './pictures.js';

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
  optional: { event: '', index: '', retry: 0, readsBack: true, refusals: 0, uploads: { tries: 0, since: 0 } },
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
  'awaitingUpload',
  'uploading',
  'steppingDown',
  'continuing',
  'doubting',
  'awaitingReading',
  'reading',
  'unsettled',
];
const AT_BREAKER: readonly unknown[] = ['awaitingPermit', 'awaitingReading', 'awaitingUpload'];
const TO_READ = { breaker: READS } as const;
const TO_UPLOAD = { breaker: UPLOADS, waits: false } as const;
/** Where it asks for more than leave to send. */
const PURPOSES = {
  awaitingReading: TO_READ,
  reading: TO_READ,
  awaitingUpload: TO_UPLOAD,
  uploading: TO_UPLOAD,
} as const;

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
  const ask = { ...permitAsk(context), ...PURPOSES[value as keyof typeof PURPOSES] };
  if (AT_BREAKER.includes(value)) {
    const back = { type: 'permit.cancelled', delivery: id, breaker: '', deadline } as const;
    return [turn, { kind: 'permit', isHeld: false, back, ask }];
  }
  const held = permits.map(
    (permit): Lease => ({ kind: 'permit', isHeld: true, back: { type: 'permit.released', ...permit }, ask }),
  );
  return [turn, ...held];
}
