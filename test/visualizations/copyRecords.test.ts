import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Record } from '../../src/actors/ports.js';
import { type CopiedRecords, type CopyState, copyRecords } from '../../visualizations/src/copyRecords.js';
import { World } from '../actors/world.js';
import { BotStandIn } from './botStandIn.js';
import { Inbox } from './bridges/bridgeRig.js';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
function worldOf(messages: number): World {
  const world = new World();
  world.begin();
  world.connect();
  for (let i = 0; i < messages; i += 1) world.receive(`m${i}`, { author: `u${i}` });
  return world;
}
async function start(records: readonly Record[]): Promise<{ source: BotStandIn; url: string }> {
  const source = new BotStandIn();
  source.records = records;
  open.push(() => source.close());
  return { source, url: await source.listen() };
}
async function copy(url: string, silentMs = 60_000) {
  const states = new Inbox<{ state: CopyState; message: string | null }>();
  const seqs = new Inbox<number>();
  const copied: CopiedRecords = await copyRecords({
    url,
    retryMs: 1,
    silentMs,
    onState: (state, message) => states.push({ state, message }),
  });
  copied.follow((seq) => seqs.push(seq));
  open.push(() => copied.close());
  const all = async () => {
    const { seq } = await copied.journal.position();
    const found: Record[] = [];
    for (let at = 0; at < seq; at = found.at(-1)!.seq) found.push(...(await copied.journal.read(at, 1_000)));
    return found;
  };
  const following = (times = 1) =>
    states.until(() => states.all.filter(({ state }) => state === 'following').length >= times);
  return { copied, states, seqs, all, following };
}

describe("a bot's records copied into a journal", () => {
  test('more than one answer holds, then what comes; the copy is readable by its owner only and goes at the end', async () => {
    const world = worldOf(1_200);
    const { source, url } = await start(world.records.slice(0, 1_100));
    const { copied, seqs, all, following } = await copy(url);
    await copied.caughtUp;
    await following();
    source.records = world.records;
    source.tell(...world.records.slice(1_100));
    await seqs.until((seq) => seq === world.records.length);
    expect(await all()).toEqual(JSON.parse(JSON.stringify(world.records)));
    if (process.platform !== 'win32') expect(statSync(dirname(copied.path)).mode & 0o777).toBe(0o700);
    await copied.close();
    expect(existsSync(dirname(copied.path))).toBe(false);
    open.pop();
  });

  test('the connection breaks off: told once, then it goes on where it was', async () => {
    const world = worldOf(20);
    const { source, url } = await start(world.records.slice(0, 10));
    const { states, seqs, all, following } = await copy(url);
    await following();
    source.records = world.records;
    for (const watcher of source.watchers) watcher.terminate();
    await following(2);
    await seqs.until((seq) => seq === world.records.length);
    expect(await all()).toEqual(JSON.parse(JSON.stringify(world.records)));
    expect(states.all.map(({ state }) => state)).toEqual(['following', 'lost', 'following']);
    expect(states.all[1]!.message).toBe(`the bot at ${url} has gone; it is asked again until it is back`);
  });

  test('a connection on which nothing comes any more, not even an answer to a ping, is given up and made anew', async () => {
    const { source, url } = await start(worldOf(9).records);
    const { states, following } = await copy(url, 400);
    await following();
    for (const watcher of source.watchers) watcher.pause();
    await states.until(({ state }) => state === 'lost');
    await following(2);
  });

  test('the bot goes and comes back at the same address', async () => {
    const world = worldOf(20);
    const { source, url } = await start(world.records.slice(0, 10));
    const { states, seqs, following } = await copy(url);
    await following();
    await source.close();
    open.shift();
    await states.until(({ state }) => state === 'lost');
    const again = new BotStandIn();
    again.records = world.records;
    await again.listen(Number(new URL(url).port));
    open.unshift(() => again.close());
    await seqs.until((seq) => seq === world.records.length);
    await following(2);
  });

  test('a record that comes twice is there once, and is no reason to begin again', async () => {
    const world = worldOf(20);
    const { source, url } = await start(world.records.slice(0, 10));
    const { states, seqs, all, following } = await copy(url);
    await following();
    source.records = world.records;
    source.tell(...world.records.slice(5, 15), ...world.records.slice(12));
    await seqs.until((seq) => seq === world.records.length);
    expect((await all()).map(({ seq }) => seq)).toEqual(world.records.map(({ seq }) => seq));
    expect(states.all.map(({ state }) => state)).toEqual(['following']);
  });

  test('a gap and a frame that is no record: the rest is fetched anew, nothing is missing', async () => {
    const world = worldOf(20);
    const { source, url } = await start(world.records.slice(0, 10));
    const { seqs, all, following } = await copy(url);
    await following();
    source.records = world.records.slice(0, 15);
    source.tell(world.records[12]!); // 11 and 12 are missing
    await seqs.until((seq) => seq === 15);
    await following(2);
    source.records = world.records;
    for (const watcher of source.watchers) watcher.send('{"seq":16}');
    await seqs.until((seq) => seq === world.records.length);
    expect((await all()).map(({ seq }) => seq)).toEqual(world.records.map(({ seq }) => seq));
  });

  test('another journal at the address is not mixed in: the copy ends and says so', async () => {
    const [one, other] = [worldOf(20), new World()];
    const { source, url } = await start(one.records);
    const { states, all, following } = await copy(url);
    await following();
    other.begin();
    source.records = other.records;
    for (const watcher of source.watchers) watcher.terminate();
    const { message } = await states.until(({ state }) => state === 'other');
    expect(message).toBe(`the bot at ${url} has another journal now; its actors are shown anew`);
    expect(await all()).toEqual(JSON.parse(JSON.stringify(one.records)));
  });

  test('it can be ended at any time, also while it is asking or connecting', async () => {
    const { source, url } = await start(worldOf(3).records);
    const { came } = source;
    for (const moment of ['at once', 'asking', 'connecting', 'following']) {
      const [before, asked] = [came.all.length, source.asked.length + 2];
      const { copied, following } = await copy(url);
      open.pop();
      while (moment === 'asking' && source.asked.length < asked + 2) await new Promise(setImmediate);
      if (moment === 'connecting') await came.until(() => came.all.length > before);
      if (moment === 'following') await following();
      await copied.close();
    }
  });

  test('an empty journal is one, too', async () => {
    const { source, url } = await start([]);
    const { copied, seqs, following } = await copy(url);
    await copied.caughtUp;
    await following();
    const world = worldOf(1);
    source.records = world.records;
    source.tell(...world.records);
    await seqs.until((seq) => seq === world.records.length);
  });
});

describe('what cannot be copied', () => {
  test('nobody answers: exit code 75, with what to do', async () => {
    await expect(copyRecords({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      exitCode: 75,
      message:
        'no bot answers at http://127.0.0.1:1; start one (npm start), name another with --url, or a journal with --journal',
    });
  });
  test.each([
    ['no list', { hello: 'world' }],
    ['a list of something else', [{ seq: 1 }]],
    ['a list of nothing', [null]],
  ])('what answers is no bot (%s): exit code 73', async (_what, body) => {
    const { source, url } = await start([]);
    source.records = body as never;
    Object.assign(body, { filter: () => ({ slice: () => body }) });
    await expect(copyRecords({ url })).rejects.toMatchObject({
      exitCode: 73,
      message: expect.stringContaining('no bot'),
    });
  });
  test('a journal that begins later, without the state before it: exit code 73', async () => {
    const { url } = await start(worldOf(9).records.slice(4));
    await expect(copyRecords({ url })).rejects.toMatchObject({
      exitCode: 73,
      message: expect.stringContaining('begins at record 5'),
    });
  });
});
