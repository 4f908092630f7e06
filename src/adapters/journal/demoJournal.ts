import { existsSync, rmSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { JournalError } from '../../actors/ports.js';
import { assertNotForeign, prepareFolder } from './sqlite/sqliteFile.js';
import { openSqliteJournal } from './sqlite/sqliteJournal.js';
import { holdLock, type Lock, lockOf } from './sqlite/sqliteLock.js';

/** The row of `meta` that says who made a journal. */
const MARK = 'demo';

/**
 * Makes the journal of a demo, marked as one; an older demo's is removed first, unless it is kept. What is not a demo's
 * journal, and one that is held, stay as they are. The lock that is returned keeps other demos away between two lives
 * of the bot. Fails with JOURNAL_NOT_OURS, JOURNAL_HELD, JOURNAL_UNWRITABLE.
 */
export async function claimDemoJournal(path: string, keep: boolean): Promise<Lock> {
  assertNotForeign(path);
  const isThere = existsSync(path) && statSync(path).size > 0;
  if (isThere && !isDemoJournal(path)) {
    if (existsSync(lockOf(path))) holdLock(path).release(); // says when it is held
    throw new JournalError(
      'JOURNAL_NOT_OURS',
      `${path}: this journal was not made by the demo, which leaves it as it is; set KINTSUGI_JOURNAL to another path`,
    );
  }
  prepareFolder(path);
  const world = holdLock(`${path}.demo`);
  try {
    if (isThere) {
      const lock = holdLock(path);
      if (!keep) for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
      lock.release();
    }
    if (!isThere || !keep) await (await openSqliteJournal({ path, mark: MARK })).close();
    return world;
  } catch (error) {
    world.release();
    throw error;
  }
}

/** Looks at the file alone, so that nothing is made beside it. The mark is there from its first moment on. */
function isDemoJournal(path: string): boolean {
  let db: Database.Database | undefined;
  try {
    db = new Database(`${pathToFileURL(path).href}?immutable=1`, { readonly: true });
    return db.prepare('SELECT 1 FROM meta WHERE key = ?').get(MARK) !== undefined;
  } catch {
    return false;
  } finally {
    db?.close();
  }
}
