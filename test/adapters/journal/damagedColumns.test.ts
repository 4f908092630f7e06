import { describe, expect, test } from '@jest/globals';
import { CheckpointDamage } from '../../../src/actors/ports.js';
import { compactJournal } from '../../../src/adapters/journal/compactJournal.js';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { verifyJournal } from '../../../src/adapters/journal/verifyJournal.js';
import { change, messages, readAll, written } from './writtenJournal.js';

describe('damage that the chain of records does not show', () => {
  test('the last records are gone: a checkpoint knows of them, and nothing is written behind the gap', async () => {
    const path = await written();
    change(path, 'DELETE FROM log WHERE seq > 25');
    const missing = {
      code: 'JOURNAL_CORRUPT',
      message: expect.stringMatching(/records 26 to 30 are missing; what is before it is whole.*--to 25/),
    };
    expect(await readAll(path)).toHaveLength(25);
    const journal = await openSqliteJournal({ path });
    await expect(journal.read(25, 9)).rejects.toMatchObject(missing);
    // A start begins at the checkpoint and reads on from there.
    await expect(journal.read(30, 9)).rejects.toMatchObject(missing);
    await journal.close();
    expect(await messages(path)).toEqual([
      ['record', 26, expect.stringContaining('records 26 to 30 are missing')],
      ['checkpoint', 30, expect.stringContaining('checkpoint 30 is of a record that is not there')],
    ]);
    change(path, 'DELETE FROM log');
    await expect(readAll(path)).rejects.toMatchObject({
      message: expect.stringContaining('records 1 to 30 are missing'),
    });
  });

  test('a question from the middle of a gap is answered with all of it', async () => {
    const path = await written();
    change(path, 'DELETE FROM log WHERE seq BETWEEN 7 AND 9');
    const journal = await openSqliteJournal({ path, readonly: true });
    await expect(journal.read(8, 9)).rejects.toMatchObject({ seq: 7, to: 9 });
    await journal.close();
  });

  test.each([
    ['too low', "UPDATE meta SET value = 0 WHERE key = 'epoch'"],
    ['gone', 'DELETE FROM meta'],
  ])('the number of lives is %s: no new life begins, and what is there can be made anew', async (_what, sql) => {
    const path = await written();
    change(path, sql);
    const said = 'it counts 0 process lives, but record 30 was written by life 1';
    expect(await messages(path)).toEqual([['file', 30, expect.stringContaining(said)]]);
    expect(await readAll(path)).toHaveLength(30);
    const journal = await openSqliteJournal({ path });
    await expect(journal.beginEpoch()).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringMatching(new RegExp(`${said}.*export.*import`)),
    });
    await journal.close();
  });

  test.each(['meta', 'log', 'points', 'parts', 'segments'])(
    'its table %s is gone: none is made anew',
    async (table) => {
      const path = await written();
      change(path, `DROP TABLE ${table}`);
      const missing = { code: 'JOURNAL_CORRUPT', message: expect.stringContaining(`its table ${table} is missing`) };
      await expect(openSqliteJournal({ path })).rejects.toMatchObject(missing);
      await expect(openSqliteJournal({ path, readonly: true })).rejects.toMatchObject(missing);
      await expect(verifyJournal(path)).rejects.toMatchObject(missing);
    },
  );

  // What reads such a text as a text ends the process, this one too.
  test.each([
    ['record', 'UPDATE log SET body = CAST(CAST(body AS BLOB) || X AS TEXT) WHERE seq = 7', 7],
    ['record', 'UPDATE log SET at = CAST(X AS TEXT) WHERE seq = 7', 7],
    ['record', 'UPDATE log SET sum = CAST(X AS TEXT) WHERE seq = 30', 30],
    ['checkpoint', "UPDATE parts SET body = CAST(X AS TEXT) WHERE key = 'actor:a'", 20],
    ['checkpoint', 'UPDATE parts SET key = CAST(CAST(key AS BLOB) || X AS TEXT)', 20],
    ['checkpoint', 'UPDATE parts SET sum = CAST(X AS TEXT)', 20],
    ['segment', 'UPDATE segments SET sha256 = CAST(X AS TEXT)', 1],
  ])('what is no text at all: in a %s by %s', async (part, sql, seq) => {
    const path = await written();
    if (part === 'segment') await compactJournal(path);
    change(path, sql.replace('X', "x'ff'"));
    expect(await messages(path)).toContainEqual([part, seq, expect.stringMatching(/damaged/)]);
    const journal = await openSqliteJournal({ path });
    if (part !== 'checkpoint') await expect(journal.read(0, 99)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    else await expect(journal.checkpoint()).rejects.toBeInstanceOf(CheckpointDamage);
    await journal.close();
  });
});
