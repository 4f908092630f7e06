import { describe, expect, test } from '@jest/globals';
import type { Record } from '../../src/actors/ports.js';
import { createMemoryStore, openMemoryJournal } from '../../src/adapters/journal/memoryJournal.js';
import { readMoment, seqAt } from '../../src/cli/words/moment.js';

const now = new Date(2026, 10, 24, 15, 0, 0).getTime();

describe('a moment', () => {
  test.each(['', '0', '-1', '25:00', '03:61', 'yesterday', '2026-13-40', 'NaN', '1e3'])('"%s" is refused', (text) =>
    expect(() => readMoment(text, now)).toThrow(RangeError),
  );

  test('is found among records, several of one time included', async () => {
    const journal = await openMemoryJournal(createMemoryStore());
    const record = (seq: number): Record => ({
      seq,
      id: `f${seq}`,
      at: Math.floor(seq / 3) * 10,
      epoch: 1,
      fact: { type: 'stop.requested', signal: 's', ver: 1 },
      steps: [],
      effects: [],
    });
    await journal.append(
      await journal.beginEpoch(),
      Array.from({ length: 100 }, (_, i) => record(i + 1)),
    );
    for (const [at, seq] of [
      [-1, 0],
      [0, 2],
      [10, 5],
      [15, 5],
      [20, 8],
      [330, 100],
      [9e9, 100],
    ] as const)
      expect([at, await seqAt(journal, { at })]).toEqual([at, seq]);
    expect([await seqAt(journal, { seq: 7 }), await seqAt(journal, { seq: 700 })]).toEqual([7, 100]);
  });
});
