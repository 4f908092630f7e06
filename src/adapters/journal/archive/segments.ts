import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { JournalError, type Record } from '../../../actors/ports.js';
import { gunzipUpTo, UnpacksToTooMuch } from '../../../base/unpack.js';

/** What the file remembers of a segment. */
export interface SegmentRow {
  readonly first: number;
  readonly last: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly lastEpoch: number;
  /** The chain's checksum of its last record; 0 when it was written by format 1. */
  readonly sum: number;
  readonly bytes: number;
  /** Of the compressed file. */
  readonly sha256: string;
}

/** Bytes of a segment when it is unpacked; one that has more was not written by us. */
export const UNPACKED_MAX = 96 * 1024 * 1024;

/** Records of a segment at most. */
export const SEGMENT_RECORDS = 10_000;

const HEADER = { format: 'kintsugi-segment', version: 1 } as const;
const DIGITS = 12;

/** `FILE.segments/000000000001-000000010000.jsonl.gz` */
export function segmentPath(path: string, { first, last }: Pick<SegmentRow, 'first' | 'last'>): string {
  const name = [first, last].map((seq) => String(seq).padStart(DIGITS, '0')).join('-');
  return join(`${path}.segments`, `${name}.jsonl.gz`);
}

/**
 * Writes records as gzipped JSON lines, the first line a header. The file appears whole, synced and under its name, or
 * not at all; one that a kill left from before is replaced. Rejects with what the file system says.
 */
export async function writeSegment(path: string, records: readonly Record[], sum: number): Promise<SegmentRow> {
  const [from, to] = [records[0]!, records.at(-1)!];
  const header = JSON.stringify({ ...HEADER, first: from.seq, last: to.seq });
  const text = [header, ...records.map((record) => JSON.stringify(record)), ''].join('\n');
  const bytes = await promisify(gzip)(text);
  const name = segmentPath(path, { first: from.seq, last: to.seq });
  await mkdir(dirname(name), { recursive: true, mode: 0o700 });
  const file = await open(`${name}.part`, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${name}.part`, name);
  await syncFolder(dirname(name));
  return {
    first: from.seq,
    last: to.seq,
    firstAt: from.at,
    lastAt: to.at,
    lastEpoch: to.epoch,
    sum,
    bytes: bytes.length,
    sha256: sha256(bytes),
  };
}

/** So that the name survives a power cut too. Where a folder cannot be opened (Windows), the file system sees to it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  try {
    await folder?.sync();
  } finally {
    await folder?.close();
  }
}

/**
 * The lines of its records. Fails with JOURNAL_CORRUPT when the file is missing, is not the one that was written, or
 * does not fit.
 */
export async function readSegment(name: string, row: SegmentRow): Promise<readonly string[]> {
  const { first, last } = row;
  const fail = (what: string, cause?: unknown): JournalError =>
    new JournalError(
      'JOURNAL_CORRUPT',
      `${name}: ${what}; records ${first} to ${last} cannot be read. Put the file back from a backup`,
      { cause },
    );
  let bytes: Buffer;
  try {
    if ((await stat(name)).size !== row.bytes) throw fail('this segment is damaged: its checksum does not match');
    bytes = await readFile(name);
  } catch (cause) {
    if (cause instanceof JournalError) throw cause;
    const { code } = cause as { code?: string };
    throw fail(code === 'ENOENT' ? 'this segment is missing' : `this segment cannot be read (${code})`, cause);
  }
  if (sha256(bytes) !== row.sha256) throw fail('this segment is damaged: its checksum does not match');
  const unpacked = await gunzipUpTo(bytes, UNPACKED_MAX).catch((cause: Error) => {
    const isTooMuch = cause instanceof UnpacksToTooMuch;
    const what = isTooMuch ? `unpacks to more than ${UNPACKED_MAX} bytes` : 'cannot be unpacked';
    throw fail(`this segment ${what}`, cause);
  });
  // Before they are taken apart: millions of empty lines are few bytes, and much memory.
  const count = linesUpTo(unpacked, SEGMENT_RECORDS + 2) - 1;
  if (count > SEGMENT_RECORDS) throw fail(`this segment has more than ${SEGMENT_RECORDS} records`);
  if (count !== last - first + 1) throw fail(`this segment has ${count} records, not ${last - first + 1}`);
  return String(unpacked).trimEnd().split('\n').slice(1);
}

/** How many lines end there; it counts no further than `max`. */
function linesUpTo(bytes: Buffer, max: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_END); at !== -1 && count < max; at = bytes.indexOf(LINE_END, at + 1)) count += 1;
  return count;
}
const LINE_END = 10;

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
