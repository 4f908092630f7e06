import { assign, emit, setup } from 'xstate';
import { heard, said } from '../kit/heard.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { CallFact, FactOf } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';

/**
 * An interaction until it is acknowledged: whoever pressed the button sees it spin until then. It does not wait for the
 * breaker or the handler; three seconds are all there are. Rules: N1 to N8 (docs/SPEC.md).
 */
export interface InteractionInput {
  readonly interaction: string;
  readonly options: BotOptions['interactions'];
}
export interface InteractionContext extends InteractionInput {
  readonly tries: number;
  readonly reason: string | null;
}
type InteractionEvent = (CallFact | FactOf<'effect.interrupted'> | FactOf<'effect.failed'>) & Stamp;

export const interactionEventTypes = [
  'call.succeeded',
  'call.failed',
  'effect.interrupted',
  'effect.failed',
] as const satisfies readonly InteractionEvent['type'][];

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ interactions }: BotOptions): Pick<InteractionContext, 'options'> => ({
  options: interactions,
});

const interactionSetup = setup({
  types: {} as {
    context: InteractionContext;
    input: InteractionInput;
    events: InteractionEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    mayPass: ({ event }) => ['transient', 'ambiguous', 'throttled', 'auth'].includes(heard(event, 'call.failed').class),
  },
  actions: {
    acknowledge: emit(({ context }) => ({
      type: 'interaction.acknowledge' as const,
      interaction: context.interaction,
      timeoutMs: context.options.deadlineMs,
    })),
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
    rememberReason: assign({ reason: ({ event }) => reasonOf(event) }),
  },
  delays: {
    deadlineMs: ({ context }) => context.options.deadlineMs,
    retryMs: ({ context }) => context.options.retryMs,
  },
});

// biome-ignore format: one transition a row
export const interactionMachine = interactionSetup.createMachine({
  id: 'interaction',
  context: ({ input }) => ({ ...emptyContext, ...input }),
  initial: { target: 'acknowledging', description: 'N1 an interaction is acknowledged at once, its work comes after' },
  after: {
    deadlineMs: { target: '.missed', description: 'N2 nobody waits for it any more' },
  },
  states: {
    acknowledging: {
      entry: ['countTry', 'acknowledge'],
      on: {
        'call.succeeded': { target: 'acknowledged', description: 'N3 the button stops spinning' },
        'call.failed': [
          { guard: 'mayPass', target: 'pausing', actions: 'rememberReason',
            description: 'N4 it failed: once more in a moment' },
          { target: 'missed', actions: 'rememberReason', description: 'N5 QQ does not take it' },
        ],
        'effect.interrupted': { target: 'acknowledging', reenter: true,
          description: 'N6 cut off by a kill: again, which harms nothing' },
        'effect.failed': { target: 'missed', actions: 'rememberReason',
          description: 'N7 the adapter failed: our defect' },
      },
    },
    pausing: {
      after: { retryMs: { target: 'acknowledging', description: 'N8 try again' } },
    },
    acknowledged: { type: 'final' },
    missed: { type: 'final' },
  },
});

const emptyContext: InteractionContext = {
  interaction: '',
  options: defaultOptions.interactions,
  tries: 0,
  reason: null,
};

function reasonOf(event: InteractionEvent): string {
  return [said(event, 'class') ?? event.type, said(event, 'code') ?? said(event, 'status')]
    .filter((part) => part !== undefined && part !== null)
    .join(' ');
}
