import type { CallFact, FactOf, Form, Permit, Place, Rung, Signal, Stamp } from './facts.js';
import { type BotOptions, defaultOptions } from './options.js';
import { randomFrom } from './randomness.js';

export interface DeliveryInput {
  readonly id: string;
  readonly message: string;
  readonly messageId: string;
  readonly ordinal: number;
  readonly place: Place;
  readonly lane: string;
  readonly author: string;
  readonly receivedAt: number;
  readonly form: Form;
  readonly operator: boolean;
  readonly options: Pick<BotOptions, 'retry' | 'delivery' | 'lane'> & { readonly timeoutMs: number };
  readonly at: number;
}
export interface DeliveryContext extends Omit<DeliveryInput, 'at' | 'options'> {
  readonly options: DeliveryInput['options'];
  /** The end of the reply window. */
  readonly deadline: number;
  readonly windowMs: number;
  readonly rungs: readonly Rung[];
  readonly attempt: number;
  readonly breaker: string | null;
  readonly permit: Permit | null;
  readonly probe: boolean;
  /** A call is out or under audit: the window's end does not kill it. */
  readonly isOut: boolean;
  readonly startedAt: number | null;
  readonly late: boolean;
  readonly uncertain: boolean;
  readonly pauseMs: number;
  readonly blockedMs: number | null;
  readonly reason: string | null;
}
export type DeliveryEvent = (
  | (CallFact & { readonly breakerOpen: boolean })
  | FactOf<'effect.interrupted'>
  | FactOf<'effect.failed'>
  | Extract<
      Signal,
      { type: 'turn.granted' | 'turn.denied' | 'permit.granted' | 'permit.denied' | 'signal.undeliverable' }
    >
) &
  Stamp;
export type Failed = Extract<DeliveryEvent, { type: 'call.failed' }>;

const LADDER: readonly Rung[] = ['embed', 'leanEmbed', 'text'];

export function newContext(input: DeliveryInput = emptyInput): DeliveryContext {
  const { id, message, messageId, ordinal, place, lane, author, receivedAt, form, operator, options } = input;
  const deadline = receivedAt + options.delivery.replyWindowMs[place.kind];
  return {
    id,
    message,
    messageId,
    ordinal,
    place,
    lane,
    author,
    receivedAt,
    form,
    operator,
    options,
    deadline,
    windowMs: Math.max(0, deadline - input.at),
    rungs: form.embed ? LADDER : ['text'],
    ...UNSENT,
  };
}
const UNSENT = {
  attempt: 0,
  breaker: null,
  permit: null,
  probe: false,
  isOut: false,
  startedAt: null,
  late: false,
  uncertain: false,
  pauseMs: 0,
  blockedMs: null,
  reason: null,
} as const;

const emptyInput: DeliveryInput = {
  id: '',
  message: '',
  messageId: '',
  ordinal: 0,
  place: { kind: 'guild', guildId: '', channelId: '' },
  lane: '',
  author: '',
  receivedAt: 0,
  form: { text: '', embed: true },
  operator: false,
  options: {
    retry: defaultOptions.retry,
    delivery: defaultOptions.delivery,
    lane: defaultOptions.lane,
    timeoutMs: defaultOptions.calls.timeoutMs,
  },
  at: 0,
};

/** Full jitter; `attempt` counts the calls already made. */
export function backOffOf(context: DeliveryContext, id: string): number {
  const { baseMs, factor, capMs, jitter } = context.options.retry;
  const span = Math.min(capMs, baseMs * factor ** Math.max(0, context.attempt - 1));
  return Math.round(jitter === 'full' ? span * randomFrom(id) : span);
}

export function reasonOf(event: DeliveryEvent): string {
  const { class: kind, code, status } = event as Partial<Failed>;
  if (kind === undefined) return event.type;
  return [kind, code ?? status].filter((part) => part !== undefined && part !== null).join(' ');
}

export function ending(context: DeliveryContext, verdict: 'delivered' | 'uncertain' | 'deadLettered'): Signal {
  const { id, message, ordinal, reason } = context;
  return {
    type: 'delivery.ended',
    delivery: id,
    message,
    ordinal,
    verdict,
    reason: verdict === 'delivered' ? null : reason,
  };
}
