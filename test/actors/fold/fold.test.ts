import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { takeCheckpoint } from '../../../src/actors/fold/checkpointer.js';
import { fold } from '../../../src/actors/fold/fold.js';
import type { Record } from '../../../src/actors/ports.js';
import { createMemoryStore, type MemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import { live, order } from '../life.js';
import { toyTopology } from '../toyTopology.js';

const LENGTH = 1_250;
let lines: readonly string[];

beforeAll(async () => {
  const store = createMemoryStore();
  const life = await live(store);
  for (let i = 1; i < LENGTH; i += 1) life.system.post(order(i % 3 === 0 ? 'press' : `job ${i}`));
  while (life.system.inboxLength > 0) await life.settle();
  life.journal.kill();
  lines = store.records;
});

async function folded(edit: (records: MemoryStore['records']) => void, options: object = {}) {
  const store = { ...createMemoryStore(), records: [...lines], epoch: 1 };
  edit(store.records);
  return fold(await openMemoryJournal(store), toyTopology, options);
}

describe('a fold', () => {
  test('[core 23] finds the first difference wherever it is, past any slice, and what it says is that record', async () => {
    for (const seq of [2, 1_000, 1_001, 1_200]) {
      const { divergence, records } = await folded((all) => {
        for (const at of [seq, LENGTH]) {
          const record = JSON.parse(all[at - 1]!) as { steps: { event: string }[] };
          record.steps[0]!.event = `was ${at}`;
          all[at - 1] = JSON.stringify(record);
        }
      });
      expect([records, divergence?.seq]).toEqual([LENGTH, seq]);
      expect(divergence?.recorded).toContain(`was ${seq}`);
    }
  });

  test('[core 23] finds an effect that is not what was recorded, missing, or one too many', async () => {
    const changes: ((record: { effects: { note?: string }[] }) => unknown)[] = [
      ({ effects }) => Object.assign(effects[0]!, { note: 'other' }),
      ({ effects }) => effects.pop(),
      ({ effects }) => effects.push({ ...effects[0]! }),
    ];
    for (const change of changes) {
      const { divergence } = await folded((all) => {
        const record = JSON.parse(all[1_100]!);
        change(record);
        all[1_100] = JSON.stringify(record);
      });
      expect(divergence?.seq).toBe(1_101);
    }
  });

  test('[core 20] gives the same state in slices of any length, up to any record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 210 }), async (to, slice) => {
        const [whole, sliced] = [
          await folded((all) => all.splice(to)),
          await folded(() => undefined, { upTo: to, slice }),
        ];
        expect([sliced.state.seq, sliced.records, sliced.divergence]).toEqual([to, to, null]);
        expect([...takeCheckpoint(sliced.state).parts]).toEqual([...takeCheckpoint(whole.state).parts]);
      }),
      { numRuns: 15 },
    );
  });

  test('[core 20] a record that is missing is told, in the first slice and in a later one', async () => {
    for (const seq of [5, 1_100]) {
      const gap = folded((all) => void all.splice(seq - 1, 1));
      await expect(gap).rejects.toThrow(`record ${seq} is not in this journal; the next one there is ${seq + 1}`);
    }
  });

  test('[core 23a] machine versions are those of the last life that is folded', async () => {
    const { machineVersions } = await folded((all) => {
      const first = JSON.parse(all[0]!) as Record & { fact: { machineVersions: object } };
      all[0] = JSON.stringify({ ...first, fact: { ...first.fact, machineVersions: { lamp: 'then' } } });
    });
    expect(machineVersions).toEqual({ lamp: 'then' });
  });
});
