import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { readSegment, UNPACKED_MAX } from '../../../src/adapters/journal/segments.js';

test('[case W4] [limit segmentUnpacked] a segment that unpacks to too much is refused by name, within 200 MB', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-segment-'));
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
  rmSync(folder, { recursive: true });
});
