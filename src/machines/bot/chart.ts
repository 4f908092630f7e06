import { assign, emit, setup } from 'xstate';
import { heard, said } from '../kit/heard.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';

/** The life of the whole: from boot to the last drained message. Rules: O1 to O10 (docs/SPEC.md). */
export interface BotInput {
  readonly options: BotOptions['bot'];
}
export interface BotContext {
  readonly options: BotOptions['bot'];
  readonly exitCode: number;
  readonly reason: string | null;
}
type BotEvent = (
  | FactOf<'run.started'>
  | FactOf<'stop.requested'>
  | Extract<
      Signal,
      { type: 'gateway.readied' | 'gateway.stopped' | 'token.refused' | 'intake.drained' | 'recovery.stuck' }
    >
) &
  Stamp;

export const botEventTypes = [
  'run.started',
  'stop.requested',
  'gateway.readied',
  'gateway.stopped',
  'token.refused',
  'intake.drained',
  'recovery.stuck',
] as const satisfies readonly BotEvent['type'][];

/** Exit codes of contract section 1: drained, stuck, and refused by QQ. */
const DRAINED = 0;
const STUCK = 75;
const REFUSED = 77;

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ bot }: BotOptions): Pick<BotContext, 'options'> => ({ options: bot });

const botSetup = setup({
  types: {} as { context: BotContext; input: BotInput; events: BotEvent; emitted: Signal | EffectRequest },
  actions: {
    beginLife: assign(({ event }) => ({
      ...withOptions(heard(event, 'run.started').options),
      exitCode: DRAINED,
      reason: null,
    })),
    rememberRefusal: assign({ exitCode: REFUSED, reason: ({ event }) => refusalOf(event) }),
    rememberStuck: assign({ exitCode: STUCK, reason: 'recovery.stuck' }),
    rememberSignal: assign({ exitCode: DRAINED, reason: ({ event }) => heard(event, 'stop.requested').signal }),
    announceDrain: emit({ type: 'drain.started' }),
    notifyReady: emit({ type: 'module.notify', event: 'ready', message: null, reason: null }),
    exit: emit(({ context }) => ({
      type: 'process.exit' as const,
      code: context.exitCode,
      reason: context.reason ?? 'drained',
    })),
  },
  delays: {
    drainMs: ({ context }) => context.options.drainMs,
  },
});

// biome-ignore format: one transition a row
export const botMachine = botSetup.createMachine({
  id: 'bot',
  context: ({ input }) => ({ ...emptyContext, options: input.options }),
  initial: { target: 'starting', description: 'O1 a bot starts before it runs' },
  on: {
    'run.started': { target: '.starting', actions: 'beginLife', description: 'O2 each process life starts anew' },
  },
  states: {
    starting: {
      on: {
        'gateway.readied': { target: 'running', actions: 'notifyReady',
          description: 'O3 the gateway is ready: running' },
        'gateway.stopped': { target: 'stopped', actions: 'rememberRefusal',
          description: 'O4 the gateway stopped for good' },
        'token.refused': { target: 'stopped', actions: 'rememberRefusal',
          description: 'O5 QQ refuses the credentials' },
        'stop.requested': { target: 'draining', actions: 'rememberSignal', description: 'O6 told to stop: drain' },
      },
    },
    running: {
      on: {
        'gateway.stopped': { target: 'stopped', actions: 'rememberRefusal',
          description: 'O7 the gateway stopped for good' },
        'token.refused': { target: 'stopped', actions: 'rememberRefusal',
          description: 'O8 QQ refuses the credentials' },
        'stop.requested': { target: 'draining', actions: 'rememberSignal', description: 'O9 told to stop: drain' },
        'recovery.stuck': { target: 'draining', actions: 'rememberStuck',
          description: 'O12 nothing helps: drain, and let the supervisor start it again' },
      },
    },
    draining: {
      entry: 'announceDrain',
      on: {
        'intake.drained': { target: 'stopped', description: 'O10 nothing left in hand' },
      },
      after: { drainMs: { target: 'stopped', description: 'O11 the rest stays in the journal for the next life' } },
    },
    stopped: { entry: 'exit' },
  },
});

const emptyContext: BotContext = { options: defaultOptions.bot, exitCode: DRAINED, reason: null };

function refusalOf(event: BotEvent): string {
  return [event.type, said(event, 'code'), said(event, 'reason')]
    .filter((part) => part !== undefined && part !== null)
    .join(' ');
}
