import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isGone, type Log } from '../../../src/actors/ports.js';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { createManualClock } from '../../../src/adapters/process/manualClock.js';
import { createExit, requestStop } from '../../../src/bot/ending.js';
import { LOOK_MS, watchJournal } from '../../../src/bot/journalWatch.js';
import { textsFor } from '../../../src/bot/texts.js';
import { recordAt } from './recordAt.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-identity-'));
  folders.push(folder);
  const path = join(folder, 'j.db');
  const old = join(folder, 'old.db');
  const first = await openSqliteJournal({ path });
  await first.append(await first.beginEpoch(), [recordAt(1, 1)]);
  await first.close();
  copyFileSync(path, old);
  const journal = await openSqliteJournal({ path });
  const epoch = await journal.beginEpoch();
  await journal.append(epoch, [recordAt(2, epoch)]);
  return { path, old, journal, epoch };
}

/** In place, no shorter than it was, and with a time of its own, as a copy that keeps the time of what it copies has. */
function overwrite(path: string, by: string): void {
  writeFileSync(path, readFileSync(by), { flag: 'r+' });
  utimesSync(path, 1, 1);
}
type Files = { readonly path: string; readonly old: string };
const damages: readonly (readonly [string, (files: Files) => void])[] = [
  ['was removed', ({ path }) => rmSync(path)],
  ['was replaced', ({ path, old }) => renameSync(old, path)],
  ['was cut', ({ path }) => truncateSync(path, 0)],
  ['was written by another program', ({ path, old }) => overwrite(path, old)],
  ['was written by another program', ({ path }) => overwrite(path, path)],
  ['-wal) was written by another program', ({ path }) => overwrite(`${path}-wal`, `${path}-wal`)],
  ['-wal) was removed', ({ path }) => rmSync(`${path}-wal`)],
  ['-wal) was cut', ({ path }) => truncateSync(`${path}-wal`, 0)],
];

test('[case J3] a commit that fills the log gathers it, and is a write of ours', async () => {
  const { journal, epoch } = await opened();
  for (let seq = 3; seq < 9; seq += 1) {
    const record = recordAt(seq, epoch);
    await journal.append(epoch, [{ ...record, fact: { ...record.fact, note: 'x'.repeat(1_500_000) } as never }]);
  }
  await journal.close();
});

describe('a journal whose file is no longer the one that was opened', () => {
  test.each(damages)(
    '[case J3] %s: no append from then on, told once within 2 s, a stop ends with 73',
    async (what, damage) => {
      const { path, old, journal, epoch } = await opened();
      const clock = createManualClock(0);
      const lines: string[] = [];
      const log = { error: (_: object, text: string) => void lines.push(text) } as Log;
      const losses: unknown[] = [];
      watchJournal(journal, { lose: (error) => void losses.push(error) }, clock, log, textsFor('zh'));
      clock.advance(10 * LOOK_MS);
      expect([losses, lines]).toEqual([[], []]);
      await journal.append(epoch, [recordAt(3, epoch)]);
      clock.advance(10 * LOOK_MS);

      damage({ path, old });
      await expect(journal.append(epoch, [recordAt(4, epoch)])).rejects.toMatchObject({
        code: 'JOURNAL_GONE',
        message: expect.stringContaining(what),
      });
      clock.advance(2_000);
      expect([isGone(losses[0]), lines]).toEqual([true, [textsFor('zh').journalGone]]);
      clock.advance(10 * LOOK_MS);
      expect(lines).toHaveLength(1);

      const exit = createExit();
      requestStop('SIGTERM', { post: () => null, journalFailure: losses[0] }, clock, exit, 1_000);
      expect((await exit.wanted).code).toBe(73);
      const there = what === 'was replaced' ? readFileSync(path) : null;
      await journal.close();
      if (there) expect(readFileSync(path).equals(there)).toBe(true);
    },
  );

  test('[case J3] growing, a read beside it and a smaller file on purpose are none of it', async () => {
    const { path, journal, epoch } = await opened();
    appendFileSync(`${path}.other`, 'x');
    for (let seq = 3; seq < 40; seq += 1) await journal.append(epoch, [recordAt(seq, epoch)]);
    const reader = await openSqliteJournal({ path, readonly: true });
    await reader.read(0, 10);
    await reader.close();
    await journal.compact();
    await journal.append(epoch, [recordAt(40, epoch)]);
    journal.assertThere();
    await journal.close();
  });

  test.each([9_000, 100_000, 700_000, 5_000_000])(
    '[case J3] what the bot itself gathers into the file is its own, at commits of %i bytes',
    async (bytes) => {
      const { path, journal, epoch } = await opened();
      const { size } = statSync(path);
      let seq = 2;
      const append = (): Promise<void> => journal.append(epoch, [recordAt(++seq, epoch, 'x'.repeat(bytes))]);
      while (statSync(path).size === size && seq * bytes < 12_000_000) await append();
      expect(statSync(path).size).toBeGreaterThan(size);
      await append();
      journal.assertThere();
      await journal.close();
    },
  );

  test('[case J3] a watch that has been closed does not take the end of its journal for a loss', async () => {
    const { journal } = await opened();
    const clock = createManualClock(0);
    const losses: unknown[] = [];
    const log = { error: () => undefined } as unknown as Log;
    watchJournal(journal, { lose: (error) => void losses.push(error) }, clock, log, textsFor('en')).close();
    await journal.close();
    clock.advance(10 * LOOK_MS);
    expect(losses).toEqual([]);
  });
});
