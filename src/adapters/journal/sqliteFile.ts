import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { JournalError, type JournalErrorCode } from '../../actors/ports.js';

/** Marks a SQLite file as a Kintsugi journal ("KNTS"). */
export const APPLICATION_ID = 0x4b4e5453;
/** Layout of the file; a higher one is refused, a lower one is brought up when it is opened for writing. */
export const FORMAT_VERSION = 2;

/** Makes the file and its folder, readable by their owner only. Fails with JOURNAL_UNWRITABLE. */
export function prepareFile(path: string): void {
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

/** Fails with JOURNAL_NOT_OURS, JOURNAL_NEWER, JOURNAL_CORRUPT, JOURNAL_FAILED. */
export function openDatabase(path: string, readonly: boolean): Database.Database {
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
    throw errorOf(path, cause);
  }
}

export function pragma(db: Database.Database, name: string): number {
  return (db.prepare(`PRAGMA ${name}`).get() as { [name: string]: number })[name] ?? 0;
}

export function hasTable(db: Database.Database, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

function notOurs(path: string, cause?: unknown): JournalError {
  return new JournalError(
    'JOURNAL_NOT_OURS',
    `${path}: this file is not a Kintsugi journal; set KINTSUGI_JOURNAL to another path`,
    { cause },
  );
}

/** What SQLite or the file system said, as the error that the rest of the bot knows. */
export function errorOf(path: string, cause: unknown): JournalError {
  if (cause instanceof JournalError) return cause;
  const { code = '' } = cause as { code?: string };
  const [kind, advice] = kinds.find(([, , pattern]) => pattern.test(code)) ?? (['JOURNAL_FAILED', ''] as const);
  return new JournalError(kind, `${path}: ${reasonOf(cause)}${advice}`, { cause });
}
const kinds: readonly (readonly [JournalErrorCode, string, RegExp])[] = [
  ['JOURNAL_FULL', '; nothing is done until there is room on the disk', /^(SQLITE_FULL|ENOSPC|EDQUOT)/],
  [
    'JOURNAL_UNWRITABLE',
    '; make the file and its folder writable again',
    /^(SQLITE_READONLY|SQLITE_CANTOPEN|EROFS|EACCES|EPERM)/,
  ],
  ['JOURNAL_CORRUPT', '; stop the bot and look with: npm run journal -- verify', /^(SQLITE_CORRUPT|SQLITE_NOTADB)/],
];

export function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  return [code, message].filter(Boolean).join(': ');
}
