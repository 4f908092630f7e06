import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalDescription, JournalStore, OnShare } from '../../../actors/journalStore.js';
import { JournalError } from '../../../actors/ports.js';
import { compactJournal } from '../compactJournal.js';
import { claimDemoJournal } from '../demoJournal.js';
import { placeOfFile } from '../placeOfFile.js';
import { verifyJournal } from '../verifyJournal.js';
import { FORMAT_VERSION, openDatabase, pragma } from './sqliteFile.js';
import { openSqliteJournal } from './sqliteJournal.js';

/** The journal of a bot in one SQLite file, with its archive in the folder beside it. */
export function sqliteStore(path: string): JournalStore {
  return {
    ...placeOfFile(path),
    kind: async () => 'journal',
    openReader: () => openSqliteJournal({ path, readonly: true }),
    openWriter: (options) => openSqliteJournal({ path, ...options }),
    async make(write) {
      if (existsSync(path)) throw new JournalError('JOURNAL_UNWRITABLE', `${path}: there is a file already`);
      const part = `${path}.part`;
      remove(part); // of one that was killed
      const journal = await openSqliteJournal({ path: part });
      try {
        const made = await write(journal);
        await journal.close();
        renameSync(part, path);
        return made;
      } finally {
        await journal.close();
        remove(part);
      }
    },
    describe: async () => describe(path),
    verify: (onShare) => verifyJournal(path, shared(onShare)),
    compact: (onShare) => compactJournal(path, shared(onShare)),
    claimForDemo: (keep) => claimDemoJournal(path, keep),
  };
}

function shared(onShare: OnShare | undefined): { readonly onProgress?: (seq: number, last: number) => void } {
  return onShare ? { onProgress: (seq, last) => onShare(seq / last) } : {};
}

function describe(path: string): JournalDescription {
  const segments = segmentsOf(path);
  const bytes = [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    segments.bytes,
  );
  const db = openDatabase(path, true);
  try {
    return { format: pragma(db, 'user_version') || FORMAT_VERSION, bytes, segments };
  } finally {
    db.close();
  }
}

function segmentsOf(path: string): JournalDescription['segments'] {
  const folder = `${path}.segments`;
  if (!existsSync(folder)) return { count: 0, bytes: 0 };
  const files = readdirSync(folder).filter((name) => name.endsWith('.gz'));
  return { count: files.length, bytes: files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) };
}

/** A file and what SQLite and the lock put beside it. */
function remove(path: string): void {
  for (const end of ['', '-wal', '-shm', '.lock']) rmSync(`${path}${end}`, { force: true });
}
