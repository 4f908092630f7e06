import { type CallOutcome, isFailureClass } from '../kit/callOutcome.js';
import { type CallWindow, sumOf, withCall } from '../kit/callWindow.js';
import { type DeadlineQueue, emptyDeadlineQueue, takeEarliest, type Waiter } from '../kit/deadlineQueue.js';
import { randomFrom } from '../kit/randomness.js';
import type { Permit, Stamp } from '../vocabulary/base.js';
import type { BotOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';
import { openTime } from './openTime.js';
import * as known from './targets.js';

/** A Retry-After is honoured up to this; what asks for more is not a pause but an outage. */
export const RETRY_AFTER_MAX_MS = 300_000;
/** Waiters granted in one step at most, however many places are free; the next outcome brings the next ones. */
export const GRANTS_MAX = 100;

export interface CircuitBreakerInput {
  /** The actor's own id, `breaker:messages`: what its signals name. */
  readonly id: string;
  readonly options: BotOptions['circuitBreaker'];
  /** Calls under way at once, in every state: also when disabled, since the connection pool has no more. */
  readonly inFlightMax: number;
  readonly slowMs: number;
  /** Of one that begins anew: one that no permit of the one before has; default 1. */
  readonly generation?: number;
  /** There is no gateway session; default: there is. */
  readonly held?: boolean;
  readonly at: number;
}

/** Why it is not closed, as told in `breaker.opened` and in `/actors`. */
export type OpenReason =
  | 'consecutiveFailures'
  | 'failureRate'
  | 'slowRate'
  | 'probeFailed'
  | 'probeUndecided'
  | 'leaseExpired'
  | 'rampFailed';

export interface CircuitBreakerContext {
  readonly id: string;
  readonly options: BotOptions['circuitBreaker'];
  readonly inFlightMax: number;
  /** The same while load is not reduced. */
  readonly inFlightFull: number;
  readonly slowMs: number;
  /** Permits carry it; the outcome of another generation is recorded and never counted. */
  readonly generation: number;
  /** Permits of this generation that have not ended. */
  readonly inFlight: number;
  readonly waiting: DeadlineQueue;
  /** No gateway session: QQ would refuse every call, so an admitting breaker grants nothing until there is one. */
  readonly held: boolean;
  /** QQ takes our token no more: no call is made until there is another; left out: it does. */
  readonly isTokenless?: boolean;
  /** Counted failures in a row, failed probes included. */
  readonly failures: number;
  readonly window: CallWindow;
  /** Times it opened since it was last closed. */
  readonly opens: number;
  /** When this outage began for us; null: no outage. */
  readonly firstOpenedAt: number | null;
  /** What the delay `openMs` waits. */
  readonly openForMs: number;
  /** A Retry-After in force: no evidence pulls the probe before it. */
  readonly notBefore: number;
  /** Evidence pulls a probe forward once in an outage, so that it cannot become a loop. */
  readonly evidenceUsed: boolean;
  /** Part of the slow start, from 0. */
  readonly stage: number;
  /** Id of the permit that the probe runs under; null: none is out. */
  readonly probe: string | null;
  readonly reason: OpenReason | 'isolated' | null;
  /** Which targets fail; left out (in an older checkpoint): none is known. */
  readonly targets?: known.Targets;
  /** While observing: how often it would have opened. */
  readonly wouldOpen: number;
}

type Context = CircuitBreakerContext;
type Change = Partial<Context>;

export function bornContext(input: CircuitBreakerInput): Context {
  return {
    id: input.id,
    options: input.options,
    inFlightMax: input.inFlightMax,
    inFlightFull: input.inFlightMax,
    slowMs: input.slowMs,
    generation: input.generation ?? 1,
    inFlight: 0,
    waiting: emptyDeadlineQueue,
    held: input.held ?? false,
    openForMs: 0,
    wouldOpen: 0,
    ...calm,
  };
}

/** Nothing held against the API. */
export const calm = {
  failures: 0,
  window: [],
  opens: 0,
  firstOpenedAt: null,
  notBefore: 0,
  evidenceUsed: false,
  stage: 0,
  probe: null,
  reason: null,
  targets: known.noTargets,
} as const satisfies Change;

/** Streak and window with this outcome in them. The caller has checked that its class counts. */
export function counted(
  context: Context,
  outcome: CallOutcome,
): { readonly failures: number; readonly window: CallWindow; readonly targets: known.Targets } {
  const failed = outcome.type === 'call.failed';
  return {
    targets: heardOf(context, outcome),
    failures: failed ? context.failures + 1 : 0,
    window: withCall(context.window, {
      at: outcome.at,
      windowMs: context.options.windowMs,
      failed,
      slow: outcome.latencyMs > context.slowMs,
    }),
  };
}

/** What is known of the targets, this outcome with it. */
export function heardOf(context: Context, outcome: CallOutcome): known.Targets {
  const { targets = known.noTargets } = context;
  const target = known.targetIn(context.options, outcome);
  if (target === null) return targets;
  return outcome.type === 'call.failed'
    ? known.withFailure(targets, target, outcome.at)
    : known.withAnswer(targets, target, outcome.at);
}

/** The failure of one target that fails on while others answer: it has been counted. */
export function isCountedBefore(context: Context, outcome: CallOutcome): boolean {
  const target = known.targetIn(context.options, outcome);
  return (
    target !== null &&
    known.isKnownToFail(context.targets ?? known.noTargets, target, outcome.at - context.options.windowMs)
  );
}

/** What speaks for opening, this outcome counted; null: nothing. A rate above 1 switches that rule off. */
export function judged(context: Context, outcome: CallOutcome): OpenReason | null {
  if (outcome.type === 'call.failed' && !isFailureClass(outcome.class)) return null;
  const { failureThreshold, minimumCalls, failureRate, slowRate } = context.options;
  const { failures, window } = counted(context, outcome);
  if (failures >= failureThreshold) return 'consecutiveFailures';
  const sum = sumOf(window);
  if (sum.calls < minimumCalls) return null;
  if (sum.failures > 0 && sum.failures / sum.calls >= failureRate) return 'failureRate';
  if (sum.slow > 0 && sum.slow / sum.calls >= slowRate) return 'slowRate';
  return null;
}

/**
 * The change that opens it, the end of its call included, and the signal that says so; `event`: the outcome, or the end
 * of a lease. A probe that decided nothing rests as long as the last time; every other opening makes the next longer.
 */
export function opened(
  context: Context,
  event: Stamp | CallOutcome,
  why: OpenReason,
): { readonly change: Change; readonly signal: Extract<Signal, { type: 'breaker.opened' }> } {
  const grows = why !== 'probeUndecided';
  const outcome = 'permit' in event ? event : null;
  const firstOpenedAt = context.firstOpenedAt ?? event.at;
  const asked = outcome?.type === 'call.failed' ? (outcome.retryAfterMs ?? 0) : 0;
  const floorMs = Math.min(Math.max(asked, 0), RETRY_AFTER_MAX_MS);
  const longest = openTime(context.options, {
    early: event.at - firstOpenedAt < context.options.earlyMs,
    growths: grows ? context.opens : Math.max(0, context.opens - 1),
  });
  const failures = outcome?.type === 'call.succeeded' ? 0 : context.failures + (grows ? 1 : 0);
  const share = context.options.openJitter === 'none' ? 1 : 0.5 + randomFrom(event.id) / 2;
  const openForMs = Math.max(Math.round(longest * share), floorMs);
  const change = {
    ...(outcome === null ? {} : placeFreed(context)),
    failures,
    window: [],
    opens: context.opens + (grows ? 1 : 0),
    firstOpenedAt,
    openForMs,
    notBefore: event.at + floorMs,
    stage: 0,
    probe: null,
    reason: why,
    targets: blamed(context, event),
  };
  return { change, signal: { type: 'breaker.opened', breaker: context.id, reason: why, openMs: openForMs, failures } };
}

/** Who is to blame that it opens: one target, if only that one has failed. A probe of another one clears it. */
function blamed(context: Context, event: Stamp | CallOutcome): known.Targets {
  const { targets = known.noTargets, options } = context;
  if (context.probe === null) {
    const heard = 'permit' in event ? heardOf(context, event) : targets;
    const isFailure = 'permit' in event && event.type === 'call.failed';
    return { ...heard, culprit: isFailure ? known.culpritOf(heard, event.at - options.windowMs) : null };
  }
  const { probed, culprit } = targets;
  const isUndecided = 'permit' in event && !(event.type === 'call.failed' && isFailureClass(event.class));
  return {
    ...(probed === null || isUndecided ? targets : known.withFailure(targets, probed, event.at)),
    probed: null,
    culprit: probed === culprit ? culprit : null,
  };
}

/** Whom the probe calls. */
export function probing(
  { options, targets = known.noTargets }: Context,
  event: { readonly target?: string },
): known.Targets {
  return { ...targets, probed: known.targetIn(options, event) };
}

/** The outage is over as far as a probe can tell. */
export function cleared(context: Context, event: Stamp | CallOutcome): known.Targets {
  const { targets = known.noTargets } = context;
  return known.afterOutage(targets.probed === null ? targets : known.withAnswer(targets, targets.probed, event.at));
}

/** Places of the present part of the slow start, at least one. */
export function rampLimit(context: Context): number {
  const share = context.options.rampShares[context.stage] ?? 1;
  return Math.max(1, Math.ceil(context.inFlightMax * Math.min(share, 1)));
}

/** Length of one part of the slow start. */
export function rampStageMs(context: Context): number {
  return Math.round(context.options.rampMs / Math.max(1, context.options.rampShares.length));
}

/** One call ended. Never below 0, should the end of one call be told twice. */
export function placeFreed(context: Context): Pick<Context, 'inFlight'> {
  return { inFlight: Math.max(0, context.inFlight - 1) };
}

/** All permits that are out end here: their outcomes will be of another generation. */
export function revoked(context: Context): Pick<Context, 'generation' | 'inFlight' | 'probe'> {
  return { generation: context.generation + 1, inFlight: 0, probe: null };
}

/** What the options give it: at birth, in a new life, in a what-if. */
export function withOptions(options: BotOptions): Change {
  return {
    options: options.circuitBreaker,
    inFlightMax: options.calls.inFlightMax,
    inFlightFull: options.calls.inFlightMax,
    slowMs: options.calls.slowMs,
  };
}

/** The id of the n-th permit that this event grants. */
export function permitId(event: Stamp, ordinal = 1): string {
  return `${event.id}.p${ordinal}`;
}

/** The signal that grants a permit of the present generation. */
export function granted(
  context: Context,
  event: Stamp,
  to: { readonly delivery: string; readonly ordinal?: number; readonly probe?: boolean },
): Extract<Signal, { type: 'permit.granted' }> {
  return {
    type: 'permit.granted',
    delivery: to.delivery,
    breaker: context.id,
    permit: { id: permitId(event, to.ordinal), generation: context.generation },
    probe: to.probe ?? false,
  };
}

/** Whatever the outcomes say, a call would be of no use now. */
export function isHeld({ held, isTokenless = false }: Context): boolean {
  return held || isTokenless;
}

/** Those who get the free places up to `limit`, and what the context is then. */
export function nextInLine(
  context: Context,
  limit: number,
): { readonly taken: readonly Waiter[]; readonly change: { waiting: DeadlineQueue; inFlight: number } } {
  const places = isHeld(context) ? 0 : limit - context.inFlight;
  const { taken, rest } = takeEarliest(context.waiting, Math.min(places, GRANTS_MAX));
  return { taken, change: { waiting: rest, inFlight: context.inFlight + taken.length } };
}

export const isCurrent = ({ generation }: Context, permit: Permit): boolean => permit.generation === generation;
export const isProbe = (context: Context, permit: Permit): boolean =>
  isCurrent(context, permit) && permit.id === context.probe;
