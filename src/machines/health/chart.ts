import { assign, emit, setup } from 'xstate';
import { type CallWindow, sumOf, withCall } from '../kit/callWindow.js';
import { heard } from '../kit/heard.js';
import type { HealthLevel, HealthPart, Stamp } from '../vocabulary/base.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';

/**
 * How well one part is, by what came of its work: bad outcomes move it down, good ones up, and the way up is longer
 * than the way down, so that it does not flicker. Nothing heard for the long window: unknown. Windows of `shortMs` and
 * `longMs`, ten parts each. Rules H1 to H23 (docs/SPEC.md).
 */
export interface HealthInput {
  /** `health:PART` */
  readonly id: string;
  readonly options: BotOptions['health'];
}
export interface HealthContext {
  readonly part: HealthPart;
  readonly options: BotOptions['health'];
  readonly short: CallWindow;
  readonly long: CallWindow;
  /** Bad outcomes since the last good one. */
  readonly streak: number;
  /** Known not to work, whatever single outcomes say: breaker open, gateway lost. */
  readonly isDown: boolean;
  readonly lastAt: number;
  /** The last error of this part, also one that does not count; its class, never its text. */
  readonly lastError: { readonly class: string; readonly at: number } | null;
}
/** What it hears; the topology makes these of facts and signals. */
export type HealthEvent = (
  | { readonly type: 'outcome.good' }
  | { readonly type: 'outcome.bad' | 'outcome.noted'; readonly class: string }
  | { readonly type: 'part.lost' | 'part.found' | 'recovery.forced' }
  | FactOf<'run.started'>
) &
  Stamp;

export const healthEventTypes = [
  'outcome.good',
  'outcome.bad',
  'outcome.noted',
  'part.lost',
  'part.found',
  'recovery.forced',
  'run.started',
] as const satisfies readonly HealthEvent['type'][];

const goodRows = [
  {
    guard: 'isWellAgain',
    target: 'healthy',
    actions: ['countGood', 'tellHealthy'],
    description: 'H9 good again for long enough: healthy',
  },
  { actions: 'countGood', description: 'H10 good, not yet for long enough' },
] as const;
const idle = {
  target: 'unknown',
  actions: ['forget', 'tellUnknown'],
  description: 'H12 nothing heard for long: unknown',
} as const;

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ health }: BotOptions): Pick<HealthContext, 'options'> => ({ options: health });

const partOf = (id: string): HealthPart => id.slice(id.indexOf(':') + 1) as HealthPart;

const healthSetup = setup({
  types: {} as { context: HealthContext; input: HealthInput; events: HealthEvent; emitted: Signal },
  guards: {
    isDegrading: ({ context, event }) => levelAfter(context, event.at) === 'degraded',
    isFailing: ({ context, event }) => levelAfter(context, event.at) === 'unhealthy',
    isWellAgain: ({ context, event }) => isWellAgain(context, event.at),
    isDown: ({ context }) => context.isDown,
    isIdle: ({ context, event }) => event.at - context.lastAt >= context.options.longMs,
  },
  actions: {
    countGood: assign(({ context, event }) => counted(context, event.at, false)),
    countBad: assign(({ context, event }) => counted(context, event.at, true, heard(event, 'outcome.bad').class)),
    note: assign({ lastError: ({ event }) => ({ class: heard(event, 'outcome.noted').class, at: event.at }) }),
    markDown: assign({ isDown: true, lastAt: ({ event }) => event.at }),
    markUp: assign({ isDown: false, streak: 0, short: [], lastAt: ({ event }) => event.at }),
    forget: assign({ short: [], long: [], streak: 0, isDown: false }),
    beginLife: assign(({ event }) => withOptions(heard(event, 'run.started').options)),
    tellUnknown: emit(({ context }) => edge(context, 'unknown')),
    tellHealthy: emit(({ context }) => edge(context, 'healthy')),
    tellDegraded: emit(({ context }) => edge(context, 'degraded')),
    tellUnhealthy: emit(({ context }) => edge(context, 'unhealthy')),
  },
  delays: {
    quietMs: ({ context }) => context.options.longMs,
    degradedMs: ({ context }) => context.options.longMs,
    unhealthyMs: ({ context }) => context.options.longMs,
    downMs: ({ context }) => context.options.downMs,
  },
});

// biome-ignore format: one transition a row
export const healthMachine = healthSetup.createMachine({
  id: 'health',
  context: ({ input }) => ({ ...emptyContext, part: partOf(input.id), options: input.options }),
  initial: { target: 'unknown', description: 'H1 nothing is known of a part before its first outcome' },
  on: {
    'outcome.noted': { actions: 'note',
      description: 'H13 an error that says nothing about this part is shown, not counted' },
    'recovery.forced': { target: '.unknown', actions: ['forget', 'tellUnknown'],
      description: 'H14 a forced recovery begins anew' },
    'run.started': { target: '.unknown', actions: ['beginLife', 'forget'],
      description: 'H15 a new process life begins anew; the last error stays' },
  },
  states: {
    unknown: {
      on: {
        'outcome.good': { target: 'healthy', actions: ['countGood', 'tellHealthy'],
          description: 'H3 the first good outcome' },
        'outcome.bad': { target: 'degraded', actions: ['countBad', 'tellDegraded'],
          description: 'H4 the first outcome is bad' },
        'part.lost': { target: 'degraded', actions: ['markDown', 'tellDegraded'], description: 'H5 the part is down' },
        'part.found': { target: 'healthy', actions: ['markUp', 'tellHealthy'], description: 'H6 the part is there' },
      },
    },
    healthy: {
      on: {
        'outcome.good': { actions: 'countGood', description: 'H7 as it should be' },
        'outcome.bad': [
          { guard: 'isFailing', target: 'unhealthy', actions: ['countBad', 'tellUnhealthy'],
            description: 'H16 mostly bad: unhealthy' },
          { guard: 'isDegrading', target: 'degraded', actions: ['countBad', 'tellDegraded'],
            description: 'H2 too many bad outcomes: degraded' },
          { actions: 'countBad', description: 'H8 a single bad outcome' },
        ],
        'part.lost': { target: 'degraded', actions: ['markDown', 'tellDegraded'], description: 'H5 the part is down' },
        'part.found': { actions: 'markUp', description: 'H17 still there' },
      },
      after: {
        quietMs: [
          { guard: 'isIdle', ...idle },
          { target: 'healthy', reenter: true, description: 'H18 there was work: look again later' },
        ],
      },
    },
    degraded: {
      on: {
        'outcome.good': goodRows,
        'outcome.bad': [
          { guard: 'isFailing', target: 'unhealthy', actions: ['countBad', 'tellUnhealthy'],
            description: 'H16 mostly bad: unhealthy' },
          { actions: 'countBad', description: 'H11 still bad' },
        ],
        'part.lost': [
          { guard: 'isDown', description: 'H23 known to be down' },
          { target: 'degraded', reenter: true, actions: 'markDown', description: 'H19 down as well' },
        ],
        'part.found': { target: 'healthy', actions: ['markUp', 'tellHealthy'], description: 'H20 the part is back' },
      },
      after: {
        downMs: { guard: 'isDown', target: 'unhealthy', actions: 'tellUnhealthy',
          description: 'H21 down for long: unhealthy' },
        degradedMs: idle,
      },
    },
    unhealthy: {
      on: {
        'outcome.good': goodRows,
        'outcome.bad': { actions: 'countBad', description: 'H11 still bad' },
        'part.lost': { actions: 'markDown', description: 'H19 down as well' },
        'part.found': { target: 'healthy', actions: ['markUp', 'tellHealthy'], description: 'H20 the part is back' },
      },
      after: { unhealthyMs: [{ guard: 'isDown', target: 'unhealthy', reenter: true,
        description: 'H22 still down' }, idle] },
    },
  },
});

const emptyContext: HealthContext = {
  part: 'send',
  options: defaultOptions.health,
  short: [],
  long: [],
  streak: 0,
  isDown: false,
  lastAt: 0,
  lastError: null,
};

function counted(context: HealthContext, at: number, failed: boolean, kind?: string): Partial<HealthContext> {
  const { shortMs, longMs } = context.options;
  return {
    short: withCall(context.short, { at, windowMs: shortMs, failed, slow: false }),
    long: withCall(context.long, { at, windowMs: longMs, failed, slow: false }),
    streak: failed ? context.streak + 1 : 0,
    lastAt: at,
    ...(kind === undefined ? {} : { lastError: { class: kind, at } }),
  };
}

/** Where one more bad outcome brings it. */
function levelAfter(context: HealthContext, at: number): HealthLevel {
  const { rateMin, outcomesMin, degradedStreak, unhealthyStreak } = context.options;
  const { short = [], long = [], streak = 0 } = counted(context, at, true);
  const [near, far] = [sumOf(short), sumOf(long)];
  const shareOf = ({ calls, failures }: { calls: number; failures: number }): number =>
    calls < outcomesMin ? 0 : failures / calls;
  if (streak >= unhealthyStreak || shareOf(near) > 0.5) return 'unhealthy';
  if (streak >= degradedStreak || 1 - shareOf(near) < rateMin || 1 - shareOf(far) < rateMin) return 'degraded';
  return 'healthy';
}

/** Hysteresis: not down, two good ones in a row, and nearly all of the short window good. */
function isWellAgain(context: HealthContext, at: number): boolean {
  if (context.isDown || context.streak > 0) return false;
  const { calls, failures } = sumOf(counted(context, at, false).short ?? []);
  return calls >= 2 && 1 - failures / calls > context.options.goodAgainRate;
}

function edge(context: HealthContext, to: HealthLevel): Signal {
  return { type: 'health.changed', part: context.part, to };
}
