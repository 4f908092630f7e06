import { assign, emit, enqueueActions, setup } from 'xstate';
import { type CallOutcome, isFailureClass, provesAlive } from '../kit/callOutcome.js';
import { enqueue, type Waiter, withdraw } from '../kit/deadlineQueue.js';
import { bearing, heard } from '../kit/heard.js';
import {
  type CircuitBreakerContext,
  type CircuitBreakerInput,
  calm,
  cleared,
  counted,
  granted,
  heardOf,
  isCountedBefore,
  isCurrent,
  isHeld,
  isProbe,
  judged,
  nextInLine,
  opened,
  permitId,
  placeFreed,
  probing,
  rampLimit,
  rampStageMs,
  revoked,
  withOptions,
} from './context.js';
import type { CircuitBreakerEmitted, CircuitBreakerEvent } from './events.js';
import { failureNoted, probeFailureNoted } from './noted.js';
import { givesWay, isAnyElsewhere, noTargets, takeProbe } from './targets.js';

type Args = { readonly context: CircuitBreakerContext; readonly event: CircuitBreakerEvent };

/** What the words of the breaker's chart mean: its events, guards, delays and actions. */
export const circuitBreakerSetup = setup({
  types: {} as {
    context: CircuitBreakerContext;
    events: CircuitBreakerEvent;
    input: CircuitBreakerInput;
    tags: 'admitting';
    emitted: CircuitBreakerEmitted;
  },
  guards: {
    startsDisabled: ({ context }) => context.options.mode === 'disabled',
    startsObserving: ({ context }) => context.options.mode === 'observing',
    becomesDisabled: (args) => newMode(args) === 'disabled',
    becomesObserving: (args) => newMode(args) === 'observing',
    becomesEnabled: (args) => newMode(args) === 'enabled',
    keepsMode: (args) => newMode(args) === null,
    keepsModeForWaiters: (args) => newMode(args) === null && someoneWaits(args),
    someoneWaits: (args) => someoneWaits(args),
    isRoom: (args) => !isHeld(args.context) && !someoneWaits(args) && args.context.inFlight < args.context.inFlightMax,
    isRampRoom: (args) =>
      !isHeld(args.context) && !someoneWaits(args) && args.context.inFlight < rampLimit(args.context),
    isListFull: ({ context }) => context.waiting.size >= context.options.waitingMax,
    isListFullOfCulprit: ({ context, event }) => givesWay(context, waiterOf(event)) !== null,
    isStale: ({ context, event }) => !isCurrent(context, bearing(event, 'permit').permit),
    isCurrent: ({ context, event }) => isCurrent(context, bearing(event, 'permit').permit),
    isFailure: ({ context, event }) => isCurrent(context, outcomeOf(event).permit) && isFailure(event),
    isUnauthorised: ({ context, event }) =>
      isCurrent(context, outcomeOf(event).permit) && outcomeOf(event).class === 'auth',
    isKnownFailure: (args) => isCurrent(args.context, outcomeOf(args.event).permit) && isKnown(args),
    isTurnOfAnother: ({ context, event }) => {
      const culprit = culpritAt(context, event.at);
      return culprit !== null && isAnyElsewhere(context.waiting, culprit);
    },
    isImpatient: ({ event }) => isImpatient(event),
    isImpatientInVain: ({ context, event }) => {
      const culprit = culpritAt(context, event.at);
      return isImpatient(event) && (culprit === null || waiterOf(event).target === culprit);
    },
    isLastStraw: ({ context, event }) =>
      isCurrent(context, outcomeOf(event).permit) && judged(context, outcomeOf(event)) !== null,
    isProbe: (args) => holdsProbe(args),
    isProbeForWaiters: (args) => holdsProbe(args) && someoneWaits(args),
    isProbeFailed: (args) => holdsProbe(args) && isFailure(args.event),
    isProbeKnown: (args) => holdsProbe(args) && isKnown(args),
    isProbeKnownForWaiters: (args) => holdsProbe(args) && isKnown(args) && someoneWaits(args),
    isProbeAnswered: (args) => holdsProbe(args) && provesAlive(outcomeOf(args.event)),
    isEvidence: (args) => isEvidence(args),
    isEvidenceForWaiters: (args) => isEvidence(args) && someoneWaits(args),
    isLastStage: ({ context }) => context.stage >= context.options.rampShares.length - 1,
  },
  delays: {
    openMs: ({ context }) => context.openForMs,
    leaseMs: ({ context }) => context.options.leaseMs,
    rampStageMs: ({ context }) => rampStageMs(context),
  },
  actions: {
    grant: enqueueActions(({ context, event, enqueue: next }) => {
      next.emit(granted(context, event, { delivery: bearing(event, 'delivery').delivery }));
      next.assign({ inFlight: context.inFlight + 1 });
    }),
    deny: emit(({ event }) => ({ type: 'permit.denied', delivery: bearing(event, 'delivery').delivery })),
    freePlace: assign(({ context }) => placeFreed(context)),
    giveWay: enqueueActions(({ context, event, enqueue: next }) => {
      const last = givesWay(context, waiterOf(event))!;
      next.emit({ type: 'permit.denied', delivery: last.delivery });
      next.assign({ waiting: withdraw(context.waiting, last) });
    }),
    joinLine: assign({ waiting: ({ context, event }) => enqueue(context.waiting, waiterOf(event)) }),
    leaveLine: assign({ waiting: ({ context, event }) => withdraw(context.waiting, waiterOf(event)) }),
    grantLine: enqueueActions(({ context, event, enqueue: next }) => {
      const { taken, change } = nextInLine(context, context.inFlightMax);
      taken.forEach(({ delivery }, n) => void next.emit(granted(context, event, { delivery, ordinal: n + 1 })));
      if (taken.length > 0) next.assign(change);
    }),
    grantRampLine: enqueueActions(({ context, event, enqueue: next }) => {
      const { taken, change } = nextInLine(context, rampLimit(context));
      taken.forEach(({ delivery }, n) => void next.emit(granted(context, event, { delivery, ordinal: n + 1 })));
      if (taken.length > 0) next.assign(change);
    }),
    probeRequest: enqueueActions(({ context, event, enqueue: next }) => {
      next.emit(granted(context, event, { delivery: bearing(event, 'delivery').delivery, probe: true }));
      const targets = probing(context, waiterOf(event));
      next.assign({ probe: permitId(event), inFlight: context.inFlight + 1, targets });
    }),
    probeLine: enqueueActions(({ context, event, enqueue: next }) => {
      const { taken, rest } = takeProbe(context.waiting, context.targets ?? noTargets);
      for (const { delivery } of taken) next.emit(granted(context, event, { delivery, probe: true }));
      const targets = probing(context, taken[0] ?? {});
      next.assign({ waiting: rest, probe: permitId(event), inFlight: context.inFlight + 1, targets });
    }),
    forgetProbe: assign(({ context }) => ({ probe: null, ...placeFreed(context) })),
    // These end a call, so its place is free again.
    count: assign(({ context, event }) => ({ ...counted(context, outcomeOf(event)), ...placeFreed(context) })),
    noteFailure: assign(({ context, event }) => failureNoted(context, outcomeOf(event))),
    noteProbeFailure: assign(({ context, event }) => probeFailureNoted(context, outcomeOf(event))),
    noteWouldOpen: assign(({ context, event }) => ({
      targets: heardOf(context, outcomeOf(event)),
      failures: 0,
      window: [],
      wouldOpen: context.wouldOpen + 1,
      ...placeFreed(context),
    })),
    openAsJudged: enqueueActions(({ context, event, enqueue: next }) => {
      const { change, signal } = opened(context, event, judged(context, outcomeOf(event)) ?? 'consecutiveFailures');
      next.assign(change);
      next.emit(signal);
    }),
    openFromRamp: enqueueActions(({ context, event, enqueue: next }) => {
      const { change, signal } = opened(context, event, 'rampFailed');
      next.assign(change);
      next.emit(signal);
    }),
    openAfterProbe: enqueueActions(({ context, event, enqueue: next }) => {
      const { change, signal } = opened(context, event, 'probeFailed');
      next.assign(change);
      next.emit(signal);
    }),
    openAgain: enqueueActions(({ context, event, enqueue: next }) => {
      const { change, signal } = opened(context, event, 'probeUndecided');
      next.assign(change);
      next.emit(signal);
    }),
    openAfterLease: enqueueActions(({ context, event, enqueue: next }) => {
      const { change, signal } = opened(context, event, 'leaseExpired');
      next.assign({ ...change, ...revoked(context) });
      next.emit(signal);
    }),
    reduceLoad: assign({ inFlightMax: ({ context }) => Math.max(1, Math.floor(context.inFlightFull / 2)) }),
    restoreLoad: assign({ inFlightMax: ({ context }) => context.inFlightFull }),
    holdForToken: assign({ isTokenless: true }),
    takeToken: assign({ isTokenless: false }),
    hold: assign({ held: true }),
    letGo: assign({ held: false }),
    useEvidence: assign({ evidenceUsed: true }),
    startRamp: assign(({ context, event }) => ({
      targets: cleared(context, event),
      ...revoked(context),
      stage: 0,
      failures: 0,
      reason: null,
    })),
    nextStage: assign({ stage: ({ context }) => context.stage + 1 }),
    endOutage: enqueueActions(({ context, enqueue: next }) => {
      next.assign({ opens: 0, firstOpenedAt: null, notBefore: 0, evidenceUsed: false, stage: 0 });
      next.emit({ type: 'breaker.closed', breaker: context.id });
    }),
    isolate: assign({ probe: null, stage: 0, reason: 'isolated' }),
    // Whoever was told of an outage is told of its end, also when an operator ends it.
    calmDown: enqueueActions(({ context, enqueue: next }) => {
      next.assign(calm);
      if (context.firstOpenedAt !== null) next.emit({ type: 'breaker.closed', breaker: context.id });
    }),
    resetAll: enqueueActions(({ context, enqueue: next }) => {
      next.assign({ ...calm, ...revoked(context), wouldOpen: 0 });
      if (context.firstOpenedAt !== null) next.emit({ type: 'breaker.closed', breaker: context.id });
    }),
    beginLife: assign(({ context, event }) => ({
      ...withOptions(bearing(event, 'options').options),
      ...revoked(context),
    })),
  },
});

function outcomeOf(event: CircuitBreakerEvent): CallOutcome {
  return heard(event, 'call.succeeded', 'call.failed');
}

function isFailure(event: CircuitBreakerEvent): boolean {
  return event.type === 'call.failed' && isFailureClass(event.class);
}

/** It tells of its target only. */
function isKnown({ context, event }: Args): boolean {
  return isFailure(event) && isCountedBefore(context, outcomeOf(event));
}

function waiterOf(event: CircuitBreakerEvent): Waiter {
  const asked = bearing(event, 'delivery');
  const { deadline, delivery } = asked;
  return 'target' in asked && asked.target !== undefined
    ? { deadline, delivery, target: asked.target }
    : { deadline, delivery };
}

function isImpatient(event: CircuitBreakerEvent): boolean {
  return event.type === 'permit.requested' && event.waits === false;
}

/** The one target that is to blame that it is open, while nobody has asked for a pause. */
function culpritAt({ targets, notBefore }: CircuitBreakerContext, at: number): string | null {
  return at >= notBefore ? (targets ?? noTargets).culprit : null;
}

function someoneWaits({ context }: Args): boolean {
  return context.waiting.size > 0;
}

function holdsProbe({ context, event }: Args): boolean {
  return isProbe(context, bearing(event, 'permit').permit);
}

/** The mode that the new options bring; null when they keep the one before, and with it the operator's hand. */
function newMode({ context, event }: Args): CircuitBreakerContext['options']['mode'] | null {
  const { mode } = bearing(event, 'options').options.circuitBreaker;
  return mode === context.options.mode ? null : mode;
}

function isEvidence({ context, event }: Args): boolean {
  return !context.evidenceUsed && event.at >= context.notBefore;
}
