import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import { fold } from '../../../src/actors/fold/fold.js';
import { compactJournal } from '../../../src/adapters/journal/compactJournal.js';
import { openDatabase } from '../../../src/adapters/journal/sqlite/sqliteFile.js';
import { openSqliteJournal, SqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { FINDINGS_MAX, verifyJournal } from '../../../src/adapters/journal/verifyJournal.js';
import { live, order } from '../../actors/life.js';
import { toyTopology } from '../../actors/toyTopology.js';
import { recordAt } from './recordAt.js';
import { change, checkpointAt, messages, newPath, readAll, written } from './writtenJournal.js';

describe('a journal that is whole', () => {
  test('is found so, and is left as it is', async () => {
    const path = await written();
    const before = readFileSync(path);
    const files = readdirSync(join(path, '..'));
    expect(await verifyJournal(path)).toEqual({
      format: 2,
      records: 30,
      first: 1,
      last: 30,
      segments: 0,
      checkpoints: 2,
      findings: [],
    });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(path, '..'))).toEqual(files);
  });
});

describe('damage is found when it is read, and told exactly', () => {
  test.each([
    [
      'a changed letter',
      "UPDATE log SET body = replace(body, 'record 7', 'record 8') WHERE seq = 7",
      7,
      'record 7 is damaged: its checksum does not match',
    ],
    ['another time', 'UPDATE log SET at = at + 1 WHERE seq = 7', 7, 'record 7 is damaged: its checksum does not match'],
    ['another life', 'UPDATE log SET epoch = 9 WHERE seq = 7', 7, 'record 7 is damaged: its checksum does not match'],
    ['a missing record', 'DELETE FROM log WHERE seq = 7', 7, 'record 7 is missing'],
    ['missing records', 'DELETE FROM log WHERE seq BETWEEN 7 AND 9', 7, 'records 7 to 9 are missing'],
    [
      'two that changed places',
      'UPDATE log SET seq = -seq WHERE seq IN (7, 8); UPDATE log SET seq = 15 + seq WHERE seq < 0',
      7,
      'record 7 is damaged',
    ],
  ])('%s', async (_what, sql, seq, what) => {
    const path = await written();
    change(path, sql);
    await expect(readAll(path)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringMatching(new RegExp(`${what}.*what is before it is whole.*journal -- verify.*--to 6`)),
    });
    const journal = await openSqliteJournal({ path, readonly: true });
    expect((await journal.read(0, 6)).length).toBe(6);
    await journal.close();
    const findings = await messages(path);
    expect(findings[0]).toEqual(['record', seq, expect.stringContaining(what)]);
    expect((await verifyJournal(path)).records).toBeGreaterThanOrEqual(27);
  });

  test('[limit journalFindings] every place that is damaged is told, up to a stated number', async () => {
    const path = await written();
    change(path, "UPDATE log SET body = body || ' ' WHERE seq IN (3, 12, 25)");
    expect((await messages(path)).map(([, seq]) => seq)).toEqual([3, 12, 25]);
    const many = newPath();
    const journal = await openSqliteJournal({ path: many });
    const epoch = await journal.beginEpoch();
    await journal.append(
      epoch,
      Array.from({ length: 300 }, (_, i) => recordAt(i + 1, epoch)),
    );
    await journal.close();
    change(many, "UPDATE log SET body = body || ' '");
    expect(await messages(many)).toHaveLength(FINDINGS_MAX);
  });

  test('one flipped bit of the file', async () => {
    const path = await written();
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('text of record 17') + 3]! ^= 1;
    writeFileSync(path, bytes);
    expect(await messages(path)).toEqual([['record', 17, expect.stringContaining('record 17 is damaged')]]);
  });

  test('a file that is cut off', async () => {
    const path = await written();
    truncateSync(path, Math.floor(statSync(path).size / 2));
    const findings = await verifyJournal(path).then(
      ({ findings: found }) => found.map(({ part }) => part),
      (error: { code: string }) => [error.code],
    );
    expect(['file', 'JOURNAL_CORRUPT']).toContain(findings[0]);
    await expect(openSqliteJournal({ path }).then((journal) => journal.read(0, 99))).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
    });
  });

  test('a damaged checkpoint is passed over for the one before, then for the records', async () => {
    const path = newPath();
    const journal = await openSqliteJournal({ path });
    const life = await live(null, { journal });
    for (const signal of ['job a', 'press', 'press', 'press']) {
      life.clock.advance(30_000);
      life.system.post(order(signal));
      await life.settle();
    }
    await journal.close();
    const [older, newer] = (await seqsOf(path)).slice(-2) as [number, number];
    const folded = async () => {
      const reader = await openSqliteJournal({ path, readonly: true });
      const result = await fold(reader, toyTopology);
      await reader.close();
      return {
        records: result.records,
        passedOver: result.passedOver,
        lamp: result.state.actor('lamp')?.snapshot.context,
        last: result.state.seq,
      };
    };
    const whole = await folded();
    expect([whole.passedOver, whole.lamp]).toMatchObject([[], { count: 3 }]);
    change(
      path,
      `UPDATE parts SET body = replace(body, '"count"', '"kount"') WHERE key = 'actor:lamp' AND seq = ${newer}`,
    );
    const once = await folded();
    expect(once).toMatchObject({
      lamp: { count: 3 },
      records: whole.last - older,
      passedOver: [expect.stringContaining(`checkpoint ${newer} is damaged: part actor:lamp`)],
    });
    change(path, `UPDATE parts SET body = '{' WHERE key = 'head' AND seq <= ${older}`);
    const twice = await folded();
    expect(twice).toMatchObject({
      lamp: { count: 3 },
      records: whole.last,
      passedOver: expect.arrayContaining([expect.stringContaining(`checkpoint ${older}`)]),
    });
    expect(new Set((await messages(path)).map(([part]) => part))).toEqual(new Set(['checkpoint']));
  });
});

async function seqsOf(path: string): Promise<number[]> {
  const db = new Database(path);
  const seqs = (db.prepare('SELECT seq FROM points ORDER BY seq').all() as { seq: number }[]).map(({ seq }) => seq);
  db.close();
  return seqs;
}

describe('the archive', () => {
  const segmentOf = (path: string) => join(`${path}.segments`, readdirSync(`${path}.segments`)[0]!);

  test('is written by compaction, read like the rest, and found whole', async () => {
    const path = await written();
    const before = await readAll(path);
    const { moved, bytesBefore, bytesAfter } = await compactJournal(path);
    expect([moved, bytesAfter <= bytesBefore, readdirSync(`${path}.segments`)]).toEqual([
      30,
      true,
      ['000000000001-000000000030.jsonl.gz'],
    ]);
    expect(await readAll(path)).toEqual(before);
    expect(await verifyJournal(path)).toMatchObject({ records: 30, first: 1, last: 30, segments: 1, findings: [] });
    // A writer goes on after it, and the chain with it.
    const journal = await openSqliteJournal({ path });
    const epoch = await journal.beginEpoch();
    expect(await journal.position()).toEqual({ epoch: 2, seq: 30, at: 1_030 });
    await journal.append(epoch, [recordAt(31, epoch)]);
    expect((await journal.read(28, 9)).map(({ seq }) => seq)).toEqual([29, 30]);
    expect((await journal.read(30, 9)).map(({ seq }) => seq)).toEqual([31]);
    await journal.close();
    expect((await verifyJournal(path)).findings).toEqual([]);
    expect(statSync(segmentOf(path)).mode & 0o777).toBe(0o600);
  });

  test('a segment that is missing is named, with what cannot be read; the bot still starts from its checkpoint', async () => {
    const path = await written();
    await compactJournal(path);
    rmSync(segmentOf(path));
    await expect(readAll(path)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringMatching(
        /000000000001-000000000030.jsonl.gz: this segment is missing; records 1 to 30 cannot be read/,
      ),
    });
    expect(await messages(path)).toEqual([['segment', 1, expect.stringContaining('this segment is missing')]]);
    const journal = await openSqliteJournal({ path });
    expect([(await journal.checkpoint())?.seq, (await journal.position()).seq]).toEqual([30, 30]);
    await journal.close();
  });

  test.each([
    [
      'a flipped byte',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(file, bytes);
      },
    ],
    ['an empty file', (file: string) => writeFileSync(file, '')],
    [
      'another segment under its name',
      (file: string) => writeFileSync(file, readFileSync(new URL('./recordAt.ts', import.meta.url))),
    ],
  ])('%s in a segment is told', async (_what, damage) => {
    const path = await written();
    await compactJournal(path);
    damage(segmentOf(path));
    await expect(readAll(path)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringContaining('this segment is damaged'),
    });
    expect(await messages(path)).toEqual([['segment', 1, expect.stringContaining('damaged')]]);
  });

  test('what a kill left of a compaction is swept up by the next one', async () => {
    const path = await written();
    cpSync(path, `${path}.copy`);
    await compactJournal(path);
    // The segment is listed, but the rows are still there: killed before they went.
    const db = new Database(path);
    db.exec(`ATTACH '${path}.copy' AS old; INSERT INTO log SELECT * FROM old.log WHERE seq > 5`);
    db.close();
    writeFileSync(`${segmentOf(path)}.part`, 'half a segment');
    expect((await readAll(path)).map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect((await compactJournal(path)).moved).toBe(0);
    expect((await verifyJournal(path)).findings).toEqual([]);
  });
});

describe('the write-ahead log of a dead process', () => {
  /** Killed after 30 appends: while it writes the next ones, or at rest. */
  async function killed(when: 'writing' | 'resting'): Promise<{ path: string; acknowledged: number }> {
    const path = newPath();
    const script = fileURLToPath(new URL('./writer.ts', import.meta.url));
    const command = ['--import', 'tsx', script, path, when === 'resting' ? '30' : 'Infinity'];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data) => {
      text += String(data);
      if (text.split('\n').length > 30) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.on('exit', resolve));
    return { path, acknowledged: Number(text.trim().split('\n').at(-1)) };
  }
  const openAndLook = async (path: string) => {
    const journal = await openSqliteJournal({ path });
    const { seq } = await journal.position();
    await journal.close();
    return { notices: journal.notices, seq };
  };

  test('as a kill leaves it: nothing is lost and nothing is told', async () => {
    const { path, acknowledged } = await killed('writing');
    const { notices, seq } = await openAndLook(path);
    expect([notices, seq >= acknowledged]).toEqual([[], true]);
  });

  test('killed while a frame was written: it was never acknowledged, so nothing is told', async () => {
    const { path, acknowledged } = await killed('resting');
    appendFileSync(`${path}-wal`, Buffer.alloc(24, 7));
    const { notices, seq } = await openAndLook(path);
    expect([notices, seq]).toEqual([[], acknowledged]);
  });

  test.each([
    ['the end of a frame', 100, true, /frames had been committed; the appends in the missing ones are lost/],
    ['whole frames', 3 * (4096 + 24), true, /frames had been committed; the appends in the missing ones are lost/],
    ['the end of a frame, its index gone', 100, false, /the last 4020 bytes are a torn write/],
  ])('cut off by %s: what is lost is told, what is whole is kept', async (_what, bytes, hasIndex, notice) => {
    const { path } = await killed('resting');
    truncateSync(`${path}-wal`, statSync(`${path}-wal`).size - bytes);
    if (!hasIndex) rmSync(`${path}-shm`);
    const copy = newPath();
    cpSync(join(path, '..'), join(copy, '..'), { recursive: true });
    expect((await verifyJournal(copy)).findings[0]).toMatchObject({
      part: 'log',
      message: expect.stringMatching(notice),
    });
    const { notices, seq } = await openAndLook(path);
    expect(notices).toEqual([expect.stringMatching(notice)]);
    expect(seq).toBeGreaterThan(0);
    expect((await verifyJournal(path)).findings).toEqual([]);
  });

  test('of another journal: it is refused, since SQLite would lay it over everything', async () => {
    const [{ path: other }, path] = [await killed('resting'), newPath()];
    const journal = await openSqliteJournal({ path });
    const epoch = await journal.beginEpoch();
    const many = Array.from({ length: 99 }, (_, i) => recordAt(i + 1, epoch, 'another text'));
    await journal.append(epoch, many);
    await journal.close();
    const swapped = newPath();
    cpSync(path, swapped);
    cpSync(`${other}-wal`, `${swapped}-wal`);
    const misfit = {
      code: 'JOURNAL_CORRUPT',
      message: expect.stringMatching(
        /belongs to another journal.*last record is 99, with it 90, and record 90 is another one.*both/,
      ),
    };
    await expect(openSqliteJournal({ path: swapped, readonly: true })).rejects.toMatchObject(misfit);
    await expect(verifyJournal(swapped)).rejects.toMatchObject(misfit);
    await expect(openSqliteJournal({ path: swapped })).rejects.toMatchObject(misfit);
  });

  test('with a flipped bit: what SQLite drops from there on is told', async () => {
    const { path } = await killed('resting');
    const bytes = readFileSync(`${path}-wal`);
    bytes[bytes.length - 6_000]! ^= 4;
    writeFileSync(`${path}-wal`, bytes);
    expect((await openAndLook(path)).notices).toEqual([
      expect.stringMatching(/it ends after commit frame \d+, but \d+ frames/),
    ]);
  });

  test('replaced by something else', async () => {
    const { path } = await killed('resting');
    writeFileSync(`${path}-wal`, Buffer.alloc(5_000, 7));
    expect((await openAndLook(path)).notices).toEqual([expect.stringContaining('are no write-ahead log')]);
  });
});

describe('a disk that fails', () => {
  test('full: nothing is acted on, it is told, and the bot goes on when there is room', async () => {
    const path = newPath();
    const journal = await openSqliteJournal({ path });
    const life = await live(null, { journal });
    const db = (journal as unknown as { db: Database.Database }).db;
    const pages = (db.prepare('PRAGMA page_count').get() as { page_count: number }).page_count;
    db.prepare(`PRAGMA max_page_count = ${pages}`).get();
    for (let i = 0; i < 200; i += 1) life.system.post(order(`job ${i}`));
    for (let i = 0; i < 5; i += 1) await life.settle();
    const failing = life.performed.length;
    expect(life.system.journalFailure).toMatchObject({
      code: 'JOURNAL_FULL',
      message: expect.stringContaining('room on the disk'),
    });
    expect(failing).toBeLessThan(200);
    expect((await journal.position()).seq).toBe(failing + 1); // run.started, and one record for each effect that started
    life.clock.advance(1_000);
    await life.settle();
    expect([life.performed.length, life.errors.length]).toEqual([failing, 1]); // told once, not every second
    db.prepare('PRAGMA max_page_count = 1000000').get();
    life.clock.advance(1_000);
    for (let i = 0; i < 5; i += 1) await life.settle();
    expect([life.system.journalFailure, life.performed.length]).toEqual([null, 200]);
    await journal.close();
    expect((await verifyJournal(path)).findings).toEqual([]);
  });

  test('read-only: told as such', async () => {
    const path = newPath();
    const journal = await openSqliteJournal({ path });
    const epoch = await journal.beginEpoch();
    (journal as unknown as { db: Database.Database }).db.exec('PRAGMA query_only = 1');
    await expect(journal.append(epoch, [recordAt(1, epoch)])).rejects.toMatchObject({
      code: 'JOURNAL_UNWRITABLE',
      message: expect.stringContaining('writable'),
    });
    (journal as unknown as { db: Database.Database }).db.exec('PRAGMA query_only = 0');
    await journal.append(epoch, [recordAt(1, epoch)]);
    await journal.close();
  });

  test('an I/O error at each call: all of an append or nothing of it, and the next one works', async () => {
    const path = await written();
    let reached = 0;
    for (let failAt = 0; ; failAt += 1) {
      const faulty = { failAt: -1, calls: 0 };
      const lock = { release() {} };
      const journal = new SqliteJournal(withFaults(openDatabase(path, false), faulty), lock, path, 100, []);
      const epoch = await journal.beginEpoch();
      const { seq } = await journal.position();
      Object.assign(faulty, { failAt, calls: 0 });
      const batch = Array.from({ length: 18 }, (_, i) => recordAt(seq + 1 + i, epoch));
      const error = await journal.append(epoch, batch, checkpointAt(seq + 18)).then(
        () => null,
        (cause: { code: string }) => cause.code,
      );
      faulty.failAt = -1;
      const now = (await journal.position()).seq;
      expect([error, now]).toEqual(error ? ['JOURNAL_FAILED', seq] : [null, seq + 18]);
      expect((await journal.checkpoint())?.seq).toBe(error ? (failAt === 0 ? 30 : seq) : seq + 18);
      await journal.append(epoch, [recordAt(now + 1, epoch)], checkpointAt(now + 1));
      await journal.close();
      if (!error) break;
      reached = failAt + 1;
    }
    expect(reached).toBeGreaterThan(8);
    expect((await verifyJournal(path)).findings).toEqual([]);
  });
});

/** Statements of a database whose so manieth run or read fails as a broken disk makes it fail. */
function withFaults(db: Database.Database, faulty: { failAt: number; calls: number }): Database.Database {
  const fail = (): void => {
    if (faulty.calls++ === faulty.failAt)
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' });
  };
  return new Proxy(db, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (name !== 'prepare') return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      return (sql: string) => {
        const statement = target.prepare(sql);
        const isUndo = sql === 'ROLLBACK';
        return new Proxy(statement, {
          get(inner, method) {
            const call = Reflect.get(inner, method, inner) as unknown;
            if (typeof call !== 'function') return call;
            return (...args: unknown[]) => {
              if (!isUndo) fail();
              return (call as (...all: unknown[]) => unknown).apply(inner, args);
            };
          },
        });
      };
    },
  });
}

test('a file that is no journal is refused by name', async () => {
  const path = newPath();
  await expect(verifyJournal(path)).rejects.toMatchObject({ code: 'JOURNAL_NOT_OURS' });
  writeFileSync(path, 'not a database, but long enough to be looked at');
  await expect(verifyJournal(path)).rejects.toMatchObject({ code: 'JOURNAL_NOT_OURS' });
  expect(existsSync(`${path}.lock`)).toBe(false);
});
