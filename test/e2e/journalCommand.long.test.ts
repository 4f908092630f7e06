import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import type { BotModule } from '../../src/adapters/author/authorModule.js';
import { openSqliteJournal } from '../../src/adapters/journal/sqlite/sqliteJournal.js';
import { operatorTokenFile } from '../../src/adapters/operator/http/operatorToken.js';
import { refOf } from '../../src/machines/vocabulary/replies/words.js';
import { World } from '../actors/world.js';
import { closeRigs, type Rig, startRig, temporaryFolder, until } from './rig.js';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await closeRigs();
});

interface Running {
  out(): string;
  err(): string;
  kill(signal: NodeJS.Signals): void;
  /** Closes the pipe that it writes to. */
  leave(): void;
  readonly ended: Promise<number | null>;
}
/** Runs `kintsugi …` as a user would, in a folder of its own. */
function kintsugi(args: readonly string[], env: { readonly [name: string]: string } = {}): Running {
  const child = spawn(process.execPath, [join(process.cwd(), 'bin', 'kintsugi.js'), ...args], {
    cwd: temporaryFolder(),
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => {
    out += String(data);
  });
  child.stderr.on('data', (data) => {
    err += String(data);
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => setImmediate(resolve, code)));
  return {
    out: () => out,
    err: () => err,
    kill: (signal) => void child.kill(signal),
    leave: () => void child.stdout.destroy(),
    ended,
  };
}
async function run(args: readonly string[], env?: { readonly [name: string]: string }) {
  const running = kintsugi(args, env);
  const code = await running.ended;
  return { code, out: running.out(), err: running.err() };
}

/** A journal of a bot that has answered one message. */
let journal = '';
const folder = mkdtempSync(join(tmpdir(), 'kintsugi-journal-'));
beforeAll(async () => {
  journal = join(folder, 'bot.db');
  const world = new World();
  world.begin();
  world.connect();
  world.receive('m1', { content: 'hello' });
  world.complete('m1', Array(30).fill('pong'));
  for (let [call] = world.calls; call; [call] = world.calls) world.succeed(call);
  const written = await openSqliteJournal({ path: journal });
  await written.append(await written.beginEpoch(), world.records);
  await written.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const deadLetters = (rig: Rig) => rig.get<{ message: string }[]>('/dead-letters');

describe('kintsugi', () => {
  test('runs the programs of the project, and names them', async () => {
    const told = await run(['journal', 'info', '--json'], { KINTSUGI_JOURNAL: journal });
    expect([told.code, JSON.parse(told.out)]).toMatchObject([0, { file: journal, messages: { received: 1 } }]);
    for (const args of [
      ['--journal', journal, '--json', 'info'],
      ['info', journal, '--json'],
      ['info', '--journal', journal, '--json'],
    ])
      expect([args, JSON.parse((await run(['journal', ...args])).out)]).toMatchObject([args, { file: journal }]);
    const help = await run(['--help']);
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('journal')]);
    const wrong = await run(['jornal']);
    expect([wrong.code, wrong.err]).toEqual([64, expect.stringContaining('no program "jornal"')]);
  }, 20_000);
});

describe('kintsugi journal', () => {
  test.each([
    ['a record that there is not', ['show', '99999'], 64, 'There is no record 99999'],
    ['a number that is none', ['show', 'x'], 64, 'whole number'],
    ['an actor that there is not', ['actor', 'breaker:mesages'], 64, 'did you mean "breaker:messages"?'],
    ['a time that is none', ['tail', '--from', 'noon'], 64, 'neither a record number nor a time'],
    ['an unknown flag', ['info', '--nonsense'], 64, '--nonsense'],
    ['an unknown command', ['nonsense'], 64, 'nonsense'],
    ['a file that there is not', ['info', '--journal', 'none.db'], 73, 'none.db: there is no journal'],
    [
      'a file of someone else',
      ['info', '--journal', join(process.cwd(), 'package.json')],
      73,
      'neither a Kintsugi journal nor an export',
    ],
    ['the same in Chinese', ['show', '99999'], 64, '没有第 99999 条记录', { KINTSUGI_LOCALE: 'zh' }],
  ] as [string, string[], number, string, { [name: string]: string }?][])(
    'tells %s',
    async (_what, args, code, message, env = {}) => {
      const told = await run(['journal', ...args], { KINTSUGI_JOURNAL: journal, ...env });
      expect([told.code, told.err]).toEqual([code, expect.stringContaining(message)]);
      expect(told.err).not.toMatch(/\n\s+at /);
    },
    20_000,
  );

  test('tells a journal of a newer version, and one that is damaged', async () => {
    const [newer, damaged] = ['newer.db', 'damaged.db'].map((name) => join(temporaryFolder(), name)) as [
      string,
      string,
    ];
    for (const copy of [newer, damaged]) copyFileSync(journal, copy);
    const db = new Database(newer);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const bytes = readFileSync(damaged);
    bytes.fill(0x55, 4_096, bytes.length);
    writeFileSync(damaged, bytes);
    expect(await run(['journal', 'info', '--journal', newer])).toMatchObject({
      code: 73,
      err: expect.stringContaining('written by a newer version (format 99'),
    });
    const told = await run(['journal', 'tail', '--journal', damaged]);
    expect([told.code, told.err]).toEqual([73, expect.stringContaining('npm run journal -- verify')]);
  }, 20_000);

  test('tail --follow shows what a running bot does, as it does it, and ends with a signal', async () => {
    const rig = await startRig();
    const following = kintsugi(['journal', 'tail', '-f', '-n', '1', '--json', '--journal', rig.journalPath]);
    await until('the first record', () => following.out().includes('\n'), 15_000);
    await rig.ask('hello there');
    const { seq } = await rig.get<{ seq: number }>('/healthz');
    await until('the answer', () => following.out().includes(`{"seq":${seq},`));
    const seqs = following
      .out()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i));
    following.kill('SIGINT');
    expect(await following.ended).toBe(0);
  }, 30_000);

  test('a reader that goes away early is no error', async () => {
    const running = kintsugi(['journal', 'tail', '-n', '1000', '--json', '--journal', journal]);
    running.leave();
    expect([await running.ended, running.err()]).toEqual([0, '']);
  }, 20_000);
});

describe('kintsugi journal dead-letters', () => {
  const module: BotModule = { onMessage: (ctx) => `again ${ctx.runId.includes('~')}` };

  test('--retry has the running bot handle one again; it names the message by id, by its ends, or by its ref', async () => {
    const rig = await startRig({ module });
    rig.simulator.addFault({ kind: 'errors', status: 403, code: 304028, route: 'messages' });
    const [id] = rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hello' });
    await until('a dead letter', async () => (await deadLetters(rig)).length === 1);
    rig.simulator.clearFaults();
    const at = ['--journal', rig.journalPath, '--url', rig.bot.url!];
    const listed = await run(['journal', 'dead-letters', ...at]);
    expect([listed.code, listed.out]).toEqual([
      0,
      expect.stringMatching(new RegExp(`${refOf(id!)} .*rejectedTarget 304028 .*until \\d\\d:\\d\\d:\\d\\d .*"hello"`)),
    ]);
    const retried = await run(['journal', 'dead-letters', '--retry', refOf(id!), '--json', ...at]);
    expect([retried.code, JSON.parse(retried.out)]).toEqual([0, { message: id, seq: expect.any(Number) }]);
    await until('the answer', () =>
      rig.simulator.replies().some((reply) => reply.accepted && reply.content === 'again true'),
    );
    const none = await run(['journal', 'dead-letters', ...at]);
    expect(none.out).toBe('No dead letters.\n');
    const again = await run(['journal', 'dead-letters', '--retry', id!, ...at]);
    expect([again.code, again.err]).toEqual([64, expect.stringContaining('not among the dead letters')]);
  }, 60_000);

  test('--retry says what is missing: the bot, its HTTP, its token', async () => {
    const rig = await startRig({ module });
    const at = ['journal', 'dead-letters', '--retry', 'm', '--journal', rig.journalPath];
    expect(await run(at, { KINTSUGI_HTTP: '127.0.0.1:9' })).toMatchObject({
      code: 75,
      err: expect.stringContaining('No bot answers at http://127.0.0.1:9. Start it (npm start)'),
    });
    expect(await run(at, { KINTSUGI_HTTP: 'off' })).toMatchObject({
      code: 75,
      err: expect.stringContaining('KINTSUGI_HTTP=off'),
    });
    unlinkSync(operatorTokenFile(rig.journalPath));
    expect(await run([...at, '--url', rig.bot.url!])).toMatchObject({
      code: 75,
      err: expect.stringContaining('there is no operator token'),
    });
  }, 30_000);
});
