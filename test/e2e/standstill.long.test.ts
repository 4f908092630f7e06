import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openSqliteJournal } from '../../src/adapters/journal/sqlite/sqliteJournal.js';
import { type ChildBot, pause, spawnBot } from '../../src/cli/world/childBot.js';
import { createSimulator, type Simulator } from '../../src/simulator/createSimulator.js';
import { closeRigs, temporaryFolder, until } from './rig.js';

/** A bot in a process of its own stands still for longer than every deadline that it has set, beside a platform that does not. */
const STILL_MS = 2_500;
const SETS = ['calls.timeoutMs=1000', 'calls.slowMs=800', 'handlers.timeoutMs=2000', 'gateway.handshakeMs=1500'];
const SLOW_API = { kind: 'slow', latencyMs: 300, afterAccept: true, route: 'messages' } as const;
const COMPUTES = `export const bot = {
  async onMessage(ctx) {
    if (ctx.message.content === 'compute') for (const until = Date.now() + ${STILL_MS}; Date.now() < until; );
    if (ctx.message.content === 'wait') await new Promise((resolve) => setTimeout(resolve, 1500));
    return 'done ' + ctx.message.content;
  },
};`;

let simulator: Simulator;
let bot: ChildBot;
afterEach(async () => {
  bot.process.kill('SIGKILL');
  await bot.exited;
  await simulator.close();
  await closeRigs();
});

async function started(): Promise<{ journalPath: string; ask(content: string, i?: number): string }> {
  simulator = await createSimulator();
  const folder = temporaryFolder();
  const module = join(folder, 'bot.mjs');
  writeFileSync(module, COMPUTES);
  const journalPath = join(folder, 'bot.db');
  bot = spawnBot({ simulator, journalPath, module, log: 'ignore', sets: SETS });
  await until('the bot to connect', () => simulator.state().identifies > 0, 30_000);
  const ask = (content: string, i = 0): string =>
    simulator.postMessage({ kind: 'guild', channelId: `c${i}`, content, author: { id: `u${i}` } })[0] as string;
  return { journalPath, ask };
}
function answers(id: string): readonly string[] {
  return simulator
    .replies()
    .filter((reply) => reply.accepted && reply.msgId === id)
    .map(({ content }) => content);
}
/** The bot ends in peace; then its journal says what there was of these. */
async function journaled(journalPath: string, wanted: readonly string[]): Promise<readonly string[]> {
  bot.process.kill('SIGTERM');
  await bot.exited;
  const journal = await openSqliteJournal({ path: journalPath, readonly: true });
  const records = await journal.read(0, 100_000);
  await journal.close();
  return records.flatMap(({ fact, steps }) => [
    ...(wanted.includes(fact.type) ? [fact.type] : []),
    ...steps
      .filter(({ actor, from, to }) => actor === 'breaker:messages' && from !== to && to === 'open')
      .map(() => 'breaker opened'),
  ]);
}

describe('[core 36] a process that stands still for longer than its deadlines', () => {
  test('[case S1] in a handler that computes while 20 calls are out and another handler waits: nobody is late, none is answered twice', async () => {
    const { journalPath, ask } = await started();
    simulator.addFault(SLOW_API);
    const ids = Array.from({ length: 20 }, (_, i) => ask(`m${i}`, i));
    ids.push(ask('wait', 50));
    await pause(150);
    ids.push(ask('compute', 51));
    await until('all answers', () => ids.every((id) => answers(id).length > 0), 20_000);
    await pause(1_500);
    expect(ids.map((id) => answers(id).length)).toEqual(ids.map(() => 1));
    expect(answers(ids[20]!)).toEqual(['done wait']);
    expect(simulator.state()).toMatchObject({ identifies: 1, resumes: 0 });
    expect(await journaled(journalPath, ['time.lost'])).toEqual(['time.lost']);
  }, 60_000);

  test('stopped and continued, with calls out and messages waiting in its socket: the session goes on, each is answered once', async () => {
    const { journalPath, ask } = await started();
    simulator.addFault(SLOW_API);
    const ids = Array.from({ length: 10 }, (_, i) => ask(`m${i}`, i));
    await pause(150);
    bot.process.kill('SIGSTOP');
    ids.push(...Array.from({ length: 10 }, (_, i) => ask(`n${i}`, 20 + i)));
    await pause(STILL_MS);
    bot.process.kill('SIGCONT');
    await until('all answers', () => ids.every((id) => answers(id).length > 0), 20_000);
    await pause(1_500);
    expect(ids.map((id) => answers(id).length)).toEqual(ids.map(() => 1));
    expect(simulator.state()).toMatchObject({ identifies: 1, resumes: 0 });
    expect(await journaled(journalPath, ['time.lost'])).toEqual(['time.lost']);
  }, 60_000);
});
