import { chmodSync, existsSync } from 'node:fs';
import type Database from 'libsql';
import {
  type Checkpoint,
  type Journal,
  JournalError,
  type JournalPosition,
  type Record,
} from '../../../actors/ports.js';
import type { Reached } from '../../../actors/step/crashPoints.js';
import { Archive } from '../archive/archive.js';
import { Archiving, LIVE_RECORDS_MAX } from '../archive/archiving.js';
import { FileIdentity } from './fileIdentity.js';
import { openJournalDatabase } from './openJournalDatabase.js';
import { SqliteCheckpoints } from './sqliteCheckpoints.js';
import { assertNotForeign, errorOf, integers, prepareFile } from './sqliteFile.js';
import { holdLock, type Lock } from './sqliteLock.js';
import { SqliteRecords } from './sqliteRecords.js';
import { prepareSchema } from './sqliteSchema.js';
import { walTail } from './walTail.js';

export interface SqliteJournalOptions {
  readonly path: string;
  /** `process`: survives kill -9. `power`: survives power loss too, at the speed of the disk. */
  readonly durability?: 'process' | 'power';
  /** Reads beside a live writer; takes no lock, creates nothing. */
  readonly readonly?: boolean;
  /** Records kept at hand before the oldest move to the archive; default 200,000. */
  readonly liveRecordsMax?: number;
  /** Who makes the journal: a row of `meta` that says so for good. */
  readonly mark?: string;
  /** Told at each crash point (tests). */
  readonly reached?: Reached | undefined;
}

/**
 * The journal in one SQLite file (WAL), with an archive of compressed segments beside it. Fails with JOURNAL_HELD,
 * JOURNAL_NOT_OURS, JOURNAL_NEWER, JOURNAL_UNWRITABLE on opening; with JOURNAL_FENCED, JOURNAL_GONE, JOURNAL_FULL,
 * JOURNAL_CORRUPT, JOURNAL_FAILED later. The files are readable by their owner only.
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<SqliteJournal> {
  const { path, durability = 'process', liveRecordsMax = LIVE_RECORDS_MAX, reached } = options;
  if (options.readonly) {
    if (!existsSync(path))
      throw new JournalError('JOURNAL_NOT_OURS', `${path}: there is no journal; name an existing file`);
    const db = openJournalDatabase(path, true);
    try {
      return new SqliteJournal(db, null, path, liveRecordsMax, []);
    } catch (error) {
      db.close();
      throw errorOf(path, error);
    }
  }
  assertNotForeign(path);
  prepareFile(path);
  const lock = holdLock(path);
  let db: Database.Database | undefined;
  try {
    reached?.('start.locked');
    const tail = walTail(path);
    db = openJournalDatabase(path, false);
    chmodSync(path, 0o600);
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`);
    prepareSchema(db, reached);
    if (options.mark !== undefined) db.prepare('INSERT OR IGNORE INTO meta VALUES (?, 1)').run(options.mark);
    return new SqliteJournal(db, lock, path, liveRecordsMax, tail === null ? [] : [tail], reached);
  } catch (error) {
    db?.close();
    lock.release();
    throw errorOf(path, error);
  }
}

/** The number of lives is what fences a writer; one that is too low would let an old one write. */
export function livesLost(lives: number, seq: number, epoch: number): string {
  return `it counts ${lives} process lives, but record ${seq} was written by life ${epoch}. Make it anew: npm run journal -- export --out NAME, then import NAME --into FILE`;
}

export class SqliteJournal implements Journal {
  private readonly records: SqliteRecords;
  private readonly checkpoints: SqliteCheckpoints;
  private readonly archive: Archive;
  private readonly archiving: Archiving;
  private readonly files: FileIdentity;
  /** The first that was found; nothing is written from then on. */
  private gone: unknown = null;
  private readonly selectEpoch: Database.Statement;
  private readonly begin: Database.Statement;
  private readonly commit: Database.Statement;
  private readonly rollback: Database.Statement;

  constructor(
    private readonly db: Database.Database,
    private readonly lock: Lock | null,
    private readonly path: string,
    private readonly liveRecordsMax: number,
    readonly notices: readonly string[],
    private readonly reached: Reached = () => undefined,
  ) {
    this.files = new FileIdentity(path);
    this.archive = new Archive(db, path);
    this.records = new SqliteRecords(db, path, this.archive, lock === null);
    this.checkpoints = new SqliteCheckpoints(db, path);
    const { records, archive, checkpoints } = this;
    const transaction = <T>(work: () => T): T => this.transaction(work);
    this.archiving = new Archiving({ db, path, records, archive, checkpoints, transaction, reached });
    this.selectEpoch = db.prepare(`SELECT ${integers('value')} FROM meta WHERE key = 'epoch'`);
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.rollback = db.prepare('ROLLBACK');
  }

  async position(): Promise<JournalPosition> {
    return this.guard(() => {
      const { seq, at, epoch } = this.records.head();
      return { epoch: Math.max(this.epoch(), epoch), seq, at };
    });
  }

  async beginEpoch(): Promise<number> {
    return this.transaction(() => {
      const { seq, epoch } = this.records.head();
      if (this.epoch() < epoch)
        throw new JournalError('JOURNAL_CORRUPT', `${this.path}: ${livesLost(this.epoch(), seq, epoch)}`);
      this.db.prepare("UPDATE meta SET value = value + 1 WHERE key = 'epoch'").run();
      return this.epoch();
    });
  }

  async append(epoch: number, records: readonly Record[], checkpoint?: Checkpoint): Promise<void> {
    this.transaction(() => {
      const current = this.epoch();
      if (current !== epoch) {
        throw new JournalError(
          'JOURNAL_FENCED',
          `${this.path}: epoch ${epoch} has been followed by ${current}; this process no longer owns the journal and must stop`,
        );
      }
      const head = this.records.head();
      if (head.seq === 0 && records.length === 0 && checkpoint) this.records.setBase(checkpoint);
      this.records.insert(records, head);
      this.reached('append.inside');
      if (!checkpoint) return;
      this.checkpoints.write(checkpoint);
      this.reached('checkpoint.inside');
    });
  }

  async read(after: number, limit: number): Promise<readonly Record[]> {
    try {
      this.guard(() => undefined);
      return await this.records.read(after, limit);
    } catch (error) {
      throw errorOf(this.path, error);
    }
  }

  async checkpoint(upTo = Number.MAX_SAFE_INTEGER, pause?: () => Promise<void>): Promise<Checkpoint | null> {
    if (!pause) return this.guard(() => this.checkpoints.read(upTo));
    const reading = this.checkpoints.reading(upTo);
    for (;;) {
      const step = this.guard(() => reading.next());
      if (step.done) return step.value;
      await pause();
    }
  }

  assertThere(): void {
    if (this.lock === null) return; // others write to what a reader reads
    try {
      if (this.gone === null) this.files.assertSame();
    } catch (error) {
      this.gone = error;
    }
    if (this.gone !== null) throw this.gone;
  }

  async tidy(): Promise<void> {
    await this.archiving.tidy(this.liveRecordsMax);
  }

  /**
   * Moves all that no restart needs to the archive and gives the file's free room back. Resolves with the records
   * moved.
   */
  async compact(onProgress?: (seq: number, last: number) => void): Promise<number> {
    const moved = await this.archiving.all(onProgress);
    this.files.allowShrinking();
    this.guard(() => this.writing(() => void this.db.exec('VACUUM')));
    return moved;
  }

  async close(): Promise<void> {
    if (!this.isGone()) {
      if (this.lock && this.db.open) this.gather();
      this.db.close();
    } // else closing it would write to what is there now, and remove a log by its name
    this.lock?.release();
  }

  private isGone(): boolean {
    if (this.lock === null || !this.db.open) return false;
    try {
      this.assertThere();
    } catch {
      // appends have said so, or nothing was written since
    }
    return this.gone !== null;
  }

  /**
   * So that after a clean stop the one file holds everything. A reader or a full disk may keep it from doing so: no
   * harm.
   */
  private gather(): void {
    try {
      this.db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    } catch {
      // the log beside the file has it
    }
  }

  private epoch(): number {
    return (this.selectEpoch.get() as { value: number } | undefined)?.value ?? 0;
  }

  private transaction<T>(work: () => T): T {
    return this.guard(() =>
      this.writing(() => {
        this.begin.run();
        try {
          const result = work();
          this.commit.run();
          return result;
        } catch (error) {
          this.undo();
          throw error;
        }
      }),
    );
  }

  /**
   * Everything that this process writes to the files passes here: what has changed in between was not written by it.
   */
  private writing<T>(write: () => T): T {
    // libsql itself does not keep a reader from it
    if (this.lock === null) throw new JournalError('JOURNAL_UNWRITABLE', `${this.path}: it is opened for reading only`);
    this.assertThere();
    try {
      return write();
    } finally {
      this.noteOwnWrite();
    }
  }

  /** What is wrong is found before the next write; this one is as durable as it ever was. */
  private noteOwnWrite(): void {
    try {
      this.files.noteOwnWrite();
    } catch (error) {
      this.gone ??= error;
    }
  }

  /** After some errors (a full disk) SQLite has rolled back by itself and a second rollback is refused. */
  private undo(): void {
    if (!this.db.inTransaction) return;
    try {
      this.rollback.run();
    } catch {
      // nothing is left to undo
    }
  }

  private guard<T>(work: () => T): T {
    if (!this.db.open) throw new JournalError('JOURNAL_FAILED', `${this.path}: the journal is closed`);
    try {
      return work();
    } catch (cause) {
      throw errorOf(this.path, cause);
    }
  }
}
