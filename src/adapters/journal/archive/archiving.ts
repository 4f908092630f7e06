import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import { JournalError, type Record } from '../../../actors/ports.js';
import type { Reached } from '../../../actors/step/crashPoints.js';
import type { SqliteCheckpoints } from '../sqlite/sqliteCheckpoints.js';
import { hasTable } from '../sqlite/sqliteFile.js';
import type { SqliteRecords } from '../sqlite/sqliteRecords.js';
import type { Archive } from './archive.js';
import { SEGMENT_RECORDS, writeSegment } from './segments.js';

/** Records kept at hand in the file; past it the oldest segment's worth moves to the archive. */
export const LIVE_RECORDS_MAX = 200_000;
/** Bytes of its records after which a segment is full, far below what may be unpacked again. */
const SEGMENT_FULL = 24 * 1024 * 1024;
/** Read or deleted in one turn of the event loop. */
const SLICE = 100;

export interface ArchivingParts {
  readonly db: Database.Database;
  readonly path: string;
  readonly records: SqliteRecords;
  readonly archive: Archive;
  readonly checkpoints: SqliteCheckpoints;
  readonly transaction: <T>(work: () => T) => T;
  readonly reached: Reached;
}

/**
 * Moves records from the file to the archive: first the segment is durable, then the file lists it, then the rows go.
 */
export class Archiving {
  constructor(private readonly parts: ArchivingParts) {}

  /**
   * Checkpoints that are no longer kept, and one segment, when more records than `liveMax` are at hand and no restart
   * needs them.
   */
  async tidy(liveMax: number): Promise<void> {
    this.assertOpen();
    await this.parts.checkpoints.thin(this.parts.transaction, () => this.pause());
    await this.sweep();
    const first = this.firstLive();
    const head = this.parts.records.head().seq;
    if (first === null || head - first + 1 <= liveMax) return;
    // A restart may have to fall back to the checkpoint before the newest.
    const safe = this.parts.checkpoints.seqs().at(-2) ?? 0;
    if (first + SEGMENT_RECORDS - 1 <= safe) await this.move(first, SEGMENT_RECORDS);
  }

  /** All that the newest checkpoint makes superfluous. Resolves with the number of records moved. */
  async all(onProgress?: (seq: number, last: number) => void): Promise<number> {
    await this.sweep();
    const safe = this.parts.checkpoints.seqs().at(-1) ?? 0;
    let moved = 0;
    for (let first = this.firstLive(); first !== null && first <= safe; first = this.firstLive()) {
      const count = Math.min(SEGMENT_RECORDS, safe - first + 1);
      const done = await this.move(first, count);
      moved += done;
      onProgress?.(first + done - 1, safe);
    }
    return moved;
  }

  /** How many went. */
  private async move(first: number, count: number): Promise<number> {
    const { db, path, records, transaction, reached } = this.parts;
    const batch: Record[] = [];
    for (let size = 0; batch.length < count && size < SEGMENT_FULL; ) {
      const slice = await records.read(first - 1 + batch.length, Math.min(SLICE, count - batch.length));
      if (slice.length === 0)
        throw new JournalError('JOURNAL_CORRUPT', `${path}: record ${first + batch.length} is missing`);
      batch.push(...slice);
      size += Buffer.byteLength(JSON.stringify(slice));
      await this.pause();
    }
    const row = await writeSegment(path, batch, records.sumAt(batch.at(-1)!.seq) ?? 0);
    this.assertOpen();
    reached('compaction.written');
    transaction(() =>
      db
        .prepare(
          'INSERT INTO segments (first, last, firstAt, lastAt, lastEpoch, sum, bytes, sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(row.first, row.last, row.firstAt, row.lastAt, row.lastEpoch, row.sum, row.bytes, row.sha256),
    );
    reached('compaction.listed');
    await this.sweep();
    return batch.length;
  }

  /** Deletes the rows that are in the archive, also those that a kill left. */
  private async sweep(): Promise<void> {
    this.assertOpen();
    const { db, archive, transaction, reached } = this.parts;
    const last = archive.last()?.last ?? 0;
    for (const table of this.tables()) {
      const from = db.prepare(`SELECT min(seq) AS seq FROM ${table}`);
      const remove = db.prepare(`DELETE FROM ${table} WHERE seq <= ? AND seq < ?`);
      for (;;) {
        const { seq } = from.get() as { seq: number | null };
        if (seq === null || seq > last) break;
        transaction(() => remove.run(last, seq + SLICE));
        reached('compaction.swept');
        await this.pause();
      }
    }
  }

  /** Room for the bot; the journal may have been closed meanwhile, and a closed database must not be touched. */
  private async pause(): Promise<void> {
    await setImmediate();
    this.assertOpen();
  }
  private assertOpen(): void {
    const { db, path } = this.parts;
    if (!db.open)
      throw new JournalError('JOURNAL_FAILED', `${path}: closed during its housekeeping; it goes on next time`);
  }

  private firstLive(): number | null {
    this.assertOpen();
    const { db } = this.parts;
    const firsts = this.tables()
      .map((table) => (db.prepare(`SELECT min(seq) AS seq FROM ${table}`).get() as { seq: number | null }).seq)
      .filter((seq) => seq !== null);
    return firsts.length === 0 ? null : Math.min(...firsts);
  }
  private tables(): string[] {
    return ['log', 'records'].filter((table) => hasTable(this.parts.db, table));
  }
}
