import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createManualClock } from '../../../src/adapters/process/manualClock.js';
import { createSystemClock } from '../../../src/adapters/process/systemClock.js';
import { clockContract } from '../../contracts/clock.contract.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

clockContract('manual', () => {
  const clock = createManualClock();
  return { clock: { ...clock, now: () => Math.floor(clock.now()) }, advance: (ms) => clock.advance(ms) };
});
clockContract('system', () => ({ clock: createSystemClock(), advance: (ms) => void jest.advanceTimersByTime(ms) }));

test('the system clock does not follow a wall clock that steps', () => {
  const clock = createSystemClock();
  const before = clock.now();
  jest.setSystemTime(before - 3_600_000);
  expect(clock.now()).toBe(before);
  jest.setSystemTime(before + 3_600_000);
  expect(clock.now()).toBe(before);
});
