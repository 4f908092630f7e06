import { assign, emit, setup } from 'xstate';
import { isFailureClass } from '../kit/callOutcome.js';
import { heard } from '../kit/heard.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import { EMBED_TOO_LONG } from '../vocabulary/replies/forms.js';
import { rungRow } from '../vocabulary/replies/rungs.js';
import { refOf } from '../vocabulary/replies/words.js';
import type { Signal } from '../vocabulary/signals.js';
import { callOf, permitAsk, readingOf, uploadOf } from './calls.js';
import {
  afterPart,
  backOffOf,
  bestRung,
  canShorten,
  type DeliveryContext,
  type DeliveryEvent,
  type DeliveryInput,
  EVERYONE_REFUSED,
  ending,
  isKeyed,
  isReadable,
  keyOf,
  LINKS_REFUSED,
  nextPart,
  READS,
  RESERVED,
  reasonOf,
  shortened,
  TEXT_TOO_LONG,
} from './context.js';
import { barredPause, budgetPause, slowPause, throttlePause } from './pauses.js';
import * as pictures from './pictures.js';
import { domainsIn, wordsOf } from './replyText.js';

export type { DeliveryContext, DeliveryInput };

/**
 * This machine's address is not on the whitelist, or the bot is muted: nothing is wrong with the message, and it may
 * pass.
 */
const BARRED: readonly unknown[] = [11298, 40054002];

/** QQ takes only so many replies to one message. */
const BUDGET_SPENT: readonly unknown[] = [22009];

/**
 * After a lost answer: when the channel is read, how long a permit for that is waited for, how long the reading may
 * take.
 */
const DOUBT_MS = 2_000;
const READING_WAIT_MS = 10_000;

type Settled = Extract<Signal, { type: 'doubt.settled' }>;
const verdictIs =
  (verdict: Settled['verdict']) =>
  ({ event }: { event: DeliveryEvent }): boolean =>
    heard(event, 'doubt.settled').verdict === verdict;

/** Nothing is sent after it. A birth has no event of its own: its input tells when it was. */
function isWindowOver({ context, event }: { context: DeliveryContext; event: DeliveryEvent }): boolean {
  return (event.at ?? context.deadline - context.windowMs) >= context.deadline;
}
/**
 * What the end of its call says of its target, for the lane. Uploads say nothing of it, nor do failures while the
 * breaker is open.
 */
function answeredBy({ breaker }: DeliveryContext, event: DeliveryEvent): { answered?: boolean } {
  if (breaker === pictures.UPLOADS) return {};
  if (event.type === 'call.succeeded') return { answered: true };
  const isItsOwn = event.type === 'call.failed' && isFailureClass(event.class) && !event.upload && !event.breakerOpen;
  return isItsOwn ? { answered: false } : {};
}
/** Nobody holds back who comes by the reserved breaker: it comes again by its own pauses. */
const isByReserved = ({ breaker }: DeliveryContext): boolean => breaker === RESERVED;
const isPictureMissing = ({ context, event }: { context: DeliveryContext; event: DeliveryEvent }): boolean =>
  context.rung === 'image' && heard(event, 'call.failed').upload === true;
const hasMoreParts = ({ part }: DeliveryContext): boolean => part !== null && part.number < part.of;

const codeIsIn = (codes: readonly unknown[], event: DeliveryEvent): boolean =>
  codes.includes(heard(event, 'call.failed').code);
const classIs =
  (...classes: readonly string[]) =>
  ({ event }: { event: DeliveryEvent }): boolean =>
    classes.includes(heard(event, 'call.failed').class);

/** Guards, actions and delays of `deliveryMachine`. */
export const deliverySetup = setup({
  types: {} as {
    context: DeliveryContext;
    input: DeliveryInput;
    events: DeliveryEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isWaiting: ({ context }) => !context.isOut,
    isUnderAudit: ({ event }) => heard(event, 'call.succeeded').class === 'underAudit',
    hasMoreParts: ({ context }) => hasMoreParts(context),
    hasMorePartsTooLate: (args) => hasMoreParts(args.context) && isWindowOver(args),
    isPassed: ({ event }) => heard(event, 'audit.ended').passed,
    hasLinks: ({ context, event }) => codeIsIn(LINKS_REFUSED, event) && !context.without.includes('links'),
    callsEveryone: ({ context, event }) => codeIsIn(EVERYONE_REFUSED, event) && !context.without.includes('everyone'),
    isTooLong: ({ context, event }) => codeIsIn(TEXT_TOO_LONG, event) && canShorten(context),
    isPictureStuck: ({ context, event }) =>
      context.rung === 'image' &&
      codeIsIn(pictures.PICTURE_FAILED, event) &&
      (context.attempt > 1 || ['throttled', 'local'].includes(heard(event, 'call.failed').class)),
    isReadable: ({ context, event }) => isReadable(context) && event.at < context.deadline,
    isDoubtful: ({ context, event }) =>
      heard(event, 'call.failed').class === 'ambiguous' && isReadable(context) && event.at < context.deadline,
    isToReadAgain: ({ context, event }) =>
      heard(event, 'doubt.settled').verdict === 'again' && event.at < context.deadline,
    isThere: verdictIs('there'),
    isThereInPart: ({ context, event }) => heard(event, 'doubt.settled').verdict === 'there' && hasMoreParts(context),
    isThereInPartTooLate: (args) =>
      heard(args.event, 'doubt.settled').verdict === 'there' && hasMoreParts(args.context) && isWindowOver(args),
    isAbsent: verdictIs('absent'),
    isAbsentTooLate: (args) => heard(args.event, 'doubt.settled').verdict === 'absent' && isWindowOver(args),
    isKeyed: ({ context, event }) => isKeyed(context) && event.at < context.deadline,
    // Lives that did not know the pause let such a reply die at once.
    isBarred: ({ context, event }) =>
      codeIsIn(BARRED, event) && (context.options.delivery.barredMs ?? 0) > 0 && event.at < context.deadline,
    isRefusedForGood: classIs('rejectedTarget', 'fatal', 'local'),
    hasNextRung: ({ context, event }) =>
      heard(event, 'call.failed').class === 'rejectedForm' && context.rung !== 'text',
    isFormless: classIs('rejectedForm'),
    isPictureSpent: (args) => isPictureMissing(args) && pictures.isSpent(args.context),
    isPictureMissing: (args) => isPictureMissing(args),
    areUploadsSpent: ({ context }) => pictures.isSpent(context),
    isPictureGivenUp: ({ context, event }) => pictures.isGivenUp(context, heard(event, 'call.failed')),
    isTokenRefused: ({ context, event }) => heard(event, 'call.failed').class === 'auth' && !isByReserved(context),
    isBudgetSpent: ({ event }) => codeIsIn(BUDGET_SPENT, event),
    isThrottled: classIs('throttled'),
    isCutOff: ({ context, event }) =>
      heard(event, 'call.failed').class === 'ambiguous' &&
      !isKeyed(context) &&
      context.options.delivery.uncertainReplies === 'atMostOnce',
    isAtMostOnce: ({ context }) => context.options.delivery.uncertainReplies === 'atMostOnce',
    isWindowOver: (args) => isWindowOver(args),
    isTooLateUnseen: ({ context, event }) =>
      event.at >= context.deadline && (context.uncertain || heard(event, 'call.failed').class === 'ambiguous'),
    isBreakerOpen: ({ context, event }) => heard(event, 'call.failed').breakerOpen && !isByReserved(context),
    hasRetries: ({ context }) => context.attempt <= context.options.retry.retriesMax,
  },
  actions: {
    takePermit: assign(({ context, event }) => {
      const { permit, breaker, probe, off = [] } = heard(event, 'permit.granted');
      const late = event.at - context.receivedAt > context.options.delivery.lateMs;
      const rung = bestRung(context, off);
      return {
        permit,
        breaker,
        probe,
        isOut: true,
        startedAt: event.at,
        late,
        attempt: context.attempt + 1,
        rung,
        part: nextPart(context, rung, late),
      };
    }),
    dropPermit: assign({ permit: null, isOut: false }),
    // The end of the window does not end what may be there already.
    keepDoubt: assign({ permit: null, isOut: true }),
    takeReadingPermit: assign(({ event }) => {
      const { permit, breaker, probe } = heard(event, 'permit.granted');
      return { permit, breaker, probe };
    }),
    takeUploadPermit: assign(({ context, event }) => {
      const { permit, breaker, probe } = heard(event, 'permit.granted');
      return { permit, breaker, probe, uploads: pictures.oneMore(context, event.at) };
    }),
    forgiveUpload: assign({ uploads: ({ context, event }) => pictures.oneLess(context, event.at) }),
    keepOut: assign({
      permit: null,
      isOut: true,
      auditId: ({ event }) => heard(event, 'call.succeeded').auditId ?? null,
    }),
    takeNextPart: assign(({ context }) => afterPart(context)),
    leaveOutLinks: assign(({ context }) => ({
      without: [...context.without, 'links' as const],
      turns: context.turns + 1,
    })),
    leaveOutEveryone: assign(({ context }) => ({
      without: [...context.without, 'everyone' as const],
      turns: context.turns + 1,
    })),
    shorten: assign(({ context }) => shortened(context)),
    rememberAudit: assign({ reason: 'refused by the audit' }),
    rememberReason: assign({ reason: ({ event }) => reasonOf(event) }),
    expire: assign({ reason: 'reply window ended' }),
    clearStart: assign({ startedAt: null, blockedMs: null }),
    markUncertain: assign({ uncertain: true }),
    markIfAmbiguous: assign({
      uncertain: ({ context, event }) => context.uncertain || heard(event, 'call.failed').class === 'ambiguous',
    }),
    chooseBudgetPause: assign(({ context }) => budgetPause(context)),
    takeBudgetPause: assign({ pauseMs: ({ event }) => heard(event, 'budget.spent').pauseMs }),
    tellBudget: emit(({ context }) => ({
      type: 'budget.spent' as const,
      delivery: context.id,
      message: context.message,
      pauseMs: context.pauseMs,
    })),
    spendNoAttempt: assign({ attempt: ({ context }) => context.attempt - 1 }),
    nextRung: assign({
      turns: ({ context }) => context.turns + 1,
      rungs: ({ context, event }) => {
        const skipLean = heard(event, 'call.failed').code !== EMBED_TOO_LONG;
        return context.rungs
          .slice(context.rungs.indexOf(context.rung) + 1)
          .filter((rung) => !(skipLean && rung === 'leanEmbed'));
      },
    }),
    // Under the key that it has: where a call with the picture has arrived after all, QQ takes the text no more.
    leavePicture: assign({ rungs: ({ context }) => context.rungs.slice(context.rungs.indexOf(context.rung) + 1) }),
    chooseBackOff: assign(({ context, event }) => ({ pauseMs: backOffOf(context, event.id), blockedMs: null })),
    chooseUploadPause: assign(({ context, event }) => pictures.pauseOf(context, event.id)),
    chooseSlowBackOff: assign(({ context, event }) => slowPause(context, event.id)),
    chooseBarredPause: assign(({ context, event }) => barredPause(context, event.id)),
    chooseThrottlePause: assign(({ context, event }) =>
      throttlePause(context, heard(event, 'call.failed').retryAfterMs),
    ),
    requestTurn: emit(({ context }) => ({
      type: 'turn.requested' as const,
      delivery: context.id,
      lane: context.lane,
      key: keyOf(context),
      urgent: context.operator,
    })),
    tellRefusal: emit(({ context, event }) => ({
      type: 'form.refused' as const,
      delivery: context.id,
      feature: rungRow(context.rung).feature ?? 'richEmbeds',
      content: refOf(context.form.text),
      code: heard(event, 'call.failed').code,
    })),
    tellLinks: emit(({ context }) => ({
      type: 'module.notify' as const,
      event: 'linksRefused' as const,
      message: context.messageId,
      reason: domainsIn(wordsOf(context)).join(', '),
    })),
    returnTurn: emit(({ context, event }) => ({
      type: 'turn.returned' as const,
      delivery: context.id,
      lane: context.lane,
      key: keyOf(context),
      startedAt: context.startedAt,
      blockedMs: context.blockedMs,
      ...answeredBy(context, event),
    })),
    tellAudit: emit(({ context: { id, message } }) => ({ type: 'audit.awaited' as const, delivery: id, message })),
    requestPermit: emit(({ context }) => permitAsk(context)),
    requestReading: emit(({ context }) => ({ ...permitAsk(context), breaker: READS })),
    requestUpload: emit(({ context }) => ({ ...permitAsk(context), breaker: pictures.UPLOADS, waits: false as const })),
    cancelPermit: emit(({ context }) => ({
      type: 'permit.cancelled' as const,
      delivery: context.id,
      breaker: context.breaker ?? '',
      deadline: context.deadline,
    })),
    declinePermit: emit(({ event }) => {
      const { breaker, permit } = heard(event, 'permit.granted');
      return { type: 'permit.released' as const, breaker, permit };
    }),
    startCall: emit(({ context }) => callOf(context)),
    startReading: emit(({ context }) => readingOf(context)),
    startUpload: emit(({ context }) => uploadOf(context)),
    endDelivered: emit(({ context }) =>
      ending(context, context.uncertain && !isKeyed(context) ? 'uncertain' : 'delivered'),
    ),
    endUncertain: emit(({ context }) => ending(context, 'uncertain')),
    endDead: emit(({ context }) => ending(context, 'deadLettered')),
  },
  delays: {
    windowMs: ({ context }) => context.windowMs,
    backOffMs: ({ context }) => context.pauseMs,
    rungPauseMs: ({ context }) => context.options.delivery.rungPauseMs,
    doubtMs: () => DOUBT_MS,
    readingWaitMs: () => READING_WAIT_MS,
    uploadWaitMs: () => pictures.UPLOAD_WAIT_MS,
    auditMs: ({ context }) => context.options.delivery.auditMs,
    partPauseMs: ({ context }) => context.options.lane.paceMs,
  },
});
