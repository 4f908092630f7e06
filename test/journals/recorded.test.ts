import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { fold } from '../../src/actors/fold/fold.js';
import { topology } from '../../src/actors/wiring/topology.js';
import { compactJournal } from '../../src/adapters/journal/compactJournal.js';
import { openSqliteJournal } from '../../src/adapters/journal/sqlite/sqliteJournal.js';
import { verifyJournal } from '../../src/adapters/journal/verifyJournal.js';
import { live } from '../actors/life.js';

const here = new URL('.', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'kintsugi-recorded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function unpacked(name: string): string {
  const path = join(folder, name.replace('.gz', ''));
  writeFileSync(path, gunzipSync(readFileSync(new URL(name, here))));
  return path;
}
async function refolded(path: string) {
  const journal = await openSqliteJournal({ path, readonly: true });
  try {
    return await fold(journal, topology, { fromStart: true });
  } finally {
    await journal.close();
  }
}

const names = readdirSync(here).filter((name) => name.endsWith('.db.gz'));
test('there are some', () => expect(names.length).toBeGreaterThan(0));

describe.each(names)('the journal %s', (name) => {
  test('is whole, and refolds to the same steps and effects, byte for byte', async () => {
    const path = unpacked(name);
    expect((await verifyJournal(path)).findings).toEqual([]);
    const { divergence, records, state } = await refolded(path);
    expect([divergence, records]).toEqual([null, state.seq]);
  });

  test('is taken over by a new life, goes on, is compacted, and still refolds whole', async () => {
    const path = unpacked(name);
    const before = (await refolded(path)).state.seq;
    for (let lives = 0; lives < 2; lives += 1) {
      const journal = await openSqliteJournal({ path });
      const life = await live(null, { journal, topology });
      await life.system.stop();
      await journal.close();
    }
    await compactJournal(path);
    expect((await verifyJournal(path)).findings).toEqual([]);
    const { divergence, state } = await refolded(path);
    expect([divergence, state.seq > before]).toEqual([null, true]);
  });
});
