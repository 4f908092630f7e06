import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { JournalError } from '../../../actors/ports.js';
import { integers } from './sqliteFile.js';

/**
 * SQLite lays a write-ahead log over whatever file it lies beside, and one of another journal takes all records away.
 * So a record that both have, the file alone and the file with its log, is held against itself. Null: the log is its
 * own, as far as can be told.
 */
function misfitOfLog(path: string): string | null {
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  let alone: Database.Database | undefined;
  let db: Database.Database | undefined;
  try {
    alone = new Database(`${pathToFileURL(path).href}?immutable=1`, { readonly: true });
    db = new Database(path, { readonly: true });
    const [without, withLog] = [lastOf(alone), lastOf(db)];
    if (without === withLog) return null;
    const seq = Math.min(without, withLog);
    const [one, other] = [sumOf(alone, seq), sumOf(db, seq)];
    if (one === null || other === null || one === other) return null;
    const parts = `without it the last record is ${without}, with it ${withLog}, and record ${seq} is another one`;
    return `${path}-wal belongs to another journal: ${parts}. Move ${path}-wal and ${path}-shm away, both, and look with: npm run journal -- verify`;
  } catch {
    return null; // the file is new, of format 1, or half written: the log has what counts
  } finally {
    db?.close();
    alone?.close(); // SQLite keeps no account of this one's locks: no other connection of this process may be open now
  }
}

/**
 * Before the journal's own connection is opened: this opens and closes the file, and that drops the locks of its
 * process. Fails with JOURNAL_CORRUPT when the write-ahead log beside the file is that of another journal.
 */
export function assertOwnLog(path: string): void {
  const misfit = misfitOfLog(path);
  if (misfit !== null) throw new JournalError('JOURNAL_CORRUPT', misfit);
}

function lastOf(db: Database.Database): number {
  return (db.prepare('SELECT ifnull(max(seq), 0) AS seq FROM log').get() as { seq: number }).seq;
}
function sumOf(db: Database.Database, seq: number): number | null {
  const row = db.prepare(`SELECT ${integers('sum')} FROM log WHERE seq = ?`).get(seq) as { sum: number } | undefined;
  return row?.sum ?? null;
}
