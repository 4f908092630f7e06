import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Bot, createBot } from '../../src/bot/createBot.js';
import { createSimulator, type Simulator } from '../../src/simulator/createSimulator.js';
import { closeRigs, configFor, temporaryFolder, until } from './rig.js';

/** Two bots with the same credentials on one platform; each has its journal. */
let simulator: Simulator;
const bots: Bot[] = [];
afterEach(async () => {
  for (const bot of bots) bot.drain('test');
  await Promise.all(bots.splice(0).map((bot) => bot.stopped));
  await simulator.close();
  await closeRigs();
});
async function start(journalPath: string): Promise<Bot> {
  const { identifies, resumes } = simulator.state();
  const bot = await createBot(configFor(simulator.url, journalPath), { onGroupMessage: () => 'hello' });
  bots.push(bot);
  await until('a handshake', () => simulator.state().identifies + simulator.state().resumes > identifies + resumes);
  return bot;
}
const rivalOf = async ({ url }: Bot): Promise<{ why: string } | null> =>
  ((await (await fetch(`${url}/healthz`)).json()) as { rival: { why: string } | null }).rival;

describe('two bots with the same credentials', () => {
  test('with a session each: both answer, and in groups one of them hears that QQ has the reply already', async () => {
    simulator = await createSimulator();
    const folder = temporaryFolder();
    const two = [await start(join(folder, 'a.db')), await start(join(folder, 'b.db'))];
    let n = 0;
    const told = async (): Promise<boolean> => {
      n += 1;
      simulator.postMessage({ kind: 'c2c', channelId: `u${n}`, content: 'hello', author: { id: `u${n}` } });
      return (await Promise.all(two.map(rivalOf))).some((rival) => rival !== null);
    };
    await until('one of them to tell', told, 20_000);
    const found = (await Promise.all(two.map(rivalOf))).find((rival) => rival !== null);
    expect(found?.why).toContain('before this process sent them');
  }, 60_000);

  test('with a copy of the journal: each takes the session from the other, and one tells so within a minute', async () => {
    simulator = await createSimulator();
    const folder = temporaryFolder();
    const [a, b] = [join(folder, 'a.db'), join(folder, 'b.db')];
    const first = await start(a);
    first.drain('test');
    await first.stopped;
    bots.length = 0;
    copyFileSync(a, b);
    const two = [await start(a), await start(b)];
    const told = async (): Promise<boolean> => (await Promise.all(two.map(rivalOf))).some((rival) => rival !== null);
    await until('one of them to tell', told, 60_000);
    const found = (await Promise.all(two.map(rivalOf))).find((rival) => rival !== null);
    expect(found?.why).toContain('the session was taken 3 times within a minute');
  }, 120_000);
});
