import { produce } from 'immer';
import { assign, emit, enqueueActions, setup } from 'xstate';
import { type CallWindow, withCall } from '../kit/callWindow.js';
import type { Stamp, Verdict } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf, MessageFact } from '../vocabulary/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options.js';
import type { Signal } from '../vocabulary/signals.js';
import { isOverLimit, isTold, type Usage, withCommand } from './commandLimit.js';

/**
 * The desk at the door: how many handlers run at once, who waits for one, and the account of all messages:
 * received = answered + silent + refused + deadLettered + uncertain + in hand. Rules: I1 to I25 (docs/SPEC.md).
 */
export interface IntakeInput {
  readonly options: BotOptions['handlers'];
  readonly commands: BotOptions['commands'];
  readonly deadLettersMax: number;
}
export interface DeadLetter {
  readonly message: string;
  readonly reason: string;
  readonly at: number;
  /** How often it has been handled again; left out: never. */
  readonly retries?: number;
}
export interface IntakeContext {
  readonly options: BotOptions['handlers'];
  readonly commands: BotOptions['commands'];
  /** Built-in commands of late, by user. */
  readonly usage: Usage;
  /** Load is reduced: half the handlers at once, and low work waits in `held`. */
  readonly isReduced: boolean;
  readonly held: readonly string[];
  /** Messages that ended in the last `RECENT_MS`, and those of them that went wrong. */
  readonly recent: CallWindow;
  /** The same since the journal began: messages by bots and floods of commands left out. */
  readonly good: number;
  readonly bad: number;
  readonly deadLettersMax: number;
  readonly handling: number;
  readonly waiting: readonly string[];
  readonly inHand: number;
  readonly received: number;
  readonly duplicates: number;
  readonly ended: Readonly<Record<Verdict, number>>;
  /** The newest `deadLettersMax`; older ones are in the journal. */
  readonly deadLetters: readonly DeadLetter[];
  readonly granted: string;
}
type IntakeEvent = (MessageFact | FactOf<'run.started'> | Retried | Extract<Signal, { type: 'slot.requested' | 'slot.released' | 'message.ended' | 'drain.started' | 'load.reduced' | 'load.restored' | 'signal.undeliverable' }>) & Stamp;

export const intakeEventTypes = ['message.received', 'message.duplicated', 'run.started', 'slot.requested', 'slot.released', 'message.ended', 'drain.started', 'load.reduced', 'load.restored', 'operator.retried', 'signal.undeliverable'] as const satisfies readonly IntakeEvent['type'][];

/** `deadline`: the end of the reply window. */
type Retried = FactOf<'operator.retried'> & { readonly deadline: number };
type Requested = Extract<Signal, { type: 'slot.requested' }>;
type MessageEnded = Extract<Signal, { type: 'message.ended' }>;

export const intakeMachine = setup({
  types: {} as {
    context: IntakeContext;
    input: IntakeInput;
    events: IntakeEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isMuted: (args) => isFlood(args) && isTold(args.context.usage, (args.event as Requested).author),
    isFlood: (args) => isFlood(args),
    isHeldBack: ({ context, event }) => context.isReduced && (event as Requested).work === 'low' && hasRoom(context),
    hasSlot: ({ context }) => context.handling < concurrencyOf(context),
    hasRoom: ({ context }) => hasRoom(context),
    isOverfull: ({ context }) => context.handling > concurrencyOf(context),
    isWaitedFor: ({ context }) => context.waiting.length > 0,
    isUnknown: ({ context, event }) => letterOf(context, event as Retried) === undefined,
    isTooLate: ({ event }) => event.at >= (event as Retried).deadline,
    isTooOften: ({ context, event }) => (letterOf(context, event as Retried)?.retries ?? 0) >= RETRIES_MAX,
    isEmpty: ({ context }) => context.inHand === 0,
    isLast: ({ context }) => context.inHand <= 1,
  },
  actions: {
    takeSlot: assign(({ context, event }) => ({
      ...usageWith(context, event as Requested & Stamp),
      handling: context.handling + 1,
      received: context.received + 1,
      inHand: context.inHand + 1,
      granted: (event as Requested).message,
    })),
    wait: assign(({ context, event }) => ({
      received: context.received + 1,
      inHand: context.inHand + 1,
      waiting: [...context.waiting, (event as Requested).message],
    })),
    hold: assign(({ context, event }) => ({
      received: context.received + 1,
      inHand: context.inHand + 1,
      held: [...context.held, (event as Requested).message],
    })),
    countFlood: assign(({ context, event }) => ({ usage: withCommand(context.usage, (event as Requested).author, event.at, context.commands, true) })),
    reduce: assign({ isReduced: true }),
    takeIn: assign(({ context }) => ({ received: context.received + 1, inHand: context.inHand + 1 })),
    passSlot: assign(({ context }) => ({ granted: context.waiting[0] as string, waiting: context.waiting.slice(1) })),
    freeSlot: assign(({ context }) => ({ handling: context.handling - 1 })),
    countDuplicate: assign(({ context }) => ({ duplicates: context.duplicates + 1 })),
    countBot: assign(({ context }) => ({
      received: context.received + 1,
      ended: { ...context.ended, refused: context.ended.refused + 1 },
    })),
    countEnding: assign(({ context, event }) => {
      const { verdict, message, reason, retry } = event as MessageEnded;
      const ended = { ...context.ended, [verdict]: context.ended[verdict] + 1 };
      if (verdict !== 'deadLettered') return { inHand: context.inHand - 1, ended, ...judged(context, event as MessageEnded & Stamp) };
      return {
        inHand: context.inHand - 1,
        ended,
        ...judged(context, event as MessageEnded & Stamp),
        deadLetters: produce(context.deadLetters, (draft) => {
          draft.push({ message, reason: reason ?? 'unknown', at: event.at, ...(retry === undefined ? {} : { retries: retry }) });
          if (draft.length > context.deadLettersMax) draft.shift();
        }),
      };
    }),
    // It counts as received anew, when it asks for a slot.
    takeBack: assign(({ context, event }) => ({
      received: context.received - 1,
      ended: { ...context.ended, deadLettered: context.ended.deadLettered - 1 },
      deadLetters: context.deadLetters.filter((letter) => letter !== letterOf(context, event as Retried)),
    })),
    beginLife: assign(({ event }) => {
      const { options } = event as FactOf<'run.started'>;
      return { options: options.handlers, commands: options.commands, deadLettersMax: options.bot.deadLettersMax };
    }),
    handAgain: emit(({ context, event }) => {
      const { message, receivedAt } = event as Retried;
      return { type: 'message.retried' as const, message: { ...message, retry: (letterOf(context, event as Retried)?.retries ?? 0) + 1 }, receivedAt };
    }),
    grant: emit(({ context }) => ({ type: 'slot.granted' as const, message: context.granted })),
    // The low work goes behind what waits, and as many start as half the slots have become free.
    restore: enqueueActions(({ context, enqueue }) => {
      const line = [...context.waiting, ...context.held];
      const free = Math.max(0, context.options.concurrencyMax - context.handling);
      for (const message of line.slice(0, free)) enqueue.emit({ type: 'slot.granted', message });
      const handling = context.handling + Math.min(free, line.length);
      enqueue.assign({ isReduced: false, held: [], waiting: line.slice(free), handling });
    }),
    deny: emit(({ event }) => ({ type: 'slot.denied' as const, message: (event as Requested).message, reason: 'busy' as const })),
    denyFlood: emit(({ event }) => ({ type: 'slot.denied' as const, message: (event as Requested).message, reason: 'flooded' as const })),
    denyMuted: emit(({ event }) => ({ type: 'slot.denied' as const, message: (event as Requested).message, reason: 'muted' as const })),
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
      { guard: 'isMuted', actions: ['takeIn', 'countFlood', 'denyMuted'], description: 'I15 too many commands by one user, who has been told: refused in silence' },
      { guard: 'isFlood', actions: ['takeIn', 'countFlood', 'denyFlood'], description: 'I16 too many commands by one user: refused, once' },
      { guard: 'isHeldBack', actions: 'hold', description: 'I17 low work waits while load is reduced' },
      { guard: 'hasSlot', actions: ['takeSlot', 'grant'], description: 'I5 a handler slot is free' },
      { guard: 'hasRoom', actions: 'wait', description: 'I6 all slots are taken: wait in line' },
      { actions: ['takeIn', 'deny'], description: 'I7 the line is full: refuse' },
    ],
    'slot.released': [
      { guard: 'isOverfull', actions: 'freeSlot', description: 'I20 fewer slots than before: this one is not given on' },
      { guard: 'isWaitedFor', actions: ['passSlot', 'grant'], description: 'I8 the slot goes to the first in line' },
      { actions: 'freeSlot', description: 'I9 the slot is free' },
    ],
  },
  states: {
    open: {
      on: {
        'drain.started': [
          { guard: 'isEmpty', target: 'draining', actions: 'announceDrained', description: 'I10 a drain with nothing in hand is over at once' },
          { target: 'draining', description: 'I11 a drain waits for what is in hand' },
        ],
        'message.ended': { actions: 'countEnding', description: 'I12 a message has ended' },
        'operator.retried': [
          { guard: 'isUnknown', description: 'I21 not among the dead letters: refused' },
          { guard: 'isTooLate', description: 'I22 its reply window is over: refused, never an active push' },
          { guard: 'isTooOften', description: 'I23 handled again too often: refused' },
          { actions: ['handAgain', 'takeBack'], description: 'I24 a dead letter is handled again, as a run of its own' },
        ],
      },
    },
    draining: {
      on: {
        'message.ended': [
          { guard: 'isLast', actions: ['countEnding', 'announceDrained'], description: 'I13 the last message in hand has ended' },
          { actions: 'countEnding', description: 'I14 a message has ended during a drain' },
        ],
        'operator.retried': { description: 'I25 nothing is taken in during a drain: refused' },
      },
    },
  },
});

const emptyContext: IntakeContext = {
  options: defaultOptions.handlers,
  commands: defaultOptions.commands,
  usage: {},
  isReduced: false,
  held: [],
  recent: [],
  good: 0,
  bad: 0,
  deadLettersMax: defaultOptions.bot.deadLettersMax,
  handling: 0,
  waiting: [],
  inHand: 0,
  received: 0,
  duplicates: 0,
  ended: { answered: 0, silent: 0, refused: 0, deadLettered: 0, uncertain: 0 },
  deadLetters: [],
  granted: '',
};

/** How often a dead letter may be handled again. */
export const RETRIES_MAX = 9;

function letterOf({ deadLetters }: IntakeContext, { message }: Retried): DeadLetter | undefined {
  return deadLetters.find((letter) => letter.message === message.id);
}

/** Length of `recent`. */
export const RECENT_MS = 900_000;

function pickInput({ options, commands, deadLettersMax }: IntakeInput): IntakeInput {
  return { options, commands, deadLettersMax };
}

function concurrencyOf({ isReduced, options }: IntakeContext): number {
  return isReduced ? Math.max(1, Math.floor(options.concurrencyMax / 2)) : options.concurrencyMax;
}

function hasRoom({ waiting, held, options }: IntakeContext): boolean {
  return waiting.length + held.length < options.queueMax;
}

function isFlood({ context, event }: { context: IntakeContext; event: IntakeEvent }): boolean {
  const { work, author } = event as Requested;
  return work === 'command' && isOverLimit(context.usage, author, event.at, context.commands);
}

function usageWith(context: IntakeContext, { work, author, at }: Requested & Stamp): Partial<IntakeContext> {
  return work === 'command' ? { usage: withCommand(context.usage, author, at, context.commands, false) } : {};
}

/** A message went well when its handler did and its replies arrived, or it was silent; floods of commands do not count. */
function judged(context: IntakeContext, { verdict, reason, at }: MessageEnded & Stamp): Partial<IntakeContext> {
  if (verdict === 'refused' && reason !== 'busy') return {};
  const failed = verdict === 'deadLettered' || (reason !== null && verdict !== 'uncertain');
  const recent = withCall(context.recent, { at, windowMs: RECENT_MS, failed, slow: false });
  return failed ? { recent, bad: context.bad + 1 } : { recent, good: context.good + 1 };
}
