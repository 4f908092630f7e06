import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { healthMachine } from '../../../src/machines/health/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver } from '../machineDriver.js';
import { ReferenceHealth } from './reference.js';

type Does = 'good' | 'bad' | 'noted' | 'lost' | 'found' | 'forced' | 'lived';
type Act = { readonly do: Does; readonly times?: number } | { readonly waitMs: number };
/** Shares that binary numbers hold exactly, so that a boundary is one. */
const options = {
  ...defaultOptions.health,
  rateMin: 0.75,
  goodAgainRate: 0.75,
  shortMs: 100,
  longMs: 1_000,
  outcomesMin: 4,
  degradedStreak: 3,
  unhealthyStreak: 5,
  downMs: 50,
};

const does = (...names: Does[]) => fc.record({ do: fc.constantFrom(...names) });
const runs = fc.record({ do: fc.constantFrom('good' as const, 'bad' as const), times: fc.integer({ min: 1, max: 9 }) });
const pauses = fc.record({
  waitMs: fc.oneof(
    fc.integer({ min: 0, max: 120 }),
    fc.constantFrom(49, 50, 51, 99, 100, 101),
    fc.integer({ min: 800, max: 1_100 }),
  ),
});
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: does('good', 'bad') },
    { weight: 3, arbitrary: runs },
    { weight: 3, arbitrary: pauses },
    { weight: 2, arbitrary: does('lost', 'found', 'noted') },
    { weight: 1, arbitrary: does('forced', 'lived') },
  ),
  { minLength: 1, maxLength: 40, size: 'medium' },
);
const eventOf = {
  good: { type: 'outcome.good' },
  bad: { type: 'outcome.bad', class: 'transient' },
  noted: { type: 'outcome.noted', class: 'rejectedForm' },
  lost: { type: 'part.lost' },
  found: { type: 'part.found' },
  forced: { type: 'recovery.forced' },
  lived: { type: 'run.started', options: { ...defaultOptions, health: options } },
};

function differences(list: readonly Act[]): unknown {
  const chart = createMachineDriver(healthMachine, { id: 'health:send', options });
  const reference = new ReferenceHealth(options);
  const told: unknown[] = [];
  for (const [i, act] of list.entries()) {
    if ('waitMs' in act) {
      chart.wait(act.waitMs);
      told.push(...chart.emitted.map(({ to }) => to));
      reference.pass(chart.now);
    } else {
      for (let n = 0; n < (act.times ?? 1); n += 1) {
        chart.send(eventOf[act.do]);
        told.push(...chart.emitted.map(({ to }) => to));
        if (act.do === 'good' || act.do === 'bad') reference.outcome(act.do === 'bad', chart.now);
        else if (act.do !== 'noted') reference[act.do](chart.now);
      }
    }
    const [is, wanted] = [
      [chart.state, told],
      [reference.level, reference.told],
    ];
    if (JSON.stringify(is) !== JSON.stringify(wanted)) return { after: list.slice(0, i + 1), is, wanted };
  }
  return null;
}

describe('health', () => {
  test('[H2] [H9] [H12] [H16] [H18] [H21] [H22] is what counting every outcome anew gives, on random courses', () => {
    fc.assert(
      fc.property(acts, (list) => expect(differences(list)).toBeNull()),
      { numRuns: 400 },
    );
  });

  test('[H2] [H8] with the defaults 95 % good of at least ten is enough, less is not', () => {
    for (let calls = 1; calls <= 60; calls += 1) {
      for (let bad = 1; bad <= Math.min(4, calls / 4); bad += 1) {
        const chart = createMachineDriver(healthMachine, { id: 'health:send', options: defaultOptions.health });
        for (let n = 0; n < calls - 2 * bad + 1; n += 1) chart.send(eventOf.good);
        for (let n = 0; n < bad; n += 1) {
          if (n > 0) chart.send(eventOf.good);
          chart.send(eventOf.bad);
          if (n < bad - 1 && chart.state !== 'healthy') break;
        }
        const isFew = calls < 10 || (calls - bad) * 100 >= calls * 95;
        if (isFew) expect([calls, bad, chart.state]).toEqual([calls, bad, 'healthy']);
        else expect([calls, bad, chart.state]).toEqual([calls, bad, 'degraded']);
      }
    }
  });
});
