import { chmodSync, existsSync, realpathSync } from 'node:fs';
import Database from 'libsql';
import { JournalError } from '../../../actors/ports.js';

export interface Lock {
  release(): void;
}

/**
 * Holds a journal for one writer: an exclusive transaction on a file beside it, kept open for the writer's life. A
 * second writer is refused at once; readers of the journal are not touched; the operating system lets go when the
 * holder dies. It stands beside the file itself: of two links to one journal the second is refused. Fails with
 * JOURNAL_HELD.
 */
export function holdLock(path: string): Lock {
  const file = lockOf(path);
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    chmodSync(file, 0o600);
    db.exec('PRAGMA journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
    db.exec('CREATE TABLE IF NOT EXISTS held (by TEXT)'); // the first write takes the lock for real
    const held = db;
    return { release: () => void held.close() };
  } catch (cause) {
    db?.close();
    const { code = '' } = cause as { code?: string };
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
      throw new JournalError(
        'JOURNAL_HELD',
        `${path}: another process is writing this journal; stop it, or set KINTSUGI_JOURNAL to another path`,
        { cause },
      );
    }
    throw new JournalError('JOURNAL_UNWRITABLE', `${file}: the lock file cannot be used (${code})`, { cause });
  }
}

/** Where the lock of a journal is. */
export function lockOf(path: string): string {
  return `${existsSync(path) ? realpathSync(path) : path}.lock`;
}
