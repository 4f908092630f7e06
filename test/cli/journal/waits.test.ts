import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { message } from '../../../src/cli/journal/message.js';
import { World } from '../../actors/world.js';
import { closeRigs, temporaryFolder } from '../../e2e/rig.js';
import { desk } from './desk.js';

afterAll(closeRigs);

/** What `message m` says of waits, in order. */
async function waitsIn(play: (world: World) => void): Promise<[string | null, number | null, string][]> {
  const world = new World();
  world.begin();
  world.connect();
  play(world);
  const path = join(temporaryFolder(), 'bot.db');
  const journal = await openSqliteJournal({ path });
  await journal.append(await journal.beginEpoch(), world.records);
  await journal.close();
  const told = desk({ journal: path, json: true });
  await message(told.session, 'm');
  return told
    .json<{ waits: { actor: string; ms: number; what: string }[] }>()
    .waits.map(({ actor, ms, what }) => [actor, ms, what]);
}

test('a stay is one wait, however much is heard in it; what still goes on has no length', async () => {
  const waits = await waitsIn((world) => {
    world.receive('m');
    const run = world.openOf('message:m', 'handler.run');
    world.now += 1_000;
    world.take({
      type: 'reply.requested',
      effectId: run.id,
      replies: [{ ordinal: 0, form: { text: 'soon', embed: false } }],
    });
    world.now += 500;
    world.succeed(world.calls[0]!);
    world.now += 1_500;
    world.take({
      type: 'handler.completed',
      effectId: run.id,
      operator: false,
      replies: [{ ordinal: 1, form: { text: 'done', embed: false } }],
    });
  });
  expect(waits).toEqual([
    ['message:m', 3_000, 'the handler ran'],
    ['delivery:m.0', 500, 'call to QQ as text: call.succeeded ok 200 90 ms'],
    ['delivery:m.1', null, 'call to QQ as text: …'],
  ]);
});

test('a handler that a kill cut off is two runs, and the time between two lives is told', async () => {
  const waits = await waitsIn((world) => {
    world.receive('m');
    world.now += 100;
    world.take({ type: 'heartbeat.acknowledged', socket: 's' });
    world.now += 700;
    world.begin();
    world.now += 50;
    world.complete('m', []);
  });
  expect(waits).toEqual([
    ['message:m', 800, 'the handler ran'],
    [null, 700, 'the bot was not running; life 2 took it up'],
    ['message:m', 50, 'the handler ran (run 2)'],
  ]);
});

test('a message that is handled again tells both times', async () => {
  const waits = await waitsIn((world) => {
    const { fact, at } = world.receive('m');
    world.complete('m');
    world.now += 40;
    world.fail(world.calls[0]!, 'rejectedTarget', 304028);
    world.now += 5_000;
    if (fact.type === 'message.received')
      world.take({ type: 'operator.retried', message: fact.message, receivedAt: at, by: 'cli' });
    world.now += 10;
    world.complete('m~1');
    world.now += 30;
    world.succeed(world.calls[0]!);
  });
  expect(waits).toEqual([
    ['delivery:m.0', 40, 'call to QQ as embed: call.failed rejectedTarget 503 304028 9 ms'],
    ['message:m~1', 10, 'the handler ran'],
    ['delivery:m~1.0', 30, 'call to QQ as embed: call.succeeded ok 200 90 ms'],
  ]);
});
