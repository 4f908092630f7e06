import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createManualClock } from '../../../src/adapters/process/manualClock.js';
import { createSystemClock } from '../../../src/adapters/process/systemClock.js';
import { type ClockRig, clockContract } from '../../contracts/clock.contract.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

clockContract('manual', () => {
  const clock = createManualClock();
  return {
    clock: { ...clock, now: () => Math.floor(clock.now()) },
    advance: (ms) => clock.advance(ms),
    stall: (ms, arrived) => clock.stall(ms, arrived),
    setWall: (ms) => clock.setWall(ms),
  };
});
clockContract('system', () => systemRig());

/** The system's clock over a machine whose process can stand still, whose clock can be set, and which can sleep. */
function systemRig(): ClockRig & { sleep(ms: number): void } {
  const machine = { stoodUntil: 0, wallMs: 0, sleptMs: 0 };
  const passed = (): number => Math.max(machine.stoodUntil, performance.now());
  const clock = createSystemClock({
    monotonic: passed,
    wall: () => Math.floor(1_700_000_000_000 + passed() + machine.wallMs + machine.sleptMs),
    uptime: () => 60_000 + passed() + machine.sleptMs,
  });
  return {
    clock,
    advance: (ms) => void jest.advanceTimersByTime(ms),
    // Every timer that runs from here on sees that the whole of it has passed.
    stall(ms, arrived = () => undefined) {
      machine.stoodUntil = passed() + ms;
      setImmediate(arrived);
      jest.advanceTimersByTime(ms);
    },
    setWall: (ms) => {
      machine.wallMs += ms;
    },
    sleep: (ms) => {
      machine.sleptMs += ms;
    },
  };
}

test('[core 36] in a real event loop: bytes that arrived in a standstill are read before the timer that became due in it', async () => {
  jest.useRealTimers();
  const clock = createSystemClock();
  const order: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('arrived');
    for (const until = performance.now() + 150; performance.now() < until; );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('data', () => void order.push('arrived'));
  await new Promise<void>((resolve) => clock.schedule(clock.now() + 60, resolve));
  order.push('due');
  client.destroy();
  server.close();
  clock.close();
  expect(order).toEqual(['arrived', 'due']);
});

test('[core 36] a machine that slept: the time has passed, what waits is judged anew, and it is told as what it is', () => {
  const { clock, advance, sleep } = systemRig();
  const told: object[] = [];
  clock.watch({ stalled: (stall) => void told.push(stall), stepped: (step) => void told.push(step) });
  const [now, lived] = [clock.now(), clock.livedMs()];
  let ran = 0;
  clock.schedule(clock.now() + 60_000, () => {
    ran += 1;
  });
  advance(1_000);
  sleep(600_000);
  expect(ran).toBe(0);
  advance(1_100);
  expect(told).toEqual([{ lostMs: 600_000, cause: 'slept' }]);
  expect(clock.now() - now).toBe(602_100);
  expect(clock.livedMs() - lived).toBe(2_100);
  expect(ran).toBe(1);
});

test('[core 36] a clock that creeps is no clock that was set', () => {
  const machine = { wallMs: 0 };
  const wall = (): number => 1_700_000_000_000 + performance.now() + machine.wallMs;
  const clock = createSystemClock({ wall, uptime: () => performance.now() });
  const told: object[] = [];
  clock.watch({ stalled: (stall) => void told.push(stall), stepped: (step) => void told.push(step) });
  for (let i = 0; i < 9; i += 1) {
    machine.wallMs += 100;
    jest.advanceTimersByTime(60_000);
  }
  expect(told).toEqual([]);
});
