import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { circuitBreakerMachine } from '../../../src/machines/circuitBreaker/chart.js';
import type { DeadlineQueue } from '../../../src/machines/kit/deadlineQueue.js';
import type { Permit } from '../../../src/machines/vocabulary/base.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver, type MachineDriver } from '../machineDriver.js';
import { createCircuitBreakerReference, type Told } from './reference.js';

const breaker = {
  ...defaultOptions.circuitBreaker,
  failureThreshold: 3,
  minimumCalls: 4,
  failureRate: 0.5,
  slowRate: 0.5,
  windowMs: 3_000,
  openMs: 200,
  openEarlyMaxMs: 900,
  openLateMs: 2_000,
  earlyMs: 3_000,
  leaseMs: 500,
  rampMs: 601,
  rampShares: [0.25, 0.5, 1],
  waitingMax: 5,
};
const input = { id: 'breaker:messages', options: breaker, inFlightMax: 4, slowMs: 100 };

/** `toEqual`, asked only to say where: it takes longer than the chart does. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** The chart and the reference side by side, with a ledger of permits that believes neither. */
class Pair {
  readonly machine: MachineDriver = createMachineDriver(circuitBreakerMachine, input);
  readonly reference = createCircuitBreakerReference(input.id, input);
  readonly waiting = new Map<string, number>();
  /** Permits that have not ended, of any generation. */
  readonly out = new Map<string, { permit: Permit; probe: boolean; target: object }>();
  private readonly targets = new Map<string, object>();
  readonly visited = new Set<string>();
  private asked = 0;
  private heard = 0;

  send(event: { type: string; [key: string]: unknown }): Told[] {
    this.machine.send(event);
    return this.compare(event);
  }
  nextDelivery(): string {
    this.asked += 1;
    return `delivery:${this.asked}`;
  }
  /** Steps from firing to firing, so that the reference hears each one at its time. */
  wait(ms: number, lateMs: number): void {
    const until = this.machine.now + ms;
    for (let due = this.dueAt(); due !== null && due + lateMs <= until; due = this.dueAt()) {
      const what = this.reference.timer()!.what;
      this.machine.wait(Math.max(0, due + lateMs - this.machine.now), lateMs);
      this.compare({ type: 'timer', what });
    }
    this.machine.wait(until - this.machine.now, lateMs);
  }
  context(): { inFlight: number; generation: number; waiting: DeadlineQueue; wouldOpen: number; probe: string | null } {
    return this.machine.snapshot.context;
  }
  dueAt(): number | null {
    const due = [...this.machine.timers.values()];
    expect(due.length).toBeLessThanOrEqual(1);
    return due[0] ?? null;
  }
  private compare(event: { type: string; [key: string]: unknown }): Told[] {
    this.heard += 1;
    const told = this.reference.hear({ ...event, at: this.machine.now, id: `f${this.heard}` });
    same(this.machine.emitted, told);
    const { inFlight, generation, waiting, wouldOpen, probe } = this.context();
    const line = waiting.chunks.flat().map(({ delivery }) => delivery);
    const seen = { state: this.machine.state, inFlight, waiting: line, generation, wouldOpen, dueAt: this.dueAt() };
    same(seen, this.reference.seen());
    this.visited.add(this.machine.state);
    expect(probe !== null).toBe(this.machine.state === 'halfOpen.probing');
    this.keepLedger(event, told);
    return told;
  }
  private keepLedger(event: { type: string; [key: string]: unknown }, told: Told[]): void {
    if ('permit' in event) this.out.delete((event.permit as Permit).id);
    if (event.type === 'permit.requested')
      this.targets.set(event.delivery as string, 'target' in event ? { target: event.target } : {});
    if (event.type === 'permit.requested') this.waiting.set(event.delivery as string, event.deadline as number);
    if (event.type === 'permit.cancelled') this.waiting.delete(event.delivery as string);
    for (const { type, delivery, permit, probe } of told) {
      if (type === 'permit.granted' || type === 'permit.denied') this.waiting.delete(delivery as string);
      if (type !== 'permit.granted') continue;
      expect(this.out.has((permit as Permit).id)).toBe(false);
      this.out.set((permit as Permit).id, {
        permit: permit as Permit,
        probe: probe as boolean,
        target: this.targets.get(delivery as string) ?? {},
      });
    }
    const { inFlight, generation, waiting } = this.context();
    const live = [...this.out.values()].filter(({ permit }) => permit.generation === generation);
    expect(live.length).toBe(inFlight);
    same(
      waiting.chunks.flat().map((waiter) => waiter.deadline),
      [...this.waiting.values()].sort((x, y) => x - y),
    );
  }
}

interface Model {
  pair: Pair;
}
class Command implements fc.Command<Model, Pair> {
  constructor(
    private readonly name: string,
    private readonly does: (pair: Pair) => void,
    private readonly may: (pair: Pair) => boolean = () => true,
  ) {}
  check({ pair }: Readonly<Model>): boolean {
    return this.may(pair);
  }
  run(_: Model, pair: Pair): void {
    this.does(pair);
  }
  toString(): string {
    return this.name;
  }
}

/** The n-th of those there are, whatever n is. */
function pick<T>(list: Iterable<T>, n: number): T {
  const all = [...list];
  return all[n % all.length]!;
}
function request(pair: Pair, inMs: number, target: object): Told[] {
  const deadline = pair.machine.now + inMs;
  return pair.send({ type: 'permit.requested', delivery: pair.nextDelivery(), deadline, operator: false, ...target });
}
function succeed(pair: Pair, n: number, latencyMs: number): void {
  const { permit, target } = pick(pair.out.values(), n);
  pair.send({ type: 'call.succeeded', permit, ...target, class: 'ok', latencyMs });
}
function newLife(mode: 'enabled' | 'observing' | 'disabled', inFlightMax: number): object {
  return {
    ...defaultOptions,
    circuitBreaker: { ...breaker, mode, targetFailures: inFlightMax === 1 ? 'each' : 'once' },
    calls: { inFlightMax, slowMs: 100 },
  };
}
const anyOut = (pair: Pair) => pair.out.size > 0;
const index = fc.nat({ max: 50 });
const latency = fc.constantFrom(20, 20, 250);

const aTarget = fc.constantFrom(
  {},
  { target: 'a' },
  { target: 'a' },
  { target: 'a' },
  { target: 'b' },
  { target: 'c' },
);
const requests = fc
  .tuple(fc.integer({ min: 1, max: 9_000 }), aTarget)
  .map(([ms, target]) => new Command(`request ${ms} ${JSON.stringify(target)}`, (p) => request(p, ms, target)));
/** A target that fails whoever else answers. */
const illOne = fc.constantFrom('a', 'b').map((ill) => {
  const isOut = ({ target }: { target: { target?: string } }) => target.target === ill;
  const fail = (p: Pair) => {
    const { permit, target } = [...p.out.values()].find(isOut)!;
    p.send({
      type: 'call.failed',
      permit,
      ...target,
      class: 'transient',
      latencyMs: 20,
      retryAfterMs: null,
      status: 500,
    });
  };
  return new Command(`${ill} fails`, fail, (p) => [...p.out.values()].some(isOut));
});
const failures = (...classes: string[]) =>
  fc
    .tuple(
      index,
      fc.constantFrom(...classes),
      latency,
      fc.constantFrom(null, null, 0, 700, 900_000),
      fc.constantFrom(null, 400),
    )
    .map(([n, errorClass, latencyMs, retryAfterMs, status]) => {
      const fail = (p: Pair) => {
        const { permit, target } = pick(p.out.values(), n);
        p.send({ type: 'call.failed', permit, ...target, class: errorClass, latencyMs, retryAfterMs, status });
      };
      return new Command(`fail ${n} ${errorClass} ${latencyMs} ${retryAfterMs} ${status}`, fail, anyOut);
    });
const usual = [
  requests,
  requests,
  fc.tuple(index, latency).map(([n, ms]) => new Command(`succeed ${n} ${ms}`, (p) => succeed(p, n, ms), anyOut)),
  failures('transient', 'transient', 'ambiguous'),
  illOne,
  illOne,
  failures('throttled', 'auth', 'rejectedForm', 'rejectedTarget', 'fatal', 'local'),
  fc
    .tuple(fc.integer({ min: 1, max: 1_500 }), fc.constantFrom(0, 0, 3, 40))
    .map(([ms, late]) => new Command(`wait ${ms} late ${late}`, (p) => p.wait(ms, late))),
  index.map((n) => {
    const release = (p: Pair) => void p.send({ type: 'permit.released', permit: pick(p.out.values(), n).permit });
    return new Command(`release ${n}`, release, anyOut);
  }),
  index.map((n) => {
    const cancel = (p: Pair) => {
      const [delivery, deadline] = pick(p.waiting, n);
      p.send({ type: 'permit.cancelled', delivery, deadline });
    };
    return new Command(`cancel ${n}`, cancel, (p) => p.waiting.size > 0);
  }),
  fc
    .constantFrom('evidence.gathered', 'gateway.readied', 'token.changed', 'token.changed')
    .map((type) => new Command(type, (p) => void p.send({ type, breaker: input.id }))),
];
const rare = [
  fc
    .constantFrom('isolated', 'released', 'released', 'disabled', 'observed', 'enabled', 'enabled', 'reset')
    .map((verb) => new Command(verb, (p) => void p.send({ type: `operator.${verb}`, breaker: input.id }))),
  fc
    .tuple(fc.constantFrom('enabled', 'enabled', 'enabled', 'observing', 'disabled'), fc.constantFrom(1, 4, 7))
    .map(
      ([mode, max]) =>
        new Command(
          `run ${mode} ${max}`,
          (p) => void p.send({ type: 'run.started', options: newLife(mode as 'enabled', max) }),
        ),
    ),
];
// Four in five of the usual kind, or an operator's hand would end every story before it begins.
const anything = fc.oneof({ arbitrary: fc.oneof(...usual), weight: 12 }, { arbitrary: fc.oneof(...rare), weight: 1 });

function runCommands(commands: Iterable<fc.Command<Model, Pair>>): Pair {
  const pair = new Pair();
  fc.modelRun(() => ({ model: { pair }, real: pair }), commands);
  return pair;
}

test('the chart and a plain program never part, whatever happens and however time passes', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.commands([anything], { maxCommands: 60, size: 'max' }), (commands) => {
      const pair = runCommands(commands);
      for (const state of pair.visited) seen.add(state);
    }),
    { numRuns: 300 },
  );
  // A test against emptiness: the runs must really get about.
  expect([...seen].sort()).toEqual([
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

test('one probe at a time, while nobody takes it away', () => {
  let probes = 0;
  const look = new Command('look', (pair) => {
    const { generation } = pair.context();
    const out = [...pair.out.values()].filter(({ permit, probe }) => probe && permit.generation === generation);
    expect(out.length).toBeLessThanOrEqual(1);
    probes += out.length;
  });
  fc.assert(
    fc.property(fc.commands(usual, { maxCommands: 60, size: 'max' }), (commands) => {
      runCommands([...commands].flatMap((command) => [command, look]));
    }),
    { numRuns: 100 },
  );
  expect(probes).toBeGreaterThan(0);
});

test('everyone who waits is granted in the end, and nothing stays in flight, once all calls succeed', () => {
  let waited = 0;
  fc.assert(
    fc.property(fc.commands([anything], { maxCommands: 60, size: 'max' }), (commands) => {
      const pair = runCommands(commands);
      if (pair.machine.state === 'isolated') pair.send({ type: 'operator.released', breaker: input.id });
      pair.send({ type: 'token.changed', ref: 'r' });
      waited += pair.waiting.size;
      for (let round = 0; round < 100 && (pair.waiting.size > 0 || pair.out.size > 0); round += 1) {
        if (pair.out.size > 0) succeed(pair, 0, 20);
        else pair.wait(Math.max(0, (pair.dueAt() ?? pair.machine.now) - pair.machine.now), 0);
      }
      expect(pair.waiting.size).toBe(0);
      expect(pair.context().inFlight).toBe(0);
    }),
    { numRuns: 100 },
  );
  expect(waited).toBeGreaterThan(0);
});
