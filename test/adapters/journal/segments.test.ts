import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import {
  readSegment,
  SEGMENT_RECORDS,
  UNPACKED_MAX,
  writeSegment,
} from '../../../src/adapters/journal/archive/segments.js';
import { recordAt } from './recordAt.js';

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A segment of this text, listed in the file as one of so many records; everything else fits. */
function segmentOf(text: string, records: number) {
  folder = mkdtempSync(join(tmpdir(), 'kintsugi-segment-'));
  const name = join(folder, 'a.jsonl.gz');
  const bytes = gzipSync(text);
  writeFileSync(name, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const row = { first: 1, last: records, firstAt: 0, lastAt: 0, lastEpoch: 1, sum: 0, bytes: bytes.length, sha256 };
  return { name, row };
}

test('[case W4] [limit segmentUnpacked] a segment that unpacks to too much is refused by name, within 200 MB', async () => {
  folder = mkdtempSync(join(tmpdir(), 'kintsugi-segment-'));
  const name = join(folder, '000000000001-000000010000.jsonl.gz');
  // Members of a gzip file are read as one: 24 times 16 MB.
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  const bytes = Buffer.concat(Array.from({ length: 24 }, () => member));
  writeFileSync(name, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const row = { first: 1, last: 10_000, firstAt: 0, lastAt: 0, lastEpoch: 1, sum: 0, bytes: bytes.length, sha256 };
  const before = process.memoryUsage().rss;
  await expect(readSegment(name, row)).rejects.toThrow(
    `${name}: this segment unpacks to more than ${UNPACKED_MAX} bytes`,
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
});

test.each([SEGMENT_RECORDS, UNPACKED_MAX - 10])(
  '[case W4] a segment of empty lines, listed with %i records, is refused by name before it is taken apart',
  async (records) => {
    const { name, row } = segmentOf(`{}${'\n'.repeat(UNPACKED_MAX - 10)}x\n`, records);
    const before = process.memoryUsage().heapUsed;
    await expect(readSegment(name, row)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringMatching(`${name}.*more than ${SEGMENT_RECORDS} records`),
    });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
  },
);
test('[case W4] one with a line more or less than it is listed with is refused', async () => {
  const { name, row } = segmentOf('{}\n1\n2\n3\n', 3);
  expect(await readSegment(name, row)).toEqual(['1', '2', '3']);
  for (const last of [2, 4])
    await expect(readSegment(name, { ...row, last })).rejects.toThrow(`has 3 records, not ${last}`);
});
test('a full one is read as it was written', async () => {
  folder = mkdtempSync(join(tmpdir(), 'kintsugi-segment-'));
  const records = Array.from({ length: SEGMENT_RECORDS }, (_, i) => recordAt(i + 1, 1));
  const row = await writeSegment(join(folder, 'bot.db'), records, 0);
  const name = join(folder, 'bot.db.segments', `000000000001-0000000${SEGMENT_RECORDS}.jsonl.gz`);
  expect((await readSegment(name, row)).length).toBe(SEGMENT_RECORDS);
});
