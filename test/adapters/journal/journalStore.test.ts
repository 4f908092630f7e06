import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { JournalStore } from '../../../src/actors/journalStore.js';
import { exportedStore } from '../../../src/adapters/journal/exported/exportedStore.js';
import { exportLines } from '../../../src/adapters/journal/exported/exportJournal.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import { sqliteStore } from '../../../src/adapters/journal/sqlite/sqliteStore.js';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { journalStoreContract, type StorePlace } from '../../contracts/journalStore.contract.js';
import { recordAt } from './recordAt.js';
import { storeInMemory } from './storeInMemory.js';

async function write(store: JournalStore, last: number): Promise<void> {
  const journal = await store.openWriter();
  const epoch = await journal.beginEpoch();
  await journal.append(
    epoch,
    Array.from({ length: last }, (_, i) => recordAt(i + 1, epoch)),
  );
  await journal.close();
}

async function exportTo(path: string, to: number): Promise<void> {
  const journal = await openMemoryJournal(createMemoryStore());
  const epoch = await journal.beginEpoch();
  for (let seq = 1; seq <= to; seq += 1) await journal.append(epoch, [recordAt(seq, epoch)]);
  const redact = (text: string) => ({ text, count: 0 });
  let text = '';
  for await (const line of exportLines(journal, { from: 1, to, checkpoint: null, redact })) text += line;
  writeFileSync(path, text);
}

function inFolder(name: string, make: (path: string) => Omit<StorePlace, 'dispose'>): StorePlace & { path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-store-'));
  const path = join(folder, name);
  return { path, ...make(path), dispose: async () => rmSync(folder, { recursive: true, force: true }) };
}

const written = (store: JournalStore) => ({ store, fill: (last: number) => write(store, last) });

journalStoreContract('a file, by its path', { kind: 'journal', mayBeEmpty: true }, async () =>
  inFolder('bot.db', (path) => written(storeOf(path))),
);
journalStoreContract('SQLite', { kind: 'journal', mayBeEmpty: false }, async () =>
  inFolder('bot.db', (path) => written(sqliteStore(path))),
);
journalStoreContract('in memory', { kind: 'journal', mayBeEmpty: true }, async () => ({
  ...written(storeInMemory(createMemoryStore())),
  dispose: async () => undefined,
}));
journalStoreContract('an exported stretch', { kind: 'export', mayBeEmpty: false }, async () =>
  inFolder('stretch.jsonl', (path) => ({ store: exportedStore(path), fill: (last) => exportTo(path, last) })),
);

test('a path is asked anew each time: what is an export now may be a journal later', async () => {
  const { path, store, fill, dispose } = inFolder('either', (name) => ({
    store: storeOf(name),
    fill: (last) => exportTo(name, last),
  }));
  await fill(2);
  expect([await store.kind(), (await store.verify()).records]).toEqual(['export', 2]);
  await expect(store.openWriter()).rejects.toMatchObject({ code: 'JOURNAL_NOT_OURS' });
  rmSync(path);
  await write(store, 3);
  expect([await store.kind(), (await store.verify()).records]).toEqual(['journal', 3]);
  await dispose();
});

test('what an unfinished making has left is removed by the next, and by its own failure', async () => {
  const { path, store, dispose } = inFolder('new.db', (name) => written(storeOf(name)));
  await write(storeOf(`${path}.part`), 5); // of one that was killed
  await store.make(async (journal) => {
    expect((await journal.position()).seq).toBe(0);
  });
  expect(readdirSync(join(path, '..'))).toEqual(['new.db']);
  await dispose();
});

test.each([
  ['postgres://bot:secret@db/one', 'postgres'],
  ['REDIS://x', 'redis'],
  ['file:///tmp/bot.db', 'file'],
])('%s: there is no such kind; its scheme alone is told', (address, scheme) => {
  const refused = () => storeOf(address);
  expect(refused).toThrow(expect.objectContaining({ name: 'JournalError', code: 'JOURNAL_UNKNOWN' }));
  expect(refused).toThrow(`${scheme}://: there is no journal of this kind; set KINTSUGI_JOURNAL to the path of a file`);
  expect(refused).not.toThrow('secret');
});

test.each(['bot.db', './a/b.db', 'C:\\bots\\bot.db', 'C://bots/bot.db', 'odd:name.db'])('%s is a path', (path) => {
  expect(storeOf(path).name).toBe(path);
});
