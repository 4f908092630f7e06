import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import Database from 'libsql';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { recordAt } from './recordAt.js';
import { change, messages, newPath } from './writtenJournal.js';

const LENGTH = 60;

/** A journal written in appends of these lengths. */
async function writtenIn(sizes: readonly number[]): Promise<string> {
  const path = newPath();
  const journal = await openSqliteJournal({ path });
  const epoch = await journal.beginEpoch();
  let seq = 0;
  for (let i = 0; seq < LENGTH; i += 1) {
    const size = Math.min(sizes[i % sizes.length]!, LENGTH - seq);
    await journal.append(
      epoch,
      Array.from({ length: size }, (_, n) => recordAt(seq + n + 1, epoch, `text ${seq + n + 1}`)),
    );
    seq += size;
  }
  await journal.close();
  return path;
}
interface Row {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly sum: number;
  readonly body: string;
}
function rowsOf(path: string): Row[] {
  const db = new Database(path);
  const rows = db.prepare('SELECT seq, at, epoch, sum, body FROM log ORDER BY seq').all() as Row[];
  db.close();
  return rows;
}
/** As the page of the format says it. */
const sumOf = (before: number, { seq, at, epoch, body }: Row): number =>
  crc32(body, crc32(`${seq} ${at} ${epoch} `, before));

describe('the chain of checksums', () => {
  test('[core 26] runs from the first row to the last, however they were appended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), async (sizes) => {
        const rows = rowsOf(await writtenIn(sizes));
        expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: LENGTH }, (_, i) => i + 1));
        let before = 0;
        for (const row of rows) {
          expect([row.seq, row.sum]).toEqual([row.seq, sumOf(before, row)]);
          before = row.sum;
        }
      }),
      { numRuns: 8 },
    );
  });

  test('[core 26] a row that follows another past than the one before it is found, wherever the reading of a batch begins', async () => {
    for (const at of [1, 2, 17, 30]) {
      const path = await writtenIn([16, 7]);
      // Whole in itself, and all that comes after it follows from it.
      let before = 12_345;
      for (const row of rowsOf(path).slice(at - 1)) {
        before = sumOf(before, row);
        change(path, `UPDATE log SET sum = ${before} WHERE seq = ${row.seq}`);
      }
      const what = `record ${at} is damaged: its checksum does not match`;
      for (const limit of [1, Math.max(1, at - 1), at, 1_000]) {
        const journal = await openSqliteJournal({ path, readonly: true });
        const reading = (async () => {
          for (let seq = 0; seq < LENGTH; ) seq = (await journal.read(seq, limit)).at(-1)!.seq;
        })();
        await expect(reading).rejects.toThrow(what);
        await journal.close();
      }
      const directly = await openSqliteJournal({ path, readonly: true });
      await expect(directly.read(at - 1, 5)).rejects.toThrow(what);
      await directly.close();
      expect((await messages(path)).map(([part, seq]) => [part, seq])).toEqual([['record', at]]);
    }
  });
});
