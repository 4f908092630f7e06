import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import Database from 'libsql';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { verifyJournal } from '../../../src/adapters/journal/verifyJournal.js';
import { recordAt } from './recordAt.js';

const folders: string[] = [];
/** In a folder of its own, which is gone after the test. */
export function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-damage-'));
  folders.push(folder);
  return join(folder, 'bot.db');
}
afterEach(() => folders.splice(0).forEach((folder) => void rmSync(folder, { recursive: true, force: true })));

export const checkpointAt = (seq: number) => ({
  seq,
  at: seq,
  parts: new Map<string, unknown>([
    ['head', { n: seq }],
    ['actor:a', { n: seq }],
  ]),
});

/** A journal of 30 records with checkpoints at 10, 20 and 30, closed. */
export async function written(path = newPath()): Promise<string> {
  const journal = await openSqliteJournal({ path });
  const epoch = await journal.beginEpoch();
  for (let seq = 1; seq <= 30; seq += 1)
    await journal.append(
      epoch,
      [recordAt(seq, epoch, `text of record ${seq}`)],
      seq % 10 === 0 ? checkpointAt(seq) : undefined,
    );
  await journal.tidy();
  await journal.close();
  return path;
}
/** By hand. */
export function change(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}
export async function readAll(path: string) {
  const journal = await openSqliteJournal({ path, readonly: true });
  try {
    return await journal.read(0, 1_000);
  } finally {
    await journal.close();
  }
}
/** What verification finds. */
export const messages = async (path: string) =>
  (await verifyJournal(path)).findings.map(({ part, seq, message }) => [part, seq, message]);
