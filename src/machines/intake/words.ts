import { assign, emit, enqueueActions, setup } from 'xstate';
import { chunked, firstOf, flattened, pushed, shifted, without } from '../kit/chunks.js';
import { heard } from '../kit/heard.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf, MessageFact } from '../vocabulary/facts/facts.js';
import type { Signal } from '../vocabulary/signals.js';
import { endedOne, hasEased, isCrowded, isOverfilled } from './ahead.js';
import { isOverLimit, isTold, withCommand } from './commandLimit.js';
import { concurrencyOf, hasRoom, type IntakeContext, type IntakeInput, judged, withOptions } from './context.js';
import { joined, left } from './crowd.js';
import { type DeadLetter, deadLettersOf, withLetter, withoutLetter } from './deadLetters.js';

/**
 * The desk at the door: how many handlers run at once, who waits for one, and the account of all messages: received =
 * answered + silent + refused + deadLettered + uncertain + in hand. It reads no more than it ends. Rules: I1 to I37
 * (docs/SPEC.md).
 */
type IntakeEvent = (
  | MessageFact
  | FactOf<'run.started'>
  | Retried
  | Extract<
      Signal,
      {
        type:
          | 'slot.requested'
          | 'slot.released'
          | 'slot.cancelled'
          | 'message.ended'
          | 'message.setAside'
          | 'drain.started'
          | 'load.reduced'
          | 'load.restored'
          | 'gateway.readied'
          | 'gateway.lost';
      }
    >
  | FactOf<'memory.tightened' | 'memory.eased'>
) &
  Stamp;

export const intakeEventTypes = [
  'message.received',
  'message.duplicated',
  'run.started',
  'slot.requested',
  'slot.released',
  'slot.cancelled',
  'message.ended',
  'message.setAside',
  'drain.started',
  'load.reduced',
  'load.restored',
  'operator.retried',
  'gateway.readied',
  'gateway.lost',
  'memory.tightened',
  'memory.eased',
] as const satisfies readonly IntakeEvent['type'][];

/** `deadline`: the end of the reply window. */
type Retried = FactOf<'operator.retried'> & { readonly deadline: number };
type Requested = Extract<Signal, { type: 'slot.requested' }>;

export const intakeSetup = setup({
  types: {} as {
    context: IntakeContext;
    input: IntakeInput;
    events: IntakeEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isOverfilled: ({ context }) => isOverfilled(context),
    isMuted: (args) => isFlood(args) && isTold(args.context.usage, heard(args.event, 'slot.requested').author),
    isFlood: (args) => isFlood(args),
    isHeldBack: ({ context, event }) =>
      context.isReduced && heard(event, 'slot.requested').work === 'low' && hasRoom(context),
    hasSlot: ({ context }) => context.handling < concurrencyOf(context),
    hasRoom: ({ context }) => hasRoom(context),
    isOverfull: ({ context }) => context.handling > concurrencyOf(context),
    isWaitedFor: ({ context }) => context.waiting.length > 0,
    isStillFull: ({ context }) => context.isStillFull === true,
    isCrowded: ({ context, event }) => isCrowded(context, concurrencyOf(context), event.at),
    hasEased: ({ context, event }) => hasEased(context, concurrencyOf(context), event.at),
    isToldOfLate: ({ context, event }) =>
      context.told.some(
        ({ author, at }) => author === heard(event, 'slot.requested').author && event.at - at < TOLD_MS,
      ),
    isUnknown: ({ context, event }) => letterOf(context, heard(event, 'operator.retried')) === undefined,
    isTooLate: ({ event }) => event.at >= heard(event, 'operator.retried').deadline,
    isTooOften: ({ context, event }) =>
      (letterOf(context, heard(event, 'operator.retried'))?.retries ?? 0) >= RETRIES_MAX,
    isEmpty: ({ context }) => context.inHand === 0,
    isLast: ({ context }) => context.inHand <= 1,
  },
  actions: {
    takeSlot: assign(({ context, event }) => ({
      ...usageWith(context, heard(event, 'slot.requested')),
      ...takenIn(context, event),
      handling: context.handling + 1,
      granted: heard(event, 'slot.requested').message,
    })),
    wait: assign(({ context, event }) => ({
      ...takenIn(context, event),
      waiting: pushed(chunked(context.waiting), heard(event, 'slot.requested').message),
    })),
    hold: assign(({ context, event }) => ({
      ...takenIn(context, event),
      held: [...context.held, heard(event, 'slot.requested').message],
    })),
    countFlood: assign(({ context, event }) => ({
      usage: withCommand(context.usage, heard(event, 'slot.requested').author, event.at, context.commands, true),
    })),
    reduce: assign({ isReduced: true }),
    takeIn: assign(({ context, event }) => takenIn(context, event)),
    passSlot: assign(({ context }) => {
      const waiting = chunked(context.waiting);
      return { granted: firstOf(waiting) as string, waiting: shifted(waiting) };
    }),
    rememberTold: assign(({ context, event }) => {
      const { author, at } = heard(event, 'slot.requested');
      return {
        told: [...context.told.filter((one) => at - one.at < TOLD_MS && one.author !== author), { author, at }].slice(
          -TOLD_MAX,
        ),
      };
    }),
    noteFull: assign({ isStillFull: false }),
    link: assign({ isLinked: true }),
    unlink: assign({ isLinked: false }),
    tighten: assign({ isTight: true }),
    ease: assign({ isTight: false }),
    leaveLine: assign(({ context, event }) => {
      const { message } = heard(event, 'slot.cancelled');
      return { waiting: without(chunked(context.waiting), message), held: context.held.filter((id) => id !== message) };
    }),
    setAside: assign(({ context }) => ({ aside: context.aside + 1 })),
    freeSlot: assign(({ context }) => ({ handling: context.handling - 1 })),
    countDuplicate: assign(({ context }) => ({ duplicates: context.duplicates + 1 })),
    countBot: assign(({ context }) => ({
      received: context.received + 1,
      ended: { ...context.ended, refused: context.ended.refused + 1 },
    })),
    countEnding: assign(({ context, event }) => {
      const { verdict, message, reason, retry, aside, place } = heard(event, 'message.ended');
      const ended = { ...context.ended, [verdict]: context.ended[verdict] + 1 };
      const lately = endedOne(context, event.at);
      const crowd = left(context.crowd, place);
      const counted = {
        inHand: context.inHand - 1,
        crowd,
        aside: context.aside - (aside ? 1 : 0),
        ended,
        lately,
        ...judged(context, heard(event, 'message.ended')),
      };
      if (verdict !== 'deadLettered') return counted;
      const letter = {
        message,
        reason: reason ?? 'unknown',
        at: event.at,
        ...(retry === undefined ? {} : { retries: retry }),
      };
      return { ...counted, deadLetters: withLetter(context, letter) };
    }),
    // It counts as received anew, when it asks for a slot.
    takeBack: assign(({ context, event }) => ({
      received: context.received - 1,
      ended: { ...context.ended, deadLettered: context.ended.deadLettered - 1 },
      deadLetters: withoutLetter(context, letterOf(context, heard(event, 'operator.retried'))),
    })),
    beginLife: assign(({ event }) => {
      // The memory of a dead process is free.
      return { ...withOptions(heard(event, 'run.started').options), isTight: false, isLinked: false };
    }),
    handAgain: emit(({ context, event }) => {
      const { message, receivedAt } = heard(event, 'operator.retried');
      return {
        type: 'message.retried' as const,
        message: { ...message, retry: (letterOf(context, heard(event, 'operator.retried'))?.retries ?? 0) + 1 },
        receivedAt,
      };
    }),
    grant: emit(({ context }) => ({ type: 'slot.granted' as const, message: context.granted })),
    // The low work goes behind what waits, and as many start as half the slots have become free.
    restore: enqueueActions(({ context, enqueue }) => {
      const line = [...flattened(chunked(context.waiting)), ...context.held];
      const free = Math.max(0, context.options.concurrencyMax - context.handling);
      for (const message of line.slice(0, free)) enqueue.emit({ type: 'slot.granted', message });
      const handling = context.handling + Math.min(free, line.length);
      enqueue.assign({ isReduced: false, held: [], waiting: chunked(line.slice(free)), handling });
    }),
    deny: emit(({ event }) => denial(event, 'busy')),
    denyAgain: emit(({ event }) => denial(event, 'busyAgain')),
    denyUnlinked: emit(({ event }) => denial(event, 'unlinked')),
    denyFlood: emit(({ event }) => denial(event, 'flooded')),
    denyMuted: emit(({ event }) => denial(event, 'muted')),
    pauseSources: emit({ type: 'sources.pause' }),
    resumeSources: emit({ type: 'sources.resume' }),
    tellPaused: emit({ type: 'sources.paused' }),
    tellResumed: emit({ type: 'sources.resumed' }),
    announceDrained: emit({ type: 'intake.drained' }),
  },
});

/** How often a dead letter may be handled again. */
export const RETRIES_MAX = 9;

/** The writer of a refused message is told that the bot is busy once in so long; so many writers are remembered. */
export const TOLD_MS = 60_000;
export const TOLD_MAX = 100;

/** One more that is received and in hand, of its place. */
function takenIn({ received, inHand, crowd }: IntakeContext, event: IntakeEvent): Partial<IntakeContext> {
  return { received: received + 1, inHand: inHand + 1, crowd: joined(crowd, heard(event, 'slot.requested').place) };
}

type Denied = Extract<Signal, { type: 'slot.denied' }>;
function denial(event: IntakeEvent, reason: Denied['reason']): Denied {
  return { type: 'slot.denied', message: heard(event, 'slot.requested').message, reason };
}

function letterOf(context: IntakeContext, { message }: Retried): DeadLetter | undefined {
  return deadLettersOf(context).find((letter) => letter.message === message.id);
}

function isFlood({ context, event }: { context: IntakeContext; event: IntakeEvent }): boolean {
  const { work, author } = heard(event, 'slot.requested');
  return work === 'command' && isOverLimit(context.usage, author, event.at, context.commands);
}

function usageWith(context: IntakeContext, { work, author, at }: Requested & Stamp): Partial<IntakeContext> {
  return work === 'command' ? { usage: withCommand(context.usage, author, at, context.commands, false) } : {};
}
