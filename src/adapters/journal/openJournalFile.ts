import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type Journal, JournalError } from '../../actors/ports.js';
import { openExportedJournal } from './exportedJournal.js';
import { openSqliteJournal } from './sqliteJournal.js';

const SQLITE = 'SQLite format 3\0';

/**
 * Opens a bot's journal, beside a running bot too, or an exported stretch; told apart by their first bytes. Only for reading.
 * Fails with JournalError: JOURNAL_NOT_OURS, JOURNAL_NEWER, JOURNAL_CORRUPT, JOURNAL_FAILED.
 */
export async function openJournalFile(path: string): Promise<Journal> {
  return isSqlite(path) ? openSqliteJournal({ path, readonly: true }) : openExportedJournal(path);
}

/** Whether the file is a database; false: it can only be an export. */
export function isSqlite(path: string): boolean {
  const head = Buffer.alloc(SQLITE.length);
  try {
    const found = statSync(path);
    if (!found.isFile() && !found.isDirectory()) throw new Error('it is a pipe or a device'); // a pipe would be waited for
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    const what = code === 'ENOENT' ? 'there is no journal' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new JournalError('JOURNAL_NOT_OURS', `${path}: ${what}; name an existing file`, { cause });
  }
  const text = head.toString('latin1');
  if (text !== SQLITE && !text.startsWith('{'))
    throw new JournalError('JOURNAL_NOT_OURS', `${path}: this file is neither a Kintsugi journal nor an export of one`);
  return text === SQLITE;
}
