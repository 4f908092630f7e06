import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { takeCheckpoint } from '../../../src/actors/fold/checkpointer.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { ActorFeed, type ShownActor } from '../../../visualizations/src/bridges/actorFeed.js';
import { SHOWN_MAX } from '../../../visualizations/src/bridges/bridgeLimits.js';
import { World } from '../../actors/world.js';
import { closeRigs, temporaryFolder } from '../../e2e/rig.js';
import { carouselTopology, feedOf, journalOf } from './bridgeRig.js';
import { Records } from './toyRecords.js';

afterEach(closeRigs);

function connected(): World {
  const world = new World();
  world.begin();
  world.connect();
  return world;
}
function heard(feed: ActorFeed): string[] {
  const lines: string[] = [];
  const line = (what: string) => (actor: ShownActor) =>
    void lines.push(`${what} ${actor.id} ${JSON.stringify(actor.state.value)} ${actor.state.status}`);
  feed.subscribe({ born: line('born'), stepped: line('stepped'), ended: line('ended') });
  return lines;
}

describe('the actors of a journal', () => {
  test('are there in their present state with their present context, by folding from the first record', async () => {
    const world = connected();
    world.receive('m1');
    const feed = await feedOf(world);
    expect(new Map([...feed.actors].map(({ id, state }) => [id, [state.value, state.context]]))).toEqual(
      new Map([...world.state.actors.entries()].map(([id, { snapshot }]) => [id, [snapshot.value, snapshot.context]])),
    );
    expect([feed.size, feed.hidden, feed.seq]).toEqual([
      [...world.state.actors.entries()].length,
      0,
      world.records.length,
    ]);
  });

  test('step by step they have the contexts that the bot has', async () => {
    const world = connected();
    const feed = await feedOf(world);
    world.receive('m1');
    world.complete('m1', ['one', 'two']);
    for (let i = 0; i < 50 && world.value('message:m1') !== 'answered'; i += 1) {
      if (world.calls[0]) world.succeed(world.calls[0]);
      else world.runTo(world.nextDeadline()!.dueAt);
      await feed.advance();
      for (const { id, state } of feed.actors) {
        const { value, context } = world.actor(id).snapshot;
        expect([id, state.value, state.context]).toEqual([id, value, context]);
      }
    }
    expect(world.value('message:m1')).toBe('answered');
    expect(feed.actor('message:m1')).toBeUndefined();
  });

  test('are born, step and end in the order of the steps', async () => {
    const world = connected();
    const feed = await feedOf(world);
    const lines = heard(feed);
    world.receive('m1');
    world.complete('m1');
    world.succeed(world.calls[0]!);
    await feed.advance();
    const own = lines.filter((text) => text.includes('delivery:m1.0') || text.includes('message:m1'));
    expect(own.map((text) => text.split(' ')[0])[0]).toBe('born');
    expect(own.filter((text) => text.startsWith('ended'))).toEqual([
      'ended delivery:m1.0 "delivered" done',
      'ended message:m1 "answered" done',
    ]);
    expect(own).toContain('stepped delivery:m1.0 "sending" active');
    expect(own).toContain('stepped delivery:m1.0 "delivered" done');
  });

  test('start from the newest checkpoint of a file, and follow while its writer writes', async () => {
    const path = join(temporaryFolder(), 'bot.db');
    const world = connected();
    const writer = await openSqliteJournal({ path });
    const epoch = await writer.beginEpoch();
    await writer.append(epoch, world.records, takeCheckpoint(world.state));
    const reader = await openSqliteJournal({ path, readonly: true });
    const feed = await ActorFeed.open(reader, { topology });
    const ending = new AbortController();
    const following = feed.follow(ending.signal);
    const born = new Promise<ShownActor>((resolve) => {
      feed.subscribe({
        born: (actor) => actor.id === 'message:m1' && resolve(actor),
        stepped: () => undefined,
        ended: () => undefined,
      });
    });
    const before = world.records.length;
    world.receive('m1');
    await writer.append(epoch, world.records.slice(before));
    expect((await born).state).toMatchObject({ status: 'active', value: 'received' });
    expect(feed.actor('message:m1')!.state.value).toBe('handling');
    ending.abort();
    await following;
    await reader.close();
    await writer.close();
  });

  test('an actor whose record this version recomputes otherwise: told once, its state is the recorded one', async () => {
    const records = new Records(carouselTopology);
    records.take({ type: 'frame.rejected', value: 1 });
    records.take({ type: 'operator.reset' });
    const told: (number | string)[][] = [];
    const changed = JSON.parse(JSON.stringify(records.all));
    changed[1].steps[0].to = { turning: { music: 'silent', lights: 'red' } };
    const feed = await ActorFeed.open(journalOf(changed), {
      topology: carouselTopology,
      onDivergence: (seq, actor) => void told.push([seq, actor]),
    });
    changed.push({ ...changed[1], seq: 3, id: 'f9' });
    await feed.advance();
    expect(told).toEqual([[2, 'carousel']]);
    expect(feed.actor('carousel')!.state.value).toEqual({ turning: { music: 'silent', lights: 'red' } });
  });
});

describe('[limit shownActors] more actors than are shown', () => {
  test('those that stay come first; a hidden one is shown when one that is shown ends', async () => {
    const world = connected();
    for (let i = 0; i < SHOWN_MAX + 50; i += 1) world.receive(`m${i}`, { channel: `c${i}`, author: `u${i}` });
    let told = 0;
    const feed = await feedOf(world, { onFull: (hidden) => (told = hidden) });
    const living = [...world.state.actors.entries()].length;
    expect([feed.size, feed.hidden]).toEqual([SHOWN_MAX, living - SHOWN_MAX]);
    expect(told).toBe(1);
    for (const id of ['gateway', 'breaker:messages', 'feature:richEmbeds', 'intake'])
      expect(feed.actor(id)).toBeDefined();
    const lines = heard(feed);
    const late = `m${SHOWN_MAX + 50}`;
    world.receive(late, { channel: 'late' });
    world.complete('m0', []);
    await feed.advance();
    expect(feed.actor('message:m0')).toBeUndefined();
    expect(lines.filter((line) => line.startsWith('ended'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('born'))).toHaveLength(1);
    expect([feed.size, feed.hidden]).toEqual([SHOWN_MAX, [...world.state.actors.entries()].length - SHOWN_MAX]);
    expect(feed.actor(`message:${late}`)).toBeUndefined();
  });

  test('an actor that stays is shown before those that pass, however late it was born', async () => {
    const { carousel } = carouselTopology.machines;
    const spawn = (to: string, machine: string) => ({ to, spawn: { machine, input: {}, deliver: false } });
    const records = new Records({
      ...carouselTopology,
      machines: { message: carousel!, circuitBreaker: carousel! },
      routeFact: () => [
        ...Array.from({ length: SHOWN_MAX }, (_, i) => spawn(`message:${i}`, 'message')),
        spawn('breaker:external:weather', 'circuitBreaker'),
      ],
    });
    records.take({ type: 'operator.reset' });
    const feed = await ActorFeed.open(journalOf(records.all), { topology: records.topology });
    expect(feed.actor('breaker:external:weather')).toBeDefined();
    expect([feed.size, feed.hidden]).toEqual([SHOWN_MAX, 1]);
  });

  test('10,000 actors', async () => {
    const lamps = new Records({
      ...carouselTopology,
      routeFact: () =>
        Array.from({ length: 10_000 }, (_, i) => ({
          to: `carousel:${i}`,
          spawn: { machine: 'carousel', input: {}, deliver: false },
        })),
    });
    lamps.take({ type: 'operator.reset' });
    const feed = await ActorFeed.open(journalOf(lamps.all), { topology: lamps.topology });
    expect([feed.size, feed.hidden]).toEqual([SHOWN_MAX, 10_000 - SHOWN_MAX]);
  });
});
