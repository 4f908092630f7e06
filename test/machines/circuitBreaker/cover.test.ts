import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AnyMachineSnapshot } from 'xstate';
import { circuitBreakerEventTypes, circuitBreakerMachine } from '../../../src/machines/circuitBreaker/chart.js';
import type { CircuitBreakerContext } from '../../../src/machines/circuitBreaker/context.js';
import { earliest } from '../../../src/machines/kit/deadlineQueue.js';
import { type BotOptions, defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { jsonJudge } from '../jsonJudge.js';
import { statePath } from '../machineDriver.js';
import { type CoverEvent, type TransitionCover, transitionCover } from '../transitionCover.js';

type Mode = BotOptions['circuitBreaker']['mode'];

// As small as possible with every rule still in reach, so that the walk is whole.
const small = {
  ...defaultOptions.circuitBreaker,
  failureThreshold: 2,
  minimumCalls: 2,
  slowRate: 1,
  rampShares: [0.5, 1],
  waitingMax: 1,
};
const optionsIn = (mode: Mode): BotOptions => ({
  ...defaultOptions,
  circuitBreaker: { ...small, mode },
  calls: { ...defaultOptions.calls, inFlightMax: 2, slowMs: 100 },
});
const inputIn = (mode: Mode) => ({
  id: 'breaker:messages',
  options: optionsIn(mode).circuitBreaker,
  inFlightMax: 2,
  slowMs: 100,
  at: 0,
});

function eventsIn(snapshot: AnyMachineSnapshot): CoverEvent[] {
  const context = snapshot.context as CircuitBreakerContext;
  const { generation, probe } = context;
  const waiter = earliest(context.waiting) ?? { delivery: 'nobody', deadline: 1 };
  const permits = [
    { id: probe ?? 'any', generation },
    { id: 'other', generation },
    { id: 'old', generation: generation - 1 },
  ];
  const failed = { retryAfterMs: null, status: 400, latencyMs: 5 };
  return [
    { type: 'permit.requested', delivery: 'd', deadline: 9_000_000, operator: false },
    { type: 'permit.cancelled', ...waiter },
    ...permits.flatMap((permit) => [
      { type: 'permit.released', permit },
      { type: 'call.succeeded', permit, class: 'ok', latencyMs: 5 },
      { type: 'call.succeeded', permit, class: 'ok', latencyMs: 500 },
      { type: 'call.failed', permit, class: 'transient', ...failed },
      { type: 'call.failed', permit, class: 'throttled', ...failed },
      { type: 'call.failed', permit, class: 'auth', ...failed },
      { type: 'call.failed', permit, class: 'rejectedForm', ...failed },
    ]),
    { type: 'evidence.gathered' },
    { type: 'probe.requested' },
    { type: 'load.reduced' },
    { type: 'load.restored' },
    { type: 'gateway.readied' },
    { type: 'gateway.lost' },
    { type: 'token.changed' },
    { type: 'run.started', options: optionsIn('enabled') },
    { type: 'run.started', options: optionsIn('observing') },
    { type: 'run.started', options: optionsIn('disabled') },
    ...(['isolated', 'released', 'disabled', 'observed', 'enabled', 'reset'] as const).map((verb) => ({
      type: `operator.${verb}`,
    })),
  ];
}

function keyOf(snapshot: AnyMachineSnapshot): string {
  const context = snapshot.context as CircuitBreakerContext;
  const { inFlight, waiting, failures, window, evidenceUsed, stage, held, isTokenless = false } = context;
  const slow = window.reduce((sum, bucket) => sum + bucket.slow, 0);
  const place = [statePath(snapshot.value), Math.min(inFlight, 3), waiting.size];
  return JSON.stringify([...place, Math.min(failures, 1), Math.min(slow, 1), evidenceUsed, stage, held || isTokenless]);
}

let cover: TransitionCover;
// In a hook, not at load: a defect that makes the walk throw must fail tests, not the file.
beforeAll(() => {
  const inputs = (['enabled', 'observing', 'disabled'] as const).map(inputIn);
  cover = transitionCover(circuitBreakerMachine, { inputs, events: eventsIn, key: keyOf, limit: 1_000 });
});

describe('the chart of the breaker', () => {
  test('has no transition that nothing can take', () => {
    // Those of single targets and of who does not wait have rows of their own in the chart's test.
    expect(cover.untaken.filter((row) => !/\(B(59|60|64|66|67|68) /.test(row))).toEqual([]);
    expect(cover.defined.size).toBeGreaterThan(60);
  });

  test('reaches every state', () => {
    const states = new Set(cover.edges.map(({ from }) => statePath(from.value)));
    expect([...states].sort()).toEqual([
      'closed',
      'disabled',
      'halfOpen.awaitingProbe',
      'halfOpen.probing',
      'halfOpen.ramping',
      'isolated',
      'observing',
      'open',
    ]);
  });

  test('ignores exactly these events, on purpose', () => {
    const unasked = ['evidence.gathered', 'probe.requested'];
    const admitting = ['operator.enabled', 'operator.released', ...unasked];
    const expected: Record<string, string[]> = {
      closed: admitting,
      'halfOpen.ramping': admitting,
      disabled: ['operator.released', ...unasked],
      observing: ['operator.released', ...unasked],
      open: ['operator.enabled', 'operator.released'],
      'halfOpen.awaitingProbe': [...admitting],
      'halfOpen.probing': admitting,
      isolated: ['operator.enabled', ...unasked],
    };
    const cells = Object.entries(expected).flatMap(([state, events]) => events.map((event) => `${state}: ${event}`));
    expect(cover.ignoredCells).toEqual(cells.sort());
  });

  test('does nothing at all for an event that it ignores', () => {
    expect(cover.restless).toEqual([]);
    expect(cover.edges.filter(({ taken }) => taken.length === 0).length).toBeGreaterThan(100);
  });

  test('hears every event of its list and no other', () => {
    const own = circuitBreakerMachine.events.filter((type) => !type.startsWith('xstate.'));
    expect([...own].sort()).toEqual([...circuitBreakerEventTypes].sort());
  });

  test('never counts below nothing, nor holds a value that JSON loses', () => {
    const isJson = jsonJudge();
    for (const { folded } of cover.edges) {
      const context = folded.snapshot.context as CircuitBreakerContext;
      if (!(context.inFlight >= 0)) expect(context.inFlight).toBeGreaterThanOrEqual(0);
      if (!isJson(context)) expect(JSON.parse(JSON.stringify(context))).toEqual(context);
    }
  });

  test('arms a delay whenever it enters a state that must not last', () => {
    const lasting: Record<string, string> = {
      open: 'xstate.after.openMs.circuitBreaker.open',
      'halfOpen.probing': 'xstate.after.leaseMs.circuitBreaker.halfOpen.probing',
      'halfOpen.ramping': 'xstate.after.rampStageMs.circuitBreaker.halfOpen.ramping',
    };
    const entries = cover.edges.filter(
      ({ from, folded }) => statePath(from.value) !== statePath(folded.snapshot.value),
    );
    for (const { folded } of entries) {
      const delay = lasting[statePath(folded.snapshot.value)];
      expect(folded.armed.map(({ type }) => type)).toEqual(delay === undefined ? [] : [delay]);
    }
    expect(entries.length).toBeGreaterThan(50);
  });
});
