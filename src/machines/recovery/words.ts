import { assign, emit, setup } from 'xstate';
import { heard } from '../kit/heard.js';
import { randomFrom } from '../kit/randomness.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { Signal } from '../vocabulary/signals.js';
import {
  afterRun,
  mayRun,
  type RecoveryContext,
  type RecoveryEvent,
  type RecoveryInput,
  sampled,
  verdictOf,
  withOptions,
} from './context.js';

export type { RecoveryContext, RecoveryInput };

export const recoveryEventTypes = [
  'gateway.readied',
  'drain.started',
  'run.started',
  'health.changed',
  'recovery.requested',
  'network.checked',
  'api.checked',
  'process.sampled',
  'action.completed',
  'effect.failed',
  'effect.interrupted',
] as const satisfies readonly RecoveryEvent['type'][];

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

export const ask = {
  guard: 'isOrdinary',
  target: 'diagnosing',
  actions: 'requestProbe',
  description: 'R4 an operator asks: diagnose now, and let the breaker probe',
} as const;
export const edge = {
  guard: 'isBadEdge',
  target: 'diagnosing',
  description: 'R5 a part got worse: diagnose at once',
} as const;

/**
 * The recovery loop: real checks side by side, one verdict by the most basic part that fails, an action that can help,
 * and a measurement that must have changed. It does nothing while only the remote is down, and undoes what it did when
 * things are well. It never touches a breaker's or a feature's state: they come back by themselves.
 *
 * Bounds: each check `deadlineMs`, each action cool-down `coolDownMs` (doubling) and `actionsMax` an hour. Rules R1 to
 * R38: `docs/SPEC.md`.
 */
export const recoverySetup = setup({
  types: {} as {
    context: RecoveryContext;
    input: RecoveryInput;
    events: RecoveryEvent;
    emitted: Signal | EffectRequest;
  },
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
    beginLife: assign(({ event }) => ({
      ...withOptions(heard(event, 'run.started').options),
      network: null,
      memory: null,
      api: null,
      badSamples: 0,
      tried: [],
      isReduced: false,
      isAlerted: false,
    })),
    chooseWait: assign(({ context, event }) => ({
      waitMs: Math.round(context.options.checkMs * (1 - JITTER + 2 * JITTER * randomFrom(event.id, 'checkMs'))),
    })),
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
    noteNoNetwork: assign({
      network: ({ context }) =>
        context.network ?? { ok: false, code: 'TIMED_OUT', latencyMs: context.options.deadlineMs },
    }),
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
    checkNetwork: emit(({ context }) => ({
      type: 'check.run' as const,
      check: 'network' as const,
      timeoutMs: context.options.deadlineMs,
    })),
    checkApi: emit(({ context }) => ({
      type: 'check.run' as const,
      check: 'api' as const,
      timeoutMs: context.options.deadlineMs,
    })),
    checkMemory: emit(({ context }) => ({
      type: 'check.run' as const,
      check: 'memory' as const,
      timeoutMs: context.options.deadlineMs,
    })),
    requestProbe: emit({ type: 'probe.requested', breaker: MESSAGES }),
    tellNetwork: emit({ type: 'network.failed' }),
    renewToken: emit({ type: 'token.rejected' }),
    clearCaches: emit({ type: 'action.run', action: 'clearCaches' }),
    tellCaches: emit({ type: 'caches.cleared' }),
    resetConnections: emit({ type: 'action.run', action: 'resetConnections' }),
    adviseReconnect: emit({ type: 'reconnect.advised' }),
    reduceLoad: emit({ type: 'load.reduced' }),
    restoreLoad: emit({ type: 'load.restored' }),
    alert: emit(({ context }) => ({
      type: 'module.notify' as const,
      event: 'error' as const,
      message: null,
      reason: `recovery: ${context.verdict ?? 'unknown'}: nothing helps`,
    })),
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
});
