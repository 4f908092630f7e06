import { afterEach, describe, expect, test } from '@jest/globals';
import type { Bot } from '../../src/simulator/world/bots.js';
import { REPLAY_MAX, REPLAY_MS, Session } from '../../src/simulator/world/sessions.js';
import { ALL_PUBLIC, closeAll, connect, identified, login, start, until } from './client.js';

afterEach(closeAll);
const say = (content: string, more: object = {}) => ({ kind: 'guild' as const, channelId: 'c1', content, ...more });

describe('the handshake', () => {
  test('READY echoes the shard, begins at s 1 and names the bot', async () => {
    const { client } = await identified(await start());
    expect(client.frames[1]).toMatchObject({ op: 0, s: 1, t: 'READY', d: { shard: [0, 1], user: { bot: true } } });
  });

  test.each([
    ['a wrong token', { token: 'QQBot no', intents: 1 }, [], 4004],
    ['an intent that is not permitted', { intents: 1 << 9 }, [9], 4014],
    ['an intent that does not exist', { intents: 1 << 2 }, [9], 4013],
    ['a shard that does not exist', { intents: 1, shard: [2, 1] }, [9], 4010],
  ])('IDENTIFY with %s is refused', async (_what, d, ops, code) => {
    const simulator = await start();
    const token = await login(simulator);
    const client = await connect(simulator);
    client.send({ op: 2, d: { token: `QQBot ${token}`, ...d } });
    expect(await client.closed).toBe(code);
    expect(client.frames.slice(1).map((frame) => frame.op)).toEqual(ops);
  });

  test.each([
    ['{bad', 4002],
    ['{"op":77}', 4001],
  ])('the frame %s closes with %i', async (raw, code) => {
    const client = await connect(await start());
    client.send(raw);
    expect(await client.closed).toBe(code);
  });

  test('heartbeats are acknowledged, with d and without', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    client.send({ op: 1, d: 1 });
    client.send({ op: 1 });
    await until('two ACKs', () => client.frames.filter((frame) => frame.op === 11).length === 2);
    expect(simulator.state().heartbeats).toBe(2);
  });

  test('a client without heartbeats is closed with 4009', async () => {
    const { client } = await identified(await start({ heartbeatMs: 40 }));
    expect(await client.closed).toBe(4009);
  });
});

describe('events', () => {
  test('a mention is prefixed, markup is escaped, the author has defaults', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    const [id] = simulator.postMessage(say('a <b> & c'));
    const { d, s, id: eventId } = await client.frame('the mention', (frame) => frame.t === 'AT_MESSAGE_CREATE');
    expect(d).toMatchObject({
      id,
      channel_id: 'c1',
      content: '<@!6000000000000000001> a &lt;b&gt; &amp; c',
      author: { id: 'u1', bot: false },
      member: { roles: [] },
    });
    expect([s, eventId?.startsWith('AT_MESSAGE_CREATE:')]).toEqual([2, true]);
  });

  test('a direct message names its session and has no bot key', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    simulator.postMessage({ kind: 'direct', channelId: 'dm1', content: 'psst' });
    const { d } = await client.frame('the message', (frame) => frame.t === 'DIRECT_MESSAGE_CREATE');
    expect(d).toMatchObject({ guild_id: 'dm1', direct_message: true, content: 'psst' });
    expect(Object.keys((d as { author: object }).author)).not.toContain('bot');
  });

  test('come only with their intent', async () => {
    const simulator = await start();
    const { client } = await identified(simulator, 1 << 12);
    simulator.postMessage(say('not for you'));
    simulator.postMessage({ kind: 'direct', channelId: 'd', content: 'for you' });
    await client.frame('the message', (frame) => frame.t === 'DIRECT_MESSAGE_CREATE');
    expect(client.dispatched('AT_MESSAGE_CREATE')).toEqual([]);
  });

  test('the same event id delivers the same message again; repeat posts different ones', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    const [first] = simulator.postMessage(say('x', { eventId: 'E' }));
    expect(simulator.postMessage(say('x', { eventId: 'E' }))).toEqual([first]);
    expect(new Set(simulator.postMessage(say('y', { repeat: 3 }))).size).toBe(3);
    await until('five events', () => client.dispatched('AT_MESSAGE_CREATE').length === 5);
    expect(
      client
        .dispatched('AT_MESSAGE_CREATE')
        .slice(0, 2)
        .map((frame) => [frame.id, frame.d?.id]),
    ).toEqual([
      ['E', first],
      ['E', first],
    ]);
  });
});

describe('RESUME', () => {
  test('sends what was missed, in order, then RESUMED; s belongs to the session', async () => {
    const simulator = await start();
    const { client, token, session } = await identified(simulator);
    client.drop();
    await until('the drop', () => simulator.state().connected === 0);
    for (const text of ['one', 'two']) simulator.postMessage(say(text));
    const again = await connect(simulator);
    again.send({ op: 6, d: { token, session_id: session, seq: 1 } });
    await again.frame('RESUMED', (frame) => frame.t === 'RESUMED');
    expect(again.frames.slice(1).map((frame) => [frame.t, frame.s])).toEqual([
      ['AT_MESSAGE_CREATE', 2],
      ['AT_MESSAGE_CREATE', 3],
      ['RESUMED', 4],
    ]);
    expect(simulator.state()).toMatchObject({ identifies: 1, resumes: 1, connected: 1 });
  });

  test.each([
    ['an unknown session', 'nobody', 1, 4006],
    ['a seq that never was', null, 99, 4007],
  ])('of %s is op 9, then a close', async (_what, id, seq, code) => {
    const simulator = await start();
    const { client, token, session } = await identified(simulator);
    client.drop();
    const again = await connect(simulator);
    again.send({ op: 6, d: { token: `QQBot ${token}`, session_id: id ?? session, seq } });
    expect(await again.closed).toBe(code);
    expect(again.frames.at(-1)?.op).toBe(9);
  });

  test('the buffer forgets by count and by age', () => {
    let now = 0;
    const session = new Session('s', {} as Bot, ALL_PUBLIC, [0, 1], () => now);
    const event = { id: 'E', t: 'X', d: {} };
    for (let i = 0; i <= REPLAY_MAX; i += 1) session.publish(event);
    expect([session.replay(1), session.replay(2)]).toEqual([false, true]);
    now = REPLAY_MS + 1;
    expect([session.replay(session.s - 1), session.replay(session.s)]).toEqual([false, true]);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])('lenient %s: a new IDENTIFY gets %i of what nobody had', async (lenient, count) => {
    const simulator = await start({ lenient });
    simulator.postMessage(say('early'));
    const { client } = await identified(simulator);
    simulator.postMessage(say('late'));
    await until('the late one', () =>
      client.dispatched('AT_MESSAGE_CREATE').some((frame) => String(frame.d?.content).includes('late')),
    );
    expect(client.dispatched('AT_MESSAGE_CREATE')).toHaveLength(count + 1);
  });
});
