import { produce } from 'immer';
import { assign, emit, setup } from 'xstate';
import type { EffectRequest, FactOf, MessageFact, Signal, Stamp, Verdict } from './facts.js';
import { type BotOptions, defaultOptions } from './options.js';

/**
 * The desk at the door: how many handlers run at once, who waits for one, and the account of all messages:
 * received = answered + silent + refused + deadLettered + uncertain + in hand. Rules: I1 to I12 (docs/SPEC.md).
 */
export interface IntakeInput {
  readonly options: BotOptions['handlers'];
  readonly deadLettersMax: number;
}
export interface DeadLetter {
  readonly message: string;
  readonly reason: string;
  readonly at: number;
}
export interface IntakeContext {
  readonly options: BotOptions['handlers'];
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
type IntakeEvent = (MessageFact | FactOf<'run.started'> | Extract<Signal, { type: 'slot.requested' | 'slot.released' | 'message.ended' | 'drain.started' | 'signal.undeliverable' }>) & Stamp;

export const intakeEventTypes = ['message.received', 'message.duplicated', 'run.started', 'slot.requested', 'slot.released', 'message.ended', 'drain.started', 'signal.undeliverable'] as const satisfies readonly IntakeEvent['type'][];

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
    hasSlot: ({ context }) => context.handling < context.options.concurrencyMax,
    hasRoom: ({ context }) => context.waiting.length < context.options.queueMax,
    isWaitedFor: ({ context }) => context.waiting.length > 0,
    isEmpty: ({ context }) => context.inHand === 0,
    isLast: ({ context }) => context.inHand <= 1,
  },
  actions: {
    takeSlot: assign(({ context, event }) => ({
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
    takeIn: assign(({ context }) => ({ received: context.received + 1, inHand: context.inHand + 1 })),
    passSlot: assign(({ context }) => ({ granted: context.waiting[0] as string, waiting: context.waiting.slice(1) })),
    freeSlot: assign(({ context }) => ({ handling: context.handling - 1 })),
    countDuplicate: assign(({ context }) => ({ duplicates: context.duplicates + 1 })),
    countBot: assign(({ context }) => ({
      received: context.received + 1,
      ended: { ...context.ended, refused: context.ended.refused + 1 },
    })),
    countEnding: assign(({ context, event }) => {
      const { verdict, message, reason } = event as MessageEnded;
      const ended = { ...context.ended, [verdict]: context.ended[verdict] + 1 };
      if (verdict !== 'deadLettered') return { inHand: context.inHand - 1, ended };
      return {
        inHand: context.inHand - 1,
        ended,
        deadLetters: produce(context.deadLetters, (draft) => {
          draft.push({ message, reason: reason ?? 'unknown', at: event.at });
          if (draft.length > context.deadLettersMax) draft.shift();
        }),
      };
    }),
    beginLife: assign(({ event }) => {
      const { options } = event as FactOf<'run.started'>;
      return { options: options.handlers, deadLettersMax: options.bot.deadLettersMax };
    }),
    grant: emit(({ context }) => ({ type: 'slot.granted' as const, message: context.granted })),
    deny: emit(({ event }) => ({ type: 'slot.denied' as const, message: (event as Requested).message })),
    announceDrained: emit({ type: 'intake.drained' }),
  },
}).createMachine({
  id: 'intake',
  context: ({ input }) => ({ ...emptyContext, options: input.options, deadLettersMax: input.deadLettersMax }),
  initial: { target: 'open', description: 'I1 the desk is open from the start' },
  on: {
    'run.started': { target: '.open', actions: 'beginLife', description: 'I2 a new process life opens the desk; what was in hand still is' },
    'message.received': { actions: 'countBot', description: 'I3 a message by a bot is refused and never handled' },
    'message.duplicated': { actions: 'countDuplicate', description: 'I4 a duplicate is counted, never handled' },
    'slot.requested': [
      { guard: 'hasSlot', actions: ['takeSlot', 'grant'], description: 'I5 a handler slot is free' },
      { guard: 'hasRoom', actions: 'wait', description: 'I6 all slots are taken: wait in line' },
      { actions: ['takeIn', 'deny'], description: 'I7 the line is full: refuse' },
    ],
    'slot.released': [
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
      },
    },
    draining: {
      on: {
        'message.ended': [
          { guard: 'isLast', actions: ['countEnding', 'announceDrained'], description: 'I13 the last message in hand has ended' },
          { actions: 'countEnding', description: 'I14 a message has ended during a drain' },
        ],
      },
    },
  },
});

const emptyContext: IntakeContext = {
  options: defaultOptions.handlers,
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
