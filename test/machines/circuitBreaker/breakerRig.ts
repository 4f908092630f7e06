import { circuitBreakerMachine } from '../../../src/machines/circuitBreaker/chart.js';
import type { CircuitBreakerContext } from '../../../src/machines/circuitBreaker/context.js';
import type { ErrorClass, Permit } from '../../../src/machines/vocabulary/base.js';
import { type BotOptions, defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver, type MachineDriver } from '../machineDriver.js';

export type BreakerOptions = BotOptions['circuitBreaker'];

/** A breaker with short sentences: what a table of rules is written in. */
export interface BreakerRig extends MachineDriver {
  readonly context: CircuitBreakerContext;
  /** Deliveries granted in the last event, in order; a probe with a `?` behind it. */
  readonly granted: readonly string[];
  /** Types of what the last event emitted. */
  readonly told: readonly string[];
  /** Deliveries in line. */
  readonly line: readonly string[];
  /** The permit that a delivery was granted last. */
  permit(delivery: string): Permit;
  request(delivery: string, deadline?: number, target?: string): void;
  requests(count: number): void;
  succeed(delivery: string, latencyMs?: number): void;
  fail(delivery: string, errorClass?: ErrorClass, more?: { retryAfterMs?: number; status?: number | null }): void;
  release(delivery: string): void;
  operator(verb: 'isolated' | 'released' | 'disabled' | 'observed' | 'enabled' | 'reset'): void;
  /** A new process life, with these options of the breaker changed. */
  restart(change?: Partial<BreakerOptions>, inFlightMax?: number): void;
  /** Requests and fails until it opens. */
  trip(): void;
  /** Waits until the one delay that runs has fired. */
  elapse(): void;
}

/** Threshold 3, 4 places, 3 in line, no jitter to speak of: open 900..1000 ms would still vary, so tests wait with `elapse`. */
export function createBreakerRig(change: Partial<BreakerOptions> = {}, inFlightMax = 4): BreakerRig {
  const options = { ...defaultOptions.circuitBreaker, failureThreshold: 3, minimumCalls: 4, waitingMax: 3, ...change };
  const input = { id: 'breaker:messages', options, inFlightMax, slowMs: 5_000 };
  const driver = createMachineDriver(circuitBreakerMachine, input);
  const permits = new Map<string, Permit>();
  const targets = new Map<string, object>();
  let serial = 0;

  function note(): void {
    for (const { type, delivery, permit } of driver.emitted) {
      if (type === 'permit.granted') permits.set(delivery as string, permit as Permit);
    }
  }
  function send(event: { readonly type: string; readonly [key: string]: unknown }): void {
    driver.send(event);
    note();
  }
  function wait(ms: number, lateMs?: number): void {
    driver.wait(ms, lateMs);
    note();
  }
  function permit(delivery: string): Permit {
    const known = permits.get(delivery);
    if (known === undefined) throw new Error(`${delivery} was never granted a permit; in line: ${rig.line.join(', ')}`);
    return known;
  }
  const rig: BreakerRig = Object.create(
    driver,
    Object.getOwnPropertyDescriptors({
      get context() {
        return driver.snapshot.context as CircuitBreakerContext;
      },
      get granted() {
        const grants = driver.emitted.filter(({ type }) => type === 'permit.granted');
        return grants.map(({ delivery, probe }) => `${delivery}${probe ? '?' : ''}`);
      },
      get told() {
        return driver.emitted.map(({ type }) => type);
      },
      get line() {
        return (driver.snapshot.context as CircuitBreakerContext).waiting.chunks.flat().map(({ delivery }) => delivery);
      },
      send,
      wait,
      permit,
      request(delivery: string, deadline?: number, target?: string) {
        serial += 1;
        targets.set(delivery, target === undefined ? {} : { target });
        send({
          type: 'permit.requested',
          delivery,
          deadline: deadline ?? 2_000_000 + serial,
          operator: false,
          ...targets.get(delivery),
        });
      },
      requests(count: number) {
        for (let i = 0; i < count; i += 1) rig.request(`d${i + 1}`);
      },
      succeed(delivery: string, latencyMs = 50) {
        send({ type: 'call.succeeded', permit: permit(delivery), ...targets.get(delivery), class: 'ok', latencyMs });
      },
      fail(delivery: string, errorClass: ErrorClass = 'transient', more = {}) {
        const failed = { class: errorClass, latencyMs: 50, retryAfterMs: null, status: 503, ...more };
        send({ type: 'call.failed', permit: permit(delivery), ...targets.get(delivery), ...failed });
      },
      release(delivery: string) {
        send({ type: 'permit.released', breaker: 'breaker:messages', permit: permit(delivery) });
      },
      operator(verb: string) {
        send({ type: `operator.${verb}`, breaker: 'breaker:messages' });
      },
      restart(changed: Partial<BreakerOptions> = {}, max = inFlightMax) {
        const calls = { ...defaultOptions.calls, inFlightMax: max };
        send({
          type: 'run.started',
          options: { ...defaultOptions, circuitBreaker: { ...options, ...changed }, calls },
        });
      },
      trip() {
        for (let i = 0; driver.state !== 'open'; i += 1) {
          rig.request(`trip${i}`);
          rig.fail(`trip${i}`);
        }
      },
      elapse() {
        const [due] = driver.timers.values();
        if (due === undefined) throw new Error(`no delay runs in ${driver.state}`);
        wait(due - driver.now);
      },
    }),
  );
  return rig;
}
