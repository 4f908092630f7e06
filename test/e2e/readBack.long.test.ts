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

interface Cut {
  /** Whether the platform had taken the call by the time of the kill. */
  readonly taken: boolean;
  /** What the next life does before it is asked to stop: it looks at the channel, and how often the answer stands there then. */
  readonly reads: number;
  readonly answers: number;
  readonly intents?: string;
  readonly channelHistory?: 'private' | 'none';
}

/** Kills the bot while its answer to a message is under way, and lets its next life do what it does. */
async function killAmidCall({ taken, reads, answers, intents = INTENTS, channelHistory = 'private' }: Cut) {
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
  const readings = (): number => simulator.calls().filter(({ route }) => route.startsWith('GET /channels/')).length;
  bot = spawn();
  await until('its next life', () => simulator.state().resumes > resumes, 20_000);
  // Not earlier: a drain that finds no session waits for none, and leaves the reply to a later life.
  await until('its look at the channel', () => readings() >= reads, 20_000);
  await until('the answer', () => accepted(second).length >= answers, 20_000);
  bot.process.kill('SIGTERM'); // a drain waits for what is in hand
  expect((await bot.exited).code).toBe(0);
  const { ends, divergence } = await examine(journalPath);
  return { verdict: ends.get(second), answers: accepted(second).length, reads: readings(), divergence };
}

describe('[core 22] a call that a kill cut off, in a channel that can be read', () => {
  test.each([
    ['[D42] was taken: it is found there and not sent again', true],
    ['[D44] was not taken: it is sent again', false],
  ])(
    '%s, and nothing is uncertain',
    async (_what, taken) => {
      const once = { answers: 1, reads: 1 };
      expect(await killAmidCall({ taken, ...once })).toEqual({ verdict: 'answered', ...once, divergence: null });
    },
    60_000,
  );

  test('[Y6] that QQ does not let the bot read: sent again, counted as uncertain', async () => {
    const twice = { answers: 2, reads: 1 };
    const left = await killAmidCall({ taken: true, ...twice, channelHistory: 'none' });
    expect(left).toMatchObject({ verdict: 'uncertain', ...twice });
  }, 60_000);

  test('[D19] a bot that may not ask for GUILD_MESSAGES does not try to read', async () => {
    const unread = { answers: 2, reads: 0 };
    const intents = 'GUILDS,PUBLIC_GUILD_MESSAGES,DIRECT_MESSAGE';
    expect(await killAmidCall({ taken: true, ...unread, intents })).toMatchObject({ verdict: 'uncertain', ...unread });
  }, 60_000);
});
