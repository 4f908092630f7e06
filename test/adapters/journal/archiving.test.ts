import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import type Database from 'libsql';
import { LIVE_RECORDS_MAX } from '../../../src/adapters/journal/archive/archiving.js';
import { SEGMENT_RECORDS } from '../../../src/adapters/journal/archive/segments.js';
import {
  CHECKPOINT_SPACING,
  CHECKPOINTS_MAX,
  spacingFor,
} from '../../../src/adapters/journal/sqlite/sqliteCheckpoints.js';
import { openSqliteJournal, type SqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { verifyJournal } from '../../../src/adapters/journal/verifyJournal.js';
import { recordAt } from './recordAt.js';

const folders: string[] = [];
function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-archive-'));
  folders.push(folder);
  return join(folder, 'bot.db');
}
afterEach(() => folders.splice(0).forEach((folder) => void rmSync(folder, { recursive: true, force: true })));

const checkpointAt = (seq: number, parts: { [key: string]: unknown } = {}) => ({
  seq,
  at: seq,
  parts: new Map<string, unknown>([['head', seq], ...Object.entries(parts)]),
});
async function grow(journal: SqliteJournal, epoch: number, to: number): Promise<void> {
  for (let { seq } = await journal.position(); seq < to; ) {
    const batch = Array.from({ length: Math.min(1_000, to - seq) }, (_, i) => recordAt(seq + 1 + i, epoch));
    await journal.append(epoch, batch);
    seq += batch.length;
  }
}
const liveRows = (journal: SqliteJournal): number =>
  ((journal as unknown as { db: Database.Database }).db.prepare('SELECT count(*) AS n FROM log').get() as { n: number })
    .n;

test('a segment and its name are synced before the file lists it and its rows go', async () => {
  const path = newPath();
  const probe = await open(tmpdir(), 'r');
  const sync = jest.spyOn(Object.getPrototypeOf(probe) as FileHandle, 'sync');
  await probe.close();
  const told: [point: string, syncs: number][] = [];
  const reached = (point: string): void => {
    if (point.startsWith('compaction.')) told.push([point, sync.mock.calls.length]);
  };
  const journal = await openSqliteJournal({ path, reached });
  const epoch = await journal.beginEpoch();
  await grow(journal, epoch, 10);
  await journal.append(epoch, [], checkpointAt(10));
  await journal.compact();
  await journal.close();
  sync.mockRestore();
  expect(told).toEqual([
    ['compaction.written', 2],
    ['compaction.listed', 2],
    ['compaction.swept', 2],
  ]);
});

test('[limit journalLive] past so many records at hand the oldest segment moves to the archive, never what a restart may need', async () => {
  const path = newPath();
  const liveRecordsMax = 15_000;
  const journal = await openSqliteJournal({ path, liveRecordsMax });
  const epoch = await journal.beginEpoch();
  const moved = async (): Promise<number> => {
    await journal.tidy();
    return (await journal.position()).seq - liveRows(journal);
  };
  await grow(journal, epoch, 25_000);
  expect(await moved()).toBe(0); // no checkpoint yet: a restart needs everything
  await journal.append(epoch, [], checkpointAt(12_000));
  expect(await moved()).toBe(0); // it may have to do without the newest checkpoint
  await journal.append(epoch, [], checkpointAt(24_000));
  expect(await moved()).toBe(SEGMENT_RECORDS);
  expect(await moved()).toBe(SEGMENT_RECORDS); // 15,000 are left: enough room
  await grow(journal, epoch, 32_000);
  await journal.append(epoch, [], checkpointAt(31_000));
  expect(await moved()).toBe(2 * SEGMENT_RECORDS);
  expect(readdirSync(`${path}.segments`)).toHaveLength(2);
  // Reading goes on over both borders as if nothing had happened.
  const seqs: number[] = [];
  for (let batch = await journal.read(0, 3_000); batch.length > 0; batch = await journal.read(seqs.at(-1)!, 3_000))
    seqs.push(...batch.map(({ seq }) => seq));
  expect([seqs.length, seqs.every((seq, i) => seq === i + 1)]).toEqual([32_000, true]);
  await journal.close();
  expect(await verifyJournal(path)).toMatchObject({ records: 32_000, segments: 2, findings: [] });
  expect(LIVE_RECORDS_MAX).toBe(200_000);
});

test('a writer goes on while records move, and nothing is lost between them', async () => {
  const path = newPath();
  const journal = await openSqliteJournal({ path, liveRecordsMax: 1 });
  const epoch = await journal.beginEpoch();
  await grow(journal, epoch, 12_000);
  for (const seq of [11_000, 11_500]) await journal.append(epoch, [], checkpointAt(seq));
  const tidying = journal.tidy();
  for (let i = 1; i <= 50; i += 1) {
    await journal.append(epoch, [recordAt(12_000 + i, epoch)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await tidying;
  await journal.close();
  expect(await verifyJournal(path)).toMatchObject({ records: 12_050, segments: 1, findings: [] });
});

test('[limit journalCheckpoints] older checkpoints are thinned to one for each stretch, and each that is kept can be read whole', async () => {
  const path = newPath();
  const journal = await openSqliteJournal({ path });
  const epoch = await journal.beginEpoch();
  const expected = new Map<number, object>();
  let state: { [key: string]: unknown } = {};
  let random = 1;
  for (let seq = 30_000; seq <= 1_000_000; seq += 30_000) {
    const changes: { [key: string]: unknown } = {};
    for (let i = 0; i < 3; i += 1) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      const key = `part${random % 7}`;
      changes[key] = random % 3 === 0 ? null : { value: random };
    }
    state = { ...state, head: seq, ...changes };
    for (const [key, part] of Object.entries(state)) if (part === null) delete state[key];
    expected.set(seq, { ...state });
    await journal.append(epoch, [], checkpointAt(seq, changes));
    await journal.tidy();
    // The first one begins an empty journal; from then on every one that is kept is what it was.
    for (const kept of keptOf(journal)) {
      expect(Object.fromEntries((await journal.checkpoint(kept))!.parts)).toEqual(expected.get(kept));
    }
  }
  const kept = keptOf(journal);
  expect(kept.slice(-2)).toEqual([960_000, 990_000]);
  expect(new Set(kept.slice(0, -2).map((seq) => Math.floor(seq / CHECKPOINT_SPACING))).size).toBe(kept.length - 2);
  expect(kept.length).toBeLessThanOrEqual(12);
  expect([spacingFor(1), spacingFor(10_000_000), spacingFor(10_000_001), spacingFor(1e9)]).toEqual([
    CHECKPOINT_SPACING,
    CHECKPOINT_SPACING,
    2 * CHECKPOINT_SPACING,
    128 * CHECKPOINT_SPACING,
  ]);
  expect(1e9 / spacingFor(1e9)).toBeLessThanOrEqual(CHECKPOINTS_MAX);
  await journal.close();
});

test('[core 38] what came and went between checkpoints leaves no row, though an older one is kept', async () => {
  const journal = await openSqliteJournal({ path: newPath() });
  const epoch = await journal.beginEpoch();
  const { db } = journal as unknown as { db: Database.Database };
  const rows = (): number => (db.prepare('SELECT count(*) AS n FROM parts').get() as { n: number }).n;
  const counts: number[] = [];
  for (let i = 0; i < 30; i += 1) {
    const born = Array.from({ length: 120 }, (_, j) => [`born ${i}.${j}`, i] as const);
    const gone = Array.from({ length: 120 }, (_, j) => [`born ${i - 1}.${j}`, null] as const);
    const parts = Object.fromEntries([...born, ...(i === 0 ? [] : gone)]);
    await journal.append(epoch, [], checkpointAt(CHECKPOINT_SPACING + i, parts));
    await journal.tidy();
    counts.push(rows());
  }
  // One that is kept for its stretch, and the two newest.
  expect(keptOf(journal)).toHaveLength(3);
  expect(new Set(counts.slice(3))).toEqual(new Set([counts[3]]));
  await journal.close();
});

test('[core 38] what thinning costs grows as what is thinned, not as its square', async () => {
  const costOf = async (keys: number): Promise<number> => {
    const journal = await openSqliteJournal({ path: newPath() });
    const epoch = await journal.beginEpoch();
    for (let i = 1; i <= 3; i += 1) {
      const parts = Object.fromEntries(Array.from({ length: keys }, (_, j) => [`part ${j}`, i]));
      await journal.append(epoch, [], checkpointAt(i, parts));
    }
    const before = process.cpuUsage();
    await journal.tidy();
    const { user, system } = process.cpuUsage(before);
    await journal.close();
    return user + system;
  };
  await costOf(1_000);
  expect((await costOf(32_000)) / (await costOf(1_000))).toBeLessThan(32 * 4);
});

test('[core 38] a large checkpoint can be read in pieces; one that is thinned meanwhile is read anew', async () => {
  const journal = await openSqliteJournal({ path: newPath() });
  const epoch = await journal.beginEpoch();
  const manyAt = (seq: number) =>
    checkpointAt(
      seq,
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`part ${i}`, i % 7 === seq ? null : seq])),
    );
  for (const seq of [1, 2]) await journal.append(epoch, [], manyAt(seq));
  let pauses = 0;
  const whole = await journal.checkpoint(2);
  const inPieces = await journal.checkpoint(2, async () => {
    pauses += 1;
  });
  expect(inPieces).toEqual(whole);
  expect(pauses).toBe(10);
  let isThinned = false;
  const found = await journal.checkpoint(2, async () => {
    if (isThinned) return;
    isThinned = true;
    for (const seq of [3, 4]) await journal.append(epoch, [], manyAt(seq));
    await journal.tidy();
  });
  expect([keptOf(journal), found]).toEqual([[3, 4], null]);
  await journal.close();
});

function keptOf(journal: SqliteJournal): number[] {
  const { db } = journal as unknown as { db: Database.Database };
  return (db.prepare('SELECT seq FROM points ORDER BY seq').all() as { seq: number }[]).map(({ seq }) => seq);
}

test('a journal that is closed answers every call with an error, also in the middle of its housekeeping', async () => {
  const journal = await openSqliteJournal({ path: newPath(), liveRecordsMax: 1 });
  const epoch = await journal.beginEpoch();
  await grow(journal, epoch, 12_000);
  for (const seq of [11_000, 11_500]) await journal.append(epoch, [], checkpointAt(seq));
  const tidying = journal.tidy();
  await journal.close();
  await expect(tidying).rejects.toMatchObject({ code: 'JOURNAL_FAILED', message: expect.stringContaining('closed') });
  for (const call of [
    () => journal.position(),
    () => journal.read(0, 1),
    () => journal.checkpoint(),
    () => journal.beginEpoch(),
    () => journal.append(epoch, [recordAt(12_001, epoch)]),
    () => journal.tidy(),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'JOURNAL_FAILED', message: expect.stringContaining('closed') });
});
