import { bornContext } from './context.js';
import { circuitBreakerSetup } from './words.js';

export {
  type CircuitBreakerEmitted,
  type CircuitBreakerEvent,
  circuitBreakerEventTypes,
} from './events.js';

const { createMachine, createStateConfig } = circuitBreakerSetup;

// Rows that mean the same in several states.
const room = { guard: 'isRoom', actions: 'grant', description: 'B1 a place is free: granted' } as const;
const success = { guard: 'isCurrent', actions: ['count', 'grantLine'], description: 'B26 ends the streak' } as const;
const failure = { guard: 'isFailure', actions: ['count', 'grantLine'], description: 'B5 a failure counts' } as const;
const uncounted = { guard: 'isCurrent', actions: ['freePlace', 'grantLine'], description: 'B27 not counted' } as const;
const slow = { guard: 'isCurrent', actions: ['freePlace', 'grantRampLine'], description: 'B22 not counted' } as const;
const failsOn = {
  guard: 'isKnownFailure',
  actions: ['noteFailure', 'grantLine'],
  description: 'B59 one target fails on while others answer: counted once',
} as const;
const unauthorised = {
  guard: 'isUnauthorised',
  actions: ['freePlace', 'holdForToken'],
  description: 'B61 our token is refused: requests wait for another',
} as const;
const token = { actions: ['takeToken', 'grantLine'], description: 'B62 a token again: the line goes on' } as const;
const noted = { guard: 'isLastStraw', actions: ['noteWouldOpen', 'grantLine'], description: 'B28 noted only' } as const;
const life = { guard: 'keepsMode', actions: ['beginLife', 'grantLine'], description: 'B42 the line goes on' } as const;
const newMode = ['beginLife', 'calmDown', 'grantLine'] as const;
const restored = {
  actions: ['restoreLoad', 'grantLine'],
  description: 'B65 the reduction is over: the line goes on',
} as const;
const linked = {
  actions: ['letGo', 'grantLine'],
  description: 'B52 a gateway session again: the line goes on',
} as const;
const notNow = {
  guard: 'isImpatient',
  actions: 'deny',
  description: 'B64 it does not wait for the end of an outage: refused',
} as const;
const outOfTurn = [
  { guard: 'isStale', description: 'B29 of another generation: recorded, never counted' },
  { actions: 'freePlace', description: 'B30 too late to decide anything: its place is free again' },
] as const;
const signOfLife = [
  {
    guard: 'isEvidenceForWaiters',
    target: 'halfOpen.probing',
    actions: ['useEvidence', 'probeLine'],
    description: 'B16 a sign of life pulls the probe forward, once',
  },
  {
    guard: 'isEvidence',
    target: 'halfOpen.awaitingProbe',
    actions: 'useEvidence',
    description: 'B17 a sign of life: the next request will probe',
  },
] as const;

// biome-ignore format: one transition a row
const closed = createStateConfig({
  tags: 'admitting',
  on: {
    'permit.requested': room,
    'call.succeeded': [
      { guard: 'isLastStraw', target: 'open', actions: 'openAsJudged', description: 'B25 too many slow or failed' },
      success,
    ],
    'call.failed': [
      unauthorised,
      failsOn,
      { guard: 'isLastStraw', target: 'open', actions: 'openAsJudged', description: 'B4 the last straw opens it' },
      failure,
      uncounted,
    ],
    'permit.released': uncounted,
    'run.started': life,
    'gateway.readied': linked,
    'token.changed': token,
    'load.restored': restored,
  },
});

// biome-ignore format: one transition a row
const open = createStateConfig({
  always: { guard: 'isTurnOfAnother', target: 'halfOpen.probing', actions: 'probeLine',
    description: 'B60 one target alone has failed: the first of another probes' },
  after: {
    openMs: [
      { guard: 'someoneWaits', target: 'halfOpen.probing', actions: 'probeLine',
        description: 'B6 time over: the first in line probes' },
      { target: 'halfOpen', description: 'B7 time over: the next request will probe' },
    ],
  },
  on: {
    'permit.requested': { ...notNow, guard: 'isImpatientInVain' },
    'evidence.gathered': signOfLife,
    'probe.requested': [
      { guard: 'someoneWaits', target: 'halfOpen.probing', actions: 'probeLine',
        description: 'B55 a probe is wanted now: the first in line' },
      { target: 'halfOpen', description: 'B56 a probe is wanted now: the next request will be it' },
    ],
    'gateway.readied': [
      { ...signOfLife[0], actions: ['letGo', 'useEvidence', 'probeLine'] },
      { ...signOfLife[1], actions: ['letGo', 'useEvidence'] },
    ],
  },
});

// biome-ignore format: one transition a row
const awaitingProbe = createStateConfig({
  on: {
    'permit.requested': { target: 'probing', actions: 'probeRequest', description: 'B15 the request is the probe' },
  },
});

const nextProbes = {
  target: 'probing',
  reenter: true,
  actions: ['freePlace', 'probeLine'],
  description: 'B13 not used: the next one probes',
} as const;
const noProbe = { target: 'awaitingProbe', actions: 'forgetProbe', description: 'B14 not used, nobody waits' } as const;

// biome-ignore format: one transition a row
const probing = createStateConfig({
  after: {
    leaseMs: { target: '#circuitBreaker.open', actions: 'openAfterLease',
      description: 'B12 out too long: counts as failed' },
  },
  on: {
    'call.succeeded': { guard: 'isProbe', target: 'ramping', actions: ['startRamp', 'grantRampLine'],
      description: 'B8 a good probe starts the slow start' },
    'call.failed': [
      { guard: 'isProbeKnownForWaiters', target: 'probing', reenter: true, actions: ['noteProbeFailure', 'probeLine'],
        description: 'B66 its target fails on while others answer: the next one probes' },
      { guard: 'isProbeKnown', target: 'awaitingProbe', actions: 'noteProbeFailure',
        description: 'B67 its target fails on while others answer: the next request will probe' },
      { guard: 'isProbeFailed', target: '#circuitBreaker.open', actions: 'openAfterProbe',
        description: 'B10 opens again, for longer' },
      { guard: 'isProbeAnswered', target: 'ramping', actions: ['startRamp', 'grantRampLine'],
        description: 'B9 refused by a working API: as good' },
      { guard: 'isProbe', target: '#circuitBreaker.open', actions: 'openAgain',
        description: 'B11 decided nothing: another one later' },
    ],
    'permit.released': [
      { ...nextProbes, guard: 'isProbeForWaiters' },
      { ...noProbe, guard: 'isProbe' },
    ],
    'run.started': [
      { guard: 'keepsModeForWaiters', target: 'probing', reenter: true, actions: ['beginLife', 'probeLine'],
        description: 'B44 died with its process: the next one probes' },
      { guard: 'keepsMode', target: 'awaitingProbe', actions: 'beginLife',
        description: 'B45 died with its process, nobody waits' },
    ],
  },
});

// biome-ignore format: one transition a row
const ramping = createStateConfig({
  tags: 'admitting',
  after: {
    rampStageMs: [
      { guard: 'isLastStage', target: '#circuitBreaker.closed', actions: ['endOutage', 'grantLine'],
        description: 'B24 the slow start is over: closed' },
      { target: 'ramping', reenter: true, actions: ['nextStage', 'grantRampLine'], description: 'B23 the next part' },
    ],
  },
  on: {
    'permit.requested': { guard: 'isRampRoom', actions: 'grant', description: 'B18 a place is free: granted' },
    'call.succeeded': [
      { guard: 'isLastStraw', target: '#circuitBreaker.open', actions: 'openAsJudged', description: 'B20 too slow' },
      { guard: 'isCurrent', actions: ['count', 'grantRampLine'], description: 'B21 the slow start goes on' },
    ],
    'call.failed': [
      unauthorised,
      { ...failsOn, actions: ['noteFailure', 'grantRampLine'] },
      { guard: 'isFailure', target: '#circuitBreaker.open', actions: 'openFromRamp',
        description: 'B19 one failure opens it again' },
      slow,
    ],
    'permit.released': slow,
    'gateway.readied': { ...linked, actions: ['letGo', 'grantRampLine'] },
    'token.changed': { ...token, actions: ['takeToken', 'grantRampLine'] },
    'load.restored': { ...restored, actions: ['restoreLoad', 'grantRampLine'] },
    'run.started': { guard: 'keepsMode', actions: ['beginLife', 'grantRampLine'],
      description: 'B43 a new life: the slow start goes on' },
  },
});

// biome-ignore format: one transition a row
const isolated = createStateConfig({
  on: {
    'permit.requested': notNow,
    'operator.released': [
      { guard: 'someoneWaits', target: 'halfOpen.probing', actions: 'probeLine',
        description: 'B33 let go: the first in line probes' },
      { target: 'halfOpen.awaitingProbe', description: 'B34 let go: the next request will probe' },
    ],
  },
});

// biome-ignore format: one transition a row
const disabled = createStateConfig({
  tags: 'admitting',
  on: {
    'permit.requested': room,
    'call.succeeded': uncounted,
    'call.failed': [unauthorised, uncounted],
    'permit.released': uncounted,
    'run.started': life,
    'gateway.readied': linked,
    'token.changed': token,
    'load.restored': restored,
    'operator.enabled': { target: 'closed', description: 'B37 it judges again' },
  },
});

// biome-ignore format: one transition a row
const observing = createStateConfig({
  tags: 'admitting',
  on: {
    'permit.requested': room,
    'call.succeeded': [noted, success],
    'call.failed': [unauthorised, failsOn, noted, failure, uncounted],
    'permit.released': uncounted,
    'run.started': life,
    'gateway.readied': linked,
    'token.changed': token,
    'load.restored': restored,
    'operator.enabled': { target: 'closed', actions: 'calmDown', description: 'B37 it judges again' },
  },
});

/**
 * One breaker: may a call be made now, and by whom? It judges calls by their outcomes, hands out permits and keeps
 * those who wait, earliest deadline first, so that nothing polls. It knows nothing of messages, retries or what a call
 * says.
 *
 * Bounds: `inFlightMax` permits out at once in every state, `waitingMax` waiters (past it `permit.denied`), ten parts
 * of a window, `GRANTS_MAX` grants in a step, `TARGETS_MAX` failing targets. Rules B1 to B68: `docs/SPEC.md`.
 */
// biome-ignore format: one transition a row
export const circuitBreakerMachine = createMachine({
  id: 'circuitBreaker',
  context: ({ input }) => bornContext(input),
  initial: { target: 'starting', description: 'B47 born without a past' },
  on: {
    'permit.requested': [
      { guard: 'isListFullOfCulprit', actions: ['giveWay', 'joinLine'],
        description: 'B68 the list is full, and one target alone has failed: its last gives way to another' },
      { guard: 'isListFull', actions: 'deny', description: 'B3 the list is full: refused' },
      { actions: 'joinLine', description: 'B2 waits, earliest deadline first' },
    ],
    'gateway.lost': { actions: 'hold', description: 'B53 no gateway session: requests wait' },
    'gateway.readied': { actions: 'letGo', description: 'B54 a gateway session again' },
    'token.changed': { actions: 'takeToken', description: 'B63 a token again' },
    'load.reduced': { actions: 'reduceLoad', description: 'B57 load is reduced: half the calls at once' },
    'load.restored': { actions: 'restoreLoad', description: 'B58 the reduction is over' },
    'permit.cancelled': { actions: 'leaveLine', description: 'B31 no longer waits' },
    'call.succeeded': outOfTurn,
    'call.failed': outOfTurn,
    'permit.released': outOfTurn,
    'run.started': [
      { guard: 'becomesDisabled', target: '.disabled', actions: newMode, description: 'B39 disabled by new options' },
      { guard: 'becomesObserving', target: '.observing', actions: newMode, description: 'B40 observer by new options' },
      { guard: 'becomesEnabled', target: '.closed', actions: newMode, description: 'B41 enabled by new options' },
      { actions: 'beginLife', description: 'B46 a new life: permits of the old one end' },
    ],
    'operator.isolated': { target: '.isolated', actions: 'isolate', description: 'B32 held open by the operator' },
    'operator.disabled': { target: '.disabled', actions: ['calmDown', 'grantLine'],
      description: 'B35 judging switched off' },
    'operator.observed': { target: '.observing', actions: ['calmDown', 'grantLine'],
      description: 'B36 judging without consequence' },
    'operator.reset': { target: '.closed', actions: ['resetAll', 'grantLine'], description: 'B38 everything cleared' },
  },
  states: {
    starting: {
      always: [
        { guard: 'startsDisabled', target: 'disabled', description: 'B48 disabled by its options' },
        { guard: 'startsObserving', target: 'observing', description: 'B49 an observer by its options' },
        { target: 'closed', description: 'B50 otherwise it starts closed' },
      ],
    },
    closed,
    open,
    halfOpen: {
      initial: { target: 'awaitingProbe', description: 'B7 time over: the next request will probe' },
      states: { awaitingProbe, probing, ramping },
    },
    isolated,
    disabled,
    observing,
  },
});
