import { describe, expect, test } from '@jest/globals';
import { topology } from '../../src/actors/wiring/topology.js';
import { planOf } from '../../src/testing/simulation/plan/plan.js';
import { Simulation } from '../../src/testing/simulation/simulation.js';

/** A longer look: `npm run simulate -- --seeds 1..200 --hours 1`. */
const SEEDS = [1, 2, 3];

describe('[core 28, core 30, core 31, core 32, core 35] whole bots in virtual time', () => {
  test.each(SEEDS)('seed %i keeps every rule (npm run simulate -- --seeds N..N --hours 0.2)', (seed) => {
    const { violation } = new Simulation(planOf(seed, 0.2), { topology }).run();
    expect(violation?.message ?? null).toBeNull();
  });
  test('a seed is the same run whenever it is made', () => {
    const [one, other] = [1, 2].map(() => new Simulation(planOf(7, 0.05), { topology }).run());
    expect(one).toEqual(other);
  });
});
