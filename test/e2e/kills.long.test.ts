import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { type ChildBot, type ChildBotOptions, pause, spawnBot } from '../../src/cli/world/childBot.js';
import { examine } from '../../src/cli/world/judge.js';
import { createSimulator, type Simulator } from '../../src/simulator/createSimulator.js';
import { Random } from '../../src/simulator/kit/random.js';
import { closeRigs, temporaryFolder, until } from './rig.js';

/** Somebody else kills `npm start` whenever he likes, and counts on the platform's side. */
const children: ChildBot[] = [];
let simulator: Simulator;
afterEach(async () => {
  for (const child of children.splice(0)) child.process.kill('SIGKILL');
  await simulator.close();
  await closeRigs();
});

interface World {
  readonly folder: string;
  start(more?: Partial<ChildBotOptions>): ChildBot;
  kill(bot: ChildBot): Promise<void>;
  ask(content: string): string;
  accepted(id: string): readonly string[];
  connected(): Promise<void>;
}
/** A platform, and a folder for the journal and for an author's module that is written there. */
async function createWorld(module: string): Promise<World> {
  simulator = await createSimulator();
  const folder = temporaryFolder();
  const path = join(folder, 'bot.mjs');
  writeFileSync(path, module);
  const accepted = (id: string): readonly string[] =>
    simulator
      .replies()
      .filter((reply) => reply.accepted && reply.msgId === id)
      .map((reply) => reply.content);
  return {
    folder,
    accepted,
    start(more = {}) {
      const bot = spawnBot({ simulator, journalPath: join(folder, 'bot.db'), module: path, log: 'ignore', ...more });
      children.push(bot);
      return bot;
    },
    async kill(bot) {
      bot.process.kill('SIGKILL');
      await bot.exited;
    },
    ask: (content) => simulator.postMessage({ kind: 'guild', channelId: `c-${content}`, content })[0] as string,
    async connected() {
      const { identifies, resumes } = simulator.state();
      const seen = (): number => simulator.state().identifies + simulator.state().resumes;
      await until('the bot to connect', () => seen() > identifies + resumes, 20_000);
    },
  };
}
const SLOW = `export const bot = { async onMessage(ctx) {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return 'done ' + ctx.message.content;
} };`;

test('[M21] killed five times in a row, 100 to 700 ms apart: nothing is lost, no handler is poison, no lock is stuck', async () => {
  const seed = Date.now() % 100_000;
  const random = new Random(seed);
  const world = await createWorld(SLOW);
  let bot = world.start();
  await world.connected();
  const ids = [world.ask('zero')];
  await until('its answer', () => world.accepted(ids[0]!).length === 1, 10_000);
  for (let kill = 1; kill <= 5; kill += 1) {
    ids.push(world.ask(`before ${kill}`));
    await pause(100 + Math.floor(random.next() * 600));
    await world.kill(bot);
    ids.push(world.ask(`after ${kill}`));
    bot = world.start();
  }
  await until(`all answers (seed ${seed})`, () => ids.every((id) => world.accepted(id).length > 0), 40_000);
  bot.process.kill('SIGTERM');
  expect((await bot.exited).code).toBe(0);
  const { dead, divergence, account } = await examine(join(world.folder, 'bot.db'));
  expect({ seed, dead, divergence, account }).toEqual({ seed, dead: [], divergence: null, account: [] });
}, 90_000);

test('[M21] a handler that was killed twice by accident is not run a third time amid more kills', async () => {
  const world = await createWorld(`import { appendFileSync } from 'node:fs';
    export const bot = { async onMessage(ctx) {
      appendFileSync(process.env.KINTSUGI_JOURNAL + '.runs', ctx.message.content + ctx.attempt + ' ');
      await new Promise((resolve) => setTimeout(resolve, 400));
      return 'done';
    } };`);
  const sets = ['handlers.rerunMs=6000'];
  const path = join(world.folder, 'bot.db.runs');
  appendFileSync(path, '');
  let bot = world.start({ sets });
  await world.connected();
  const id = world.ask('run');
  for (const run of ['run1', 'run2']) {
    await until(run, () => readFileSync(path, 'utf8').includes(run), 20_000);
    await world.kill(bot);
    bot = world.start({ sets });
  }
  for (let kill = 0; kill < 2; kill += 1) {
    await world.connected();
    await pause(100);
    await world.kill(bot);
    bot = world.start({ sets });
  }
  await until('its answer', () => world.accepted(id).length > 0, 20_000);
  // It comes late, and says so.
  expect(world.accepted(id)).toEqual([expect.stringMatching(/done$/)]);
  expect(readFileSync(path, 'utf8')).toBe('run1 run2 run3 ');
}, 60_000);

test('[M10] a handler that kills its process runs three times, no more, and the others are answered', async () => {
  const world = await createWorld(`import { appendFileSync } from 'node:fs';
    export const bot = { onMessage(ctx) {
      if (ctx.message.content !== 'poison') return 'fine';
      appendFileSync(process.env.KINTSUGI_JOURNAL + '.runs', ctx.attempt + ' ');
      process.kill(process.pid, 'SIGKILL');
    } };`);
  const sets = ['handlers.rerunMs=300'];
  let bot = world.start({ sets });
  await world.connected();
  const runs = join(world.folder, 'bot.db.runs');
  appendFileSync(runs, '');
  const poison = world.ask('poison');
  for (let life = 1; life <= 3; life += 1) {
    expect((await bot.exited).signal).toBe('SIGKILL');
    bot = world.start({ sets });
  }
  const good = world.ask('good');
  await until('the answer of another', () => world.accepted(good).length > 0, 20_000);
  bot.process.kill('SIGTERM');
  expect((await bot.exited).code).toBe(0);
  expect(readFileSync(runs, 'utf8')).toBe('1 2 3 ');
  const { dead } = await examine(join(world.folder, 'bot.db'));
  expect(dead).toMatchObject([{ message: poison, reason: 'poison' }]);
}, 60_000);

test('killed within 50 ms of its start, amid its start, and after SIGTERM: the next one takes over', async () => {
  const world = await createWorld(SLOW);
  let bot = world.start();
  await world.connected();
  const ids = [world.ask('first')];
  await until('the first answer', () => world.accepted(ids[0]!).length === 1, 10_000);
  for (const afterMs of [0, 50, 350]) {
    await world.kill(bot);
    bot = world.start();
    await pause(afterMs);
  }
  await world.kill(bot);
  bot = world.start();
  await world.connected();
  ids.push(world.ask('second'));
  await until('its handler', () => simulator.state().connected > 0, 10_000);
  bot.process.kill('SIGTERM');
  await pause(20);
  await world.kill(bot);
  ids.push(world.ask('third'));
  bot = world.start();
  await until('all answers', () => ids.every((id) => world.accepted(id).length > 0), 20_000);
  bot.process.kill('SIGTERM');
  expect((await bot.exited).code).toBe(0);
  const { dead, divergence, ends } = await examine(join(world.folder, 'bot.db'));
  expect([dead, divergence, ids.filter((id) => !ends.has(id))]).toEqual([[], null, []]);
}, 60_000);
