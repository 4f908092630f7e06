import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { JournalError } from '../../src/actors/ports.js';
import {
  createMemoryStore,
  MemoryJournal,
  type MemoryStore,
  openMemoryJournal,
} from '../../src/adapters/journal/memoryJournal.js';
import { exitCodes } from '../../src/base/exitCodes.js';
import { type Bot, createBot } from '../../src/bot/createBot.js';
import { verify } from '../../src/cli/replay/verify.js';
import { createSimulator, type Simulator } from '../../src/simulator/createSimulator.js';
import { storeInMemory } from '../adapters/journal/storeInMemory.js';
import { closeRigs, configFor, onClose, temporaryFolder, until } from './rig.js';

afterEach(closeRigs);

const module = { onMessage: () => 'hello' };

async function platform(): Promise<{ simulator: Simulator; path: string; ask: () => Promise<void> }> {
  const simulator = await createSimulator();
  onClose(() => simulator.close());
  const ask = async (): Promise<void> => {
    const [id] = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hello' });
    const answers = () => simulator.replies().filter((reply) => reply.accepted && reply.msgId === id).length;
    await until('an answer', () => answers() > 0);
    expect(answers()).toBe(1);
  };
  return { simulator, path: join(temporaryFolder(), 'bot.db'), ask };
}

async function start(
  { simulator, path }: { simulator: Simulator; path: string },
  journal: MemoryJournal,
): Promise<Bot> {
  const seen = (): number => simulator.state().identifies + simulator.state().resumes;
  const before = seen();
  const bot = await createBot(configFor(simulator.url, path), module, { journal });
  onClose(() => {
    bot.drain('test');
    return bot.stopped;
  });
  await until('a handshake', () => seen() > before);
  return bot;
}

async function divergenceOf(memory: MemoryStore): Promise<unknown> {
  const journal = await storeInMemory(memory).openReader();
  return (await verify(journal, (await journal.position()).seq, () => undefined)).divergence;
}

describe("a bot on its author's own journal, here one in memory", () => {
  test('[core 25] it runs, is taken over as after a kill, and the first is fenced; what was written refolds, no file is made', async () => {
    const world = await platform();
    const memory = createMemoryStore();
    const first = await openMemoryJournal(memory);
    const one = await start(world, first);
    expect(one.recovered).toMatchObject({ epoch: 1, records: 0 });
    await world.ask();
    const written = memory.records.length;

    first.kill(); // it lives on, as a process does that was only thought dead
    const two = await start(world, await openMemoryJournal(memory));
    expect(two.recovered).toMatchObject({ epoch: 2, divergence: null });
    expect(two.recovered.records).toBeGreaterThanOrEqual(written);
    expect((await one.stopped).code).toBe(exitCodes.held);
    await world.ask();
    await world.ask();
    expect(world.simulator.state().resumes).toBeGreaterThan(0);

    two.drain('test');
    expect((await two.stopped).code).toBe(exitCodes.drained);
    expect([memory.holder, await divergenceOf(memory)]).toEqual([null, null]);
    expect(readdirSync(dirname(world.path))).toEqual(['bot.db.operator-token']);
  }, 60_000);

  test('[case J1] one that says that it is gone: nothing is done any more', async () => {
    const world = await platform();
    const memory = createMemoryStore();
    let isGone = false;
    class LostJournal extends MemoryJournal {
      override assertThere(): void {
        if (isGone) throw new JournalError('JOURNAL_GONE', 'taken away');
      }
    }
    memory.holder = new LostJournal(memory);
    const bot = await start(world, memory.holder);
    await world.ask();
    isGone = true;
    await until('it to say so', async () => (await fetch(`${bot.url}/readyz`)).status === 503);
    expect(await (await fetch(`${bot.url}/readyz`)).text()).toContain('the journal is gone: taken away');
    bot.drain('test');
    expect((await bot.stopped).code).toBe(exitCodes.held);
  }, 60_000);

  test.each([
    ['without credentials', { credentials: null }, module, TypeError],
    ['with a bot that is none', {}, { onmessage: () => 'x' }, Error],
  ])('a start that fails %s closes it', async (_what, more, wrong, error) => {
    const memory = createMemoryStore();
    const journal = await openMemoryJournal(memory);
    const config = configFor('http://127.0.0.1:9', join(temporaryFolder(), 'bot.db'), { http: null, ...more });
    await expect(createBot(config, wrong as never, { journal })).rejects.toThrow(error);
    expect(memory.holder).toBeNull();
  });
});
