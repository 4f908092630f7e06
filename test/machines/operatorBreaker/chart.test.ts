import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AnyMachineSnapshot } from 'xstate';
import { earliest } from '../../../src/machines/kit/deadlineQueue.js';
import { OPERATOR_LEASE_MS, OPERATOR_WAITING_MAX, type OperatorBreakerContext, operatorBreakerEventTypes, operatorBreakerMachine } from '../../../src/machines/operatorBreaker/chart.js';
import type { ErrorClass, Permit } from '../../../src/machines/vocabulary/base.js';
import { createMachineDriver, type MachineDriver } from '../machineDriver.js';
import { transitionCover } from '../transitionCover.js';

let driver: MachineDriver;
let permits: Map<string, Permit>;

beforeEach(() => {
  driver = createMachineDriver(operatorBreakerMachine, { id: 'breaker:operator' });
  permits = new Map();
});

const context = () => driver.snapshot.context as OperatorBreakerContext;
function note(): void {
  for (const { type, delivery, permit } of driver.emitted) {
    if (type === 'permit.granted') permits.set(delivery as string, permit as Permit);
  }
}
function send(type: string, more: object = {}): void {
  driver.send({ type, ...more });
  note();
}
function wait(ms: number): void {
  driver.wait(ms);
  note();
}
const request = (delivery: string, deadline = 5_000_000) => send('permit.requested', { delivery, deadline, operator: true });
const succeed = (delivery: string) => send('call.succeeded', { permit: permits.get(delivery), class: 'ok', latencyMs: 20 });
const fail = (delivery: string, errorClass: ErrorClass, status: number | null = 400) => send('call.failed', { permit: permits.get(delivery), class: errorClass, status, latencyMs: 20, retryAfterMs: null });
const release = (delivery: string) => send('permit.released', { permit: permits.get(delivery) });
const told = () => driver.emitted.map(({ type, delivery, breaker }) => `${type} ${delivery ?? breaker}`);
function expectStep(rule: string, state: string, emitted: string[] = []): void {
  expect(driver.rules).toEqual([rule]);
  expect(driver.state).toBe(state);
  expect(told()).toEqual(emitted);
}

describe('the operator breaker, rule by rule', () => {
  test('[OB1] grants at once when nothing is out', () => {
    request('a');
    expectStep('OB1', 'inUse', ['permit.granted a']);
    expect(driver.emitted[0]).toEqual({
      type: 'permit.granted',
      delivery: 'a',
      breaker: 'breaker:operator',
      permit: { id: 'f1.p1', generation: 1 },
      probe: false,
    });
  });

  test('[OB2] lets one wait while a call is out, and while it rests', () => {
    request('a');
    request('b');
    expectStep('OB2', 'inUse');
    succeed('a');
    request('c');
    expectStep('OB2', 'resting');
    expect(context().waiting.size).toBe(2);
  });

  test('[OB3] [limit operatorPermits] refuses the 101st in line', () => {
    request('a');
    for (let i = 0; i < OPERATOR_WAITING_MAX; i += 1) request(`w${i}`);
    expect(told()).toEqual([]);
    request('z');
    expectStep('OB3', 'inUse', ['permit.denied z']);
    expect(context().waiting.size).toBe(100);
  });

  test('[OB4] rests after a call that failed, without telling anyone', () => {
    for (const [errorClass, status] of [
      ['transient', 503],
      ['ambiguous', null],
      ['throttled', 429],
      ['auth', 401],
      ['local', null],
    ] as const) {
      request('a');
      fail('a', errorClass, status);
      expectStep('OB4', 'resting');
      wait(1_000);
      expect(driver.state).toBe('available');
    }
  });

  test('[OB4] rests after a permit that came back unused', () => {
    request('a');
    release('a');
    expectStep('OB4', 'resting');
  });

  test('[OB5] tells the main breaker of a sign of life', () => {
    request('a');
    succeed('a');
    expectStep('OB5', 'resting', ['evidence.gathered breaker:messages']);
    wait(1_000);
    request('b');
    fail('b', 'rejectedTarget');
    expectStep('OB5', 'resting', ['evidence.gathered breaker:messages']);
  });

  test('[OB6] grants to the earliest deadline once it has rested', () => {
    request('a');
    request('late', 9_000_000);
    request('early', 6_000_000);
    succeed('a');
    wait(1_000);
    expectStep('OB6', 'inUse', ['permit.granted early']);
    expect(context().waiting.size).toBe(1);
  });

  test('[OB6] starts at most one call in a second, however short or long they are', () => {
    const starts: number[] = [];
    for (let i = 0; i < 20; i += 1) request(`w${i}`);
    let current = 'w0';
    for (let i = 0; i < 20; i += 1) {
      starts.push(driver.now);
      wait(i % 2 ? 1_700 : 300);
      succeed(current);
      wait(driver.timers.size ? Math.max(0, [...driver.timers.values()][0]! - driver.now) : 0);
      current = (driver.emitted[0]?.delivery as string | undefined) ?? 'none';
    }
    const gaps = starts.slice(1).map((start, i) => start - starts[i]!);
    expect(Math.min(...gaps)).toBe(1_000);
    expect(Math.max(...gaps)).toBe(1_700);
  });

  test('[OB7] is available again when nobody waits', () => {
    request('a');
    succeed('a');
    wait(999);
    expect(driver.state).toBe('resting');
    wait(1);
    expectStep('OB7', 'available');
  });

  test('[OB8] takes back a permit that is out too long', () => {
    request('a');
    request('b');
    wait(OPERATOR_LEASE_MS - 1);
    expect(driver.state).toBe('inUse');
    wait(1);
    expect(context().generation).toBe(2);
    expect(told()).toEqual(['permit.granted b']);
    succeed('a');
    expectStep('OB10', 'inUse');
  });

  test('[OB8] rests after the lease, and not for a moment longer than the second', () => {
    request('a');
    driver.send({ type: 'xstate.after.leaseMs.operatorBreaker.inUse' });
    expectStep('OB8', 'resting');
    expect(context().restForMs).toBe(1_000);
  });

  test('[OB9] forgets one who no longer waits', () => {
    request('a');
    request('b', 7_000_000);
    send('permit.cancelled', { delivery: 'b', deadline: 7_000_000 });
    expectStep('OB9', 'inUse');
    expect(context().waiting.size).toBe(0);
  });

  test('[OB10] only records an outcome of a permit that is not out', () => {
    request('a');
    succeed('a');
    wait(1_000);
    request('b');
    for (const again of [() => succeed('a'), () => fail('a', 'transient'), () => release('a')]) {
      again();
      expectStep('OB10', 'inUse');
    }
  });

  test('[OB11] begins a new life with a new generation', () => {
    send('run.started');
    expectStep('OB11', 'available');
    expect(context().generation).toBe(2);
  });

  test('[OB12] frees the permit of a dead process, rests, and goes on with the next one', () => {
    request('a');
    request('b');
    send('run.started');
    expectStep('OB12', 'resting');
    wait(1_000);
    expect(told()).toEqual(['permit.granted b']);
    expect(permits.get('b')!.generation).toBe(2);
    succeed('a');
    expectStep('OB10', 'inUse');
  });

  test('[OB14] is born available', () => {
    const born = operatorBreakerMachine.root.initial as unknown as { description: string };
    expect(born.description).toMatch(/^OB14 /);
    expect(driver.state).toBe('available');
    expect(context()).toMatchObject({ generation: 1, permit: null });
  });
});

describe('the chart of the operator breaker', () => {
  const walk = () =>
    transitionCover(operatorBreakerMachine, {
      inputs: [{ id: 'breaker:operator', at: 0 }],
      limit: 1_000,
      key: ({ value, context: { waiting, permit } }) => JSON.stringify([value, waiting.size, permit !== null]),
      events: eventsIn,
    });
  function eventsIn(snapshot: AnyMachineSnapshot) {
    const { generation, permit, waiting } = snapshot.context as OperatorBreakerContext;
    const held = { id: permit ?? 'any', generation };
    const old = { id: 'old', generation: generation - 1 };
    const failed = { status: 400, latencyMs: 5, retryAfterMs: null };
    return [
      { type: 'permit.requested', delivery: `d${waiting.size}`, deadline: 9_000_000, operator: true },
      { type: 'permit.cancelled', ...(earliest(waiting) ?? { delivery: 'nobody', deadline: 1 }) },
      ...[held, old].flatMap((one) => [
        { type: 'permit.released', permit: one },
        { type: 'call.succeeded', permit: one, class: 'ok', latencyMs: 5 },
        { type: 'call.failed', permit: one, class: 'transient', ...failed },
        { type: 'call.failed', permit: one, class: 'rejectedForm', ...failed },
      ]),
      { type: 'run.started' },
    ];
  }

  test('has no transition that nothing can take', () => {
    expect(walk().untaken).toEqual([]);
  });

  test('ignores nothing', () => {
    const { ignoredCells, restless } = walk();
    expect(ignoredCells).toEqual([]);
    expect(restless).toEqual([]);
  });

  test('hears every event of its list and no other', () => {
    const own = operatorBreakerMachine.events.filter((type) => !type.startsWith('xstate.'));
    expect([...own].sort()).toEqual([...operatorBreakerEventTypes].sort());
  });
});
