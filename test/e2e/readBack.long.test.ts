import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type ChildBot, spawnBot } from '../../src/cli/world/childBot.js';
import { examine } from '../../src/cli/world/judge.js';
import { createSimulator, type Simulator } from '../../src/simulator/createSimulator.js';
import { closeRigs, temporaryFolder, until } from './rig.js';

/** A private bot may read channels: after a kill it looks whether what it sent stands there. */
const INTENTS = 'GUILDS,PUBLIC_GUILD_MESSAGES,DIRECT_MESSAGE,GUILD_MESSAGES';
const ECHO = fileURLToPath(new URL('../../examples/echo.ts', import.meta.url));
let simulator: Simulator;
let bot: ChildBot | null = null;
afterEach(async () => {
  bot?.process.kill('SIGKILL');
  await simulator.close();
  await closeRigs();
});

/** Kills the bot while its answer to a message is under way; what the platform has taken by then is said by `taken`. */
async function killAmidCall(taken: boolean, intents: string, channelHistory: 'private' | 'none' = 'private') {
  simulator = await createSimulator({ isPrivate: true, policies: { channelHistory } });
  const journalPath = join(temporaryFolder(), 'bot.db');
  const spawn = (): ChildBot =>
    spawnBot({ simulator, journalPath, module: ECHO, log: 'ignore', env: { QQ_BOT_INTENTS: intents } });
  bot = spawn();
  await until('the bot', () => simulator.state().connected > 0, 20_000);
  const accepted = (id: string) => simulator.replies().filter((reply) => reply.accepted && reply.msgId === id);
  const ask = (): string => simulator.postMessage({ kind: 'guild', channelId: 'c', content: 'hello' })[0] as string;
  // The same words stand in the channel already, as an answer to somebody else.
  const first = ask();
  await until('the first answer', () => accepted(first).length === 1, 20_000);
  simulator.addFault({ kind: 'halfOpen', route: 'messages', afterAccept: taken });
  const second = ask();
  await until('a call under way', () => simulator.inFlight() > 0, 20_000);
  bot.process.kill('SIGKILL');
  await bot.exited;
  simulator.clearFaults();
  const { resumes } = simulator.state();
  bot = spawn();
  await until('its next life', () => simulator.state().resumes > resumes, 20_000);
  await until('the answer', () => accepted(second).length >= 1, 20_000);
  bot.process.kill('SIGTERM'); // a drain waits for what is in hand
  expect((await bot.exited).code).toBe(0);
  const { ends, divergence } = await examine(journalPath);
  const reads = simulator.calls().filter(({ route }) => route.startsWith('GET /channels/'));
  return { verdict: ends.get(second), answers: accepted(second).length, reads: reads.length, divergence };
}

describe('[core 22] a call that a kill cut off, in a channel that can be read', () => {
  test.each([
    ['[D42] was taken: it is found there and not sent again', true],
    ['[D44] was not taken: it is sent again', false],
  ])(
    '%s, and nothing is uncertain',
    async (_what, taken) => {
      expect(await killAmidCall(taken, INTENTS)).toEqual({
        verdict: 'answered',
        answers: 1,
        reads: 1,
        divergence: null,
      });
    },
    60_000,
  );

  test('[Y6] that QQ does not let the bot read: sent again, counted as uncertain', async () => {
    const { verdict, answers, reads } = await killAmidCall(true, INTENTS, 'none');
    expect([verdict, answers, reads]).toEqual(['uncertain', 2, 1]);
  }, 60_000);

  test('[D19] a bot that may not ask for GUILD_MESSAGES does not try to read', async () => {
    const { verdict, reads } = await killAmidCall(true, 'GUILDS,PUBLIC_GUILD_MESSAGES,DIRECT_MESSAGE');
    expect([verdict, reads]).toEqual(['uncertain', 0]);
  }, 60_000);
});
