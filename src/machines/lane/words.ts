import { assign, emit, setup } from 'xstate';
import { type ByKey, at as kept, withKey, withoutKey } from '../kit/byKey.js';
import { heard } from '../kit/heard.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';

/**
 * One channel's order and pace: at most `paceMax` sends in `paceMs`, replies to one author one after the other, replies
 * to different authors side by side. A delivery that backs off gives its turn back, so it holds nobody up.
 * Rules: L1 to L22 (docs/SPEC.md).
 */
export interface LaneInput {
  readonly options: BotOptions['lane'];
  /** Of one that begins anew: the turns that are out, and the pace of the one before. */
  readonly holders?: LaneContext['holders'];
  readonly sentAt?: LaneContext['sentAt'];
}
export interface LaneContext {
  readonly options: BotOptions['lane'];
  /** Deliveries that have a turn, with their order key. */
  readonly holders: ByKey<string>;
  /** Ends of the calls that still count for the pace. */
  readonly sentAt: readonly number[];
  /** Waiting deliveries that could go as far as order is concerned. */
  readonly ready: readonly Waiting[];
  /** The others, behind the holder or waiter of the same key. */
  readonly behind: ByKey<readonly string[]>;
  readonly queued: number;
  readonly granted: readonly string[];
  readonly waitMs: number;
  /** Failures since the target last answered; left out: none. */
  readonly failures?: number;
}
interface Waiting {
  readonly delivery: string;
  readonly key: string;
  readonly urgent: boolean;
}
type LaneEvent = (Extract<Signal, { type: 'turn.requested' | 'turn.returned' }> | FactOf<'run.started'>) & Stamp;

export const laneEventTypes = [
  'turn.requested',
  'turn.returned',
  'run.started',
] as const satisfies readonly LaneEvent['type'][];

type Requested = Extract<Signal, { type: 'turn.requested' }>;
type Returned = Extract<Signal, { type: 'turn.returned' }>;

/** Places beyond the full queue for urgent deliveries. */
export const URGENT_MAX = 100;
/**
 * A lane without work is forgotten after this, and after its pace is over: of ten thousand channels that were asked
 * once few are kept. One whose target failed last remembers it while its replies back off.
 */
const IDLE_MS = 10_000;
const IDLE_FAILED_MS = 60_000;

/** Its target fails on. */
export const aside = {
  guard: 'isFailingOn',
  target: 'blocked',
  actions: ['giveBack', 'chooseAside'],
  description: 'L23 its target fails on: set aside, longer each time',
} as const;

export const laneSetup = setup({
  types: {} as {
    context: LaneContext;
    input: LaneInput;
    events: LaneEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isFull: ({ context, event }) =>
      context.queued >= context.options.queueMax + (heard(event, 'turn.requested').urgent ? URGENT_MAX : 0),
    isFailingOn: ({ context, event }) =>
      isAside(context.options, failuresAfter(context, heard(event, 'turn.returned').answered)) &&
      heard(event, 'turn.returned').answered === false,
    isBlocking: ({ event }) => heard(event, 'turn.returned').blockedMs !== null,
    isLast: ({ context, event }) =>
      context.queued === 0 && isOnlyHolder(context, heard(event, 'turn.returned').delivery),
    isEmpty: ({ context }) => context.queued === 0 && Object.keys(context.holders).length === 0,
    isTaken: ({ context }) => Object.keys(context.holders).length > 0,
    isSpent: ({ context, event }) => context.ready.length > 0 && isPaceTheLimit(context, event.at),
  },
  actions: {
    enqueue: assign(({ context, event }) => enqueued(context, heard(event, 'turn.requested'))),
    enqueueAndAdvance: assign(({ context, event }) =>
      advanced({ ...context, ...enqueued(context, heard(event, 'turn.requested')) }, event.at),
    ),
    giveBack: assign(({ context, event }) => returned(context, heard(event, 'turn.returned'))),
    giveBackAndAdvance: assign(({ context, event }) =>
      advanced({ ...context, ...returned(context, heard(event, 'turn.returned')) }, event.at),
    ),
    advance: assign(({ context, event }) => advanced(context, event.at)),
    takeOptions: assign(({ event }) => withOptions(heard(event, 'run.started').options)),
    chooseWait: assign({ waitMs: ({ context, event }) => waitOf(context, event.at) }),
    chooseBlock: assign({ waitMs: ({ event }) => heard(event, 'turn.returned').blockedMs ?? 0 }),
    chooseAside: assign({ waitMs: ({ context }) => asideOf(context) }),
    grant: emit(({ context }) => ({ type: 'turn.granted' as const, deliveries: context.granted })),
    deny: emit(({ event }) => ({ type: 'turn.denied' as const, delivery: heard(event, 'turn.requested').delivery })),
  },
  delays: {
    paceMs: ({ context }) => context.waitMs,
    blockedMs: ({ context }) => context.waitMs,
    idleMs: ({ context: { failures = 0, options } }) =>
      Math.max(failures > 0 ? IDLE_FAILED_MS : IDLE_MS, options.paceMs),
  },
});

const emptyContext: LaneContext = {
  options: defaultOptions.lane,
  holders: {},
  sentAt: [],
  ready: [],
  behind: {},
  queued: 0,
  granted: [],
  waitMs: 0,
};

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ lane }: BotOptions): Pick<LaneContext, 'options'> => ({ options: lane });

export function bornContext({ options, holders = {}, sentAt = [] }: LaneInput): LaneContext {
  const behind = Object.fromEntries(Object.values(holders).map((key) => [key, []]));
  return { ...emptyContext, options, holders, sentAt, behind };
}

function enqueued(context: LaneContext, { delivery, key, urgent }: Requested): Partial<LaneContext> {
  const queue = kept(context.behind, key);
  const queued = context.queued + 1;
  if (queue) return { queued, behind: withKey(context.behind, key, [...queue, delivery]) };
  const waiting = { delivery, key, urgent };
  const ready = urgent ? [waiting, ...context.ready] : [...context.ready, waiting];
  // An empty list marks a key that is taken: by a holder or by the one in `ready`.
  return { queued, ready, behind: withKey(context.behind, key, []) };
}

/** Frees a turn, or takes a delivery out of the queue that died there; the next of its key becomes ready. */
function returned(
  context: LaneContext,
  { delivery, key, startedAt, answered, at }: Returned & Stamp,
): Partial<LaneContext> {
  const failures = failuresAfter(context, answered);
  // QQ may have counted the call as late as its end, so its place counts from there.
  const sentAt = startedAt === null ? context.sentAt : [...context.sentAt, at];
  if (kept(context.holders, delivery) !== undefined) {
    const holders = withoutKey(context.holders, delivery);
    return {
      ...(failures === (context.failures ?? 0) ? {} : { failures }),
      holders,
      sentAt,
      ...succeeded(context, key, context.ready, 0),
    };
  }
  if (context.ready.some((waiting) => waiting.delivery === delivery)) {
    return succeeded(
      context,
      key,
      context.ready.filter((waiting) => waiting.delivery !== delivery),
      1,
    );
  }
  const queue = kept(context.behind, key);
  if (!queue?.includes(delivery)) return {};
  const behind = withKey(
    context.behind,
    key,
    queue.filter((waiting) => waiting !== delivery),
  );
  return { behind, queued: context.queued - 1 };
}

/** The head of a key is gone: the next of that key, if any, becomes ready. */
function succeeded(context: LaneContext, key: string, ready: readonly Waiting[], left: number): Partial<LaneContext> {
  const [next, ...rest] = kept(context.behind, key) ?? [];
  const queued = context.queued - left;
  if (next !== undefined)
    return {
      queued,
      behind: withKey(context.behind, key, rest),
      ready: [...ready, { delivery: next, key, urgent: false }],
    };
  const behind = withoutKey(context.behind, key);
  return { queued, behind, ready };
}

/** Gives turns to those who are ready, as many as the pace has places for. */
function advanced(context: LaneContext, at: number): LaneContext {
  const sentAt = context.sentAt.filter((sent) => at - sent < context.options.paceMs);
  const { paceMax } = context.options;
  const holding = Object.keys(context.holders).length;
  const places = Math.max(0, paceMax - sentAt.length);
  // Urgent ones stand first. They wait for the pace only: turns held by replies that stand at the breaker do not count.
  const urgent = context.ready.filter((waiting) => waiting.urgent).slice(0, places).length;
  // Where the target fails on, one alone tries it, whoever it is.
  const free = isAside(context.options, context.failures ?? 0) ? 1 - holding : Math.max(urgent, places - holding);
  const going = free > 0 ? context.ready.slice(0, free) : [];
  if (going.length === 0) return { ...context, sentAt, granted: [] };
  const holders = going.reduce((all, { delivery, key }) => withKey(all, delivery, key), context.holders);
  const granted = going.map(({ delivery }) => delivery);
  return {
    ...context,
    sentAt,
    holders,
    granted,
    ready: context.ready.slice(going.length),
    queued: context.queued - going.length,
  };
}

function failuresAfter({ failures = 0 }: LaneContext, answered: boolean | undefined): number {
  if (answered === undefined) return failures;
  return answered ? 0 : failures + 1;
}

/** Lives that did not know the option set none aside. */
function isAside({ asideAfter }: LaneContext['options'], failures: number): boolean {
  return failures >= asideAfter;
}

function asideOf({ options, failures = 0 }: LaneContext): number {
  return Math.min(options.asideMaxMs, options.asideMs * 2 ** Math.min(30, failures - options.asideAfter));
}

/** Places are taken by calls that have started too recently, not only by deliveries under way. */
function isPaceTheLimit(context: LaneContext, at: number): boolean {
  const holders = Object.keys(context.holders).length;
  const recent = context.sentAt.filter((sent) => at - sent < context.options.paceMs).length;
  return holders < context.options.paceMax && holders + recent >= context.options.paceMax;
}

function isOnlyHolder(context: LaneContext, delivery: string): boolean {
  const holders = Object.keys(context.holders);
  return holders.length === 1 && holders[0] === delivery;
}

function waitOf(context: LaneContext, at: number): number {
  const oldest = context.sentAt.find((sent) => at - sent < context.options.paceMs) ?? at;
  return Math.min(context.options.paceMs, Math.max(0, oldest + context.options.paceMs - at));
}
