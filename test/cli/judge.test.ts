import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openSqliteJournal } from '../../src/adapters/journal/sqlite/sqliteJournal.js';
import { examine } from '../../src/cli/world/judge.js';
import { World } from '../actors/world.js';

test('a dead letter that was handled again counts once, by its last end', async () => {
  const world = new World();
  world.begin();
  world.connect();
  const { fact, at } = world.receive('m');
  world.complete('m');
  world.fail(world.calls[0]!, 'rejectedTarget');
  if (fact.type !== 'message.received') throw new Error('no message');
  world.now += 20_000;
  world.take({ type: 'operator.retried', message: fact.message, receivedAt: at, by: 'cli' });
  world.complete('m~1');
  world.runTo(world.now + 20_000);
  world.succeed(world.calls[0]!);
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-judge-'));
  const journal = await openSqliteJournal({ path: join(folder, 'bot.db') });
  await journal.append(await journal.beginEpoch(), world.records);
  await journal.close();
  const { ends, divergence } = await examine(join(folder, 'bot.db'));
  expect([[...ends], divergence]).toEqual([[['m', 'answered']], null]);
  rmSync(folder, { recursive: true, force: true });
});
