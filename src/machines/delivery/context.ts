import { said } from '../kit/heard.js';
import { randomFrom } from '../kit/randomness.js';
import type { LeftOut, Part, Permit, Place, Stamp } from '../vocabulary/base.js';
import type { CallFact, FactOf } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Feature } from '../vocabulary/replies/features.js';
import type { Form } from '../vocabulary/replies/forms.js';
import type { Rung } from '../vocabulary/replies/rungs.js';
import { ladderOf, rungRow } from '../vocabulary/replies/rungs.js';
import type { Locale } from '../vocabulary/replies/words.js';
import type { Signal } from '../vocabulary/signals.js';
import { PART_MIN, partsOf, wordsOf } from './replyText.js';

export interface DeliveryInput {
  readonly id: string;
  readonly message: string;
  readonly messageId: string;
  /** The event that is answered instead of the message; the index by which the message is quoted. */
  readonly event?: string;
  readonly index?: string;
  /** Of a message that is handled again: for which time. */
  readonly retry?: number;
  readonly ordinal: number;
  readonly place: Place;
  readonly lane: string;
  readonly author: string;
  readonly receivedAt: number;
  readonly form: Form;
  readonly operator: boolean;
  readonly options: Pick<BotOptions, 'retry' | 'delivery' | 'lane'> & { readonly timeoutMs: number };
  /** Its channel can be read when a call's answer is lost. */
  readonly readsBack?: true;
  readonly locale: Locale;
  readonly at: number;
}
export interface DeliveryContext extends Omit<DeliveryInput, 'at' | 'options'> {
  readonly options: DeliveryInput['options'];
  /** The end of the reply window. */
  readonly deadline: number;
  readonly windowMs: number;
  /** Forms not refused yet, best first. */
  readonly rungs: readonly Rung[];
  /** The form of the present call. */
  readonly rung: Rung;
  /** Counts messages that QQ has to tell apart: it grows with each part, and after a refusal. */
  readonly turns: number;
  /** Characters of one part. */
  readonly textMax: number;
  /** Of a text in parts: what is not sent yet, and how many parts are. */
  readonly rest: string | null;
  readonly sent: number;
  readonly part: Part | null;
  readonly without: readonly LeftOut[];
  readonly auditId: string | null;
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
  /** How often QQ took no more replies to its message; left out: never. */
  readonly refusals?: number;
  /** How often its picture was uploaded, and since when; left out: never. */
  readonly uploads?: { readonly tries: number; readonly since: number };
  readonly blockedMs: number | null;
  readonly reason: string | null;
}
/** The breaker at which it asks for leave to read its channel. */
export const READS = 'breaker:reads';
/** The breaker by which an operator's command goes while the one for messages admits nothing. */
export const RESERVED = 'breaker:operator';

export type DeliveryEvent = (
  | (CallFact & { readonly breakerOpen: boolean })
  | (Extract<Signal, { type: 'permit.granted' }> & { readonly off?: readonly Feature[] })
  | Extract<Signal, { type: 'doubt.settled' | 'budget.spent' }>
  | FactOf<'effect.interrupted'>
  | FactOf<'effect.failed'>
  | Extract<Signal, { type: 'audit.ended' }>
  | Extract<Signal, { type: 'turn.granted' | 'turn.denied' | 'permit.denied' }>
) &
  Stamp;
export type Failed = Extract<DeliveryEvent, { type: 'call.failed' }>;

/** QQ takes a message to a group or a user once under its key; sending it again is safe. */
export function isKeyed({ place }: Pick<DeliveryContext, 'place'>): boolean {
  return place.kind === 'group' || place.kind === 'c2c';
}

/** Sequence numbers of one reply to a message; more parts and refusals than this it never has. */
const TURNS_MAX = 1_000;

/** Replies of one handling, notices among them; more there never are. */
const ORDINALS_MAX = 1_000;

/** What stands in its channel tells whether the present call has arrived. */
export function isReadable({ readsBack, event, rung }: DeliveryContext): boolean {
  return readsBack === true && event === undefined && rungRow(rung).isReadable;
}

/**
 * Number under which QQ tells this message from the others to the same `msg_id`; another one when it is handled again.
 */
export function seqOf({ retry = 0, ordinal, turns }: Pick<DeliveryContext, 'retry' | 'ordinal' | 'turns'>): number {
  return (retry * ORDINALS_MAX + ordinal) * TURNS_MAX + Math.min(turns, TURNS_MAX - 1) + 1;
}

/** What the next call sends of a long text; null: it goes in one message. */
export function nextPart(context: DeliveryContext, rung: Rung, late: boolean): Part | null {
  if (rung !== 'text') return null;
  const rest = context.rest ?? wordsOf({ ...context, rung, late });
  const [text = '', ...others] = partsOf(rest, context.textMax);
  const of = context.sent + 1 + others.length;
  return of === 1 ? null : { number: context.sent + 1, of, text };
}

/** After a part has arrived: what is left. */
export function afterPart(context: DeliveryContext): Partial<DeliveryContext> {
  const { part, late } = context;
  const rest = (context.rest ?? wordsOf({ ...context, rung: 'text', late })).slice(part?.text.length ?? 0);
  return { rest, sent: context.sent + 1, turns: context.turns + 1, attempt: 0 };
}

/** QQ's codes that tell what to change in a message before it is sent again. */
export const LINKS_REFUSED: readonly unknown[] = [304003, 40054010];
export const EVERYONE_REFUSED: readonly unknown[] = [304019];
export const TEXT_TOO_LONG: readonly unknown[] = [40054007, 40054018];
/** Half as long parts; of a form other than text, text first. */
export function shortened(context: DeliveryContext): Partial<DeliveryContext> {
  const textMax =
    context.rung === 'text' ? Math.floor(Math.min(context.textMax, lengthOf(context)) / 2) : context.textMax;
  return { textMax, rungs: ['text'], turns: context.turns + 1 };
}
export function canShorten(context: DeliveryContext): boolean {
  return context.rung !== 'text' || Math.min(context.textMax, lengthOf(context)) >= 2 * PART_MIN;
}
function lengthOf(context: DeliveryContext): number {
  return context.part?.text.length ?? wordsOf(context).length;
}

/** The best form that is not refused yet and whose feature is not off. The last one always is. */
export function bestRung({ rungs, sent }: DeliveryContext, off: readonly Feature[]): Rung {
  // A text of which a part is there goes on as text.
  if (sent > 0) return 'text';
  return rungs.find((rung) => !off.includes(rungRow(rung).feature as Feature)) ?? 'text';
}

export function newContext(input: DeliveryInput = emptyInput): DeliveryContext {
  const {
    id,
    message,
    messageId,
    event,
    index,
    retry,
    readsBack,
    ordinal,
    place,
    lane,
    author,
    receivedAt,
    form,
    operator,
    options,
  } = input;
  const deadline = receivedAt + options.delivery.replyWindowMs[place.kind];
  return {
    id,
    message,
    messageId,
    ...(event === undefined ? {} : { event }),
    ...(index === undefined ? {} : { index }),
    ...(retry === undefined ? {} : { retry }),
    ...(readsBack ? { readsBack } : {}),
    ordinal,
    place,
    lane,
    author,
    receivedAt,
    form,
    operator,
    options,
    locale: input.locale,
    textMax: options.delivery.textMax,
    deadline,
    windowMs: Math.max(0, deadline - input.at),
    rungs: ladderOf(form, place, options.delivery.textMax),
    rung: 'text',
    ...UNSENT,
  };
}
const UNSENT = {
  turns: 0,
  rest: null,
  sent: 0,
  part: null,
  without: [],
  auditId: null,
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

export const emptyInput: DeliveryInput = {
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
  locale: 'en',
  at: 0,
};

/** Full jitter; `attempt` counts the calls already made. */
export function backOffOf(context: DeliveryContext, id: string): number {
  const { baseMs, factor, capMs, jitter } = context.options.retry;
  const span = Math.min(capMs, baseMs * factor ** Math.max(0, context.attempt - 1));
  return Math.round(jitter === 'full' ? span * randomFrom(id) : span);
}

export function reasonOf(event: DeliveryEvent): string {
  const kind = said(event, 'class');
  if (kind === undefined) return event.type;
  return [kind, said(event, 'code') ?? said(event, 'status')]
    .filter((part) => part !== undefined && part !== null)
    .join(' ');
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

/** Replies to one author keep their order; an operator's command does not wait behind that author's other replies. */
export function keyOf({ author, operator }: Pick<DeliveryContext, 'author' | 'operator'>): string {
  return operator ? `${author} operator` : author;
}

/** What the options give it: at birth, in a new life, in a what-if. */
export function withOptions({
  retry,
  delivery,
  lane,
  calls,
  locale,
}: BotOptions): Pick<DeliveryInput, 'options' | 'locale'> {
  return { options: { retry, delivery, lane, timeoutMs: calls.timeoutMs }, locale };
}
