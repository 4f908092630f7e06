import { existsSync, statSync } from 'node:fs';
import type { Compaction } from '../../actors/journalStore.js';
import type { Reached } from '../../actors/step/crashPoints.js';
import { openSqliteJournal } from './sqlite/sqliteJournal.js';

/**
 * Moves all records that the newest checkpoint makes superfluous into compressed segments and gives the file's room
 * back. The journal must have no writer. Fails as `openSqliteJournal` does, and with what the file system says.
 */
export async function compactJournal(
  path: string,
  options: { readonly onProgress?: (seq: number, last: number) => void; readonly reached?: Reached | undefined } = {},
): Promise<Compaction> {
  const bytesBefore = sizeOf(path);
  const journal = await openSqliteJournal({ path, reached: options.reached });
  let moved: number;
  try {
    moved = await journal.compact(options.onProgress);
  } finally {
    await journal.close();
  }
  return { moved, bytesBefore, bytesAfter: sizeOf(path) };
}

function sizeOf(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
}
