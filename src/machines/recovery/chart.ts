import { assign, emit, setup } from 'xstate';
import { heard } from '../kit/heard.js';
import { randomFrom } from '../kit/randomness.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { Signal } from '../vocabulary/signals.js';
import { afterRun, emptyContext, mayRun, type RecoveryContext, type RecoveryEvent, type RecoveryInput, sampled, verdictOf, withOptions } from './context.js';

export type { RecoveryContext, RecoveryInput };

export const recoveryEventTypes = ['gateway.readied', 'drain.started', 'run.started', 'health.changed', 'recovery.requested', 'network.checked', 'api.checked', 'process.sampled', 'action.completed', 'effect.failed', 'effect.interrupted'] as const satisfies readonly RecoveryEvent['type'][];

/** The breaker that an operator's request lets probe at once. */
const MESSAGES = 'breaker:messages';
/** Checks are up to a fifth earlier or later, so that bots do not check in step. */
const JITTER = 0.2;
/** The adapter ends a check by itself; this is only for one that never comes back. */
const GRACE_MS = 1_000;

type Args = { readonly context: RecoveryContext; readonly event: RecoveryEvent };
const can =
  (action: 'clearCaches' | 'resetConnections' | 'reduceLoad') =>
  ({ context, event }: Args) =>
    mayRun(context, action, event.at);

const ask = { guard: 'isOrdinary', target: 'diagnosing', actions: 'requestProbe', description: 'R4 an operator asks: diagnose now, and let the breaker probe' } as const;
const edge = { guard: 'isBadEdge', target: 'diagnosing', description: 'R5 a part got worse: diagnose at once' } as const;

/**
 * The recovery loop: real checks side by side, one verdict by the most basic part that fails, an action that can help, and
 * a measurement that must have changed. It does nothing while only the remote is down, and undoes what it did when things
 * are well. It never touches a breaker's or a feature's state: they come back by themselves.
 *
 * Bounds: each check `deadlineMs`, each action cool-down `coolDownMs` (doubling) and `actionsMax` an hour.
 * Rules R1 to R38: `docs/SPEC.md`.
 */
export const recoveryMachine = setup({
  types: {} as { context: RecoveryContext; input: RecoveryInput; events: RecoveryEvent; emitted: Signal | EffectRequest },
  guards: {
    isForced: ({ event }) => heard(event, 'recovery.requested').force,
    isOrdinary: ({ event }) => !heard(event, 'recovery.requested').force,
    isBadEdge: ({ event }) => ['degraded', 'unhealthy'].includes(heard(event, 'health.changed').to),
    isComplete: ({ context }) => context.network !== null && context.memory !== null && context.api !== null,
    isNetwork: ({ context }) => verdictOf(context) === 'network',
    isNetworkToReset: (args) => verdictOf(args.context) === 'network' && can('resetConnections')(args),
    isMemoryToClear: (args) => verdictOf(args.context) === 'memory' && can('clearCaches')(args),
    isMemoryToReduce: (args) => verdictOf(args.context) === 'memory' && can('reduceLoad')(args),
    isMemory: ({ context }) => verdictOf(context) === 'memory',
    isAuth: ({ context }) => verdictOf(context) === 'auth',
    isRemote: ({ context }) => verdictOf(context) === 'remote',
    isReduced: ({ context }) => context.isReduced,
    isMeasuringNetwork: ({ context }) => context.verdict === 'network',
    isReachable: ({ event }) => heard(event, 'network.checked').ok,
    isRelieved: ({ context, event }) => sampled(context, heard(event, 'process.sampled')).memory?.ok === true,
    wantsExit: ({ context }) => context.options.exitWhenStuck,
    isAlerted: ({ context }) => context.isAlerted,
  },
  actions: {
    beginLife: assign(({ event }) => ({ ...withOptions(heard(event, 'run.started').options), network: null, memory: null, api: null, badSamples: 0, tried: [], isReduced: false, isAlerted: false })),
    chooseWait: assign(({ context, event }) => ({ waitMs: Math.round(context.options.checkMs * (1 - JITTER + 2 * JITTER * randomFrom(event.id, 'checkMs'))) })),
    clearResults: assign({ network: null, memory: null, api: null }),
    noteNetwork: assign({
      network: ({ event }) => {
        const { ok, code, latencyMs } = heard(event, 'network.checked');
        return { ok, code, latencyMs };
      },
    }),
    noteApi: assign({
      api: ({ event }) => {
        const { class: kind, status, code } = heard(event, 'api.checked');
        return { class: kind, status, code };
      },
    }),
    noteSample: assign(({ context, event }) => sampled(context, heard(event, 'process.sampled'))),
    noteNoNetwork: assign({ network: ({ context }) => context.network ?? { ok: false, code: 'TIMED_OUT', latencyMs: context.options.deadlineMs } }),
    noteNoApi: assign({ api: ({ context }) => context.api ?? { class: 'ambiguous', status: null, code: 'TIMED_OUT' } }),
    noteNoSample: assign({ memory: ({ context }) => context.memory ?? { ok: true, heapShare: 0, loopP99Ms: 0 } }),
    noteVerdict: assign(({ context, event }) => ({ verdict: verdictOf(context), checkedAt: event.at })),
    forgetTries: assign({ tried: [], isAlerted: false }),
    forgetPast: assign({ tried: [], past: {}, isAlerted: false, badSamples: 0, verdict: null }),
    countClear: assign(({ context, event }) => afterRun(context, 'clearCaches', event.at)),
    countReset: assign(({ context, event }) => afterRun(context, 'resetConnections', event.at)),
    countReduce: assign(({ context, event }) => ({ ...afterRun(context, 'reduceLoad', event.at), isReduced: true })),
    markRestored: assign({ isReduced: false }),
    markAlerted: assign({ isAlerted: true }),
    checkNetwork: emit(({ context }) => ({ type: 'check.run' as const, check: 'network' as const, timeoutMs: context.options.deadlineMs })),
    checkApi: emit(({ context }) => ({ type: 'check.run' as const, check: 'api' as const, timeoutMs: context.options.deadlineMs })),
    checkMemory: emit(({ context }) => ({ type: 'check.run' as const, check: 'memory' as const, timeoutMs: context.options.deadlineMs })),
    requestProbe: emit({ type: 'probe.requested', breaker: MESSAGES }),
    tellNetwork: emit({ type: 'network.failed' }),
    renewToken: emit({ type: 'token.rejected' }),
    clearCaches: emit({ type: 'action.run', action: 'clearCaches' }),
    tellCaches: emit({ type: 'caches.cleared' }),
    resetConnections: emit({ type: 'action.run', action: 'resetConnections' }),
    adviseReconnect: emit({ type: 'reconnect.advised' }),
    reduceLoad: emit({ type: 'load.reduced' }),
    restoreLoad: emit({ type: 'load.restored' }),
    alert: emit(({ context }) => ({ type: 'module.notify' as const, event: 'error' as const, message: null, reason: `recovery: ${context.verdict ?? 'unknown'}: nothing helps` })),
    tellStuck: emit({ type: 'recovery.stuck' }),
  },
  delays: {
    checkMs: ({ context }) => context.waitMs,
    againMs: ({ context }) => context.waitMs,
    networkMs: ({ context }) => context.options.deadlineMs + GRACE_MS,
    memoryMs: ({ context }) => context.options.deadlineMs + GRACE_MS,
    apiMs: ({ context }) => context.options.deadlineMs + GRACE_MS,
    actionMs: ({ context }) => context.options.deadlineMs,
    verifyMs: ({ context }) => context.options.verifyMs,
    measureMs: ({ context }) => context.options.deadlineMs + GRACE_MS,
  },
}).createMachine({
  id: 'recovery',
  context: ({ input }) => ({ ...emptyContext, options: input.options }),
  initial: { target: 'dormant', description: 'R1 nothing to recover before the bot is connected' },
  on: {
    'run.started': { target: '.dormant', actions: 'beginLife', description: 'R2 a new process life waits for its connection' },
    'drain.started': { target: '.dormant', description: 'R3 a drain stops the loop' },
    'recovery.requested': { guard: 'isForced', target: '.idle', actions: ['forgetPast', 'markRestored', 'restoreLoad', 'requestProbe'], description: 'R6 a forced recovery: everything on, the past forgotten' },
  },
  states: {
    dormant: {
      on: { 'gateway.readied': { target: 'idle', description: 'R7 connected: the loop begins' } },
    },
    idle: {
      entry: 'chooseWait',
      on: {
        'recovery.requested': ask,
        'health.changed': edge,
      },
      after: { checkMs: { target: 'diagnosing', description: 'R8 time for a diagnosis' } },
    },
    diagnosing: {
      type: 'parallel',
      entry: ['clearResults', 'checkNetwork', 'checkMemory', 'checkApi'],
      always: { guard: 'isComplete', target: 'judging', actions: 'noteVerdict', description: 'R9 all checks are back' },
      states: {
        network: {
          initial: 'checking',
          states: {
            checking: {
              on: { 'network.checked': { target: 'checked', actions: 'noteNetwork', description: 'R10 the network check is back' } },
              after: { networkMs: { target: 'checked', actions: 'noteNoNetwork', description: 'R11 the network check hangs: failed' } },
            },
            checked: {},
          },
        },
        memory: {
          initial: 'checking',
          states: {
            checking: {
              on: { 'process.sampled': { target: 'checked', actions: 'noteSample', description: 'R12 the sample of the process is there' } },
              after: { memoryMs: { target: 'checked', actions: 'noteNoSample', description: 'R13 no sample: nothing is known, so nothing is done' } },
            },
            checked: {},
          },
        },
        api: {
          initial: 'checking',
          states: {
            checking: {
              on: { 'api.checked': { target: 'checked', actions: 'noteApi', description: 'R14 the API check is back' } },
              after: { apiMs: { target: 'checked', actions: 'noteNoApi', description: 'R15 the API check hangs: failed' } },
            },
            checked: {},
          },
        },
      },
    },
    judging: {
      always: [
        { guard: 'isNetworkToReset', target: 'acting.resettingConnections', actions: ['tellNetwork', 'countReset'], description: 'R16 the host cannot be reached: make connections anew' },
        { guard: 'isNetwork', target: 'escalated', actions: 'tellNetwork', description: 'R17 the host cannot be reached, and connections were made anew already' },
        { guard: 'isMemoryToClear', target: 'acting.clearingCaches', actions: 'countClear', description: 'R18 memory or event loop: clear caches' },
        { guard: 'isMemoryToReduce', target: 'acting.reducingLoad', actions: 'countReduce', description: 'R19 memory or event loop still: reduce load' },
        { guard: 'isMemory', target: 'escalated', description: 'R20 memory or event loop, and nothing is left to do' },
        { guard: 'isAuth', target: 'idle', actions: 'renewToken', description: 'R21 the token is not taken: renew it' },
        { guard: 'isRemote', target: 'idle', description: 'R22 only the remote is down: waiting is the right thing to do' },
        { guard: 'isReduced', target: 'idle', actions: ['forgetTries', 'markRestored', 'restoreLoad'], description: 'R23 well again: undo the reduction' },
        { target: 'idle', actions: 'forgetTries', description: 'R24 all is well' },
      ],
    },
    acting: {
      initial: 'clearingCaches',
      on: {
        'action.completed': { target: 'verifying', description: 'R25 done: does it help?' },
        'effect.failed': { target: 'verifying', description: 'R26 the action failed: measure all the same' },
        'effect.interrupted': { target: 'verifying', description: 'R27 the action died with its process' },
      },
      after: { actionMs: { target: 'verifying', description: 'R28 the action hangs: measure all the same' } },
      states: {
        clearingCaches: { entry: ['tellCaches', 'clearCaches'] },
        resettingConnections: { entry: ['adviseReconnect', 'resetConnections'] },
        reducingLoad: {
          entry: 'reduceLoad',
          always: { target: '#recovery.verifying', description: 'R29 load is reduced: does it help?' },
        },
      },
    },
    verifying: {
      initial: 'waiting',
      states: {
        waiting: {
          after: {
            verifyMs: [
              { guard: 'isMeasuringNetwork', target: 'measuring', actions: 'checkNetwork', description: 'R30 measure the network again' },
              { target: 'measuring', actions: 'checkMemory', description: 'R31 measure the process again' },
            ],
          },
        },
        measuring: {
          on: {
            'network.checked': [
              { guard: 'isReachable', target: '#recovery.idle', actions: 'noteNetwork', description: 'R32 the measurement has changed: it helped' },
              { target: '#recovery.judging', actions: 'noteNetwork', description: 'R33 nothing has changed: the next step' },
            ],
            'process.sampled': [
              { guard: 'isRelieved', target: '#recovery.idle', actions: 'noteSample', description: 'R32 the measurement has changed: it helped' },
              { target: '#recovery.judging', actions: 'noteSample', description: 'R33 nothing has changed: the next step' },
            ],
          },
          after: { measureMs: { target: '#recovery.judging', description: 'R34 no measurement: the next step' } },
        },
      },
    },
    escalated: {
      entry: 'chooseWait',
      initial: 'raising',
      states: {
        raising: {
          always: [
            { guard: 'isAlerted', target: 'alerted', description: 'R35 alerted before' },
            { guard: 'wantsExit', target: 'alerted', actions: ['markAlerted', 'alert', 'tellStuck'], description: 'R36 nothing helps: alert, and end for a supervisor to start again' },
            { target: 'alerted', actions: ['markAlerted', 'alert'], description: 'R37 nothing helps: alert and stay up' },
          ],
        },
        alerted: {
          on: { 'recovery.requested': { ...ask, target: '#recovery.diagnosing' } },
          after: { againMs: { target: '#recovery.diagnosing', description: 'R38 look again' } },
        },
      },
    },
  },
});
