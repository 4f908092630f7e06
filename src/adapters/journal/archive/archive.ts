import type Database from 'libsql';
import { JournalError, type Record } from '../../../actors/ports.js';
import { type Bytes, bytes, hasTable, integers, textOf } from '../sqlite/sqliteFile.js';
import { readSegment, type SegmentRow, segmentPath } from './segments.js';

const SEGMENTS = `SELECT first, ${integers('last', 'firstAt', 'lastAt', 'lastEpoch', 'sum', 'bytes')}, ${bytes('sha256')} FROM segments`;
const rowOf = (row: unknown): SegmentRow => ({
  ...(row as SegmentRow),
  sha256: textOf((row as { sha256: Bytes }).sha256),
});

/** Decompressed segments kept, so that reading on does not decompress again. */
const CACHED_MAX = 2;

/** Records that have moved out of the file: compressed segments in a folder beside it, listed in the file. */
export class Archive {
  private readonly isThere: boolean;
  private readonly cached = new Map<number, readonly string[]>();

  constructor(
    private readonly db: Database.Database,
    private readonly path: string,
  ) {
    this.isThere = hasTable(db, 'segments');
  }

  list(): readonly SegmentRow[] {
    return this.isThere ? this.db.prepare(`${SEGMENTS} ORDER BY first`).all().map(rowOf) : [];
  }
  last(): SegmentRow | undefined {
    if (!this.isThere) return undefined;
    const row = this.db.prepare(`${SEGMENTS} ORDER BY first DESC LIMIT 1`).get();
    return row === undefined ? undefined : rowOf(row);
  }

  /**
   * At most to the end of one segment. Throws JournalError JOURNAL_CORRUPT naming the segment that is missing or
   * damaged.
   */
  async read(after: number, limit: number): Promise<readonly Record[]> {
    const row = rowOf(this.db.prepare(`${SEGMENTS} WHERE last > ? ORDER BY first LIMIT 1`).get(after));
    if (row.first > after + 1) {
      throw new JournalError(
        'JOURNAL_CORRUPT',
        `${this.path}: records ${after + 1} to ${row.first - 1} are in no segment of the archive; restore a backup`,
      );
    }
    const lines = await this.linesOf(row);
    const from = after + 1 - row.first;
    return lines.slice(from, from + limit).map((line) => JSON.parse(line) as Record);
  }

  private async linesOf(row: SegmentRow): Promise<readonly string[]> {
    const cached = this.cached.get(row.first);
    if (cached) return cached;
    const lines = await readSegment(segmentPath(this.path, row), row);
    this.cached.set(row.first, lines);
    for (const first of this.cached.keys()) {
      if (this.cached.size <= CACHED_MAX) break;
      this.cached.delete(first);
    }
    return lines;
  }
}
