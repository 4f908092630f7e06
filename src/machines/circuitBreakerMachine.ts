import { assign, emit, enqueueActions, setup } from 'xstate';
import { type CallOutcome, isFailureClass, provesAlive } from './callOutcome.js';
import {
  bornContext,
  type CircuitBreakerContext,
  type CircuitBreakerInput,
  calm,
  counted,
  granted,
  isCurrent,
  isProbe,
  judged,
  nextInLine,
  type OpenReason,
  opened,
  permitId,
  rampLimit,
  rampStageMs,
  withOptions,
} from './circuitBreakerContext.js';
import { enqueue, takeEarliest, withdraw } from './deadlineQueue.js';
import type { FactOf, OperatorFact, Signal, Stamped } from './facts.js';

type SignalOf<T extends Signal['type']> = Extract<Signal, { type: T }>;

/** What it hears. The runtime adds the permit to the facts of a call, and sends only what concerns this breaker. */
export type CircuitBreakerEvent =
  | Stamped<Pick<SignalOf<'permit.requested'>, 'type' | 'delivery' | 'deadline' | 'operator'>>
  | Stamped<Pick<SignalOf<'permit.cancelled'>, 'type' | 'delivery' | 'deadline'>>
  | Stamped<Pick<SignalOf<'permit.released'>, 'type' | 'permit'>>
  | CallOutcome
  | Stamped<{ readonly type: 'evidence.gathered' | 'gateway.readied' }>
  | Stamped<Pick<FactOf<'run.started'>, 'type' | 'options'>>
  | Stamped<Pick<OperatorFact, 'type'>>;

export type CircuitBreakerEmitted = SignalOf<'permit.granted' | 'permit.denied' | 'breaker.opened' | 'breaker.closed'>;

/** Every event of the chart; a test compares it with the chart's own keys. */
export const circuitBreakerEventTypes = [
  'permit.requested',
  'permit.cancelled',
  'permit.released',
  'call.succeeded',
  'call.failed',
  'evidence.gathered',
  'gateway.readied',
  'run.started',
  'operator.isolated',
  'operator.released',
  'operator.disabled',
  'operator.observed',
  'operator.enabled',
  'operator.reset',
] as const satisfies readonly CircuitBreakerEvent['type'][];

type Args = { readonly context: CircuitBreakerContext; readonly event: CircuitBreakerEvent };

const { createMachine, createStateConfig } = setup({
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
    keepsModeAndSomeoneWaits: (args) => newMode(args) === null && someoneWaits(args),
    someoneWaits: (args) => someoneWaits(args),
    isRoom: (args) => !someoneWaits(args) && args.context.inFlight < args.context.inFlightMax,
    isRampRoom: (args) => !someoneWaits(args) && args.context.inFlight < rampLimit(args.context),
    isListFull: ({ context }) => context.waiting.size >= context.options.waitingMax,
    isStale: ({ context, event }) => !isCurrent(context, heard(event, 'permit').permit),
    isCurrent: ({ context, event }) => isCurrent(context, heard(event, 'permit').permit),
    isFailure: ({ context, event }) => isCurrent(context, outcomeOf(event).permit) && isFailure(event),
    isLastStraw: ({ context, event }) =>
      isCurrent(context, outcomeOf(event).permit) && judged(context, outcomeOf(event)) !== null,
    isProbe: (args) => holdsProbe(args),
    isProbeAndSomeoneWaits: (args) => holdsProbe(args) && someoneWaits(args),
    isProbeFailed: (args) => holdsProbe(args) && isFailure(args.event),
    isProbeAnswered: (args) => holdsProbe(args) && provesAlive(outcomeOf(args.event)),
    isFreshEvidence: (args) => isFreshEvidence(args),
    isFreshEvidenceAndSomeoneWaits: (args) => isFreshEvidence(args) && someoneWaits(args),
    isLastStage: ({ context }) => context.stage >= context.options.rampShares.length - 1,
  },
  delays: {
    openMs: ({ context }) => context.openForMs,
    leaseMs: ({ context }) => context.options.leaseMs,
    rampStageMs: ({ context }) => rampStageMs(context),
  },
  actions: {
    grant: emit(({ context, event }) => granted(context, event, heard(event, 'delivery'))),
    deny: emit(({ event }) => ({ type: 'permit.denied', delivery: heard(event, 'delivery').delivery })),
    takePlace: assign({ inFlight: ({ context }) => context.inFlight + 1 }),
    freePlace: assign({ inFlight: ({ context }) => Math.max(0, context.inFlight - 1) }),
    joinLine: assign({ waiting: ({ context, event }) => enqueue(context.waiting, waiterOf(event)) }),
    leaveLine: assign({ waiting: ({ context, event }) => withdraw(context.waiting, waiterOf(event)) }),
    grantLine: enqueueActions(({ context, event, enqueue: next }) => {
      const { taken, change } = nextInLine(context, context.inFlightMax);
      taken.forEach(({ delivery }, n) => void next.emit(granted(context, event, { delivery, ordinal: n + 1 })));
      next.assign(change);
    }),
    grantRampLine: enqueueActions(({ context, event, enqueue: next }) => {
      const { taken, change } = nextInLine(context, rampLimit(context));
      taken.forEach(({ delivery }, n) => void next.emit(granted(context, event, { delivery, ordinal: n + 1 })));
      next.assign(change);
    }),
    probe: emit(({ context, event }) => granted(context, event, { ...heard(event, 'delivery'), probe: true })),
    noteProbe: assign(({ context, event }) => ({ probe: permitId(event), inFlight: context.inFlight + 1 })),
    probeLine: enqueueActions(({ context, event, enqueue: next }) => {
      const { taken, rest } = takeEarliest(context.waiting, 1);
      for (const { delivery } of taken) next.emit(granted(context, event, { delivery, probe: true }));
      next.assign({ waiting: rest, probe: permitId(event), inFlight: context.inFlight + 1 });
    }),
    forgetProbe: assign({ probe: null }),
    count: assign(({ context, event }) => counted(context, outcomeOf(event))),
    countWouldOpen: assign({ failures: 0, window: [], wouldOpen: ({ context }) => context.wouldOpen + 1 }),
    openAsJudged: assign(({ context, event }) =>
      opened(context, event, judged(context, outcomeOf(event)) ?? 'consecutiveFailures'),
    ),
    openBecause: assign(({ context, event }, { reason }: { reason: OpenReason }) => opened(context, event, reason)),
    announceOpened: emit(({ context }) => ({
      type: 'breaker.opened',
      breaker: context.id,
      reason: context.reason ?? '',
      openMs: context.openForMs,
      failures: context.failures,
    })),
    announceClosed: emit(({ context }) => ({ type: 'breaker.closed', breaker: context.id })),
    // Whoever was told of an outage is told of its end, also when an operator ends it.
    announceEnd: enqueueActions(({ context, enqueue: next }) => {
      if (context.firstOpenedAt !== null) next.emit({ type: 'breaker.closed', breaker: context.id });
    }),
    useEvidence: assign({ evidenceUsed: true }),
    revokePermits: assign({ generation: ({ context }) => context.generation + 1, inFlight: 0, probe: null }),
    startRamp: assign({ stage: 0, failures: 0, reason: null }),
    nextStage: assign({ stage: ({ context }) => context.stage + 1 }),
    endOutage: assign({ opens: 0, firstOpenedAt: null, notBefore: 0, evidenceUsed: false, stage: 0 }),
    isolate: assign({ probe: null, stage: 0, reason: 'isolated' }),
    calmDown: assign(() => calm),
    clearWouldOpen: assign({ wouldOpen: 0 }),
    takeOptions: assign(({ event }) => withOptions(heard(event, 'options').options)),
  },
});

// Rows that mean the same in several states.
const room = { guard: 'isRoom', actions: ['grant', 'takePlace'], description: 'B1 a place is free: granted' } as const;
const success = {
  guard: 'isCurrent',
  actions: ['count', 'freePlace', 'grantLine'],
  description: 'B26 a success ends the streak',
} as const;
const failure = {
  guard: 'isFailure',
  actions: ['count', 'freePlace', 'grantLine'],
  description: 'B5 a failure counts',
} as const;
const uncounted = {
  guard: 'isCurrent',
  actions: ['freePlace', 'grantLine'],
  description: 'B27 counts as nothing: its place is free again',
} as const;
const wouldOpen = {
  guard: 'isLastStraw',
  actions: ['countWouldOpen', 'freePlace', 'grantLine'],
  description: 'B28 it would have opened: noted only',
} as const;
const newLife = {
  guard: 'keepsMode',
  actions: ['takeOptions', 'revokePermits', 'grantLine'],
  description: 'B42 a new process life: those who wait go on',
} as const;
const outOfTurn = [
  { guard: 'isStale', description: 'B29 of another generation: recorded, never counted' },
  { actions: 'freePlace', description: 'B30 too late to decide anything: its place is free again' },
] as const;
const signOfLife = [
  {
    guard: 'isFreshEvidenceAndSomeoneWaits',
    target: 'halfOpen.probing',
    actions: ['useEvidence', 'probeLine'],
    description: 'B16 a sign of life pulls the probe forward, once in an outage',
  },
  {
    guard: 'isFreshEvidence',
    target: 'halfOpen.awaitingProbe',
    actions: 'useEvidence',
    description: 'B17 a sign of life, nobody waits: the next request will probe',
  },
] as const;

const closed = createStateConfig({
  tags: 'admitting',
  on: {
    'permit.requested': room,
    'call.succeeded': [
      {
        guard: 'isLastStraw',
        target: 'open',
        actions: ['freePlace', 'openAsJudged', 'announceOpened'],
        description: 'B25 with it too many were slow or failed: opens',
      },
      success,
    ],
    'call.failed': [
      {
        guard: 'isLastStraw',
        target: 'open',
        actions: ['freePlace', 'openAsJudged', 'announceOpened'],
        description: 'B4 the last straw opens it',
      },
      failure,
      uncounted,
    ],
    'permit.released': uncounted,
    'run.started': newLife,
  },
});

const open = createStateConfig({
  after: {
    openMs: [
      {
        guard: 'someoneWaits',
        target: 'halfOpen.probing',
        actions: 'probeLine',
        description: 'B6 the time is over: the earliest deadline probes',
      },
      { target: 'halfOpen', description: 'B7 the time is over, nobody waits: the next request will probe' },
    ],
  },
  on: { 'evidence.gathered': signOfLife, 'gateway.readied': signOfLife },
});

const awaitingProbe = createStateConfig({
  on: {
    'permit.requested': {
      target: 'probing',
      actions: ['probe', 'noteProbe'],
      description: 'B15 the next request is the probe',
    },
  },
});

const probing = createStateConfig({
  after: {
    leaseMs: {
      target: '#circuitBreaker.open',
      actions: ['revokePermits', { type: 'openBecause', params: { reason: 'leaseExpired' } }, 'announceOpened'],
      description: 'B12 the probe is out too long: it counts as failed',
    },
  },
  on: {
    'call.succeeded': {
      guard: 'isProbe',
      target: 'ramping',
      actions: ['revokePermits', 'startRamp', 'grantRampLine'],
      description: 'B8 a good probe starts the slow start',
    },
    'call.failed': [
      {
        guard: 'isProbeFailed',
        target: '#circuitBreaker.open',
        actions: ['freePlace', { type: 'openBecause', params: { reason: 'probeFailed' } }, 'announceOpened'],
        description: 'B10 a failed probe opens it for longer',
      },
      {
        guard: 'isProbeAnswered',
        target: 'ramping',
        actions: ['revokePermits', 'startRamp', 'grantRampLine'],
        description: 'B9 refused by a working API: as good as a success',
      },
      {
        guard: 'isProbe',
        target: '#circuitBreaker.open',
        actions: ['freePlace', { type: 'openBecause', params: { reason: 'probeUndecided' } }, 'announceOpened'],
        description: 'B11 a probe that decides nothing: another one later',
      },
    ],
    'permit.released': [
      {
        guard: 'isProbeAndSomeoneWaits',
        target: 'probing',
        reenter: true,
        actions: ['freePlace', 'probeLine'],
        description: 'B13 the probe was not used: the next one probes',
      },
      {
        guard: 'isProbe',
        target: 'awaitingProbe',
        actions: ['freePlace', 'forgetProbe'],
        description: 'B14 the probe was not used, nobody waits',
      },
    ],
    'run.started': [
      {
        guard: 'keepsModeAndSomeoneWaits',
        target: 'probing',
        reenter: true,
        actions: ['takeOptions', 'revokePermits', 'probeLine'],
        description: 'B44 the probe died with its process: the next one probes',
      },
      {
        guard: 'keepsMode',
        target: 'awaitingProbe',
        actions: ['takeOptions', 'revokePermits'],
        description: 'B45 the probe died with its process, nobody waits',
      },
    ],
  },
});

const ramping = createStateConfig({
  tags: 'admitting',
  after: {
    rampStageMs: [
      {
        guard: 'isLastStage',
        target: '#circuitBreaker.closed',
        actions: ['endOutage', 'announceClosed', 'grantLine'],
        description: 'B24 the slow start is over: closed',
      },
      {
        target: 'ramping',
        reenter: true,
        actions: ['nextStage', 'grantRampLine'],
        description: 'B23 the next part of the slow start',
      },
    ],
  },
  on: {
    'permit.requested': {
      guard: 'isRampRoom',
      actions: ['grant', 'takePlace'],
      description: 'B18 a place of the slow start is free: granted',
    },
    'call.succeeded': [
      {
        guard: 'isLastStraw',
        target: '#circuitBreaker.open',
        actions: ['freePlace', 'openAsJudged', 'announceOpened'],
        description: 'B20 too many slow ones: opens for longer',
      },
      {
        guard: 'isCurrent',
        actions: ['count', 'freePlace', 'grantRampLine'],
        description: 'B21 a success: the slow start goes on',
      },
    ],
    'call.failed': [
      {
        guard: 'isFailure',
        target: '#circuitBreaker.open',
        actions: ['freePlace', { type: 'openBecause', params: { reason: 'rampFailed' } }, 'announceOpened'],
        description: 'B19 one failure opens it for longer',
      },
      {
        guard: 'isCurrent',
        actions: ['freePlace', 'grantRampLine'],
        description: 'B22 counts as nothing: the slow start goes on',
      },
    ],
    'permit.released': {
      guard: 'isCurrent',
      actions: ['freePlace', 'grantRampLine'],
      description: 'B22 counts as nothing: the slow start goes on',
    },
    'run.started': {
      guard: 'keepsMode',
      actions: ['takeOptions', 'revokePermits', 'grantRampLine'],
      description: 'B43 a new process life: the slow start goes on',
    },
  },
});

const isolated = createStateConfig({
  on: {
    'operator.released': [
      {
        guard: 'someoneWaits',
        target: 'halfOpen.probing',
        actions: 'probeLine',
        description: 'B33 let go: the earliest deadline probes',
      },
      { target: 'halfOpen.awaitingProbe', description: 'B34 let go, nobody waits: the next request will probe' },
    ],
  },
});

const disabled = createStateConfig({
  tags: 'admitting',
  on: {
    'permit.requested': room,
    'call.succeeded': uncounted,
    'call.failed': uncounted,
    'permit.released': uncounted,
    'run.started': newLife,
    'operator.enabled': { target: 'closed', description: 'B37 it judges again' },
  },
});

const observing = createStateConfig({
  tags: 'admitting',
  on: {
    'permit.requested': room,
    'call.succeeded': [wouldOpen, success],
    'call.failed': [wouldOpen, failure, uncounted],
    'permit.released': uncounted,
    'run.started': newLife,
    'operator.enabled': { target: 'closed', actions: 'calmDown', description: 'B37 it judges again' },
  },
});

/**
 * One breaker: may a call be made now, and by whom? It judges calls by their outcomes, hands out permits and keeps those who
 * wait, earliest deadline first, so that nothing polls. It knows nothing of messages, retries or what a call says.
 *
 * Bounds: `inFlightMax` permits out at once in every state, `waitingMax` waiters (past it `permit.denied`), ten parts of a
 * window, `GRANTS_MAX` grants in a step. Rules B1 to B50: `docs/spec/circuitBreaker.md`.
 */
export const circuitBreakerMachine = createMachine({
  id: 'circuitBreaker',
  context: ({ input }) => bornContext(input),
  initial: { target: 'starting', description: 'B47 born without a past' },
  on: {
    'permit.requested': [
      { guard: 'isListFull', actions: 'deny', description: 'B3 the list is full: refused' },
      { actions: 'joinLine', description: 'B2 waits, earliest deadline first' },
    ],
    'permit.cancelled': { actions: 'leaveLine', description: 'B31 no longer waits' },
    'call.succeeded': outOfTurn,
    'call.failed': outOfTurn,
    'permit.released': outOfTurn,
    'run.started': [
      {
        guard: 'becomesDisabled',
        target: '.disabled',
        actions: ['takeOptions', 'revokePermits', 'announceEnd', 'calmDown', 'grantLine'],
        description: 'B39 the new options disable it',
      },
      {
        guard: 'becomesObserving',
        target: '.observing',
        actions: ['takeOptions', 'revokePermits', 'announceEnd', 'calmDown', 'grantLine'],
        description: 'B40 the new options make it an observer',
      },
      {
        guard: 'becomesEnabled',
        target: '.closed',
        actions: ['takeOptions', 'revokePermits', 'announceEnd', 'calmDown', 'grantLine'],
        description: 'B41 the new options enable it',
      },
      { actions: ['takeOptions', 'revokePermits'], description: 'B46 a new process life: permits of the old one end' },
    ],
    'operator.isolated': { target: '.isolated', actions: 'isolate', description: 'B32 held open by the operator' },
    'operator.disabled': {
      target: '.disabled',
      actions: ['announceEnd', 'calmDown', 'grantLine'],
      description: 'B35 the operator switches judging off',
    },
    'operator.observed': {
      target: '.observing',
      actions: ['announceEnd', 'calmDown', 'grantLine'],
      description: 'B36 the operator lets it watch only',
    },
    'operator.reset': {
      target: '.closed',
      actions: ['revokePermits', 'announceEnd', 'calmDown', 'clearWouldOpen', 'grantLine'],
      description: 'B38 the operator clears everything',
    },
  },
  states: {
    starting: {
      always: [
        { guard: 'startsDisabled', target: 'disabled', description: 'B48 its options disable it' },
        { guard: 'startsObserving', target: 'observing', description: 'B49 its options make it an observer' },
        { target: 'closed', description: 'B50 otherwise it starts closed' },
      ],
    },
    closed,
    open,
    halfOpen: {
      initial: { target: 'awaitingProbe', description: 'B7 the next request will probe' },
      states: { awaitingProbe, probing, ramping },
    },
    isolated,
    disabled,
    observing,
  },
});

type EventWith<K extends PropertyKey> = Extract<CircuitBreakerEvent, { readonly [key in K]: unknown }>;

/** The event as one that carries `key`; the chart takes these actions and guards for such events only. */
function heard<K extends 'permit' | 'delivery' | 'options'>(event: CircuitBreakerEvent, key: K): EventWith<K> {
  if (key in event) return event as EventWith<K>;
  throw new Error(`circuitBreaker: the event "${event.type}" carries no ${key}; look for it in the chart`);
}

function outcomeOf(event: CircuitBreakerEvent): CallOutcome {
  if (event.type === 'call.succeeded' || event.type === 'call.failed') return event;
  throw new Error(`circuitBreaker: the event "${event.type}" is not the end of a call; look for it in the chart`);
}

function isFailure(event: CircuitBreakerEvent): boolean {
  return event.type === 'call.failed' && isFailureClass(event.class);
}

function waiterOf(event: CircuitBreakerEvent): { deadline: number; delivery: string } {
  const { deadline, delivery } = heard(event, 'delivery');
  return { deadline, delivery };
}

function someoneWaits({ context }: Args): boolean {
  return context.waiting.size > 0;
}

function holdsProbe({ context, event }: Args): boolean {
  return isProbe(context, heard(event, 'permit').permit);
}

/** The mode that the new options bring; null when they keep the one before, and with it the operator's hand. */
function newMode({ context, event }: Args): CircuitBreakerContext['options']['mode'] | null {
  const { mode } = heard(event, 'options').options.circuitBreaker;
  return mode === context.options.mode ? null : mode;
}

function isFreshEvidence({ context, event }: Args): boolean {
  return !context.evidenceUsed && event.at >= context.notBefore;
}
