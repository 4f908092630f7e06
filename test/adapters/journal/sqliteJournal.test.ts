import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import { FORMAT_VERSION, pragma } from '../../../src/adapters/journal/sqlite/sqliteFile.js';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { journalContract } from '../../contracts/journal.contract.js';
import { recordAt } from './recordAt.js';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-journal-'));
  folders.push(folder);
  return folder;
}
afterEach(() => folders.splice(0).forEach((folder) => void rmSync(folder, { recursive: true, force: true })));

for (const durability of ['process', 'power'] as const) {
  journalContract(`sqlite, ${durability}`, async () => {
    const path = join(newFolder(), 'bot.db');
    return {
      open: () => openSqliteJournal({ path, durability }),
      kill: (journal) => journal.close(),
      dispose: async () => undefined,
    };
  });
}

async function written(path: string, records = 1): Promise<void> {
  const journal = await openSqliteJournal({ path });
  const epoch = await journal.beginEpoch();
  await journal.append(
    epoch,
    Array.from({ length: records }, (_, i) => recordAt(i + 1, epoch)),
  );
  await journal.close();
}

test.each([
  ['process', 1],
  ['power', 2],
] as const)('durability %s: SQLite syncs as it has to (synchronous = %i)', async (durability, level) => {
  const journal = await openSqliteJournal({ path: join(newFolder(), 'bot.db'), durability });
  const { db } = journal as unknown as { db: Database.Database };
  expect([pragma(db, 'synchronous'), db.prepare('PRAGMA journal_mode').get()]).toMatchObject([
    level,
    { journal_mode: 'wal' },
  ]);
  await journal.close();
});

describe('a folder in which nothing can be made', () => {
  test('a journal that was closed is read all the same, and not written', async () => {
    const [path, copy] = [join(newFolder(), 'bot.db'), join(newFolder(), 'copy.db')];
    await written(path);
    copyFileSync(path, copy);
    mkdirSync(`${copy}-shm`); // as SQLite meets it on a read-only file system
    const journal = await openSqliteJournal({ path: copy, readonly: true });
    expect(await journal.read(0, 9)).toHaveLength(1);
    await journal.close();
    await expect(openSqliteJournal({ path: copy })).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' });
  });
});

describe('the sqlite journal', () => {
  test('[core 26] loses no acknowledged record to kill -9, and its lock is free at once', async () => {
    const path = join(newFolder(), 'bot.db');
    let expected = 0;
    for (let kill = 0; kill < 3; kill += 1) {
      const acknowledged = await writeUntilKilled(path, 20 + kill * 15);
      const journal = await openSqliteJournal({ path });
      const { seq } = await journal.position();
      expect(acknowledged).toBeGreaterThan(expected);
      expect(seq).toBeGreaterThanOrEqual(acknowledged);
      const seqs = (await journal.read(0, seq)).map((record) => record.seq);
      expect(seqs).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
      expected = seq;
      await journal.close();
    }
  });

  test('lets readers in beside its writer, without a lock and without a new file', async () => {
    const path = join(newFolder(), 'bot.db');
    const writer = await openSqliteJournal({ path });
    const epoch = await writer.beginEpoch();
    await writer.append(epoch, [recordAt(1, epoch)]);
    const reader = await openSqliteJournal({ path, readonly: true });
    await writer.append(epoch, [recordAt(2, epoch)]);
    expect((await reader.read(0, 9)).map(({ seq }) => seq)).toEqual([1, 2]);
    await reader.close();
    await writer.close();
    const before = readdirSync(join(path, '..'));
    await (await openSqliteJournal({ path, readonly: true })).close();
    expect(readdirSync(join(path, '..'))).toEqual(before);
    await expect(openSqliteJournal({ path: `${path}.none`, readonly: true })).rejects.toMatchObject({
      code: 'JOURNAL_NOT_OURS',
    });
    expect(existsSync(`${path}.none`)).toBe(false);
  });

  test('[core 25] a reader takes no life from its writer, and writes nothing', async () => {
    const path = join(newFolder(), 'bot.db');
    const journal = await openSqliteJournal({ path });
    const epoch = await journal.beginEpoch();
    const reader = await openSqliteJournal({ path, readonly: true });
    const refusal = { code: 'JOURNAL_UNWRITABLE', message: `${path}: it is opened for reading only` };
    await expect(reader.beginEpoch()).rejects.toMatchObject(refusal);
    await expect(reader.append(epoch, [recordAt(1, epoch)])).rejects.toMatchObject(refusal);
    await expect(reader.compact()).rejects.toMatchObject(refusal);
    await reader.close();
    await journal.append(epoch, [recordAt(1, epoch)]);
    await journal.close();
  });

  test('after a clean stop the one file holds everything', async () => {
    const path = join(newFolder(), 'bot.db');
    await written(path, 3);
    expect(existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0).toBe(0);
  });

  test('is readable by its owner only, folder included', async () => {
    const path = join(newFolder(), 'deep', 'bot.db');
    await written(path);
    expect([path, `${path}.lock`, join(path, '..')].map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual([
      '600',
      '600',
      '700',
    ]);
  });

  test.each([
    ['a text file', (path: string) => writeFileSync(path, 'no database at all, but long enough to be looked at twice')],
    ['a database of somebody else', (path: string) => foreign(path, 'CREATE TABLE users (id)')],
    ['a database with another application id', (path: string) => foreign(path, 'PRAGMA application_id = 7')],
  ])('refuses %s and leaves it alone', async (_what, make) => {
    const path = join(newFolder(), 'bot.db');
    make(path);
    await expect(openSqliteJournal({ path })).rejects.toMatchObject({
      code: 'JOURNAL_NOT_OURS',
      message: expect.stringContaining('KINTSUGI_JOURNAL'),
    });
  });

  test('refuses one from a newer version', async () => {
    const path = join(newFolder(), 'bot.db');
    await written(path);
    foreign(path, `PRAGMA user_version = ${FORMAT_VERSION + 1}`);
    await expect(openSqliteJournal({ path })).rejects.toMatchObject({ code: 'JOURNAL_NEWER' });
  });

  test('says what to set when the place cannot be written', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'dir.db'));
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'dir.db'), join(folder, 'file', 'bot.db')]) {
      await expect(openSqliteJournal({ path })).rejects.toMatchObject({
        code: 'JOURNAL_UNWRITABLE',
        message: expect.stringContaining('KINTSUGI_JOURNAL'),
      });
    }
  });
});

function foreign(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

/** Runs a writer process until it has acknowledged `count` lines, kills it, and gives the last seq it acknowledged. */
function writeUntilKilled(path: string, count: number): Promise<number> {
  const script = fileURLToPath(new URL('./writer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += String(data);
    if (text.split('\n').length > count) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.on('exit', () => resolve(Number(text.trim().split('\n').at(-1)))));
}
