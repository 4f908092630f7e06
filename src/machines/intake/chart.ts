import { assign, emit, enqueueActions, setup } from 'xstate';
import { chunked, firstOf, flattened, pushed, shifted, without } from '../kit/chunks.js';
import { heard } from '../kit/heard.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf, MessageFact } from '../vocabulary/facts/facts.js';
import type { Signal } from '../vocabulary/signals.js';
import { endedOne, hasEased, isCrowded, isOverfilled } from './ahead.js';
import { isOverLimit, isTold, withCommand } from './commandLimit.js';
import { concurrencyOf, emptyContext, hasRoom, type IntakeContext, type IntakeInput, judged, pickInput, withOptions } from './context.js';
import { joined, left } from './crowd.js';
import { type DeadLetter, deadLettersOf, withLetter, withoutLetter } from './deadLetters.js';

/**
 * The desk at the door: how many handlers run at once, who waits for one, and the account of all messages:
 * received = answered + silent + refused + deadLettered + uncertain + in hand. It reads no more than it ends. Rules: I1 to I37 (docs/SPEC.md).
 */
type IntakeEvent = (
  | MessageFact
  | FactOf<'run.started'>
  | Retried
  | Extract<Signal, { type: 'slot.requested' | 'slot.released' | 'slot.cancelled' | 'message.ended' | 'message.setAside' | 'drain.started' | 'load.reduced' | 'load.restored' | 'gateway.readied' | 'gateway.lost' }>
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

export const intakeMachine = setup({
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
    isHeldBack: ({ context, event }) => context.isReduced && heard(event, 'slot.requested').work === 'low' && hasRoom(context),
    hasSlot: ({ context }) => context.handling < concurrencyOf(context),
    hasRoom: ({ context }) => hasRoom(context),
    isOverfull: ({ context }) => context.handling > concurrencyOf(context),
    isWaitedFor: ({ context }) => context.waiting.length > 0,
    isStillFull: ({ context }) => context.isStillFull === true,
    isCrowded: ({ context, event }) => isCrowded(context, concurrencyOf(context), event.at),
    hasEased: ({ context, event }) => hasEased(context, concurrencyOf(context), event.at),
    isToldOfLate: ({ context, event }) => context.told.some(({ author, at }) => author === heard(event, 'slot.requested').author && event.at - at < TOLD_MS),
    isUnknown: ({ context, event }) => letterOf(context, heard(event, 'operator.retried')) === undefined,
    isTooLate: ({ event }) => event.at >= heard(event, 'operator.retried').deadline,
    isTooOften: ({ context, event }) => (letterOf(context, heard(event, 'operator.retried'))?.retries ?? 0) >= RETRIES_MAX,
    isEmpty: ({ context }) => context.inHand === 0,
    isLast: ({ context }) => context.inHand <= 1,
  },
  actions: {
    takeSlot: assign(({ context, event }) => ({
      ...usageWith(context, heard(event, 'slot.requested')),
      handling: context.handling + 1,
      received: context.received + 1,
      inHand: context.inHand + 1,
      crowd: joined(context.crowd, heard(event, 'slot.requested').place),
      granted: heard(event, 'slot.requested').message,
    })),
    wait: assign(({ context, event }) => ({
      received: context.received + 1,
      inHand: context.inHand + 1,
      crowd: joined(context.crowd, heard(event, 'slot.requested').place),
      waiting: pushed(chunked(context.waiting), heard(event, 'slot.requested').message),
    })),
    hold: assign(({ context, event }) => ({
      received: context.received + 1,
      inHand: context.inHand + 1,
      crowd: joined(context.crowd, heard(event, 'slot.requested').place),
      held: [...context.held, heard(event, 'slot.requested').message],
    })),
    countFlood: assign(({ context, event }) => ({ usage: withCommand(context.usage, heard(event, 'slot.requested').author, event.at, context.commands, true) })),
    reduce: assign({ isReduced: true }),
    takeIn: assign(({ context, event }) => ({
      received: context.received + 1,
      inHand: context.inHand + 1,
      crowd: joined(context.crowd, heard(event, 'slot.requested').place),
    })),
    passSlot: assign(({ context }) => {
      const waiting = chunked(context.waiting);
      return { granted: firstOf(waiting) as string, waiting: shifted(waiting) };
    }),
    rememberTold: assign(({ context, event }) => {
      const { author, at } = heard(event, 'slot.requested');
      return { told: [...context.told.filter((one) => at - one.at < TOLD_MS && one.author !== author), { author, at }].slice(-TOLD_MAX) };
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
      const counted = { inHand: context.inHand - 1, crowd, aside: context.aside - (aside ? 1 : 0), ended, lately, ...judged(context, heard(event, 'message.ended')) };
      if (verdict !== 'deadLettered') return counted;
      const letter = { message, reason: reason ?? 'unknown', at: event.at, ...(retry === undefined ? {} : { retries: retry }) };
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
      return { type: 'message.retried' as const, message: { ...message, retry: (letterOf(context, heard(event, 'operator.retried'))?.retries ?? 0) + 1 }, receivedAt };
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
    deny: emit(({ event }) => ({ type: 'slot.denied' as const, message: heard(event, 'slot.requested').message, reason: 'busy' as const })),
    denyAgain: emit(({ event }) => ({ type: 'slot.denied' as const, message: heard(event, 'slot.requested').message, reason: 'busyAgain' as const })),
    denyUnlinked: emit(({ event }) => ({ type: 'slot.denied' as const, message: heard(event, 'slot.requested').message, reason: 'unlinked' as const })),
    denyFlood: emit(({ event }) => ({ type: 'slot.denied' as const, message: heard(event, 'slot.requested').message, reason: 'flooded' as const })),
    denyMuted: emit(({ event }) => ({ type: 'slot.denied' as const, message: heard(event, 'slot.requested').message, reason: 'muted' as const })),
    pauseSources: emit({ type: 'sources.pause' }),
    resumeSources: emit({ type: 'sources.resume' }),
    tellPaused: emit({ type: 'sources.paused' }),
    tellResumed: emit({ type: 'sources.resumed' }),
    announceDrained: emit({ type: 'intake.drained' }),
  },
}).createMachine({
  id: 'intake',
  context: ({ input }) => ({ ...emptyContext, ...pickInput(input) }),
  initial: { target: 'open', description: 'I1 the desk is open from the start' },
  on: {
    'run.started': { target: '.open', actions: ['beginLife', 'restore'], description: 'I2 a new process life opens the desk; what was in hand still is' },
    'message.received': { actions: 'countBot', description: 'I3 a message by a bot is refused and never handled' },
    'message.duplicated': { actions: 'countDuplicate', description: 'I4 a duplicate is counted, never handled' },
    'load.reduced': { actions: 'reduce', description: 'I18 load is reduced: half the handlers at once, low work is held back' },
    'load.restored': { actions: 'restore', description: 'I19 the reduction is over: held work goes on' },
    'slot.requested': [
      { guard: 'isOverfilled', actions: ['takeIn', 'denyUnlinked'], description: 'I37 no gateway session, and as much is in hand as is kept for one: refused in silence' },
      { guard: 'isMuted', actions: ['takeIn', 'countFlood', 'denyMuted'], description: 'I15 too many commands by one user, who has been told: refused in silence' },
      { guard: 'isFlood', actions: ['takeIn', 'countFlood', 'denyFlood'], description: 'I16 too many commands by one user: refused, once' },
      { guard: 'isHeldBack', actions: 'hold', description: 'I17 low work waits while load is reduced' },
      { guard: 'hasSlot', actions: ['takeSlot', 'grant'], description: 'I5 a handler slot is free' },
      { guard: 'hasRoom', actions: 'wait', description: 'I6 all slots are taken: wait in line' },
      { guard: 'isToldOfLate', actions: ['takeIn', 'denyAgain'], description: 'I29 the line is full, and its writer has been told within the minute: refused in silence' },
      { actions: ['takeIn', 'rememberTold', 'deny'], description: 'I7 the line is full: refuse' },
    ],
    'message.ended': { actions: 'countEnding', description: 'I12 a message has ended' },
    'message.setAside': { actions: 'setAside', description: 'I36 a message waits for what only comes by its source: it is no reason to pause that' },
    'drain.started': [
      { guard: 'isEmpty', target: '.draining', actions: 'announceDrained', description: 'I10 a drain with nothing in hand is over at once' },
      { target: '.draining', description: 'I11 a drain waits for what is in hand' },
    ],
    'operator.retried': [
      { guard: 'isUnknown', description: 'I21 not among the dead letters: refused' },
      { guard: 'isTooLate', description: 'I22 its reply window is over: refused, never an active push' },
      { guard: 'isTooOften', description: 'I23 handled again too often: refused' },
      { actions: ['handAgain', 'takeBack'], description: 'I24 a dead letter is handled again, as a run of its own' },
    ],
    'gateway.readied': { actions: 'link', description: 'I32 the gateway session stands: what is in hand can end' },
    'gateway.lost': { actions: 'unlink', description: 'I33 no gateway session: nothing can be sent until it is back, and for that it must be read' },
    'memory.tightened': { actions: 'tighten', description: 'I30 the heap is nearly full: only a few at once' },
    'memory.eased': { actions: 'ease', description: 'I31 there is room in the heap again' },
    'slot.cancelled': { actions: 'leaveLine', description: 'I34 it no longer waits' },
    'slot.released': [
      { guard: 'isOverfull', actions: 'freeSlot', description: 'I20 fewer slots than before: this one is not given on' },
      { guard: 'isWaitedFor', actions: ['passSlot', 'grant'], description: 'I8 the slot goes to the first in line' },
      { actions: 'freeSlot', description: 'I9 the slot is free' },
    ],
  },
  states: {
    open: {
      always: [
        { guard: 'isStillFull', target: 'full', actions: 'noteFull', description: 'I35 born anew, and its sources are paused' },
        { guard: 'isCrowded', target: 'full', actions: ['pauseSources', 'tellPaused'], description: 'I26 in hand is as much as ended lately: nothing more is read' },
      ],
    },
    full: {
      always: { guard: 'hasEased', target: 'open', actions: ['resumeSources', 'tellResumed'], description: 'I27 half of it has ended: reading goes on' },
    },
    draining: {
      on: {
        'drain.started': { description: 'I28 a drain is under way' },
        'message.ended': [
          { guard: 'isLast', actions: ['countEnding', 'announceDrained'], description: 'I13 the last message in hand has ended' },
          { actions: 'countEnding', description: 'I14 a message has ended during a drain' },
        ],
        'operator.retried': { description: 'I25 nothing is taken in during a drain: refused' },
      },
    },
  },
});

/** How often a dead letter may be handled again. */
export const RETRIES_MAX = 9;

/** The writer of a refused message is told that the bot is busy once in so long; so many writers are remembered. */
export const TOLD_MS = 60_000;
export const TOLD_MAX = 100;

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
