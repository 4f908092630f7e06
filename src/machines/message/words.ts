import { assign, emit, enqueueActions, setup } from 'xstate';
import { heard, said } from '../kit/heard.js';
import type { InboundMessage, RequestedReply, Stamp, Verdict, WorkStamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf, HandlerFact } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Form } from '../vocabulary/replies/forms.js';
import { busyText, failureText, floodText } from '../vocabulary/replies/words.js';
import type { Signal } from '../vocabulary/signals.js';

/**
 * A message from its arrival to its end: one handler run at a time, its replies, and the one verdict that the account
 * counts. It refuses to know how a reply is sent. Rules: M1 to M32 (docs/SPEC.md).
 */
export interface MessageInput {
  readonly message: InboundMessage;
  readonly options: BotOptions['handlers'];
  readonly locale: BotOptions['locale'];
  /** Of a message that is handled again: when it came; default: now. */
  readonly receivedAt?: number;
  readonly at: number;
}
export interface MessageContext {
  readonly inbound: InboundMessage;
  readonly options: BotOptions['handlers'];
  readonly locale: BotOptions['locale'];
  readonly receivedAt: number;
  /** Runs of the handler so far, over process lives. */
  readonly runs: number;
  /** Ordinals of replies under way or ended; a handler that runs again does not send them twice. */
  readonly ordinals: readonly number[];
  readonly ended: number;
  readonly refused: boolean;
  readonly dead: string | null;
  readonly uncertain: boolean;
  readonly reason: string | null;
  /** Calls of foreign APIs that the present run has asked for; left out: none. */
  readonly externals?: number;
  /**
   * A reply of it was under audit: its end may depend on what only the source of messages brings; left out: none was.
   */
  readonly isAside?: boolean;
  /** It has waited for its twin; left out: not. */
  readonly isAlone?: boolean;
}
/** Another copy of this message says that the bot is mentioned. */
type MentionTold = WorkStamp & { readonly type: 'mention.told'; readonly content: string };
type MessageEvent = (
  | HandlerFact
  | FactOf<'external.requested'>
  | MentionTold
  | FactOf<'effect.interrupted'>
  | FactOf<'effect.failed'>
  | Extract<Signal, { type: 'slot.granted' | 'slot.denied' | 'delivery.ended' | 'audit.awaited' }>
) &
  Stamp;

export const messageEventTypes = [
  'mention.told',
  'external.requested',
  'slot.granted',
  'slot.denied',
  'reply.requested',
  'handler.completed',
  'handler.failed',
  'effect.interrupted',
  'effect.failed',
  'delivery.ended',
  'audit.awaited',
] as const satisfies readonly MessageEvent['type'][];

type Denied = Extract<Signal, { type: 'slot.denied' }>;

/** Why it is a dead letter whatever becomes of its replies: its handler ends the process. */
const POISON = 'poison';

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ handlers, locale }: BotOptions): Pick<MessageContext, 'options' | 'locale'> => ({
  options: handlers,
  locale,
});

export const messageSetup = setup({
  types: {} as {
    context: MessageContext;
    input: MessageInput;
    events: MessageEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    // Lives that did not know the wait had none.
    mayHaveTwin: ({ context }) => mayHaveTwin(context),
    isMuted: ({ event }) => UNTOLD.includes(heard(event, 'slot.denied').reason),
    // Lives that did not know the pause had none.
    diedAgain: ({ context }) =>
      context.runs > 1 && context.runs < context.options.runsMax && (context.options.rerunMs ?? 0) > 0,
    mayRunAgain: ({ context }) => context.runs < context.options.runsMax,
    isAside: ({ context }) => context.isAside === true,
    saidNothing: ({ context }) => context.ordinals.length === 0,
    isDead: ({ context }) => isOver(context) && context.dead !== null,
    isUncertain: ({ context }) => isOver(context) && context.uncertain,
    isRefused: ({ context }) => isOver(context) && context.refused,
    isOver: ({ context }) => isOver(context),
    isReplyUnderWay: ({ context }) => !isOver(context),
  },
  actions: {
    countRun: assign({ runs: ({ context }) => context.runs + 1, externals: 0 }),
    countExternal: assign({ externals: ({ context }) => (context.externals ?? 0) + 1 }),
    takeReplies: assign(({ context, event }) => {
      const fresh = freshReplies(context, heard(event, 'reply.requested', 'handler.completed').replies);
      return { ordinals: [...context.ordinals, ...fresh.map((reply) => reply.ordinal)], fresh };
    }),
    takeNotice: assign(({ context, event }) => {
      const ordinal = Math.max(-1, ...context.ordinals) + 1;
      return { ordinals: [...context.ordinals, ordinal], fresh: [{ ordinal, form: noticeFor(context, event) }] };
    }),
    markRefused: assign({ refused: true, reason: ({ event }) => heard(event, 'slot.denied').reason }),
    markPoison: assign({ dead: POISON, reason: POISON }),
    rememberFailure: assign({ reason: ({ event }) => reasonOf(event) }),
    countEnding: assign(({ context, event }) => {
      const { verdict, reason } = heard(event, 'delivery.ended');
      const dead = verdict === 'deadLettered' && context.dead !== POISON ? (reason ?? 'unknown') : context.dead;
      return {
        ended: context.ended + 1,
        dead,
        uncertain: context.uncertain || verdict === 'uncertain',
        reason: dead ?? context.reason,
      };
    }),
    requestSlot: enqueueActions(({ context, enqueue }) => {
      if (mayHaveTwin(context)) return;
      const { author, work = 'normal' } = context.inbound;
      enqueue.emit({
        type: 'slot.requested',
        message: runOf(context.inbound),
        author: author.id,
        work,
        place: placeName(context.inbound),
      });
    }),
    markAside: assign({ isAside: true }),
    tellAside: emit(({ context }) => ({ type: 'message.setAside' as const, message: runOf(context.inbound) })),
    endTwinWait: assign({ isAlone: true }),
    learnMention: assign({ inbound: ({ context, event }) => mentioned(context.inbound, heard(event, 'mention.told')) }),
    tellOverdue: emit(({ context }) => ({ type: 'handler.overdue' as const, message: runOf(context.inbound) })),
    releaseSlot: emit(({ context }) => ({ type: 'slot.released' as const, message: runOf(context.inbound) })),
    runHandler: emit(({ context }) => ({
      type: 'handler.run' as const,
      message: context.inbound,
      receivedAt: context.receivedAt,
      runId: runOf(context.inbound),
      attempt: context.runs,
    })),
    requestDeliveries: emit(({ context, event }) => ({
      type: 'deliveries.requested' as const,
      message: context.inbound,
      receivedAt: context.receivedAt,
      replies: (context as Fresh).fresh ?? [],
      operator: said(event, 'operator') ?? false,
    })),
    endAnswered: emit(({ context }) => ending(context, 'answered')),
    endSilent: emit(({ context }) => ending(context, 'silent')),
    endRefused: emit(({ context }) => ending(context, 'refused')),
    endDead: emit(({ context }) => ending(context, 'deadLettered')),
    endUncertain: emit(({ context }) => ending(context, 'uncertain')),
    notifyDead: emit(({ context }) => notice(context, 'deadLetter')),
    notifyError: emit(({ context }) => notice(context, 'error')),
  },
  delays: {
    handlerMs: ({ context }) => context.inbound.timeoutMs ?? context.options.timeoutMs,
    rerunMs: ({ context }) => context.options.rerunMs,
    twinMs: ({ context }) => context.options.twinMs,
  },
});

/** Refusals of which the writer is not told. */
const UNTOLD: readonly Denied['reason'][] = ['muted', 'busyAgain', 'unlinked'];

type Fresh = MessageContext & { readonly fresh?: readonly RequestedReply[] };

export const emptyContext: MessageContext & { fresh: readonly RequestedReply[] } = {
  inbound: {
    id: '',
    place: { kind: 'guild', guildId: '', channelId: '' },
    author: { id: '', username: '', bot: false, roles: [] },
    content: '',
    mentionsBot: false,
  },
  options: defaultOptions.handlers,
  locale: 'en',
  receivedAt: 0,
  runs: 0,
  ordinals: [],
  fresh: [],
  ended: 0,
  refused: false,
  dead: null,
  uncertain: false,
  reason: null,
};

function mayHaveTwin({ inbound, options, isAlone }: MessageContext): boolean {
  return (
    inbound.place.kind === 'group' &&
    !inbound.mentionsBot &&
    inbound.retry === undefined &&
    isAlone !== true &&
    (options.twinMs ?? 0) > 0
  );
}

/** It is what the copy that mentions the bot says, its command too. */
function mentioned(
  { work: _work, timeoutMs: _timeoutMs, ...inbound }: InboundMessage,
  { content, work, timeoutMs }: MentionTold,
): InboundMessage {
  return {
    ...inbound,
    mentionsBot: true,
    content,
    ...(work === undefined ? {} : { work }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function isOver(context: MessageContext): boolean {
  return context.ended >= context.ordinals.length;
}

function freshReplies(context: MessageContext, replies: readonly RequestedReply[]): readonly RequestedReply[] {
  return replies.filter((reply) => !context.ordinals.includes(reply.ordinal));
}

function noticeFor(context: MessageContext, event: MessageEvent): Form {
  return { text: noticeText(context, event), embed: false };
}

function noticeText({ locale, inbound }: MessageContext, event: MessageEvent): string {
  if (event.type !== 'slot.denied') return failureText(locale, inbound.id);
  return event.reason === 'flooded' ? floodText(locale) : busyText(locale);
}

function reasonOf(event: MessageEvent): string {
  if (event.type === 'handler.failed') return `${event.reason}: ${event.error}`;
  return event.type === 'effect.failed' ? `${event.type}: ${event.error}` : 'handler timed out';
}

/** Names one handling of a message; `~2` is the second time that an operator had it handled again. */
export function runOf({ id, retry }: Pick<InboundMessage, 'id' | 'retry'>): string {
  return retry === undefined ? id : `${id}~${retry}`;
}

function ending({ inbound, reason, isAside }: MessageContext, verdict: Verdict): Signal {
  const { id: message, retry } = inbound;
  return {
    type: 'message.ended',
    message,
    ...(retry === undefined ? {} : { retry }),
    verdict,
    reason,
    ...(isAside ? { aside: true as const } : {}),
    place: placeName(inbound),
  };
}

/** Where it was written, in one word. */
export function placeName({ place: { kind, channelId } }: Pick<InboundMessage, 'place'>): string {
  return `${kind}:${channelId}`;
}

function notice(context: MessageContext, event: 'deadLetter' | 'error'): EffectRequest {
  return { type: 'module.notify', event, message: context.inbound.id, reason: context.reason };
}
