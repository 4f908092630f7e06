import type { Card, LogLine } from '../vocabulary/card.js';
import type { Lease, Self } from '../vocabulary/leases.js';
import { codeOf } from '../vocabulary/logFields.js';
import { setBy } from '../vocabulary/options/options.js';
import { permitAsk } from './calls.js';
import { deliveryEventTypes, deliveryMachine } from './chart.js';
import { type DeliveryContext, emptyInput, keyOf, READS, withOptions } from './context.js';

import { UPLOADS } from './pictures.js';

const retrying: LogLine<DeliveryContext> = {
  level: 'warn',
  text: 'Operation failed (attempt {attempt}/{attempts}), retrying in {seconds}s',
  fields: ({ context }) => ({
    attempt: context?.attempt ?? 0,
    attempts: (context?.options.retry.retriesMax ?? 0) + 1,
    seconds: pauseSeconds(context),
    reason: context?.reason ?? null,
  }),
};
const retryingSlowly: LogLine<DeliveryContext> = {
  level: 'warn',
  text: 'Operation failed (attempt {attempt}), retrying in {seconds}s until the reply window ends',
  fields: ({ context }) => ({
    attempt: context?.attempt ?? 0,
    seconds: pauseSeconds(context),
    reason: context?.reason ?? null,
  }),
};
const pauseSeconds = (context: DeliveryContext | null): number => Math.round((context?.pauseMs ?? 0) / 100) / 10;
const ASKED = 'permit.requested';

const { message, messageId, ordinal, place, lane, author, receivedAt, form } = emptyInput;

export const deliveryCard: Card<DeliveryContext> = {
  machine: deliveryMachine,
  events: deliveryEventTypes,
  lives: 'once',
  group: 'replies',
  options: withOptions,
  // The window is QQ's, and so is the time in which a call that was under way arrives.
  delays: {
    readingWaitMs: 'patience',
    uploadWaitMs: 'patience',
    auditMs: 'patience',
    windowMs: 'schedule',
    backOffMs: 'schedule',
    rungPauseMs: 'schedule',
    doubtMs: 'schedule',
    partPauseMs: 'schedule',
  },
  states: {
    queued: { tone: 'busy', wait: { for: 'turn', asked: 'turn.requested' } },
    awaitingPermit: { tone: 'warn', wait: { for: 'permit', asked: ASKED } },
    sending: { tone: 'busy', wait: { for: 'call' } },
    awaitingUpload: { tone: 'warn', wait: { for: 'permit', asked: ASKED } },
    uploading: { tone: 'busy', wait: { for: 'call' } },
    doubting: { tone: 'warn', wait: { for: 'doubt' } },
    awaitingReading: { tone: 'warn', wait: { for: 'permit', asked: ASKED } },
    reading: { tone: 'busy', wait: { for: 'call' } },
    unsettled: { tone: 'warn' },
    steppingDown: { tone: 'busy', wait: { for: 'rungPause' } },
    continuing: { tone: 'busy', wait: { for: 'partPause' } },
    backingOff: { tone: 'warn', wait: { for: 'backOff' } },
    underAudit: { tone: 'busy', wait: { for: 'audit', on: 'audits' } },
    delivered: { tone: 'good' },
    uncertain: { tone: 'warn' },
    deadLettered: { tone: 'bad' },
  },
  log: {
    D5: retrying,
    D7: retryingSlowly,
    D9: { level: 'debug', text: 'Message sent' },
    D11: { level: 'info', text: 'Form refused, falling back to the next one', fields: codeOf },
    D16: { level: 'warn', text: 'Rate limited: the channel pauses' },
    D19: { level: 'warn', text: 'A reply was cut off by a kill and is sent again' },
    D20: { level: 'error', text: 'Failed to send the message before its reply window ended' },
    D27: { level: 'info', text: 'Links refused, sending the message without them', fields: codeOf },
    D28: { level: 'info', text: 'No @everyone left today, sending the message without it', fields: codeOf },
    D29: { level: 'info', text: 'Too long for QQ, sending the message in shorter parts', fields: codeOf },
    D30: { level: 'info', text: 'Picture not to be had, sending its link or name', fields: codeOf },
    D31: { level: 'info', text: 'A reply was cut off by a kill and is sent again under its key' },
    D34: { level: 'warn', text: 'The audit refused a message' },
    D51: {
      level: 'warn',
      text: 'The bot is muted: trying again in {seconds}s',
      isToldByCode: true,
      fields: (seen) => ({ ...codeOf(seen), seconds: pauseSeconds(seen.context) }),
    },
  },
  limits: [setBy('delivery.textMax', 'text', 'characters of one message', 'a longer text goes in numbered parts')],
  context: {
    born: () => ({ operator: false }),
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
    needed: { message, messageId, ordinal, place, lane, author, receivedAt, form },
  },
  leases,
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

/** What a reply holds and waits for: its turn, and its permit. */
function leases({ id, value, context, permits }: Self<DeliveryContext>): readonly Lease[] {
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
