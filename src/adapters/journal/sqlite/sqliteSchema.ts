import type Database from 'libsql';
import { JournalError } from '../../../actors/ports.js';
import type { Reached } from '../../../actors/step/crashPoints.js';
import { APPLICATION_ID, FORMAT_VERSION, hasTable, pragma } from './sqliteFile.js';

/**
 * - `log`: the records that are at hand, chained by `sum`.
 * - `points`, `parts`: checkpoints; a part is as of the newest row with a seq up to the point's, no body: it is gone.
 * - `segments`: what has moved to the archive beside the file.
 * - `records`, `checkpoints`: as format 1 wrote them, whole and without checksums. They are read where they are, so
 *   that a
 *   journal of any size is brought up in an instant and a kill in the middle leaves it as it was.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, epoch INTEGER NOT NULL, sum INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS points (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS parts (key TEXT NOT NULL, seq INTEGER NOT NULL, sum INTEGER NOT NULL, body TEXT, PRIMARY KEY (key, seq)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS parts_by_seq ON parts (seq);
  CREATE TABLE IF NOT EXISTS segments (
    first INTEGER PRIMARY KEY, last INTEGER NOT NULL, firstAt INTEGER NOT NULL, lastAt INTEGER NOT NULL,
    lastEpoch INTEGER NOT NULL, sum INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
  INSERT OR IGNORE INTO meta VALUES ('epoch', 0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT_VERSION};
`;

/** Tables that a file of a format has from its first moment on. */
const TABLES: { readonly [format: number]: readonly string[] } = {
  1: ['meta', 'records', 'checkpoints'],
  2: ['meta', 'log', 'points', 'parts', 'segments'],
};

/** A table that is gone is damage, and no file to begin anew. Fails with JOURNAL_CORRUPT. */
export function assertTables(db: Database.Database, path: string): void {
  const missing = TABLES[pragma(db, 'user_version')]?.find((name) => !hasTable(db, name));
  if (missing !== undefined)
    throw new JournalError('JOURNAL_CORRUPT', `${path}: its table ${missing} is missing; restore a backup`);
}

/** Brings a new file, or one of an older format, to the present one: all or nothing. */
export function prepareSchema(db: Database.Database, reached?: Reached): void {
  reached?.('migration.before');
  db.exec(`BEGIN IMMEDIATE; ${pragma(db, 'user_version') < FORMAT_VERSION ? SCHEMA : ''}`);
  reached?.('migration.inside');
  db.exec('COMMIT');
  reached?.('migration.after');
}
