import { assign, emit, setup } from 'xstate';
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
  type Failed,
  featureOf,
  isKeyed,
  keyOf,
  LINKS_REFUSED,
  newContext,
  nextPart,
  PICTURE_FAILED,
  reasonOf,
  seqOf,
  shortened,
  TEXT_TOO_LONG,
} from './deliveryContext.js';
import type { CallFact, EffectRequest, Feature, Permit, Signal } from './facts.js';
import { EMBED_TOO_LONG } from './featureContext.js';
import { randomFrom } from './randomness.js';
import { refOf } from './replies.js';
import { domainsIn, wordsOf } from './replyText.js';

/**
 * One reply until it is delivered or dead: its place in the lane, its permit, its attempts, and the ladder of forms.
 * Attempts and pauses only delay; what ends it is the reply window or a refusal for good.
 * It refuses to know whether the API is well: the breaker does. Rules: D1 to D34 (docs/SPEC.md).
 */
export type { DeliveryContext, DeliveryInput };

export const deliveryEventTypes = ['turn.granted', 'turn.denied', 'permit.granted', 'permit.denied', 'call.succeeded', 'call.failed', 'effect.interrupted', 'effect.failed', 'audit.ended', 'signal.undeliverable'] as const satisfies readonly DeliveryEvent['type'][];

/** The least pause after "too fast": a Retry-After of 0 must not become a loop. */
const THROTTLE_MIN_MS = 1_000;

const codeIsIn = (codes: readonly unknown[], event: DeliveryEvent): boolean => codes.includes((event as Failed).code);
const classIs =
  (...classes: readonly string[]) =>
  ({ event }: { event: DeliveryEvent }): boolean =>
    classes.includes((event as Failed).class);

export const deliveryMachine = setup({
  types: {} as {
    context: DeliveryContext;
    input: DeliveryInput;
    events: DeliveryEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isWaiting: ({ context }) => !context.isOut,
    isUnderAudit: ({ event }) => (event as Extract<CallFact, { type: 'call.succeeded' }>).class === 'underAudit',
    hasMoreParts: ({ context }) => context.part !== null && context.part.number < context.part.of,
    isPassed: ({ event }) => (event as Extract<Signal, { type: 'audit.ended' }>).passed,
    hasLinks: ({ context, event }) => codeIsIn(LINKS_REFUSED, event) && !context.without.includes('links'),
    callsEveryone: ({ context, event }) => codeIsIn(EVERYONE_REFUSED, event) && !context.without.includes('everyone'),
    isTooLong: ({ context, event }) => codeIsIn(TEXT_TOO_LONG, event) && canShorten(context),
    isPictureStuck: ({ context, event }) => context.rung === 'image' && codeIsIn(PICTURE_FAILED, event) && (context.attempt > 1 || ['throttled', 'local'].includes((event as Failed).class)),
    isKeyed: ({ context, event }) => isKeyed(context) && event.at < context.deadline,
    isRefusedForGood: classIs('rejectedTarget', 'fatal', 'local'),
    hasNextRung: ({ context, event }) => (event as Failed).class === 'rejectedForm' && context.rung !== 'text',
    isFormless: classIs('rejectedForm'),
    isThrottled: classIs('throttled'),
    isCutOff: ({ context, event }) => (event as Failed).class === 'ambiguous' && !isKeyed(context) && context.options.delivery.uncertainReplies === 'atMostOnce',
    isAtMostOnce: ({ context }) => context.options.delivery.uncertainReplies === 'atMostOnce',
    isTooLate: ({ context, event }) => event.at >= context.deadline,
    isTooLateUnseen: ({ context, event }) => event.at >= context.deadline && (context.uncertain || (event as Failed).class === 'ambiguous'),
    isBreakerOpen: ({ event }) => (event as Failed).breakerOpen,
    hasRetries: ({ context }) => context.attempt <= context.options.retry.retriesMax,
  },
  actions: {
    takePermit: assign(({ context, event }) => {
      const { permit, breaker, probe, off = [] } = event as Extract<Signal, { type: 'permit.granted' }> & { off?: readonly Feature[] };
      const late = event.at - context.receivedAt > context.options.delivery.lateMs;
      const rung = bestRung(context, off);
      return { permit, breaker, probe, isOut: true, startedAt: event.at, late, attempt: context.attempt + 1, rung, part: nextPart(context, rung, late) };
    }),
    dropPermit: assign({ permit: null, isOut: false }),
    keepOut: assign({ permit: null, isOut: true, auditId: ({ event }) => (event as Extract<CallFact, { type: 'call.succeeded' }>).auditId ?? null }),
    takeNextPart: assign(({ context }) => ({ ...afterPart(context), startedAt: null })),
    leaveOutLinks: assign(({ context }) => ({ without: [...context.without, 'links' as const], turns: context.turns + 1 })),
    leaveOutEveryone: assign(({ context }) => ({ without: [...context.without, 'everyone' as const], turns: context.turns + 1 })),
    shorten: assign(({ context }) => shortened(context)),
    rememberAudit: assign({ reason: 'refused by the audit' }),
    rememberReason: assign({ reason: ({ event }) => reasonOf(event) }),
    expire: assign({ reason: 'reply window ended' }),
    clearStart: assign({ startedAt: null, blockedMs: null }),
    markUncertain: assign({ uncertain: true }),
    markIfAmbiguous: assign({
      uncertain: ({ context, event }) => context.uncertain || (event as Failed).class === 'ambiguous',
    }),
    nextRung: assign({
      turns: ({ context }) => context.turns + 1,
      rungs: ({ context, event }) => {
        const skipLean = (event as Failed).code !== EMBED_TOO_LONG;
        return context.rungs.slice(context.rungs.indexOf(context.rung) + 1).filter((rung) => !(skipLean && rung === 'leanEmbed'));
      },
    }),
    chooseBackOff: assign(({ context, event }) => ({ pauseMs: backOffOf(context, event.id), blockedMs: null })),
    chooseSlowBackOff: assign(({ context, event }) => ({
      pauseMs: Math.round(context.options.retry.slowScheduleMs * (0.5 + randomFrom(event.id) / 2)),
      blockedMs: null,
    })),
    chooseThrottlePause: assign(({ context, event }) => {
      const asked = (event as Failed).retryAfterMs ?? context.options.lane.blockedMs;
      const pauseMs = Math.max(THROTTLE_MIN_MS, Math.min(asked, context.windowMs));
      return { pauseMs, blockedMs: pauseMs, attempt: context.attempt - 1 };
    }),
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
      feature: featureOf[context.rung] ?? 'richEmbeds',
      content: refOf(context.form.text),
      code: (event as Failed).code,
    })),
    tellLinks: emit(({ context }) => ({
      type: 'module.notify' as const,
      event: 'linksRefused' as const,
      message: context.messageId,
      reason: domainsIn(wordsOf(context)).join(', '),
    })),
    returnTurn: emit(({ context }) => ({
      type: 'turn.returned' as const,
      delivery: context.id,
      lane: context.lane,
      key: keyOf(context),
      startedAt: context.startedAt,
      blockedMs: context.blockedMs,
    })),
    requestPermit: emit(({ context }) => ({
      type: 'permit.requested' as const,
      delivery: context.id,
      deadline: context.deadline,
      operator: context.operator,
    })),
    cancelPermit: emit(({ context }) => ({
      type: 'permit.cancelled' as const,
      delivery: context.id,
      breaker: context.breaker ?? '',
      deadline: context.deadline,
    })),
    releasePermit: emit(({ context }) => ({
      type: 'permit.released' as const,
      breaker: context.breaker as string,
      permit: context.permit as Permit,
    })),
    startCall: emit(({ context }) => ({
      type: 'call.start' as const,
      delivery: context.id,
      breaker: context.breaker as string,
      permit: context.permit as Permit,
      probe: context.probe,
      place: context.place,
      msgId: context.messageId,
      ...(context.event === undefined ? {} : { event: context.event }),
      ...(context.index === undefined ? {} : { index: context.index }),
      ...(isKeyed(context) ? { seq: seqOf(context) } : {}),
      ...(context.part === null ? {} : { part: context.part }),
      ...(context.without.length === 0 ? {} : { without: context.without }),
      rung: context.rung,
      form: context.form,
      late: context.late,
      attempt: context.attempt,
      timeoutMs: context.options.timeoutMs,
      ...(context.attempt <= (context.form.rehearsals ?? 0) ? { rehearse: true as const } : {}),
    })),
    endDelivered: emit(({ context }) => ending(context, context.uncertain && !isKeyed(context) ? 'uncertain' : 'delivered')),
    endUncertain: emit(({ context }) => ending(context, 'uncertain')),
    endDead: emit(({ context }) => ending(context, 'deadLettered')),
  },
  delays: {
    windowMs: ({ context }) => context.windowMs,
    backOffMs: ({ context }) => context.pauseMs,
    rungPauseMs: ({ context }) => context.options.delivery.rungPauseMs,
    auditMs: ({ context }) => context.options.delivery.auditMs,
    partPauseMs: ({ context }) => context.options.lane.paceMs,
  },
}).createMachine({
  id: 'delivery',
  context: ({ input }) => newContext(input),
  initial: { target: 'queued', description: 'D1 a delivery first asks its lane for a turn' },
  after: {
    windowMs: { guard: 'isWaiting', target: '.deadLettered', actions: ['expire', 'cancelPermit'], description: 'D20 the reply window has ended: a dead letter, never an active push' },
  },
  states: {
    queued: {
      entry: 'requestTurn',
      on: {
        'turn.granted': { target: 'awaitingPermit', description: 'D2 its turn: ask the breaker' },
        'turn.denied': { target: 'deadLettered', actions: 'rememberReason', description: 'D21 the lane is full' },
      },
    },
    awaitingPermit: {
      entry: 'requestPermit',
      on: {
        'permit.granted': { target: 'sending', actions: 'takePermit', description: 'D3 a permit: send' },
        'permit.denied': { target: 'backingOff', actions: ['rememberReason', 'chooseSlowBackOff'], description: 'D4 no room to wait at the breaker: come again; no attempt spent' },
      },
    },
    sending: {
      entry: 'startCall',
      on: {
        'call.succeeded': [
          { guard: 'hasMoreParts', target: 'continuing', actions: ['dropPermit', 'takeNextPart'], description: 'D26 one part of a long text is there: the next' },
          { guard: 'isUnderAudit', target: 'underAudit', actions: 'keepOut', description: 'D8 accepted, under audit' },
          { target: 'delivered', description: 'D9 delivered' },
        ],
        'call.failed': [
          { guard: 'hasLinks', target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'tellLinks', 'leaveOutLinks'], description: 'D27 refused for its links: without them, and the author is told' },
          { guard: 'callsEveryone', target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'leaveOutEveryone'], description: 'D28 no @everyone left today: without it' },
          { guard: 'isTooLong', target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'shorten'], description: 'D29 too long for QQ: in shorter parts' },
          { guard: 'isPictureStuck', target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'nextRung'], description: 'D30 the picture cannot be had: its link or name instead' },
          { guard: 'isRefusedForGood', target: 'deadLettered', actions: ['dropPermit', 'rememberReason'], description: 'D10 refused for good' },
          { guard: 'hasNextRung', target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'tellRefusal', 'nextRung'], description: 'D11 this form is refused: the next one' },
          { guard: 'isFormless', target: 'deadLettered', actions: ['dropPermit', 'rememberReason'], description: 'D12 the last form is refused' },
          { guard: 'isCutOff', target: 'uncertain', actions: ['dropPermit', 'rememberReason'], description: 'D13 perhaps sent, and at most once is wanted' },
          { guard: 'isTooLateUnseen', target: 'uncertain', actions: ['dropPermit', 'rememberReason'], description: 'D14 perhaps sent, and the window has ended' },
          { guard: 'isTooLate', target: 'deadLettered', actions: ['dropPermit', 'rememberReason'], description: 'D15 failed, and the window has ended' },
          { guard: 'isThrottled', target: 'backingOff', actions: ['dropPermit', 'rememberReason', 'chooseThrottlePause'], description: 'D16 too fast: the lane pauses; no attempt spent' },
          { guard: 'isBreakerOpen', target: 'awaitingPermit', actions: ['dropPermit', 'rememberReason', 'markIfAmbiguous'], description: 'D6 failed and the breaker is open: wait there' },
          { guard: 'hasRetries', target: 'backingOff', actions: ['dropPermit', 'rememberReason', 'markIfAmbiguous', 'chooseBackOff'], description: 'D5 failed: back off and try again' },
          { target: 'backingOff', actions: ['dropPermit', 'rememberReason', 'markIfAmbiguous', 'chooseSlowBackOff'], description: 'D7 out of quick retries: the slow schedule until the window ends' },
        ],
        'effect.interrupted': [
          { guard: 'isKeyed', target: 'awaitingPermit', actions: ['dropPermit', 'rememberReason', 'markUncertain'], description: 'D31 cut off by a kill: again under the same key, QQ keeps one' },
          { guard: 'isAtMostOnce', target: 'uncertain', actions: ['dropPermit', 'rememberReason'], description: 'D17 cut off by a kill, and at most once is wanted' },
          { guard: 'isTooLate', target: 'uncertain', actions: ['dropPermit', 'rememberReason'], description: 'D18 cut off by a kill, and the window has ended' },
          { target: 'awaitingPermit', actions: ['dropPermit', 'rememberReason', 'markUncertain'], description: 'D19 cut off by a kill: send again, counted as uncertain' },
        ],
        'effect.failed': { target: 'deadLettered', actions: ['releasePermit', 'dropPermit', 'rememberReason'], description: 'D22 the adapter failed: our defect' },
      },
    },
    steppingDown: {
      after: { rungPauseMs: { target: 'awaitingPermit', description: 'D23 the pause between two forms is over' } },
    },
    continuing: {
      after: { partPauseMs: { target: 'awaitingPermit', description: 'D32 the pace allows the next part' } },
    },
    backingOff: {
      entry: 'returnTurn',
      exit: 'clearStart',
      after: { backOffMs: { target: 'queued', description: 'D24 try again, from the end of the lane' } },
    },
    underAudit: {
      entry: 'returnTurn',
      on: {
        'audit.ended': [
          { guard: 'isPassed', target: 'delivered', description: 'D33 the audit let it pass' },
          { target: 'deadLettered', actions: 'rememberAudit', description: 'D34 the audit refused it' },
        ],
      },
      after: { auditMs: { target: 'delivered', description: 'D25 no word from the audit: it was accepted' } },
    },
    delivered: { type: 'final', entry: ['returnTurn', 'endDelivered'] },
    uncertain: { type: 'final', entry: ['returnTurn', 'endUncertain'] },
    deadLettered: { type: 'final', entry: ['returnTurn', 'endDead'] },
  },
});
