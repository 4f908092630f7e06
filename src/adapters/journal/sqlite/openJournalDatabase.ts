import type Database from 'libsql';
import { errorOf, openDatabase } from './sqliteFile.js';
import { assertTables } from './sqliteSchema.js';
import { assertOwnLog } from './walOrigin.js';

/**
 * A journal with all its tables and its own write-ahead log. Fails as `openDatabase` does, and with JOURNAL_CORRUPT.
 */
export function openJournalDatabase(path: string, readonly: boolean): Database.Database {
  assertOwnLog(path);
  const db = openDatabase(path, readonly);
  try {
    assertTables(db, path);
    return db;
  } catch (error) {
    db.close();
    throw errorOf(path, error);
  }
}
