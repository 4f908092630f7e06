import { beforeEach, describe, expect, test } from '@jest/globals';
import { SCENARIOS_MAX, Scenarios, type Step } from '../../src/simulator/control/scenario.js';
import { FakeTimers } from './fakeTimers.js';

type TestStep = Step<string, string, string>;
let timers: FakeTimers;
let log: string[];
let scenarios: Scenarios<string, string, string>;
beforeEach(() => {
  timers = new FakeTimers();
  log = [];
  const startedAt = timers.now();
  const note = (what: string): void => void log.push(`${timers.now() - startedAt} ${what}`);
  let serial = 0;
  scenarios = new Scenarios(
    {
      fault(request) {
        if (request === 'broken') throw new Error('too many faults');
        note(`fault ${request}`);
        serial += 1;
        return { id: `fault-${serial}` };
      },
      message: (message) => note(`message ${message}`),
      event: (event) => note(`event ${event}`),
      frames: (raw) => note(`frames ${raw}`),
      clear: (id) => note(`clear ${id ?? 'all'}`),
    },
    timers,
  );
});

const STEPS: TestStep[] = [
  { atMs: 300, clear: 'storm' },
  { atMs: 0, message: 'hello' },
  { atMs: 100, fault: 'outage', as: 'storm' },
  { atMs: 100, event: 'FRIEND_ADD' },
  { atMs: 200, frames: '{' },
  { atMs: 400, clear: true },
];

describe('a scenario', () => {
  test('happens in the order of time, and of the list within a moment', () => {
    const { id } = scenarios.start(STEPS);
    expect(log).toEqual(['0 message hello']);
    timers.pass(150);
    expect(scenarios.all()[0]).toMatchObject({ id, state: 'running' });
    timers.pass(1_000);
    expect(log).toEqual([
      '0 message hello',
      '100 fault outage',
      '100 event FRIEND_ADD',
      '200 frames {',
      '300 clear fault-1',
      '400 clear all',
    ]);
    const [progress] = scenarios.all();
    expect(progress!.state).toBe('finished');
    expect(progress!.steps.map(({ does, doneAt }) => [does, doneAt! - progress!.startedAt])).toEqual([
      ['message', 0],
      ['fault', 100],
      ['event', 100],
      ['frames', 200],
      ['clear', 300],
      ['clear', 400],
    ]);
    expect(timers.waiting).toBe(0);
  });
  test('stopped: nothing further happens, and its faults end', () => {
    const { id } = scenarios.start(STEPS);
    timers.pass(150);
    expect([scenarios.stop('scenario-9'), scenarios.stop(id), scenarios.stop()]).toEqual([0, 1, 0]);
    timers.pass(1_000);
    expect(log.slice(-2)).toEqual(['100 event FRIEND_ADD', '150 clear fault-1']);
    expect([scenarios.all()[0]!.state, timers.waiting]).toEqual(['stopped', 0]);
  });
  test('a step that fails is told, and the next ones happen', () => {
    scenarios.start([
      { atMs: 0, fault: 'broken' },
      { atMs: 0, message: 'still' },
    ]);
    expect(scenarios.all()[0]!.steps.map(({ error }) => error)).toEqual(['too many faults', null]);
    expect(log).toEqual(['0 message still']);
  });
  test.each<[string, TestStep[], string]>([
    ['does nothing', [{ atMs: 0 }], 'steps.0: exactly one of'],
    ['does two things', [{ atMs: 0, message: 'a', frames: 'b' }], 'not message and frames'],
    ['clears what is not there', [{ atMs: 0, clear: 'x' }], 'steps.0.clear: no fault named "x"'],
    [
      'clears what comes later',
      [
        { atMs: 0, clear: 'x' },
        { atMs: 1, fault: 'outage', as: 'x' },
      ],
      'no fault named "x"',
    ],
  ])('with a step that %s is refused', (_what, steps, message) => {
    expect(() => scenarios.start(steps)).toThrow(message);
    expect(scenarios.all()).toEqual([]);
  });
  test('[limit simulatorScenarios] past the limit a further one is refused; those that are over make room', () => {
    for (let i = 0; i < SCENARIOS_MAX; i += 1) scenarios.start([{ atMs: 10, message: 'x' }]);
    expect(() => scenarios.start([{ atMs: 10, message: 'x' }])).toThrow('scenarios are running');
    timers.pass(10);
    scenarios.start([{ atMs: 10, message: 'x' }]);
    expect(scenarios.all()).toHaveLength(SCENARIOS_MAX);
  });
});
