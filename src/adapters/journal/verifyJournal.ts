import { existsSync } from 'node:fs';
import type Database from 'libsql';
import type { Finding, Verification } from '../../actors/journalStore.js';
import { CheckpointDamage, JournalError, type Record } from '../../actors/ports.js';
import { Archive } from './archive/archive.js';
import { readSegment, type SegmentRow, segmentPath } from './archive/segments.js';
import { openJournalDatabase } from './sqlite/openJournalDatabase.js';
import { SqliteCheckpoints } from './sqlite/sqliteCheckpoints.js';
import { type Bytes, bytes, errorOf, integers, pragma, textOf } from './sqlite/sqliteFile.js';
import { livesLost } from './sqlite/sqliteJournal.js';
import { RecordDamage, SqliteRecords } from './sqlite/sqliteRecords.js';
import { walTail } from './sqlite/walTail.js';

export interface VerifyOptions {
  readonly onProgress?: (seq: number, last: number) => void;
}

/** Findings told; past it the rest is not looked at. */
export const FINDINGS_MAX = 100;
const BATCH = 1_000;

/**
 * Reads a whole journal, archive and checkpoints included, and tells all that is not as it was written. Changes
 * nothing; a running bot is not disturbed. Whether refolding agrees is another question: `npm run replay -- --verify`.
 * Fails with JOURNAL_NOT_OURS, JOURNAL_NEWER, JOURNAL_CORRUPT when the file cannot be opened at all.
 */
export async function verifyJournal(path: string, options: VerifyOptions = {}): Promise<Verification> {
  if (!existsSync(path))
    throw new JournalError('JOURNAL_NOT_OURS', `${path}: there is no journal; name an existing file`);
  // Twice: a writer that is at work may be caught in the middle once.
  const tail = walTail(path) && walTail(path);
  const db = openJournalDatabase(path, true);
  try {
    const run = new VerifyRun(path, db, options);
    if (tail !== null) run.note('log', null, tail);
    return await run.all();
  } catch (error) {
    throw errorOf(path, error);
  } finally {
    db.close();
  }
}

class VerifyRun {
  private readonly findings: Finding[] = [];
  private readonly archive: Archive;
  private readonly records: SqliteRecords;
  private readonly checkpoints: SqliteCheckpoints;
  private whole = 0;
  private first = 0;
  private before: Record | null = null;

  constructor(
    private readonly path: string,
    private readonly db: Database.Database,
    private readonly options: VerifyOptions,
  ) {
    this.archive = new Archive(db, path);
    this.records = new SqliteRecords(db, path, this.archive, true);
    this.checkpoints = new SqliteCheckpoints(db, path);
  }

  note(part: Finding['part'], seq: number | null, message: string): void {
    if (this.findings.length < FINDINGS_MAX) this.findings.push({ part, seq, message });
  }

  async all(): Promise<Verification> {
    this.checkFile();
    const last = this.records.head().seq;
    const segments = this.archive.list();
    for (const segment of segments) await this.checkSegment(segment, last);
    await this.checkRows(segments.at(-1)?.last ?? 0, last);
    this.checkLives();
    const seqs = this.checkpoints.seqs();
    for (const seq of seqs) this.checkCheckpoint(seq, last);
    const { findings, whole: records, first } = this;
    const format = pragma(this.db, 'user_version');
    return { format, records, first, last, segments: segments.length, checkpoints: seqs.length, findings };
  }

  private checkFile(): void {
    try {
      const check = `SELECT ${bytes('integrity_check')} FROM pragma_integrity_check(${FINDINGS_MAX})`;
      const texts = (this.db.prepare(check).all() as { integrity_check: Bytes }[]).map((row) =>
        textOf(row.integrity_check),
      );
      for (const text of texts) if (text !== 'ok') this.note('file', null, `${this.path}: ${text}`);
    } catch (error) {
      this.note('file', null, errorOf(this.path, error).message);
    }
  }

  private async checkSegment(row: SegmentRow, last: number): Promise<void> {
    const name = segmentPath(this.path, row);
    const expected = this.before?.seq ?? row.first - 1;
    if (row.first !== expected + 1)
      this.note('segment', expected + 1, `${this.path}: records ${expected + 1} to ${row.first - 1} are in no segment`);
    try {
      for (const line of await readSegment(name, row)) this.checkRecord(JSON.parse(line) as Record, name);
    } catch (error) {
      this.note('segment', row.first, error instanceof JournalError ? error.message : `${name}: ${String(error)}`);
      this.before = null;
    }
    this.options.onProgress?.(row.last, last);
  }

  private async checkRows(after: number, last: number): Promise<void> {
    for (let seq = after; this.findings.length < FINDINGS_MAX; ) {
      try {
        const batch = await this.records.read(seq, BATCH);
        if (batch.length === 0) break;
        for (const record of batch) this.checkRecord(record, this.path);
        seq = batch.at(-1)!.seq;
      } catch (error) {
        if (!(error instanceof RecordDamage)) {
          this.note('record', seq + 1, errorOf(this.path, error).message);
          break;
        }
        if (error.seq - 1 > seq) {
          for (const record of await this.records.read(seq, error.seq - 1 - seq)) this.checkRecord(record, this.path);
        }
        this.note('record', error.seq, `${this.path}: ${error.what}`);
        if (error.to <= seq || error.to > last) break; // nothing comes after it
        [seq, this.before] = [error.to, null];
      }
      this.options.onProgress?.(seq, last);
    }
  }

  /** What the inbox promises: gapless, time and epoch never go back. */
  private checkRecord(record: Record, where: string): void {
    const { seq, at, epoch } = record;
    if (this.first === 0) this.first = seq;
    const { before } = this;
    if (before && seq !== before.seq + 1)
      this.note('record', seq, `${where}: record ${seq} stands after ${before.seq}`);
    if (before && at < before.at) this.note('record', seq, `${where}: record ${seq} is older than the one before it`);
    if (before && epoch < before.epoch) this.note('record', seq, `${where}: record ${seq} is of an earlier life`);
    this.before = record;
    this.whole += 1;
  }

  private checkLives(): void {
    const row = this.db.prepare(`SELECT ${integers('value')} FROM meta WHERE key = 'epoch'`).get();
    const lives = (row as { value: number } | undefined)?.value ?? 0;
    const { seq, epoch } = this.records.head();
    if (lives < epoch) this.note('file', seq, `${this.path}: ${livesLost(lives, seq, epoch)}`);
  }

  private checkCheckpoint(seq: number, last: number): void {
    try {
      this.checkpoints.read(seq);
      if (seq > last)
        this.note(
          'checkpoint',
          seq,
          `${this.path}: checkpoint ${seq} is of a record that is not there; the last one is ${last}`,
        );
    } catch (error) {
      const message = error instanceof CheckpointDamage ? error.message : errorOf(this.path, error).message;
      this.note('checkpoint', seq, message);
    }
  }
}
