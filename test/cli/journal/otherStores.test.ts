import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startBusyBot } from '../../../bench/busyBot.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import type { Session } from '../../../src/cli/journal/environment.js';
import { info } from '../../../src/cli/journal/info.js';
import { show } from '../../../src/cli/journal/show.js';
import { tail } from '../../../src/cli/journal/tail.js';
import { compact, verify } from '../../../src/cli/journal/upkeep.js';
import { journalErrorText, startErrorText } from '../../../src/cli/words/startErrors.js';
import { storeInMemory } from '../../adapters/journal/storeInMemory.js';
import { closeRigs } from '../../e2e/rig.js';
import { desk } from './desk.js';

const memory = createMemoryStore();
beforeAll(async () => {
  const journal = await openMemoryJournal(memory);
  const bot = await startBusyBot({ journal, startAt: 1_700_000_000_000 });
  await bot.runTo(200);
  await bot.stop();
  await journal.close();
});
afterAll(closeRigs);

/** A command at a journal that is no file. */
async function told<T>(command: (session: Session) => Promise<unknown>): Promise<T[]> {
  const at = desk({ journal: 'of the test', json: true });
  await command({ ...at.session, store: storeInMemory(memory, 'of the test') });
  return at.jsonLines<T>();
}

describe('a journal that is no file', () => {
  test('is told of, shown, verified and compacted like one', async () => {
    const records = memory.records.length;
    expect(await told(info)).toMatchObject([
      { file: 'of the test', kind: 'journal', records, lives: 1, segments: { count: 0 }, head: { divergence: null } },
    ]);
    expect(await told(verify)).toMatchObject([{ records, first: 1, last: records, whole: true }]);
    expect(await told((session) => tail(session, { lines: 3, follow: false }))).toMatchObject(
      [records - 2, records - 1, records].map((seq) => ({ seq })),
    );
    expect(await told((session) => show(session, 1))).toMatchObject([{ record: { seq: 1 } }]);
    expect(await told(compact)).toMatchObject([{ moved: 0 }]);
  });
});

describe('an address of a kind that there is not', () => {
  const refusal = (): never => desk({ journal: 'postgres://bot:secret@db/one' }) as never;
  function errorOf(run: () => unknown): unknown {
    try {
      run();
    } catch (error) {
      return error;
    }
    throw new Error('it was taken');
  }
  test('is refused in both languages, without what it may hold in secret', () => {
    const error = errorOf(refusal) as never;
    for (const say of [journalErrorText, (wrong: never, locale: 'en' | 'zh') => startErrorText(wrong, locale, 'x')]) {
      expect(say(error, 'en')).toBe(
        'postgres://: there is no journal of this kind; set KINTSUGI_JOURNAL to the path of a file',
      );
      expect(say(error, 'zh')).toMatch(/^没有这种日志；请把 KINTSUGI_JOURNAL 设为文件的路径（postgres:/);
    }
  });
});
