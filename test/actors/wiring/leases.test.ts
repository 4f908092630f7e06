import { describe, expect, test } from '@jest/globals';
import type { Record } from '../../../src/actors/ports.js';
import { leasesOf } from '../../../src/actors/wiring/leases.js';
import { singletonIds } from '../../../src/actors/wiring/words/births.js';
import { type BotOptions, defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../world.js';

/** What is handed out comes back, however its holder ends. */
const connected = (options = defaultOptions): World => {
  const world = new World(options);
  world.begin();
  world.connect();
  return world;
};
/** QQ pushes to it. */
const listening = (options: BotOptions): World => {
  const world = new World({ ...options, gateway: { ...options.gateway, source: 'webhook' } });
  world.begin();
  const { id: effectId } = world.open('token.fetch')!;
  world.take({ type: 'token.fetched', effectId, ref: 'r', expiresAt: world.now + 7_200_000 });
  world.take({ type: 'webhook.opened', socket: 'w' });
  expect(world.value('gateway')).toBe('listening');
  return world;
};
const context = (world: World, id: string): { [field: string]: unknown } => ({
  ...world.actor(id).snapshot.context,
});
const quarantine = (world: World, actor: string): Record =>
  world.take({ type: 'actor.quarantined', actor, seq: 1, recorded: 'x', recomputed: 'y' });
/** A defect: the next guard or action that reads these fields throws. */
function spoil(world: World, id: string, fields: object): void {
  const actor = world.actor(id);
  const snapshot = { ...actor.snapshot, context: { ...actor.snapshot.context, ...fields } };
  world.state.actors.set(id, { ...actor, snapshot } as never);
  world.state.merge();
}
const oneSlot = { ...defaultOptions, handlers: { ...defaultOptions.handlers, concurrencyMax: 1 } };
const opensAtOnce = { ...defaultOptions, circuitBreaker: { ...defaultOptions.circuitBreaker, failureThreshold: 1 } };
const twoCalls = { ...defaultOptions, calls: { ...defaultOptions.calls, inFlightMax: 2 } };

/** Answers everything that is asked until nothing is open any more, or the time is over. */
function settle(world: World, ms = 3_600_000): void {
  const answer = (): void => {
    for (const call of world.calls) world.succeed(call);
    for (const id of [...world.state.living()].filter((name) => name.startsWith('message:'))) {
      if (world.value(id) === 'handling') world.complete(id.slice('message:'.length));
    }
  };
  answer();
  world.runTo(world.now + ms, answer);
}
const gateway = (world: World) => context(world, 'gateway') as { socket: string };

test('[case L1] calls of foreign APIs that died with their processes leave no place taken', () => {
  const world = connected(twoCalls);
  const ask = () => {
    const run = world.open('handler.run')!;
    world.take({ type: 'external.requested', effectId: run.id, ordinal: 0, name: 'weather', timeoutMs: 5_000 });
  };
  world.receive('m');
  for (const _kill of ['first', 'second']) {
    ask();
    expect(context(world, 'breaker:external:weather')).toMatchObject({ inFlight: 1 });
    world.begin();
    world.runTo(world.now + 60_000);
    world.connect();
    expect(context(world, 'breaker:external:weather')).toMatchObject({ inFlight: 0 });
  }
  ask();
  expect(world.open('external.run')).toBeDefined();
});

test('[case L2] a wait ends at the breaker where it stands, whichever it asked before', () => {
  const world = connected(opensAtOnce);
  world.receive('a', { channel: 'a', author: 'a' });
  world.complete('a');
  world.fail(world.calls[0]!);
  world.receive('cmd', { channel: 'b', author: 'b' });
  world.complete('cmd', ['pong'], true);
  const sent = world.calls.find(({ actor }) => actor === 'delivery:cmd.0')!;
  expect(sent).toMatchObject({ breaker: 'breaker:operator' });
  world.fail(sent, 'throttled');
  world.runTo(world.now + 30_000, () => {
    for (const call of world.calls.filter(({ actor }) => actor !== 'delivery:cmd.0')) world.succeed(call);
  });
  // The main breaker admits again, then the gateway goes: the command waits there until its window ends.
  world.take({ type: 'socket.closed', socket: gateway(world).socket, code: 1006, reason: '' });
  for (const call of world.calls) world.fail(call, 'throttled');
  world.runTo(world.now + 60_000, () => {
    for (const call of world.calls) world.fail(call, 'throttled');
  });
  world.runTo(world.now + 400_000);
  expect(world.value('delivery:cmd.0')).toBe('deadLettered');
  expect(context(world, 'breaker:messages').waiting).toMatchObject({ size: 0 });
  expect(context(world, 'breaker:operator').waiting).toMatchObject({ size: 0 });
  expect(context(world, 'breaker:messages').inFlight).toBe(0);
});

describe('[case L3] [core 34] a quarantined actor that always lives', () => {
  test.each(singletonIds)('%s lives again in the same step, and every message ends', (id) => {
    const world = connected(oneSlot);
    world.receive('m1', { channel: 'a', author: 'a' });
    world.receive('m2', { channel: 'b', author: 'b' });
    expect([world.value('message:m1'), world.value('message:m2')]).toEqual(['handling', 'received']);
    const record = quarantine(world, id);
    expect(world.state.actor(id)).toBeDefined();
    expect(record.steps.filter(({ actor, from }) => actor === id && from === null)).toHaveLength(1);
    if (id === 'gateway') world.link('s2');
    settle(world);
    expect([world.value('message:m1'), world.value('message:m2')]).toEqual(['answered', 'answered']);
    expect(context(world, 'intake')).toMatchObject({ handling: 0, inHand: 0, received: 2, waiting: [] });
  });

  test('intake keeps its account and its dead letters', () => {
    const world = connected(oneSlot);
    world.receive('m0');
    world.complete('m0');
    world.fail(world.calls[0]!, 'rejectedTarget');
    const before = context(world, 'intake');
    quarantine(world, 'intake');
    const { received, ended, deadLetters } = before;
    expect(context(world, 'intake')).toMatchObject({ received, ended, deadLetters });
    expect(received).toBe(1);
  });

  test('a breaker is held while there is no gateway session, and takes no permit of the one before', () => {
    const world = connected();
    world.receive('m1');
    world.complete('m1');
    const [call] = world.calls;
    world.take({ type: 'socket.closed', socket: gateway(world).socket, code: 1006, reason: '' });
    const { seq } = quarantine(world, 'breaker:messages');
    expect(context(world, 'breaker:messages')).toMatchObject({ held: true, inFlight: 0, generation: seq });
    world.succeed(call!);
    expect(context(world, 'breaker:messages')).toMatchObject({ inFlight: 0 });
    expect(world.value('message:m1')).toBe('answered');
  });

  test('[core 38] a webhook that listens is a session: a breaker that begins anew is not held, and the intake stays bounded', () => {
    const world = listening({ ...defaultOptions, intake: { ...defaultOptions.intake, aheadMin: 2 } });
    quarantine(world, 'breaker:messages');
    quarantine(world, 'intake');
    expect([context(world, 'breaker:messages').held, context(world, 'intake').isLinked]).toEqual([false, true]);
    for (const id of ['a', 'b', 'c']) {
      world.receive(id, { channel: id, author: id });
      world.complete(id);
    }
    expect([world.calls.length, world.value('intake')]).toEqual([3, 'full']);
  });

  test('[core 34] a session that rests in a drain still lets replies out: a breaker that begins anew is not held', () => {
    const world = connected();
    world.receive('a');
    world.take({ type: 'stop.requested', signal: 'SIGTERM' });
    quarantine(world, 'breaker:messages');
    world.complete('a');
    expect([world.value('gateway'), world.calls.length]).toEqual(['resting', 1]);
  });

  test('a lane counts the turns that are out, and keeps its pace', () => {
    const world = connected();
    for (let i = 0; i < 7; i += 1) {
      world.receive(`m${i}`, { author: `u${i}` });
      world.complete(`m${i}`);
    }
    world.succeed(world.calls[0]!);
    const { holders, sentAt } = context(world, 'lane:c3');
    quarantine(world, 'lane:c3');
    expect(context(world, 'lane:c3')).toMatchObject({ sentAt });
    expect(Object.keys(context(world, 'lane:c3').holders as object).sort()).toEqual(
      Object.keys(holders as object).sort(),
    );
    expect(world.calls).toHaveLength(4);
    settle(world);
    expect(context(world, 'intake')).toMatchObject({ inHand: 0, ended: { answered: 7 } });
  });
});

describe('[core 31] whatever ends gives back', () => {
  test('a message that waits for a slot leaves the line', () => {
    const world = connected(oneSlot);
    world.receive('m1', { author: 'a' });
    world.receive('m2', { author: 'b' });
    quarantine(world, 'message:m2');
    expect(context(world, 'intake')).toMatchObject({ waiting: [], handling: 1, inHand: 1, ended: { deadLettered: 1 } });
    world.complete('m1');
    expect(context(world, 'intake')).toMatchObject({ handling: 0 });
  });

  test('a message that runs gives its slot to the next, and its replies end with it', () => {
    const world = connected(oneSlot);
    world.receive('m1', { author: 'a' });
    world.receive('m2', { author: 'b' });
    const run = world.openOf('message:m1', 'handler.run');
    world.take({
      type: 'reply.requested',
      effectId: run.id,
      replies: [{ ordinal: 0, form: { text: 'x', embed: false } }],
    });
    quarantine(world, 'message:m1');
    expect(world.value('message:m2')).toBe('handling');
    expect(world.state.actor('delivery:m1.0')).toBeUndefined();
    expect(context(world, 'breaker:messages')).toMatchObject({ inFlight: 0 });
    expect(context(world, 'lane:c3')).toMatchObject({ holders: {}, queued: 0 });
    // A call of it was out: perhaps it is seen.
    expect(context(world, 'intake')).toMatchObject({ ended: { uncertain: 1 } });
  });

  test('a reply with a call out gives back permit and turn; its message is uncertain', () => {
    const world = connected();
    world.receive('m1');
    world.complete('m1');
    quarantine(world, 'delivery:m1.0');
    expect(context(world, 'breaker:messages')).toMatchObject({ inFlight: 0 });
    expect(context(world, 'lane:c3')).toMatchObject({ holders: {}, queued: 0 });
    expect(world.value('message:m1')).toBe('uncertain');
  });

  test('a reply that throws at its grant', () => {
    const world = connected({ ...twoCalls, calls: { ...twoCalls.calls, inFlightMax: 1 } });
    for (const id of ['m1', 'm2']) {
      world.receive(id, { author: id, channel: id });
      world.complete(id);
    }
    spoil(world, 'delivery:m2.0', { rungs: null });
    world.succeed(world.calls[0]!);
    expect(world.value('message:m2')).toBe('deadLettered');
    expect(context(world, 'breaker:messages')).toMatchObject({ inFlight: 0 });
    expect(context(world, 'lane:m2')).toMatchObject({ holders: {}, queued: 0 });
  });

  test('a permit that its own chart gives back at the end goes back once', () => {
    const world = connected({ ...opensAtOnce, calls: { ...twoCalls.calls, inFlightMax: 1 } });
    for (const id of ['m1', 'm2', 'm3']) {
      world.receive(id, { author: id, channel: id });
      world.complete(id);
    }
    world.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
    world.now += 400_000; // their windows are over, and nobody has told them yet
    const record = world.take({ type: 'operator.reset', breaker: 'breaker:messages' });
    const given = record.steps.filter(({ event }) => event === 'permit.granted').length;
    expect(given).toBeGreaterThan(0);
    expect(record.steps.filter(({ event }) => event === 'permit.released')).toHaveLength(given);
  });

  test('a run that is over waits for no foreign call', () => {
    const world = connected({ ...twoCalls, calls: { ...twoCalls.calls, inFlightMax: 1 } });
    world.receive('m1', { author: 'a' });
    world.receive('m2', { author: 'b' });
    for (const message of ['m1', 'm2']) {
      const run = world.openOf(`message:${message}`, 'handler.run');
      world.take({ type: 'external.requested', effectId: run.id, ordinal: 0, name: 'weather', timeoutMs: 5_000 });
    }
    expect(context(world, 'breaker:external:weather').waiting).toMatchObject({ size: 1 });
    world.complete('m2');
    expect(context(world, 'breaker:external:weather').waiting).toMatchObject({ size: 0 });
  });
});

test('[core 34] a lane that throws begins anew, and whoever waited there asks again', () => {
  const world = connected();
  world.receive('m1', { author: 'a' });
  world.complete('m1');
  world.receive('m2', { author: 'b' });
  spoil(world, 'lane:c3', { options: null });
  world.complete('m2');
  expect(world.calls).toHaveLength(2);
  expect(Object.keys(context(world, 'lane:c3').holders as object)).toHaveLength(2);
});

test('[core 33] a new process life reaches every living actor that has a row for it', () => {
  const world = connected();
  world.receive('m1');
  world.complete('m1');
  const run = world.begin();
  expect(run.steps.filter(({ actor }) => actor === 'lane:c3').map(({ rules }) => rules)).toEqual([['L22']]);
});

test('[core 30] nothing is held by an actor that is not there, and everything is read from states', () => {
  const world = connected();
  world.receive('m1');
  world.complete('m1');
  const held = leasesOf('delivery:m1.0', world.actor('delivery:m1.0'), world.state);
  expect(held.map(({ kind, isHeld }) => `${kind} ${isHeld}`)).toEqual(['turn true', 'permit true']);
});
