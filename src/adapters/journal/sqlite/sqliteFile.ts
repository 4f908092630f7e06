import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { JournalError, type JournalErrorCode } from '../../../actors/ports.js';

/** Marks a SQLite file as a Kintsugi journal ("KNTS"). */
export const APPLICATION_ID = 0x4b4e5453;
/** Layout of the file; a higher one is refused, a lower one is brought up when it is opened for writing. */
export const FORMAT_VERSION = 2;

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const APPLICATION_ID_AT = 68;

/**
 * Looks at a file before anything is made, changed or locked: someone else's is refused as it is, and so is one with a
 * second name, by which another process may be writing it past our lock (hard links). Not while this process holds the
 * journal: closing it drops the process's locks. Fails with JOURNAL_NOT_OURS, JOURNAL_UNWRITABLE.
 */
export function assertNotForeign(path: string): void {
  if (!existsSync(path)) return;
  const found = statSync(path);
  if (!found.isFile() && !found.isDirectory()) throw notOurs(path); // a pipe would be waited for, a device written to
  if (!found.isFile() || found.size === 0) return;
  const header = headerOf(path);
  if (header === null) return; // it cannot be read: opening it says why
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notOurs(path);
  const id = header.readUInt32BE(APPLICATION_ID_AT);
  if (found.nlink > 1) throw hasTwoNames(path, found.nlink);
  if (id === APPLICATION_ID) return;
  if (id !== 0 || hasTablesAlone(path)) throw notOurs(path);
}

function headerOf(path: string): Buffer | null {
  try {
    const file = openSync(path, 'r');
    try {
      const header = Buffer.alloc(HEADER_BYTES);
      return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

/** Of a file without a mark: a journal whose first transaction is still in its log has none. */
function hasTablesAlone(path: string): boolean {
  let db: Database.Database | undefined;
  try {
    db = new Database(`${pathToFileURL(path).href}?immutable=1`, { readonly: true });
    return (db.prepare('SELECT count(*) AS n FROM sqlite_master').get() as { n: number }).n > 0;
  } catch {
    return false;
  } finally {
    db?.close();
  }
}

/** Makes the file and its folder, readable by their owner only. Fails with JOURNAL_UNWRITABLE. */
export function prepareFile(path: string): void {
  prepareFolder(path, () => closeSync(openSync(path, 'a', 0o600)));
}

/** Makes the folder. Fails with JOURNAL_UNWRITABLE, also where the path is a folder itself. */
export function prepareFolder(path: string, make: () => void = () => undefined): void {
  const hint = 'set KINTSUGI_JOURNAL to a file in a folder that this user may write to';
  try {
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder');
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    make();
  } catch (cause) {
    const what = `${path}: the journal cannot be written (${reasonOf(cause)}); ${hint}`;
    throw new JournalError('JOURNAL_UNWRITABLE', what, { cause });
  }
}

/** Fails with JOURNAL_NOT_OURS, JOURNAL_NEWER, JOURNAL_CORRUPT, JOURNAL_FAILED. */
export function openDatabase(path: string, readonly: boolean): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = connect(path, readonly);
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
    const error = errorOf(path, cause);
    if (error.code !== 'JOURNAL_CORRUPT') throw error;
    throw new JournalError(
      'JOURNAL_CORRUPT',
      `${path}: ${reasonOf(cause)}; it cannot be opened at all: restore a backup`,
      { cause },
    );
  }
}

/**
 * A reader of a log opens the file so that the system keeps it from writing: libsql would not, and the last one that
 * closes a log gathers and removes it. Even a reader makes files beside a log. Where it may not, a journal that was
 * closed is read as it is; of one that was not, the newest records would be missing.
 */
function connect(path: string, readonly: boolean): Database.Database {
  const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const db = new Database(readonly && hasLog ? `${pathToFileURL(path).href}?mode=ro` : path, { readonly });
  try {
    pragma(db, 'application_id');
    return db;
  } catch (cause) {
    if (!readonly || !/^SQLITE_(CANTOPEN|READONLY)/.test((cause as { code?: string }).code ?? '')) {
      db.close();
      throw cause;
    }
    db.close();
    if (!hasLog) return new Database(`${pathToFileURL(path).href}?immutable=1`, { readonly });
    const advice = `its newest records are in ${path}-wal, which can be read only where this user may write: copy both files to a folder of your own`;
    throw new JournalError('JOURNAL_UNWRITABLE', `${path}: ${advice}`, { cause });
  }
}

export function pragma(db: Database.Database, name: string): number {
  return (db.prepare(`PRAGMA ${name}`).get() as { [name: string]: number })[name] ?? 0;
}

/**
 * Columns of a row that may be damaged. libsql ends the whole process on a text that is not UTF-8, and one flipped bit
 * makes such a text, of a number too. So texts are read as bytes, and numbers as numbers whatever stands there; that
 * they are not those that were written is what the checksums tell.
 */
export const bytes = (...names: string[]): string => names.map((name) => `CAST(${name} AS BLOB) AS ${name}`).join(', ');
export const integers = (...names: string[]): string =>
  names.map((name) => `CAST(${name} AS INTEGER) AS ${name}`).join(', ');

/** What such a column holds: a Buffer from `get`, an ArrayBuffer from `all`. */
export type Bytes = ArrayBuffer | Buffer;
export const bufferOf = (column: Bytes): Buffer => Buffer.from(column as ArrayBuffer);
export const textOf = (column: Bytes): string => bufferOf(column).toString();

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

function hasTwoNames(path: string, names: number): JournalError {
  const why = `it has ${names} names (hard links), and its log and lock stand beside one of them`;
  const advice = 'remove the other name, or put a copy in its place';
  return new JournalError('JOURNAL_UNWRITABLE', `${path}: the journal cannot be written (${why}); ${advice}`);
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
  ['JOURNAL_HELD', '; another program has it open: stop that one', /^SQLITE_BUSY/],
  ['JOURNAL_CORRUPT', '; stop the bot and look with: npm run journal -- verify', /^(SQLITE_CORRUPT|SQLITE_NOTADB)/],
];

export function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  return [code, message].filter(Boolean).join(': ');
}
