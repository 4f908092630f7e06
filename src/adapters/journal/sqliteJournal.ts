import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { type Checkpoint, type Journal, JournalError, type JournalPosition, type Record } from '../../actors/ports.js';
import { holdLock, type Lock } from './sqliteLock.js';

/** Marks a SQLite file as a Kintsugi journal ("KNTS"). */
export const APPLICATION_ID = 0x4b4e5453;
/** Layout of the file; a higher one is refused. */
export const FORMAT_VERSION = 1;
/** Checkpoints kept: the newest and the one before it. */
const CHECKPOINTS_KEPT = 2;

export interface SqliteJournalOptions {
  readonly path: string;
  /** `process`: survives kill -9. `power`: survives power loss too, at the speed of the disk. */
  readonly durability?: 'process' | 'power';
  /** Reads beside a live writer; takes no lock, creates nothing. */
  readonly readonly?: boolean;
}

/**
 * The journal in one SQLite file (WAL). Fails with JOURNAL_HELD, JOURNAL_NOT_OURS, JOURNAL_NEWER, JOURNAL_UNWRITABLE on
 * opening; with JOURNAL_FENCED, JOURNAL_FAILED, JOURNAL_CORRUPT later. The file is readable by its owner only.
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const { path, durability = 'process' } = options;
  if (options.readonly) {
    if (!existsSync(path))
      throw new JournalError('JOURNAL_NOT_OURS', `${path}: there is no journal; name an existing file`);
    return new SqliteJournal(openDatabase(path, true), null, path);
  }
  prepareFile(path);
  const lock = holdLock(path);
  try {
    const db = openDatabase(path, false);
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`);
    db.exec(SCHEMA);
    return new SqliteJournal(db, lock, path);
  } catch (error) {
    lock.release();
    throw error;
  }
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, epoch INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS checkpoints (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
  INSERT OR IGNORE INTO meta VALUES ('epoch', 0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT_VERSION};
`;

function prepareFile(path: string): void {
  const hint = 'set KINTSUGI_JOURNAL to a file in a folder that this user may write to';
  try {
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder');
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (cause) {
    throw new JournalError(
      'JOURNAL_UNWRITABLE',
      `${path}: the journal cannot be written (${reasonOf(cause)}); ${hint}`,
      { cause },
    );
  }
}

function openDatabase(path: string, readonly: boolean): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly });
    const id = pragma(db, 'application_id');
    const tables = (db.prepare('SELECT count(*) AS n FROM sqlite_master').get() as { n: number }).n;
    if (id !== APPLICATION_ID && (id !== 0 || tables > 0 || readonly)) throw notOurs(path);
    const version = pragma(db, 'user_version');
    if (version > FORMAT_VERSION) {
      throw new JournalError(
        'JOURNAL_NEWER',
        `${path}: written by a newer version (format ${version}, this one reads ${FORMAT_VERSION}); use that version, or another file`,
      );
    }
    return db;
  } catch (cause) {
    db?.close();
    if (cause instanceof JournalError) throw cause;
    if ((cause as { code?: string }).code === 'SQLITE_NOTADB') throw notOurs(path, cause);
    throw new JournalError('JOURNAL_FAILED', `${path}: cannot be opened (${reasonOf(cause)})`, { cause });
  }
}

function pragma(db: Database.Database, name: string): number {
  return (db.prepare(`PRAGMA ${name}`).get() as { [name: string]: number })[name] ?? 0;
}

function notOurs(path: string, cause?: unknown): JournalError {
  return new JournalError(
    'JOURNAL_NOT_OURS',
    `${path}: this file is not a Kintsugi journal; set KINTSUGI_JOURNAL to another path`,
    { cause },
  );
}

/** Rows of one statement. */
const ROWS = 16;

function rowOf({ seq, at, epoch, id, fact, steps, effects }: Record): unknown[] {
  return [seq, at, epoch, fact.type, JSON.stringify({ id, fact, steps, effects })];
}

class SqliteJournal implements Journal {
  private readonly insertRecord: Database.Statement;
  private readonly insertRows: Database.Statement;
  private readonly selectEpoch: Database.Statement;
  private readonly selectLast: Database.Statement;
  private readonly selectRecords: Database.Statement;
  private readonly begin: Database.Statement;
  private readonly commit: Database.Statement;
  private readonly rollback: Database.Statement;

  constructor(
    private readonly db: Database.Database,
    private readonly lock: Lock | null,
    private readonly path: string,
  ) {
    const insert = 'INSERT INTO records (seq, at, epoch, type, body) VALUES ';
    this.insertRecord = db.prepare(`${insert} (?, ?, ?, ?, ?)`);
    this.insertRows = db.prepare(`${insert} ${Array(ROWS).fill('(?, ?, ?, ?, ?)').join(', ')}`);
    this.selectEpoch = db.prepare("SELECT value FROM meta WHERE key = 'epoch'");
    this.selectLast = db.prepare('SELECT seq, at FROM records ORDER BY seq DESC LIMIT 1');
    this.selectRecords = db.prepare('SELECT seq, at, epoch, body FROM records WHERE seq > ? ORDER BY seq LIMIT ?');
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.rollback = db.prepare('ROLLBACK');
  }

  async position(): Promise<JournalPosition> {
    return this.guard(() => {
      const last = this.selectLast.get() as { seq: number; at: number } | undefined;
      return { epoch: this.epoch(), seq: last?.seq ?? 0, at: last?.at ?? 0 };
    });
  }

  async beginEpoch(): Promise<number> {
    return this.transaction(() => {
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
      let last = (this.selectLast.get() as { seq: number } | undefined)?.seq ?? 0;
      for (const record of records) {
        if (record.seq !== last + 1) {
          throw new JournalError('JOURNAL_FAILED', `${this.path}: record ${record.seq} does not follow ${last}`);
        }
        last = record.seq;
      }
      this.insert(records);
      if (checkpoint) this.writeCheckpoint(checkpoint);
    });
  }

  async read(after: number, limit: number): Promise<readonly Record[]> {
    const rows = this.guard(() => this.selectRecords.all(after, limit)) as {
      seq: number;
      at: number;
      epoch: number;
      body: string;
    }[];
    return rows.map(({ seq, at, epoch, body }) => ({
      seq,
      at,
      epoch,
      ...this.parse<Omit<Record, 'seq' | 'at' | 'epoch'>>(body, `record ${seq}`),
    }));
  }

  async checkpoint(upTo = Number.MAX_SAFE_INTEGER): Promise<Checkpoint | null> {
    const sql = 'SELECT seq, at, body FROM checkpoints WHERE seq <= ? ORDER BY seq DESC LIMIT 1';
    const row = this.guard(() => this.db.prepare(sql).get(upTo)) as
      | { seq: number; at: number; body: string }
      | undefined;
    return row ? { seq: row.seq, at: row.at, body: this.parse(row.body, `checkpoint ${row.seq}`) } : null;
  }

  async close(): Promise<void> {
    // So that after a clean stop the one file holds everything. A reader that is open may keep it from doing so: no harm.
    if (this.lock && this.db.open) this.db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    this.db.close();
    this.lock?.release();
  }

  /** Sixteen rows a statement while there are as many: fewer crossings into the database. */
  private insert(records: readonly Record[]): void {
    let done = 0;
    for (; done + ROWS <= records.length; done += ROWS)
      this.insertRows.run(...records.slice(done, done + ROWS).flatMap(rowOf));
    for (const record of records.slice(done)) this.insertRecord.run(...rowOf(record));
  }

  private writeCheckpoint(checkpoint: Checkpoint): void {
    const { seq, at, body } = checkpoint;
    this.db
      .prepare('INSERT OR REPLACE INTO checkpoints (seq, at, body) VALUES (?, ?, ?)')
      .run(seq, at, JSON.stringify(body));
    const old = 'DELETE FROM checkpoints WHERE seq NOT IN (SELECT seq FROM checkpoints ORDER BY seq DESC LIMIT ?)';
    this.db.prepare(old).run(CHECKPOINTS_KEPT);
  }

  private epoch(): number {
    return (this.selectEpoch.get() as { value: number }).value;
  }

  private transaction<T>(work: () => T): T {
    return this.guard(() => {
      this.begin.run();
      try {
        const result = work();
        this.commit.run();
        return result;
      } catch (error) {
        this.undo();
        throw error;
      }
    });
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
    try {
      return work();
    } catch (cause) {
      if (cause instanceof JournalError) throw cause;
      const code = (cause as { code?: string }).code === 'SQLITE_CORRUPT' ? 'JOURNAL_CORRUPT' : 'JOURNAL_FAILED';
      throw new JournalError(code, `${this.path}: ${reasonOf(cause)}`, { cause });
    }
  }

  private parse<T>(body: string, what: string): T {
    try {
      return JSON.parse(body) as T;
    } catch (cause) {
      throw new JournalError('JOURNAL_CORRUPT', `${this.path}: ${what} is not JSON; restore the file from a backup`, {
        cause,
      });
    }
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  return [code, message].filter(Boolean).join(': ');
}
