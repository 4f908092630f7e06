import { describe, expect, test } from '@jest/globals';
import type { Effect } from '../../../src/actors/ports.js';
import type { CircuitBreakerContext } from '../../../src/machines/circuitBreaker/context.js';
import type { FeatureContext } from '../../../src/machines/feature/context.js';
import type { IntakeContext } from '../../../src/machines/intake/context.js';
import type { LaneContext } from '../../../src/machines/lane/words.js';
import type { ErrorClass } from '../../../src/machines/vocabulary/base.js';
import { type BotOptions, defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../world.js';

/** A private bot, which may read its channels back. */
const reading: BotOptions = { ...defaultOptions, gateway: { ...defaultOptions.gateway, intents: 1 << 9 } };
const once: BotOptions = { ...reading, delivery: { ...reading.delivery, uncertainReplies: 'atMostOnce' } };

function connected(options: BotOptions = defaultOptions): World {
  const world = new World(options);
  world.begin();
  world.connect();
  return world;
}
function replying(world: World, id = 'm1'): Effect {
  world.receive(id);
  world.complete(id);
  return world.calls[0]!;
}
const breaker = (world: World, id = 'breaker:messages') => world.actor(id).snapshot.context as CircuitBreakerContext;
const account = (world: World) => world.actor('intake').snapshot.context as IntakeContext;
const lane = (world: World) => world.actor('lane:c3').snapshot.context as LaneContext;
const quarantine = (world: World, actor: string) =>
  world.take({ type: 'actor.quarantined', actor, seq: 1, recorded: 'a', recomputed: 'b' });
const doubted = (world: World, id = 'm1') => {
  const call = replying(world, id);
  world.fail(call, 'ambiguous');
  expect(world.value(`delivery:${id}.0`)).toBe('doubting');
};
/** Its channel is read, with this outcome. */
const read = (world: World, kind: 'ok' | ErrorClass, more: object = {}) => {
  if (!world.open('channel.check')) world.runTo(world.now + 2_000);
  const { id: effectId } = world.open('channel.check')!;
  world.take({ type: 'channel.checked', effectId, class: kind, code: null, matches: [], isWhole: true, ...more });
};
/** Trips the breaker with other replies, so that a permit has to be waited for. */
const tripped = (world: World) => {
  for (let i = 0; world.value('breaker:messages') === 'closed'; i += 1) {
    world.receive(`t${i}`, { channel: `t${i}`, author: `t${i}` });
    world.complete(`t${i}`);
    world.fail(world.calls.find((call) => (call as Effect & { delivery: string }).delivery === `delivery:t${i}.0`)!);
  }
};

describe('what becomes of a delivery that is taken out', () => {
  test('[core 23] with its call out it is uncertain: perhaps it was sent; its permit, its turn and its message are free', () => {
    const world = connected();
    const call = replying(world);
    quarantine(world, 'delivery:m1.0');
    expect([breaker(world).inFlight, Object.keys(lane(world).holders), world.calls]).toEqual([0, [], []]);
    expect(account(world)).toMatchObject({ inHand: 0, ended: { uncertain: 1, deadLettered: 0, answered: 0 } });
    // What comes of the call after all finds nobody, and counts nowhere.
    const { steps } = world.succeed(call);
    expect([steps, breaker(world).inFlight, account(world).ended.uncertain]).toEqual([[], 0, 1]);
    expect(world.value('breaker:messages')).toBe('closed');
  });

  test('[core 23] without a call out it is a dead letter: nothing of it was sent', () => {
    const world = connected();
    tripped(world);
    world.receive('m1');
    world.complete('m1');
    expect(world.value('delivery:m1.0')).toBe('awaitingPermit');
    const before = breaker(world).waiting.size;
    quarantine(world, 'delivery:m1.0');
    expect([breaker(world).waiting.size, Object.keys(lane(world).holders)]).toEqual([before - 1, []]);
    expect(account(world).ended).toMatchObject({ uncertain: 0, deadLettered: 1 });
    expect(world.value('message:m1')).toBe('deadLettered');
  });

  test('[core 23] after a failed call, in its pause, it is a dead letter, and the permit is not given back twice', () => {
    const world = connected();
    world.fail(replying(world));
    expect([world.value('delivery:m1.0'), breaker(world).inFlight]).toEqual(['backingOff', 0]);
    quarantine(world, 'delivery:m1.0');
    expect([breaker(world).inFlight, account(world).ended.deadLettered]).toEqual([0, 1]);
  });
});

describe('a permit to read', () => {
  test('[D40] that does not come is withdrawn: nobody stands in line for a reply that has ended', () => {
    const world = connected(once);
    doubted(world, 'm0');
    read(world, 'transient');
    world.take({ type: 'operator.isolated', breaker: 'breaker:reads' });
    doubted(world);
    const line = () =>
      breaker(world, 'breaker:reads')
        .waiting.chunks.flat()
        .map(({ delivery }) => delivery);
    world.runTo(world.now + 2_000);
    expect([world.value('delivery:m1.0'), line()]).toEqual(['awaitingReading', ['delivery:m1.0']]);
    world.runTo(world.now + 10_000);
    expect([world.value('delivery:m1.0'), line()]).toEqual(['uncertain', []]);
  });

  test('[F13] is no permit to try a form: the feature that waits for a canary is not told of it', () => {
    const world = connected({ ...reading, features: { ...reading.features, canaryMs: 10_000 } });
    const start = world.now;
    const feature = () => world.actor('feature:richEmbeds').snapshot;
    for (let i = 0; feature().value === 'enabled'; i += 1) {
      world.receive(`r${i}`, { channel: `r${i}`, author: `r${i}` });
      world.complete(`r${i}`, [`text ${i}`]);
      world.fail(world.calls[0]!, 'rejectedForm');
    }
    world.runTo(start + 9_000, () => world.calls.forEach((call) => void world.succeed(call)));
    doubted(world);
    world.runTo(start + 11_000 - 1);
    expect([feature().value, (feature().context as FeatureContext).isDue]).toEqual(['suspended', true]);
    world.runTo(start + 11_000);
    expect(world.value('delivery:m1.0')).toBe('reading');
    expect([feature().value, (feature().context as FeatureContext).canary]).toEqual(['suspended', null]);
    read(world, 'ok');
    expect(breaker(world, 'breaker:reads').inFlight).toBe(0);
    // It is not there: the next permit sends, and that one tries the form.
    for (let n = 0; n < 20 && world.calls.length === 0; n += 1) world.runTo(world.nextDeadline()!.dueAt);
    expect(world.calls).toHaveLength(1);
    expect([feature().value, (feature().context as FeatureContext).canary]).toEqual(['probing', 'delivery:m1.0']);
  });
});

describe('a breaker of its own for readings', () => {
  /** Readings fail as an API fails, until they are asked for no more; messages to other channels go well. */
  const unreadable = (options: BotOptions) => {
    const world = connected(options);
    let n = 0;
    do {
      n += 1;
      doubted(world, `q${n}`);
      read(world, 'transient');
      world.receive(`g${n}`, { channel: `g${n}`, author: `g${n}` });
      world.complete(`g${n}`);
      world.succeed(world.calls[0]!);
    } while (world.value('breaker:reads') === 'closed' && n < 20);
    return world;
  };

  test('[P54] [core 37] lives from the first reading on', () => {
    const world = connected(once);
    doubted(world);
    expect(world.state.actor('breaker:reads')).toBeUndefined();
    world.runTo(world.now + 2_000);
    expect([world.value('breaker:reads'), breaker(world, 'breaker:reads').inFlight]).toEqual(['closed', 1]);
    expect(breaker(world).inFlight).toBe(0);
  });

  test('[P55] [core 37] channels that cannot be read stop no message', () => {
    const world = unreadable(once);
    expect([world.value('breaker:reads'), world.value('breaker:messages')]).toEqual(['open', 'closed']);
    world.succeed(replying(world));
    expect(world.value('message:m1')).toBe('answered');
  });

  test('[P55] a reading that goes well closes it again', () => {
    const world = unreadable(once);
    world.runTo(world.now + breaker(world, 'breaker:reads').openForMs);
    doubted(world);
    read(world, 'ok');
    expect(world.value('breaker:reads')).toEqual({ halfOpen: 'ramping' });
    world.runTo(world.now + 60_000);
    expect([world.value('breaker:reads'), world.value('breaker:messages')]).toEqual(['closed', 'closed']);
  });

  test('[P54] messages that fail stop no reading', () => {
    const world = connected(once);
    doubted(world);
    tripped(world);
    world.runTo(world.now + 2_000);
    expect(world.value('breaker:messages')).not.toBe('closed');
    expect(world.value('delivery:m1.0')).toBe('reading');
  });

  test('[P25] a reading refused for our token says nothing: its permit goes back', () => {
    const world = connected(once);
    doubted(world);
    read(world, 'auth');
    expect(breaker(world, 'breaker:reads')).toMatchObject({ inFlight: 0 });
    expect(breaker(world, 'breaker:reads').isTokenless ?? false).toBe(false);
  });

  test('[P60] [D74] [case B3] nor is the reply sent again before the channel was read with another token', () => {
    const world = connected(once);
    doubted(world);
    const sent = world.calls.length;
    read(world, 'auth');
    expect([world.value('delivery:m1.0'), world.calls.length]).toEqual(['doubting', sent]);
    for (let n = 0; n < 20 && world.value('token') !== 'refreshing'; n += 1) world.runTo(world.nextDeadline()!.dueAt);
    expect([world.value('delivery:m1.0'), world.calls.length]).toEqual(['reading', sent]);
    world.take({
      type: 'token.fetched',
      effectId: world.openOf('token', 'token.fetch').id,
      ref: 'another',
      expiresAt: world.now + 7_200_000,
    });
    read(world, 'ok');
    expect(world.value('delivery:m1.0')).not.toBe('doubting');
  });

  test('[P54] taken out while one waits, it begins anew, and is asked again', () => {
    const world = unreadable(once);
    world.take({ type: 'operator.isolated', breaker: 'breaker:reads' });
    doubted(world);
    world.runTo(world.now + 2_000);
    expect(world.value('delivery:m1.0')).toBe('awaitingReading');
    quarantine(world, 'breaker:reads');
    expect([world.value('breaker:reads'), world.value('delivery:m1.0')]).toEqual(['isolated', 'awaitingReading']);
    world.take({ type: 'operator.reset', breaker: 'breaker:reads' });
    expect([world.value('breaker:reads'), world.value('delivery:m1.0')]).toEqual(['closed', 'reading']);
    expect(breaker(world, 'breaker:reads').inFlight).toBe(1);
  });
});

describe('a handler that dies with its process', () => {
  test('[M10] [core 21] too often is poison, and its slot is free for the next message', () => {
    const world = connected({ ...defaultOptions, handlers: { ...defaultOptions.handlers, concurrencyMax: 1 } });
    world.receive('m1');
    world.receive('m2', { author: 'u2' });
    expect([world.value('message:m1'), world.value('message:m2')]).toEqual(['handling', 'received']);
    for (let lives = 0; lives < 10 && world.state.actor('message:m1'); lives += 1) {
      expect(account(world)).toMatchObject({ handling: 1, inHand: 2 });
      world.begin();
      if (world.value('message:m1') === 'pausing') world.runTo(world.now + defaultOptions.handlers.rerunMs);
    }
    expect(account(world)).toMatchObject({ handling: 1, inHand: 1, ended: { deadLettered: 1 } });
    expect(account(world).deadLetters.flat()[0]).toMatchObject({ message: 'm1', reason: 'poison' });
    expect(world.value('message:m2')).toBe('handling');
    expect(world.openOf('message:m2', 'handler.run')).toMatchObject({ attempt: 1 });
  });

  test("[M32] [core 28] a reply that it has said before is its message's to the end", () => {
    const world = connected();
    world.receive('m1');
    const run = world.openOf('message:m1', 'handler.run')!;
    world.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
    world.take({
      type: 'reply.requested',
      effectId: run.id,
      replies: [{ ordinal: 0, form: { text: 'a', embed: false } }],
    });
    for (let lives = 0; lives < 10 && world.value('message:m1') !== 'replying'; lives += 1) {
      world.begin();
      if (world.value('message:m1') === 'pausing') world.runTo(world.now + defaultOptions.handlers.rerunMs);
    }
    expect([world.value('delivery:m1.0'), account(world)]).toMatchObject([
      'awaitingPermit',
      { handling: 0, inHand: 1 },
    ]);
    world.runTo(world.now + 600_000);
    expect(world.state.actor('delivery:m1.0')).toBeUndefined();
    expect(account(world)).toMatchObject({ inHand: 0, ended: { deadLettered: 1 } });
    expect(account(world).deadLetters.flat()[0]).toMatchObject({ message: 'm1', reason: 'poison' });
  });
});
