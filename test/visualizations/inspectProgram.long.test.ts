import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createWebSocketReceiver } from '@statelyai/inspect';
import { World } from '../actors/world.js';
import { closeRigs, startRig, temporaryFolder } from '../e2e/rig.js';
import { BotStandIn } from './botStandIn.js';
import { Inbox, rawViewer } from './bridges/bridgeRig.js';

const TSX = import.meta.resolve('tsx');
const children: ChildProcess[] = [];
const bots: BotStandIn[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const bot of bots.splice(0)) await bot.close();
  await closeRigs();
});

/** Runs `npm run inspect` in a folder of its own, without the environment of this process. */
function inspect(args: readonly string[], env: { readonly [name: string]: string } = {}) {
  const script = join(process.cwd(), 'visualizations', 'src', 'inspect.ts');
  const child = spawn(process.execPath, ['--import', TSX, script, ...args], {
    cwd: temporaryFolder(),
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const [out, err] = [new Inbox<string>(), new Inbox<string>()];
  for (const [stream, inbox] of [
    [child.stdout, out],
    [child.stderr, err],
  ] as const) {
    let rest = '';
    stream.on('data', (data) => {
      const lines = (rest + String(data)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) inbox.push(line);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { out, err, ended, stop: () => child.kill('SIGTERM') };
}
interface Listening {
  readonly xstate: string;
  readonly stately: string;
  readonly actors: number;
  readonly hidden: number;
  readonly seq: number;
}

describe('npm run inspect -- --xstate --stately', () => {
  test('a running bot: both feeds show it live, an operator action from a viewer is journaled and shown', async () => {
    const rig = await startRig({ module: { commands: [], onMessage: () => 'hello' } });
    await rig.ask('one');
    const program = inspect([
      ...['--url', rig.bot.url!, '--xstate', '--stately', '--port', '0', '--stately-port', '0', '--json'],
      ...['--allow-actions', '--token-file', `${rig.journalPath}.operator-token`],
    ]);
    const listening = JSON.parse(await program.out.until((line) => line.startsWith('{'))) as Listening;
    const actors = await rig.get<{ id: string; value: unknown }[]>('/actors');
    expect(listening).toMatchObject({ actors: actors.length, hidden: 0 });
    const viewer = await rawViewer(listening.xstate);
    viewer.send({ type: 'xstate.inspecting' });
    const stately = new Inbox<{ type: string; sessionId: string; snapshot?: { value?: unknown } }>();
    createWebSocketReceiver({ server: listening.stately }).subscribe((event) => stately.push(event as never));
    await viewer.inbox.until(
      () => viewer.inbox.all.filter(({ type }) => type === 'service.register').length === actors.length,
    );
    await stately.until(() => stately.all.filter(({ type }) => type === '@xstate.actor').length === actors.length);
    await rig.ask('two');
    await viewer.inbox.until(
      ({ type, sessionId }) => type === 'service.stop' && String(sessionId).startsWith('message:'),
    );
    await stately.until(
      ({ sessionId, snapshot }) => sessionId.startsWith('message:') && snapshot?.value === 'answered',
    );
    const event = {
      name: 'operator.isolated',
      data: { type: 'operator.isolated' },
      $$type: 'scxml',
      origin: 'breaker:messages',
    };
    viewer.send({ type: 'xstate.event', event: JSON.stringify(event) });
    await stately.until(
      ({ sessionId, snapshot }) => sessionId === 'breaker:messages' && snapshot?.value === 'isolated',
    );
    expect(
      (await rig.get<{ id: string; value: unknown }[]>('/actors')).find(({ id }) => id === 'breaker:messages')!.value,
    ).toBe('isolated');
    const facts = await rig.get<{ fact: object }[]>('/records?limit=1000');
    expect(facts.map(({ fact }) => fact)).toContainEqual(
      expect.objectContaining({ type: 'operator.isolated', breaker: 'breaker:messages', by: 'inspector' }),
    );
    viewer.send({ type: 'xstate.event', event: JSON.stringify({ ...event, origin: 'gateway' }) });
    await program.err.until((line) => line.includes('operator.isolated to gateway: refused'));
    const token = readFileSync(`${rig.journalPath}.operator-token`, 'utf8').trim();
    expect([...program.err.all, ...program.out.all].join('\n')).not.toContain(token);
    program.stop();
    expect(await program.ended).toBe(0);
  }, 60_000);

  test('a journal beside its bot: the same actors, followed, for looking only', async () => {
    const rig = await startRig({ module: { commands: [], onMessage: () => 'hello' } });
    await rig.ask('one');
    const program = inspect(['--journal', rig.journalPath, '--xstate', '--port', '0'], { KINTSUGI_LOCALE: 'zh' });
    const line = await program.out.until((text) => text.includes('ws://127.0.0.1:'));
    expect(line).toContain('@xstate/inspect 的查看器：');
    const viewer = await rawViewer(/ws:\S+/.exec(line)![0]);
    viewer.send({ type: 'xstate.inspecting' });
    await viewer.inbox.until(({ sessionId }) => sessionId === 'gateway');
    await rig.ask('two');
    await viewer.inbox.until(
      ({ type, sessionId }) => type === 'service.stop' && String(sessionId).startsWith('message:'),
    );
    const event = { data: { type: 'operator.isolated' }, origin: 'breaker:messages' };
    viewer.send({ type: 'xstate.event', event: JSON.stringify(event) });
    await program.err.until((text) => text.includes('已拒绝，这里只读'));
    expect(rig.bot.url).not.toBeNull();
    program.stop();
    expect(await program.ended).toBe(0);
  }, 60_000);
});

test('a bot that goes, comes back, and then has another journal: told each time, shown in the same connection', async () => {
  const [one, other] = [new World(), new World()];
  one.begin();
  one.connect();
  one.receive('old');
  other.begin();
  other.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
  const bot = new BotStandIn();
  bots.push(bot);
  bot.records = one.records;
  const url = await bot.listen();
  const program = inspect(['--url', url, '--xstate', '--port', '0', '--json']);
  const { xstate } = JSON.parse(await program.out.until((line) => line.startsWith('{'))) as Listening;
  const viewer = await rawViewer(xstate);
  viewer.send({ type: 'xstate.inspecting' });
  await viewer.inbox.until(({ sessionId }) => sessionId === 'message:old');
  await bot.breakOff(1);
  await program.err.until((line) => line === `the bot at ${url} has gone; it is asked again until it is back`);
  await program.err.until((line) => line === `the bot at ${url} is back`);
  bot.records = other.records;
  await bot.breakOff(2);
  await program.err.until((line) => line.includes('has another journal now'));
  await viewer.inbox.until(({ type, sessionId }) => type === 'service.stop' && sessionId === 'message:old');
  await viewer.inbox.until(({ sessionId, state }) => {
    return sessionId === 'breaker:messages' && JSON.parse(String(state ?? '{}')).value === 'isolated';
  });
  program.stop();
  expect(await program.ended).toBe(0);
}, 30_000);

describe('what is wrong is said, with the exit code', () => {
  test.each([
    [['--nonsense'], 64, "unknown option '--nonsense'"],
    [['--allow-actions'], 64, '--allow-actions is for --xstate or --stately'],
    [['--origin', 'https://a.example'], 64, '--origin is for --xstate or --stately'],
    [['--xstate', '--port', '70000'], 64, 'it must be a port number, 0 to 65535'],
    [['--xstate', '--port', 'x'], 64, "argument 'x' is invalid"],
    [['--xstate', '--url', 'ftp://bot'], 64, 'it must be the address of a bot, such as http://127.0.0.1:7070'],
    [['--xstate', '--origin', 'stately.ai'], 64, 'it must be an origin, such as https://stately.ai'],
    [['--xstate', '--allow-actions'], 64, '--allow-actions needs'],
    [['--xstate', '--allow-actions', '--token-file', 'none'], 64, 'none: here is no operator token'],
    [['--xstate', '--url', 'http://127.0.0.1:1'], 75, 'no bot answers at http://127.0.0.1:1'],
    [['--xstate', '--journal', 'none.db'], 73, 'none.db: there is no journal'],
    [['--stately', '--journal', '.'], 73, 'it is a folder'],
  ])('%j', async (args, code, message) => {
    const program = inspect(args);
    expect([await program.ended, program.err.all.join('\n')]).toEqual([code, expect.stringContaining(message)]);
  });

  test('a file that is something else, a damaged one, a port that is taken', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'other.txt');
    writeFileSync(file, 'hello');
    const program = inspect(['--xstate', '--journal', file]);
    expect([await program.ended, program.err.all.join()]).toEqual([
      73,
      expect.stringContaining('neither a Kintsugi journal'),
    ]);
    const damaged = join(folder, 'damaged.db');
    writeFileSync(damaged, `SQLite format 3\0${'nonsense'.repeat(600)}`);
    const third = inspect(['--xstate', '--journal', damaged]);
    expect([await third.ended, third.err.all.join()]).toEqual([73, expect.stringContaining(damaged)]);
    const rig = await startRig();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const second = inspect(['--stately', '--journal', rig.journalPath, '--port', String(port)]);
    expect([await second.ended, second.err.all.join()]).toEqual([
      75,
      `port ${port} cannot be used (EADDRINUSE); choose another with --port`,
    ]);
    await new Promise((resolve) => taken.close(resolve));
  });
});
