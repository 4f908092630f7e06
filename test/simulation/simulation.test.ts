import { describe, expect, test } from '@jest/globals';
import { fold } from '../../src/actors/fold/fold.js';
import type { Record } from '../../src/actors/ports.js';
import { topology } from '../../src/actors/wiring/topology.js';
import { createMemoryStore, openMemoryJournal } from '../../src/adapters/journal/memoryJournal.js';
import { runPlan, type WorldName } from '../../src/testing/simulation/batch.js';
import { keep } from '../../src/testing/simulation/keep.js';
import { planOf } from '../../src/testing/simulation/plan/plan.js';

/** A longer look: `npm run simulate -- --seeds 1..200 --hours 1`; more of these are in `.ci/run`. */
const SHORT_HOURS = 0.05;
const RUNS: readonly (readonly [WorldName, number])[] = [
  ['step', 1],
  ['step', 2],
  ['step', 3],
  ['system', 1],
];

describe('[core 2, core 28, core 30, core 31, core 32, core 35] whole bots in virtual time', () => {
  test.each(RUNS)('world "%s", seed %i: every rule holds after every fact', async (world, seed) => {
    const { violation, facts } = await runPlan(world, planOf(seed, SHORT_HOURS), { topology });
    expect(violation?.message ?? null).toBeNull();
    expect(facts).toBeGreaterThan(1_000);
  });

  test.each(['step', 'system'] as const)('world "%s": a seed is the same run whenever it is made', async (world) => {
    const [one, other] = [
      await runPlan(world, planOf(7, 0.01), { topology }),
      await runPlan(world, planOf(7, 0.01), { topology }),
    ];
    expect(one).toEqual(other);
  });

  test('what is kept of a run is a journal like any other: it refolds without a difference', async () => {
    const records: Record[] = [];
    await runPlan('step', planOf(5, 0.02), { topology, onRecord: (record) => void records.push(record) });
    const store = createMemoryStore();
    const journal = await openMemoryJournal(store);
    await keep(records, journal);
    expect(store.records).toHaveLength(records.length);
    expect((await fold(journal, topology)).divergence).toBeNull();
  });
});
