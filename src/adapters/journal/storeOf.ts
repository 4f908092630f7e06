import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { JournalStore } from '../../actors/journalStore.js';
import { JournalError } from '../../actors/ports.js';
import { schemeOf } from '../../base/journalAddress.js';
import { exportedStore } from './exported/exportedStore.js';
import { sqliteStore } from './sqlite/sqliteStore.js';

/** Kinds of journals that are not files, by the scheme of their addresses. */
const KINDS: ReadonlyMap<string, (address: string) => JournalStore> = new Map();
const SQLITE = 'SQLite format 3\0';

/**
 * The store that an address names: the path of a bot's journal or of an exported stretch; others have a scheme. Looks
 * at nothing yet. Throws JournalError JOURNAL_UNKNOWN for a scheme that there is not; it names the scheme alone, as
 * an address may hold secrets.
 */
export function storeOf(address: string): JournalStore {
  const scheme = schemeOf(address);
  if (scheme === null) return fileStore(address);
  const make = KINDS.get(scheme);
  if (make) return make(address);
  const what = `${scheme}://: there is no journal of this kind; set KINTSUGI_JOURNAL to the path of a file`;
  throw new JournalError('JOURNAL_UNKNOWN', what);
}

/** What is in the file decides each time that it is read; what is written is the journal of a bot. */
function fileStore(path: string): JournalStore {
  const journal = sqliteStore(path);
  const there = (): JournalStore => (isSqlite(path) ? journal : exportedStore(path));
  return {
    ...journal,
    kind: async () => there().kind(),
    openReader: async (onShare) => there().openReader(onShare),
    describe: async () => there().describe(),
    verify: async (onShare) => there().verify(onShare),
    compact: async (onShare) => there().compact(onShare),
  };
}

/** By its first bytes; false: it can only be an export. */
function isSqlite(path: string): boolean {
  const head = Buffer.alloc(SQLITE.length);
  try {
    const found = statSync(path);
    // a pipe would be waited for
    if (!found.isFile() && !found.isDirectory()) throw new Error('it is a pipe or a device');
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
