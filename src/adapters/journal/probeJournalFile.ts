import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { JournalFound } from '../../actors/journalStore.js';
import { JournalError } from '../../actors/ports.js';
import { APPLICATION_ID, FORMAT_VERSION } from './sqlite/sqliteFile.js';
import { openSqliteJournal } from './sqlite/sqliteJournal.js';
import { holdLock, lockOf } from './sqlite/sqliteLock.js';

const HEADER = 100;
const MAGIC = 'SQLite format 3\0';

/**
 * Looks at a journal without making or changing one. Not while this process holds it: closing its file drops the
 * locks of the process.
 */
export async function probeJournalFile(path: string): Promise<JournalFound> {
  if (!existsSync(path)) {
    const folder = nearestFolder(path);
    const code = statSync(folder).isDirectory() ? refusalToWrite(folder) : 'ENOTDIR';
    return { kind: code ? 'unwritable' : 'absent', code: code ?? '', held: false, bytes: 0 };
  }
  const bytes = sizeOf(path) + sizeOf(`${path}-wal`);
  if (statSync(path).isDirectory()) return { kind: 'unwritable', code: 'EISDIR', held: false, bytes: 0 };
  if (!statSync(path).isFile()) return { kind: 'notOurs', code: '', held: false, bytes: 0 };
  const isTwice = statSync(path).nlink > 1; // hard links: the bot would refuse it
  const code = refusalToWrite(path) ?? refusalToWrite(dirname(path)) ?? (isTwice ? 'EMLINK' : null);
  if (code) return { kind: 'unwritable', code, held: false, bytes };
  try {
    // First: what the holder has not yet written back is no fault of the file.
    const held = isHeld(path);
    return { ...(await whose(path)), held, bytes };
  } catch (error) {
    return { kind: 'unwritable', code: codeOf(error), held: false, bytes };
  }
}

/** Takes the lock for a moment. Where no lock file is, no bot has been; none is made. */
function isHeld(path: string): boolean {
  if (!existsSync(lockOf(path))) return false;
  try {
    holdLock(path).release();
    return false;
  } catch (error) {
    if (error instanceof JournalError && error.code === 'JOURNAL_HELD') return true;
    throw error;
  }
}

/**
 * The header says whose file it is. SQLite would make files beside it even for a reader, perhaps as another user than
 * the bot's, so SQLite is asked only where the header does not know: its page may still be in the write-ahead log.
 */
async function whose(path: string): Promise<Pick<JournalFound, 'kind' | 'code'>> {
  const header = headerOf(path);
  if (header.length === 0 && sizeOf(`${path}-wal`) === 0) return { kind: 'ours', code: '' };
  if (header.length < HEADER || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    return { kind: 'notOurs', code: '' };
  const id = header.readUInt32BE(68);
  if (id === APPLICATION_ID) return { kind: header.readUInt32BE(60) > FORMAT_VERSION ? 'newer' : 'ours', code: '' };
  if (id !== 0) return { kind: 'notOurs', code: '' };
  try {
    await (await openSqliteJournal({ path, readonly: true })).close();
    return { kind: 'ours', code: '' };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'JOURNAL_NOT_OURS') return { kind: 'notOurs', code };
    if (code === 'JOURNAL_NEWER') return { kind: 'newer', code };
    return { kind: 'unreadable', code };
  }
}

function headerOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER);
    return header.subarray(0, readSync(file, header, 0, HEADER, 0));
  } finally {
    closeSync(file);
  }
}

/** The code of the error; null: it may be written. */
function refusalToWrite(path: string): string | null {
  try {
    accessSync(path, statSync(path).isDirectory() ? constants.W_OK | constants.X_OK : constants.R_OK | constants.W_OK);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

/** The folder in which the bot would begin to make folders. It may turn out to be a file. */
function nearestFolder(path: string): string {
  let folder = dirname(resolve(path));
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name);
}
