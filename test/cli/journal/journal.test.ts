import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/actors/fold/fold.js';
import type { Record } from '../../../src/actors/ports.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { actor } from '../../../src/cli/journal/actor.js';
import { deadLetters } from '../../../src/cli/journal/deadLetters.js';
import { info } from '../../../src/cli/journal/info.js';
import { message } from '../../../src/cli/journal/message.js';
import { show } from '../../../src/cli/journal/show.js';
import { tail } from '../../../src/cli/journal/tail.js';
import { widthOf } from '../../../src/cli/journal/telling/layout.js';
import { exportStretch, importStretch } from '../../../src/cli/journal/transfer.js';
import { compact, verify } from '../../../src/cli/journal/upkeep.js';
import { why } from '../../../src/cli/journal/why.js';
import { refOf } from '../../../src/machines/vocabulary/replies/words.js';
import { World } from '../../actors/world.js';
import { closeRigs, temporaryFolder } from '../../e2e/rig.js';
import { troubled } from '../../replay/journals.js';
import { arrivalsOf, runLive } from '../../replay/liveRun.js';
import { desk, rowsOf } from './desk.js';

/** One journal of the real actor system: outage, refused embeds, limit, two kills, dead letters, an operator's hand. */
let path = '';
let records: readonly Record[] = [];
beforeAll(async () => {
  path = join(temporaryFolder(), 'bot.db');
  // 40 ms after a message its reply is on its way: a call is cut off.
  const busy = arrivalsOf(troubled).find(({ at, message }) => at > 200_000 && message.place.kind === 'guild')!.at + 40;
  await runLive({
    ...troubled,
    kills: [90_000, busy],
    open: async () => {
      const journal = await openSqliteJournal({ path });
      return { journal, kill: () => journal.close() };
    },
  });
  const journal = await storeOf(path).openReader();
  records = await journal.read(0, 1_000_000);
  await journal.close();
});
afterAll(closeRigs);

const stepInto = (actorId: RegExp, to: string): Record =>
  records.find(({ steps }) => steps.some((step) => actorId.test(step.actor) && step.to === to))!;
const idOf = (record: Record, prefix: string): string =>
  record.steps.find((step) => step.actor.startsWith(prefix))!.actor.slice(prefix.length);

describe('info', () => {
  test('tells size, range, lives, account and that the newest part refolds', async () => {
    const told = desk({ journal: path });
    await info(told.session);
    const text = told.lines().join('\n');
    expect(text).toMatch(new RegExp(`records +${records.length.toLocaleString('en')} \\(1 – ${records.length}\\)`));
    expect(text).toMatch(/process lives +3\n/);
    expect(text).toMatch(/newest part +refolds as recorded/);
  });
  test('gives the same as JSON, the account equal to what the messages came to', async () => {
    const told = desk({ journal: path, json: true });
    await info(told.session);
    const found = told.json<{
      messages: { [name: string]: number };
      bytes: number;
      records: number;
      bytesPerRecord: number;
      bytesPerAnswered: number;
      head: { divergence: unknown };
    }>();
    const ends = records.flatMap(({ steps }) =>
      steps.filter((s) => s.actor.startsWith('message:') && s.to === 'answered' && s.from !== 'answered'),
    );
    expect(found.messages.answered).toBe(ends.length);
    expect(found.head.divergence).toBeNull();
    expect(found.bytesPerRecord).toBe(Math.round(found.bytes / found.records));
    expect(found.bytesPerAnswered).toBe(Math.round(found.bytes / ends.length));
    const { received, inHand, duplicates: _d, ...rest } = found.messages;
    expect(received).toBe(inHand! + Object.values(rest).reduce((sum, n) => sum + n, 0));
  });
});

describe('info of what does not refold', () => {
  test('says where it differs', async () => {
    const world = new World();
    world.begin();
    world.connect();
    const changed = world.records.map((record) =>
      record.seq === 3 ? { ...record, steps: record.steps.map((step) => ({ ...step, rules: ['W99'] })) } : record,
    );
    const file = join(temporaryFolder(), 'bot.db');
    const journal = await openSqliteJournal({ path: file });
    await journal.append(await journal.beginEpoch(), changed);
    await journal.close();
    const told = desk({ journal: file });
    await info(told.session);
    expect(told.lines().join('\n')).toContain('DIFFERS at record 3, gateway');
  });
});

describe('on a terminal', () => {
  test('lines fit, colours are there; NO_COLOR takes them away', async () => {
    const coloured = desk({ journal: path }, {}, { isTTY: true, columns: 100 });
    await tail(coloured.session, { lines: 200, follow: false });
    expect(Math.max(...coloured.lines().map(widthOf))).toBeLessThanOrEqual(100);
    expect(coloured.lines().join('')).toContain('\u001b[2mtimer.elapsed');
    const plain = desk({ journal: path }, { NO_COLOR: '1' }, { isTTY: true, columns: 100 });
    await tail(plain.session, { lines: 200, follow: false });
    expect(plain.lines()).toEqual(
      coloured.lines().map((line) => line.replaceAll('\u001b[', '\n').replaceAll(/\n\d+m/g, '')),
    );
    const piped = desk({ journal: path });
    await tail(piped.session, { lines: 200, follow: false });
    expect(piped.lines().join('')).not.toContain('\u001b');
  });
});

describe('tail', () => {
  test('prints the newest records, aligned', async () => {
    const told = desk({ journal: path });
    await tail(told.session, { lines: 5, follow: false });
    const rows = rowsOf(told.lines(), /^ *seq/);
    expect(rows.map(({ seq, fact }) => [Number(seq), fact])).toEqual(
      records.slice(-5).map(({ seq, fact }) => [seq, fact.type]),
    );
  });
  test('prints a stretch of time, and as JSON the records themselves', async () => {
    const [from, to] = [records[99]!, records[120]!];
    const told = desk({ journal: path, json: true });
    await tail(told.session, { lines: 5, follow: false, from: { at: from.at }, to: { at: to.at } });
    expect(told.jsonLines()).toEqual(
      JSON.parse(JSON.stringify(records.filter(({ at }) => at >= from.at && at <= to.at))),
    );
  });
  test('says when there is nothing in a stretch', async () => {
    const { session } = desk({ journal: path });
    await expect(tail(session, { lines: 5, follow: false, from: { seq: 50 }, to: { seq: 40 } })).rejects.toThrow(
      'no record from 50 to 40',
    );
  });
});

describe('show', () => {
  test('ties a call to its request, and the request to its outcome', async () => {
    const outcome = records.find(({ fact }) => fact.type === 'call.failed')!;
    const effectId = (outcome.fact as { effectId: string }).effectId;
    const request = records.find(({ effects }) => effects.some(({ id }) => id === effectId))!;
    const back = desk({ journal: path, json: true });
    await show(back.session, outcome.seq);
    expect(back.json<{ cause: object }>().cause).toEqual({
      seq: request.seq,
      kind: 'effect',
      at: request.at,
      effectId,
    });
    const forth = desk({ journal: path, json: true });
    await show(forth.session, request.seq);
    expect(forth.json<{ outcomes: object[] }>().outcomes).toContainEqual({
      effectId,
      seq: outcome.seq,
      at: outcome.at,
      type: 'call.failed',
    });
    const told = desk({ journal: path });
    await show(told.session, request.seq);
    expect(told.lines().join('\n')).toContain(`→ record ${outcome.seq}: call.failed transient 503`);
  });
  test('ties a timer to the record that armed it, both ways', async () => {
    const fired = records.find(
      ({ fact, steps }) => fact.type === 'timer.elapsed' && fact.actor === 'breaker:messages' && steps.length > 0,
    )!;
    const { armedAtSeq } = fired.fact as { armedAtSeq: number };
    const back = desk({ journal: path, json: true });
    await show(back.session, fired.seq);
    expect(back.json<{ cause: { seq: number; kind: string } }>().cause).toMatchObject({
      seq: armedAtSeq,
      kind: 'timer',
    });
    const forth = desk({ journal: path, json: true });
    await show(forth.session, armedAtSeq);
    expect(forth.json<{ timersFired: { seq: number }[] }>().timersFired.map(({ seq }) => seq)).toContain(fired.seq);
  });
  test('shows each step with its rule and the sentence of the rule', async () => {
    const { seq } = stepInto(/^breaker:messages$/, 'open');
    const told = desk({ journal: path });
    await show(told.session, seq);
    expect(rowsOf(told.lines(), /^ +actor/)).toContainEqual({
      actor: 'breaker:messages',
      event: 'call.failed',
      change: 'closed → open',
      rule: 'B4',
      'what the rule says': 'the last straw opens it',
    });
  });
  test('names the range when there is no such record', async () => {
    const { session } = desk({ journal: path });
    await expect(show(session, records.length + 1)).rejects.toThrow(
      `There is no record ${records.length + 1}; the journal has 1 to ${records.length}`,
    );
  });
});

describe('actor', () => {
  test('tells a life step by step: the very steps of the records', async () => {
    const told = desk({ journal: path, json: true });
    await actor(told.session, 'feature:richEmbeds', { changes: false });
    const steps = records.flatMap(({ seq, at, fact, steps }) =>
      steps
        .filter((s) => s.actor === 'feature:richEmbeds')
        .map(({ actor: _a, ...step }) => ({ seq, at, ...step, fact: fact.type })),
    );
    expect(told.jsonLines()).toEqual(JSON.parse(JSON.stringify(steps)));
    const table = desk({ journal: path });
    await actor(table.session, 'feature:richEmbeds', { changes: true, lines: 3 });
    const rows = rowsOf(table.lines(), /^ *seq/);
    expect(rows).toHaveLength(3);
    expect(rows.map((row) => row.to)).not.toContain('·');
  });
  test('takes a long id as it is shown, shortened; offers the nearest name; tells an ambiguous one', async () => {
    const id = idOf(stepInto(/^delivery:/, 'deadLettered'), 'delivery:');
    const told = desk({ journal: path, json: true });
    await actor(told.session, `delivery:${id.slice(0, 4)}…${id.slice(-8)}`, { changes: true });
    expect(told.lines().length).toBeGreaterThan(1);
    const { session } = desk({ journal: path });
    await expect(actor(session, 'breaker:mesages', { changes: false })).rejects.toThrow(
      'did you mean "breaker:messages"?',
    );
    await expect(actor(session, 'delivery:08e7….0', { changes: false })).rejects.toThrow('write more of it');
  });
});

describe('message', () => {
  test('tells what a message waited for: the breaker that was open', async () => {
    const opened = stepInto(/^breaker:messages$/, 'open');
    const waiting = records.find(
      ({ seq, steps }) =>
        seq > opened.seq && steps.some((s) => s.actor.startsWith('delivery:') && s.to === 'awaitingPermit'),
    )!;
    const id = waiting.steps
      .find((s) => s.to === 'awaitingPermit')!
      .actor.slice('delivery:'.length)
      .replace(/\.\d+$/, '');
    const told = desk({ journal: path });
    await message(told.session, id);
    expect(told.lines().join('\n')).toMatch(/waited for breaker:messages, which was open \(\d+\)/);
  });
  test('every millisecond between arrival and end is some step of its life, in order', async () => {
    const id = idOf(stepInto(/^message:/, 'answered'), 'message:');
    const told = desk({ journal: path, json: true });
    await message(told.session, id);
    const life = told.json<{
      verdict: string;
      at: number;
      records: { seq: number; at: number; steps: { actor: string }[] }[];
      waits: { from: number; ms: number }[];
    }>();
    expect(life.verdict).toBe('answered');
    const own = records.filter(({ steps }) =>
      steps.some((s) => s.actor === `message:${id}` || s.actor.startsWith(`delivery:${id}.`)),
    );
    expect(life.records.map(({ seq }) => seq)).toEqual(own.map(({ seq }) => seq));
    for (const wait of life.waits)
      expect(own.map(({ at }) => at)).toEqual(expect.arrayContaining([wait.from, wait.from + wait.ms]));
    // Replies of one message wait side by side.
    const gaps = own.slice(1).filter(({ at }, i) => {
      const from = own[i]!.at;
      return at > from && !life.waits.some((wait) => wait.from <= from && wait.from + wait.ms >= at);
    });
    expect(gaps).toEqual([]);
  });
  test('tells that the bot was dead, and that a call was cut off', async () => {
    const cut = records.find(
      ({ fact, steps }) => fact.type === 'effect.interrupted' && steps.some((s) => s.actor.startsWith('delivery:')),
    )!;
    const id = idOf(cut, 'delivery:').replace(/\.\d+$/, '');
    const told = desk({ journal: path });
    await message(told.session, id);
    const text = told.lines().join('\n');
    expect(text).toMatch(/2\.\d s +the bot was not running; life \d took it up/);
    expect(text).toContain('cut off when the process died');
  });
  test('is found by the ref of an apology', async () => {
    const failed = records.find(({ fact }) => fact.type === 'handler.failed')!;
    const id = idOf(failed, 'message:');
    const told = desk({ journal: path, json: true });
    await message(told.session, refOf(id));
    expect(told.json()).toMatchObject({ message: id, ref: refOf(id) });
  });
  test('that there is not is told, with the nearest', async () => {
    const id = idOf(stepInto(/^message:/, 'answered'), 'message:');
    const { session } = desk({ journal: path });
    await expect(message(session, `${id.slice(0, -1)}x`)).rejects.toThrow(`did you mean "`);
    await expect(message(session, 'ZZZZ')).rejects.toThrow('has the ref ZZZZ');
  });
});

describe('why', () => {
  test('breaker:messages@SEQ: the failed calls that opened it, and the rule that fired', async () => {
    const opened = stepInto(/^breaker:messages$/, 'open');
    const told = desk({ journal: path, json: true });
    await why(told.session, `breaker:messages@${opened.seq}`);
    const story = told.json<{
      value: string;
      rule: string;
      sentence: string;
      rest: string;
      context: { failures: number };
      heard: { event: string; fact: { class: string; status: number }; rules: string[] }[];
      way: { seq: number; from: string; to: string; rules: string[] }[];
    }>();
    expect(story).toMatchObject({ value: 'open', rule: 'B4', sentence: 'the last straw opens it', rest: 'closed' });
    expect(story.way).toMatchObject([{ seq: opened.seq, from: 'closed', to: 'open', rules: ['B4'] }]);
    const failures = story.heard.filter(({ event }) => event === 'call.failed');
    expect(failures.length + 1).toBe(story.context.failures);
    expect(failures.every(({ fact }) => ['transient', 'ambiguous'].includes(fact.class) && fact.status === 503)).toBe(
      true,
    );
    const text = desk({ journal: path });
    await why(text.session, `breaker:messages@${opened.seq}`);
    expect(rowsOf(text.lines(), /^ +seq/).filter(({ rule }) => rule === 'B5' || rule === 'B59').length).toBe(
      failures.length,
    );
  });
  test('tells a way of several states: since it was last closed', async () => {
    const probe = records.find(({ steps }) =>
      steps.some((s) => s.actor === 'breaker:messages' && s.rules.includes('B10')),
    )!;
    const told = desk({ journal: path, json: true });
    await why(told.session, `breaker:messages@${probe.seq}`);
    const { way } = told.json<{ way: { from: unknown; to: unknown }[] }>();
    expect([way[0]!.from, way[0]!.to, way.at(-1)!.to]).toEqual(['closed', 'open', 'open']);
    expect(way.length).toBeGreaterThanOrEqual(3);
  });
  test('a feature: the contents that were refused', async () => {
    const off = stepInto(/^feature:richEmbeds$/, 'suspended');
    const told = desk({ journal: path });
    await why(told.session, `feature:richEmbeds@${off.seq}`);
    expect(told.lines()[0]).toContain('feature:richEmbeds is suspended');
    expect(rowsOf(told.lines(), /^ +seq/).every((row) => row.says?.includes('rejectedForm 400 50006'))).toBe(true);
  });
  test('an ended delivery, from its birth; a name that there is not', async () => {
    const dead = stepInto(/^delivery:/, 'deadLettered');
    const told = desk({ journal: path });
    await why(told.session, `delivery:${idOf(dead, 'delivery:')}`);
    expect(told.lines().join('\n')).toMatch(
      /had ended before record \d+, as deadLettered[\s\S]*rejectedTarget[\s\S]*D10/,
    );
    const { session } = desk({ journal: path });
    await expect(why(session, 'breaker:mesages@60')).rejects.toThrow('did you mean');
    await expect(why(session, 'breaker:messages@99999999')).rejects.toThrow('There is no record');
  });
});

describe('dead-letters', () => {
  test('lists them with reason; those of old can no longer be retried', async () => {
    const told = desk({ journal: path, json: true });
    expect(await deadLetters(told.session, undefined)).toBe(0);
    const { deadLetters: letters, all } = told.json<{
      deadLetters: { message: string; reason: string; until: null }[];
      all: number;
    }>();
    const dead = records.flatMap(({ steps }) =>
      steps.filter((s) => s.actor.startsWith('message:') && s.to === 'deadLettered'),
    );
    expect(letters.map((letter) => letter.message)).toEqual(dead.map((s) => s.actor.slice('message:'.length)));
    expect(all).toBe(dead.length);
    expect(letters[0]).toMatchObject({ reason: expect.stringContaining('rejectedTarget'), until: null });
    const text = desk({ journal: path });
    await deadLetters(text.session, undefined);
    expect(rowsOf(text.lines(), /^message/)[0]).toMatchObject({ 'can be retried': 'no: its reply window is over' });
  });
});

describe('export and import', () => {
  test('a stretch from within folds to the same state, replays, and becomes a journal again', async () => {
    const folder = temporaryFolder();
    const [out, into] = [join(folder, 'stretch.jsonl'), join(folder, 'again.db')];
    const told = desk({ journal: path });
    await exportStretch(told.session, { from: { seq: 401 }, to: { seq: 800 }, out });
    expect(told.lines()).toEqual([`400 records (401 to 800) written to ${out}`]);
    writeFileSync(`${into}.part`, 'of an import that was killed');
    await importStretch(desk({ journal: path }).session, out, into);
    expect(readdirSync(folder).filter((name) => name.startsWith(basename(into)))).toEqual([basename(into)]);
    const wanted = await stateAfter(path, 800);
    for (const copy of [out, into]) {
      expect([copy, await stateAfter(copy, 800)]).toEqual([copy, wanted]);
      const checked = desk({ journal: copy, json: true });
      expect([await verify(checked.session), checked.json<{ whole: boolean }>().whole]).toEqual([0, true]);
    }
    await expect(exportStretch(told.session, { out })).rejects.toThrow(`${out} exists`);
    await expect(importStretch(told.session, out, into)).rejects.toThrow(`${into} exists`);
    await expect(importStretch(told.session, path, join(folder, 'x.db'))).rejects.toThrow('a journal already');
    await expect(exportStretch(told.session, { from: { seq: 9 }, to: { seq: 8 } })).rejects.toThrow(
      'no record from 9 to 8',
    );
    await expect(exportStretch(told.session, { from: { seq: 99_999 } })).rejects.toThrow('There is no record 99999');
    expect(existsSync(`${out}.part`)).toBe(false);
  });
});

async function stateAfter(file: string, seq: number): Promise<unknown> {
  const journal = await storeOf(file).openReader();
  const { state, divergence } = await fold(journal, topology, { upTo: seq, fromStart: true });
  await journal.close();
  const actors = [...state.actors.entries()].map(([id, a]) => [id, a.snapshot.value, a.snapshot.context, a.timers]);
  return [divergence, actors.sort(([a], [b]) => String(a).localeCompare(String(b)))];
}

describe('verify and compact', () => {
  test('a journal that is whole, and one with a byte changed', async () => {
    const whole = desk({ journal: path });
    expect(await verify(whole.session)).toBe(0);
    expect(whole.lines()[0]).toContain(`Whole: ${records.length} records`);
    const copy = join(temporaryFolder(), 'damaged.db');
    copyFileSync(path, copy);
    const { default: Database } = await import('libsql');
    const db = new Database(copy);
    const { body } = db.prepare('SELECT body FROM log WHERE seq = 700').get() as { body: string };
    db.prepare('UPDATE log SET body = ? WHERE seq = 700').run(body.replace(/\d/, (digit) => String(9 - Number(digit))));
    db.close();
    const damaged = desk({ journal: copy });
    expect(await verify(damaged.session)).toBe(1);
    expect(damaged.lines().join('\n')).toMatch(/DAMAGED .*700/);
  });
  test('compacting moves records to the archive; everything is still read', async () => {
    const copy = join(temporaryFolder(), 'bot.db');
    copyFileSync(path, copy);
    const told = desk({ journal: copy, json: true });
    await compact(told.session);
    expect(told.json<{ moved: number; bytesAfter: number; bytesBefore: number }>().moved).toBeGreaterThan(500);
    const after = desk({ journal: copy, json: true });
    await tail(after.session, { lines: 1, follow: false, from: { seq: 1 } });
    expect(after.jsonLines<Record>()).toEqual(JSON.parse(JSON.stringify(records)));
    const told2 = desk({ journal: copy });
    await info(told2.session);
    expect(told2.lines().join('\n')).toMatch(/archived segments +\d+ \(/);
  });
});
