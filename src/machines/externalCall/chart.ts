import { assign, emit, setup } from 'xstate';
import { heard } from '../kit/heard.js';
import type { ExternalRefusal, Permit, Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { ExternalFact } from '../vocabulary/facts/checkFacts.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';

/**
 * One call of a foreign API by a handler: refused at once while the feature is off or its breaker open, else made under
 * a permit of that breaker. It refuses to know what the call does. Rules: X1 to X13 (docs/SPEC.md).
 */
export interface ExternalCallInput {
  readonly id: string;
  /** The handler's run (its effect), and the call's place in it. */
  readonly run: string;
  readonly ordinal: number;
  readonly breaker: string;
  readonly isFeatureOn: boolean;
  readonly isBreakerOpen: boolean;
  readonly timeoutMs: number;
  readonly permitMs: number;
  readonly at: number;
}
export interface ExternalCallContext extends Omit<ExternalCallInput, 'at'> {
  readonly deadline: number;
  readonly permit: Permit | null;
  readonly refusal: ExternalRefusal | null;
  readonly reason: string | null;
}
type ExternalCallEvent = (
  | Extract<ExternalFact, { type: 'external.succeeded' | 'external.failed' }>
  | FactOf<'effect.interrupted'>
  | FactOf<'effect.failed'>
  | { readonly type: 'run.ended' }
  | Extract<Signal, { type: 'permit.granted' | 'permit.denied' }>
) &
  Stamp;

export const externalCallEventTypes = [
  'permit.granted',
  'permit.denied',
  'external.succeeded',
  'external.failed',
  'effect.interrupted',
  'effect.failed',
  'run.ended',
] as const satisfies readonly ExternalCallEvent['type'][];

/** The adapter ends a call by itself; this is only for one that never comes back. */
const GRACE_MS = 5_000;

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ externalCalls }: BotOptions): Pick<ExternalCallContext, 'permitMs'> => ({
  permitMs: externalCalls.permitMs,
});

const externalCallSetup = setup({
  types: {} as {
    context: ExternalCallContext;
    input: ExternalCallInput;
    events: ExternalCallEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isFeatureOff: ({ context }) => !context.isFeatureOn,
    isBreakerOpen: ({ context }) => context.isBreakerOpen,
  },
  actions: {
    blameFeature: assign({ refusal: 'featureOff', reason: 'featureOff' }),
    blameBreaker: assign({ refusal: 'breakerOpen', reason: 'breakerOpen' }),
    blameCrowd: assign({ refusal: 'tooMany', reason: 'tooMany' }),
    takePermit: assign({ permit: ({ event }) => heard(event, 'permit.granted').permit }),
    rememberReason: assign({ reason: ({ event }) => event.type }),
    requestPermit: emit(({ context }) => ({
      type: 'permit.requested' as const,
      delivery: context.id,
      deadline: context.deadline,
      operator: false,
      breaker: context.breaker,
    })),
    runCall: emit(({ context }) => ({
      type: 'external.run' as const,
      call: context.id,
      run: context.run,
      ordinal: context.ordinal,
      breaker: context.breaker,
      permit: context.permit as Permit,
      timeoutMs: context.timeoutMs,
    })),
    refuse: emit(({ context }) => ({
      type: 'external.refuse' as const,
      call: context.id,
      run: context.run,
      ordinal: context.ordinal,
      reason: context.refusal ?? 'breakerOpen',
    })),
  },
  delays: {
    permitMs: ({ context }) => context.permitMs,
    callMs: ({ context }) => context.timeoutMs + GRACE_MS,
  },
});

// biome-ignore format: one transition a row
export const externalCallMachine = externalCallSetup.createMachine({
  id: 'externalCall',
  context: ({ input }) => bornContext(input),
  initial: { target: 'asking', description: 'X1 a handler wants to call a foreign API' },
  states: {
    asking: {
      always: [
        { guard: 'isFeatureOff', target: 'refused', actions: 'blameFeature',
          description: 'X2 external calls are switched off: refused at once' },
        { guard: 'isBreakerOpen', target: 'refused', actions: 'blameBreaker',
          description: 'X3 the breaker of this API is open: refused at once' },
        { target: 'awaitingPermit', description: 'X4 ask the breaker' },
      ],
    },
    awaitingPermit: {
      entry: 'requestPermit',
      on: {
        'permit.granted': { target: 'calling', actions: 'takePermit', description: 'X5 a permit: call' },
        'permit.denied': { target: 'refused', actions: 'blameCrowd', description: 'X6 too many wait for this API' },
        'run.ended': { target: 'withdrawn', description: 'X13 its handler has ended: nobody waits for it' },
      },
      after: { permitMs: { target: 'refused', actions: 'blameBreaker', description: 'X7 no permit in time: refused' } },
    },
    calling: {
      entry: 'runCall',
      on: {
        'external.succeeded': { target: 'succeeded', description: 'X8 it went well' },
        'external.failed': { target: 'failed', actions: 'rememberReason', description: 'X9 it failed' },
        'effect.interrupted': { target: 'failed', actions: 'rememberReason',
          description: 'X10 it died with its process; the handler runs again' },
        'effect.failed': { target: 'failed', actions: 'rememberReason',
          description: 'X11 the adapter failed: our defect' },
      },
      after: { callMs: { target: 'failed', description: 'X12 it never came back' } },
    },
    succeeded: { type: 'final' },
    failed: { type: 'final' },
    refused: { type: 'final', entry: 'refuse' },
    withdrawn: { type: 'final' },
  },
});

const emptyContext: Omit<ExternalCallContext, 'deadline' | 'permit' | 'refusal' | 'reason'> = {
  id: '',
  run: '',
  ordinal: 0,
  breaker: '',
  isFeatureOn: true,
  isBreakerOpen: false,
  timeoutMs: defaultOptions.externalCalls.timeoutMs,
  permitMs: defaultOptions.externalCalls.permitMs,
};

function bornContext(input: ExternalCallInput): ExternalCallContext {
  const deadline = input.at + input.permitMs;
  return { ...emptyContext, ...callOf(input), deadline, permit: null, refusal: null, reason: null };
}

function callOf({
  id,
  run,
  ordinal,
  breaker,
  isFeatureOn,
  isBreakerOpen,
  timeoutMs,
  permitMs,
}: ExternalCallInput): Omit<ExternalCallInput, 'at'> {
  return { id, run, ordinal, breaker, isFeatureOn, isBreakerOpen, timeoutMs, permitMs };
}
