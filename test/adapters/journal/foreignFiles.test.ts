import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { claimDemoJournal } from '../../../src/adapters/journal/demoJournal.js';
import { probeJournalFile } from '../../../src/adapters/journal/probeJournalFile.js';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { recordAt } from './recordAt.js';

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));
function inFolder(name: string): string {
  folder = mkdtempSync(join(tmpdir(), 'kintsugi-foreign-'));
  return join(folder, name);
}

/** Content, mode and time, and that nothing lies beside it. */
function looksOf(path: string): object {
  const { mode, mtimeMs, ino, size } = statSync(path);
  const beside = ['-wal', '-shm', '.lock', '.demo.lock'].filter((end) => existsSync(path + end));
  return { mode, mtimeMs, ino, size, content: readFileSync(path).toString('base64'), beside };
}
const YEAR_2020 = new Date(1_577_836_800_000);

const foreign: readonly [string, (path: string) => void][] = [
  ['notes', (path) => writeFileSync(path, 'milk, eggs\n')],
  ['a long text', (path) => writeFileSync(path, 'milk, eggs\n'.repeat(100))],
  ['a database with a mark', (path) => madeBy(path, 'PRAGMA application_id = 7; CREATE TABLE notes (text TEXT)')],
  ['a database without a mark', (path) => madeBy(path, 'CREATE TABLE notes (text TEXT)')],
  ['a database with a log', (path) => madeBy(path, 'PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT)')],
];
function madeBy(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

test.each(foreign)('[case J2] [case J4] %s: refused, and left as it is with its mode 0644', async (_name, make) => {
  const path = inFolder('notes.txt');
  make(path);
  chmodSync(path, 0o644);
  utimesSync(path, YEAR_2020, YEAR_2020);
  const before = looksOf(path);
  const refusal = { code: 'JOURNAL_NOT_OURS', message: expect.stringContaining(path) };
  await expect(openSqliteJournal({ path })).rejects.toMatchObject(refusal);
  for (const keep of [false, true]) await expect(claimDemoJournal(path, keep)).rejects.toMatchObject(refusal);
  expect(looksOf(path)).toEqual(before);
});

test('[case J2] a pipe, a device: refused at once, by whoever would read or write there', async () => {
  const path = inFolder('pipe');
  execFileSync('mkfifo', [path]);
  for (const odd of [path, '/dev/null']) {
    const refusal = { code: 'JOURNAL_NOT_OURS', message: expect.stringContaining(odd) };
    await expect(openSqliteJournal({ path: odd })).rejects.toMatchObject(refusal);
    await expect(claimDemoJournal(odd, false)).rejects.toMatchObject(refusal);
    await expect(storeOf(odd).openReader()).rejects.toMatchObject(refusal);
  }
  expect(await probeJournalFile(path)).toMatchObject({ kind: 'notOurs' });
});

test('[case J2] a second bot by another name of the same file, a link to it or to its folder, is refused', async () => {
  const path = inFolder('bot.db');
  const journal = await openSqliteJournal({ path });
  const epoch = await journal.beginEpoch();
  await journal.append(epoch, [recordAt(1, epoch)]);
  symlinkSync(path, `${folder}/link.db`);
  symlinkSync(folder, `${folder}/here`);
  for (const other of [`${folder}/link.db`, `${folder}/here/bot.db`, `${folder}/here/here/link.db`]) {
    await expect(openSqliteJournal({ path: other })).rejects.toMatchObject({ code: 'JOURNAL_HELD' });
    await expect(claimDemoJournal(other, false)).rejects.toMatchObject({ code: 'JOURNAL_HELD' });
    expect(await probeJournalFile(other)).toMatchObject({ held: true });
  }
  await journal.append(epoch, [recordAt(2, epoch)]);
  await journal.close();
  const next = await openSqliteJournal({ path: `${folder}/link.db` });
  expect(await next.position()).toMatchObject({ seq: 2 });
  await next.close();
});

test('[case J2] a journal with a second name (a hard link) is refused by both, running or not: no lock would hold there', async () => {
  const path = inFolder('bot.db');
  const other = `${folder}/copy.db`;
  const bot = await openSqliteJournal({ path });
  const epoch = await bot.beginEpoch();
  await bot.append(epoch, [recordAt(1, epoch)]);
  linkSync(path, other);
  const refusal = { code: 'JOURNAL_UNWRITABLE', message: expect.stringContaining('2 names (hard links)') };
  await expect(openSqliteJournal({ path: other })).rejects.toMatchObject(refusal);
  expect(looksOf(other)).toMatchObject({ beside: [] });
  await bot.append(epoch, [recordAt(2, epoch)]);
  await bot.close();
  for (const name of [path, other]) {
    await expect(openSqliteJournal({ path: name })).rejects.toMatchObject(refusal);
    await expect(claimDemoJournal(name, false)).rejects.toMatchObject(refusal);
    expect(await probeJournalFile(name)).toMatchObject({ kind: 'unwritable', code: 'EMLINK' });
  }
  rmSync(other);
  await (await openSqliteJournal({ path })).close();
});

test("[case J2] a real bot's journal is nothing that a demo removes, running or not", async () => {
  const path = inFolder('bot.db');
  const bot = await openSqliteJournal({ path });
  const epoch = await bot.beginEpoch();
  await bot.append(epoch, [recordAt(1, epoch)]);
  for (const keep of [false, true])
    await expect(claimDemoJournal(path, keep)).rejects.toMatchObject({
      code: expect.stringMatching(/JOURNAL_(HELD|NOT_OURS)/),
    });
  await bot.append(epoch, [recordAt(2, epoch)]);
  await bot.close();
  const before = looksOf(path);
  for (const keep of [false, true])
    await expect(claimDemoJournal(path, keep)).rejects.toMatchObject({ code: 'JOURNAL_NOT_OURS' });
  expect(looksOf(path)).toEqual(before);
});

test('[case J2] a demo begins anew in its own journal, unless it is kept; a second one is refused between two lives too', async () => {
  const path = inFolder('demo.db');
  const first = await claimDemoJournal(path, false);
  await expect(claimDemoJournal(path, false)).rejects.toMatchObject({ code: 'JOURNAL_HELD' });
  const write = async (): Promise<void> => {
    const journal = await openSqliteJournal({ path });
    const epoch = await journal.beginEpoch();
    await journal.append(epoch, [recordAt(1, epoch)]);
    await journal.close();
  };
  const last = async (): Promise<number> => {
    const journal = await openSqliteJournal({ path, readonly: true });
    const { seq } = await journal.position();
    await journal.close();
    return seq;
  };
  await write();
  first.release();
  (await claimDemoJournal(path, true)).release();
  expect(await last()).toBe(1);
  (await claimDemoJournal(path, false)).release();
  expect(await last()).toBe(0);
});
