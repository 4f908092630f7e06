import type { CallFact, FactOf, Feature, Form, Permit, Place, Rung, Signal, Stamp } from './facts.js';
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
  /** Forms not refused yet, best first. */
  readonly rungs: readonly Rung[];
  /** The form of the present call. */
  readonly rung: Rung;
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
  | (Extract<Signal, { type: 'permit.granted' }> & { readonly off?: readonly Feature[] })
  | FactOf<'effect.interrupted'>
  | FactOf<'effect.failed'>
  | Extract<Signal, { type: 'turn.granted' | 'turn.denied' | 'permit.denied' | 'signal.undeliverable' }>
) &
  Stamp;
export type Failed = Extract<DeliveryEvent, { type: 'call.failed' }>;

/** The feature that a form needs; null: it always goes. */
export const featureOf: Readonly<Record<Rung, Exclude<Feature, 'externalApiCalls'> | null>> = {
  keyboard: 'interactiveButtons',
  image: 'fileUploads',
  embed: 'richEmbeds',
  leanEmbed: 'richEmbeds',
  text: null,
};

/** A picture takes the place of the embed: QQ shows one of them. */
function ladderOf({ embed, image, buttons }: Form): readonly Rung[] {
  const best: Rung[] = buttons ? ['keyboard'] : [];
  if (image !== undefined) return [...best, 'image', 'text'];
  return embed ? [...best, 'embed', 'leanEmbed', 'text'] : [...best, 'text'];
}

/** The best form that is not refused yet and whose feature is not off. The last one always is. */
export function bestRung({ rungs }: DeliveryContext, off: readonly Feature[]): Rung {
  return rungs.find((rung) => featureOf[rung] === null || !off.includes(featureOf[rung] as Feature)) ?? 'text';
}

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
    rungs: ladderOf(form),
    rung: 'text',
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

/** Replies to one author keep their order; an operator's command does not wait behind that author's other replies. */
export function keyOf({ author, operator }: Pick<DeliveryContext, 'author' | 'operator'>): string {
  return operator ? `${author} operator` : author;
}
