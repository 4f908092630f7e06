import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Effect } from '../../../src/actors/ports.js';
import type { CircuitBreakerContext } from '../../../src/machines/circuitBreaker/context.js';
import type { IntakeContext } from '../../../src/machines/intake/context.js';
import { type BotOptions, defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../world.js';

function connected(options: BotOptions = defaultOptions): World {
  const world = new World(options);
  world.begin();
  world.connect();
  return world;
}

function account(world: World): IntakeContext {
  return world.actor('intake').snapshot.context as IntakeContext;
}

/** What must hold after every record. */
function checkInvariants(world: World): void {
  const { received, ended, inHand, handling } = account(world);
  const all = Object.values(ended).reduce((a, b) => a + b, 0);
  expect(received).toBe(all + inHand);
  const actors = [...world.state.actors.entries()];
  const messages = actors.filter(([id]) => id.startsWith('message:'));
  expect(messages).toHaveLength(inHand);
  // One that pauses before its next run keeps its slot.
  const holders = messages.filter(([, actor]) => ['handling', 'pausing'].includes(actor.snapshot.value as string));
  expect(holders).toHaveLength(handling);
  const sending = actors.filter(([id, actor]) => id.startsWith('delivery:') && actor.snapshot.value === 'sending');
  expect(world.calls).toHaveLength(sending.length);
  const breaker = world.actor('breaker:messages').snapshot.context as CircuitBreakerContext;
  const current = world.calls.filter((call) => {
    const { breaker: id, permit } = call as Effect & { breaker: string; permit: { generation: number } };
    return id === 'breaker:messages' && permit.generation === breaker.generation;
  });
  expect(breaker.inFlight).toBe(current.length);
}

describe('topology', () => {
  test('[core 15] 1,000 replies waiting through an outage of 60 s write fewer than 3,000 records', () => {
    const world = connected();
    const before = world.records.length;
    const start = world.now;
    const failAll = () => world.calls.forEach((call) => void world.fail(call));
    for (let i = 0; i < 1_000; i += 1) {
      world.receive(`m${i}`, { channel: `c${i % 50}`, author: `u${i}` });
      world.complete(`m${i}`);
      failAll();
      world.runTo(start + i * 20, failAll);
    }
    world.runTo(start + 60_000, failAll);
    const written = world.records.length - before;
    expect(account(world).inHand).toBe(1_000);
    expect(written).toBeLessThan(3_000);
    expect(written).toBeGreaterThan(2_000); // the 1,000 messages and their handlers are in it
  });

  test('[core 15] all of them are answered once the outage is over, at most 5 a second per channel', () => {
    const world = connected();
    const start = world.now;
    for (let i = 0; i < 200; i += 1) {
      world.receive(`m${i}`, { channel: `c${i % 10}`, author: `u${i}` });
      world.complete(`m${i}`);
      for (const call of world.calls) world.fail(call);
    }
    world.runTo(start + 30_000, () => world.calls.forEach((call) => void world.fail(call)));
    const starts: { [channel: string]: number[] } = {};
    const succeedAll = () => {
      for (const call of world.calls) {
        const { place } = call as Effect & { place: { channelId: string } };
        starts[place.channelId] = [...(starts[place.channelId] ?? []), world.now];
        world.succeed(call);
      }
    };
    succeedAll();
    world.runTo(start + 90_000, succeedAll);
    expect(account(world).ended.answered).toBe(200);
    for (const times of Object.values(starts)) {
      for (let i = 5; i < times.length; i += 1) expect(times[i]! - times[i - 5]!).toBeGreaterThanOrEqual(1_000);
    }
  });

  test('[core 19] a duplicate is never handled', () => {
    const world = connected();
    world.receive('m1');
    const again = world.take({ type: 'message.duplicated', socket: 's1', s: 9, message: 'm1' });
    expect(again.effects).toEqual([]);
    expect(account(world)).toMatchObject({ received: 1, duplicates: 1 });
  });

  test('[core 19] a copy that says that the bot is mentioned is told to the overheard one that waits for it, to no other', () => {
    const world = connected();
    const twin = (message: string) =>
      world.take({ type: 'message.duplicated', socket: 's1', s: 9, message, mention: 'hello' });
    world.take({
      type: 'message.received',
      socket: 's1',
      s: 8,
      eventId: null,
      message: {
        id: 'm1',
        place: { kind: 'group', guildId: '', channelId: 'G' },
        author: { id: 'u', username: 'u', bot: false, roles: [] },
        content: '@bot hello',
        mentionsBot: false,
      },
    });
    expect(world.actor('message:m1').snapshot.value).toBe('pairing');
    expect(twin('m1').effects).toMatchObject([
      { type: 'handler.run', message: { content: 'hello', mentionsBot: true } },
    ]);
    expect([twin('m1').effects, twin('unknown').effects]).toEqual([[], []]);
    expect(account(world)).toMatchObject({ received: 1, duplicates: 3 });
  });

  test('[core 21] repeats token and handler after a kill, and makes the call uncertain', () => {
    const world = connected();
    world.receive('m1');
    world.receive('m2', { author: 'u2' });
    world.complete('m2');
    expect(world.calls).toHaveLength(1);
    world.begin();
    const reruns = world.records.flatMap((record) => record.effects).filter((effect) => effect.type === 'handler.run');
    expect(reruns.map((e) => (e as Effect & { attempt: number; runId: string }).attempt)).toEqual([1, 1, 2]);
    expect(world.open('token.fetch')).toBeDefined();
    expect(world.actor('delivery:m2.0').snapshot.context).toMatchObject({ uncertain: true });
  });

  test('[core 22] sends a reply again that was cut off, and counts it as uncertain', () => {
    const world = connected();
    world.receive('m1');
    world.complete('m1');
    world.begin();
    world.connect();
    expect(world.calls).toHaveLength(1);
    world.succeed(world.calls[0]!);
    expect(account(world).ended).toMatchObject({ uncertain: 1, answered: 0 });
  });

  test('[core 22] does not send it again when at most once is wanted', () => {
    const options = {
      ...defaultOptions,
      delivery: { ...defaultOptions.delivery, uncertainReplies: 'atMostOnce' as const },
    };
    const world = connected(options);
    world.receive('m1');
    world.complete('m1');
    world.begin();
    expect(world.calls).toHaveLength(0);
    expect(account(world).ended).toMatchObject({ uncertain: 1 });
  });

  test('[core 22] the outcome of a call of a dead life finds nobody', () => {
    const world = connected();
    world.receive('m1');
    world.complete('m1');
    const old = world.calls[0]!;
    world.begin();
    const late = world.succeed(old);
    expect(late.steps).toEqual([]);
    checkInvariants(world);
  });

  test('[core 27] messages by bots are refused and never reach a handler', () => {
    const world = connected();
    const record = world.receive('m1', { bot: true });
    expect(record.effects).toEqual([]);
    expect(account(world)).toMatchObject({ received: 1, inHand: 0, ended: { refused: 1 } });
  });

  test('[core 29] a delivery ends by its reply window, not by its attempts', () => {
    const world = connected();
    const start = world.now;
    world.receive('m1');
    world.complete('m1');
    const failAll = () => world.calls.forEach((call) => void world.fail(call));
    failAll();
    world.runTo(start + 299_999, failAll);
    expect(account(world).inHand).toBe(1);
    world.runTo(start + 331_000, failAll);
    expect(account(world)).toMatchObject({ inHand: 0, ended: { deadLettered: 1 }, deadLetters: [[{ message: 'm1' }]] });
    checkInvariants(world);
  });

  test('[OB1] a built-in command goes by the reserved permit while the breaker is open', () => {
    const world = connected();
    for (let i = 0; i < 5; i += 1) {
      world.receive(`m${i}`, { author: `u${i}` });
      world.complete(`m${i}`);
      world.fail(world.calls[0]!);
    }
    expect(world.value('breaker:messages')).toBe('open');
    world.receive('help', { author: 'u9', channel: 'c9', content: '!help' });
    world.complete('help', ['help text'], true);
    expect(world.calls).toMatchObject([{ breaker: 'breaker:operator', delivery: 'delivery:help.0' }]);
    world.succeed(world.calls[0]!);
    expect(world.value('breaker:messages')).toEqual({ halfOpen: 'probing' }); // its success is evidence
  });

  test('[T11] a call refused for its token renews the token and is tried again', () => {
    const world = connected();
    world.now += 60_000;
    world.receive('m1');
    world.complete('m1');
    world.fail(world.calls[0]!, 'auth');
    expect(world.value('token')).toBe('refreshing');
    expect(world.value('delivery:m1.0')).toBe('awaitingPermit');
    expect(world.value('breaker:messages')).toBe('closed');
  });

  test('[core 10] a message whose machine throws is a dead letter, and its slot is free again', () => {
    const world = connected();
    world.receive('m1');
    const run = world.openOf('message:m1', 'handler.run');
    const record = world.take({ type: 'reply.requested', effectId: run.id, replies: null as never });
    expect(record.steps[0]).toMatchObject({ actor: 'message:m1', to: null });
    expect(account(world)).toMatchObject({ inHand: 0, handling: 0, ended: { deadLettered: 1 } });
    expect(account(world).deadLetters[0]?.[0]).toMatchObject({
      message: 'm1',
      reason: expect.stringContaining('crashed: TypeError'),
    });
    checkInvariants(world);
  });

  test('[core 23] an answer to a command that is taken out gives its turn back', () => {
    const world = connected();
    world.receive('m1', { author: 'u9', channel: 'c9', content: '!help' });
    world.complete('m1', ['help text'], true);
    expect(world.actor('lane:c9').snapshot.context).toMatchObject({ holders: { 'delivery:m1.0': 'u9 operator' } });
    world.take({ type: 'actor.quarantined', actor: 'delivery:m1.0', seq: 1, recorded: 'a', recomputed: 'b' });
    const { holders, behind } = world.actor('lane:c9').snapshot.context as { holders: object; behind: object };
    expect([holders, behind]).toEqual([{}, {}]);
  });

  test('[core 10] a delivery whose machine throws is a dead letter of its message; others go on', () => {
    const world = connected();
    world.receive('m1');
    const run = world.openOf('message:m1', 'handler.run');
    world.take({
      type: 'handler.completed',
      effectId: run.id,
      replies: [{ ordinal: 0, form: null as never }],
      operator: false,
    });
    expect(account(world)).toMatchObject({ inHand: 0, handling: 0, ended: { deadLettered: 1 } });
    checkInvariants(world);
    world.receive('m2');
    world.complete('m2');
    world.succeed(world.calls[0]!);
    expect(account(world).ended.answered).toBe(1);
  });

  test('[L12] a channel that was quiet for longer than its lane lives is answered again', () => {
    const world = connected();
    for (const id of ['m1', 'm2', 'm3']) {
      world.receive(id);
      world.complete(id);
      expect(world.calls).toHaveLength(1);
      world.succeed(world.calls[0]!);
      world.runTo(world.now + 61_000);
      expect(world.value('lane:c3')).toBe('retired');
    }
    expect(account(world).ended.answered).toBe(3);
  });

  test('[L7] one limited channel does not block another', () => {
    const world = connected();
    world.receive('m1', { channel: 'a', author: 'u1' });
    world.complete('m1');
    world.fail(world.calls[0]!, 'throttled');
    world.receive('m2', { channel: 'a', author: 'u2' });
    world.complete('m2');
    world.receive('m3', { channel: 'b', author: 'u3' });
    world.complete('m3');
    expect(world.calls.map((call) => (call as Effect & { delivery: string }).delivery)).toEqual(['delivery:m3.0']);
  });

  test('[core 28] keeps its account and leaks no permit, slot or turn on random work, faults and kills', () => {
    const command = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('receive' as const),
          channel: fc.integer({ min: 0, max: 2 }),
          author: fc.integer({ min: 0, max: 3 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('complete' as const), replies: fc.integer({ min: 0, max: 3 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('throw' as const) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constant('succeed' as const), nth: fc.nat(20) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('fail' as const),
          nth: fc.nat(20),
          kind: fc.constantFrom('transient', 'throttled', 'auth', 'ambiguous', 'rejectedForm', 'rejectedTarget'),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('wait' as const),
          ms: fc.oneof(fc.integer({ min: 1, max: 40_000 }), fc.constant(65_000)),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
    );
    const options = {
      ...defaultOptions,
      handlers: { ...defaultOptions.handlers, concurrencyMax: 3, queueMax: 3 },
      calls: { ...defaultOptions.calls, inFlightMax: 4 },
    };
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const world = connected(options);
        let messages = 0;
        for (const c of commands) {
          const running = [...world.state.actors.entries()].find(
            ([id, a]) => id.startsWith('message:') && a.snapshot.value === 'handling',
          )?.[0];
          const call = 'nth' in c ? world.calls[c.nth % Math.max(1, world.calls.length)] : undefined;
          if (c.do === 'receive') {
            messages += 1;
            world.receive(`m${messages}`, { channel: `c${c.channel}`, author: `u${c.author}` });
          } else if (c.do === 'complete' && running)
            world.complete(
              running.slice(8),
              Array.from({ length: c.replies }, (_, i) => `r${i}`),
            );
          else if (c.do === 'throw' && running)
            world.take({
              type: 'handler.failed',
              effectId: world.openOf(running, 'handler.run').id,
              reason: 'threw',
              error: 'E',
            });
          else if (c.do === 'succeed' && call) world.succeed(call);
          else if (c.do === 'fail' && call) world.fail(call, c.kind as 'transient');
          else if (c.do === 'wait') world.runTo(world.now + c.ms, () => checkInvariants(world));
          else if (c.do === 'kill') {
            world.begin();
            world.connect();
          }
          checkInvariants(world);
        }
        // Everything that is in hand ends once handlers end and calls succeed.
        for (let i = 0; i < 200 && account(world).inHand > 0; i += 1) {
          for (const [id, actor] of [...world.state.actors.entries()]) {
            if (id.startsWith('message:') && actor.snapshot.value === 'handling') world.complete(id.slice(8));
          }
          for (const open of world.calls) world.succeed(open);
          const next = world.nextDeadline();
          if (next) world.runTo(next.dueAt);
          checkInvariants(world);
        }
        expect(account(world).inHand).toBe(0);
        expect(account(world).received).toBe(messages);
      }),
      { numRuns: 60 },
    );
  });
});
