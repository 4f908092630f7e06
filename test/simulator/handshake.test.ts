import { afterEach, describe, expect, test } from '@jest/globals';
import type { Simulator, SimulatorOptions } from '../../src/simulator/createSimulator.js';
import { maskOf } from '../../src/simulator/world/bots.js';
import { shardOf } from '../../src/simulator/world/sessions.js';
import { ALL_PUBLIC, type Client, closeAll, connect, identified, json, start, until } from './client.js';

afterEach(closeAll);

async function tokenOf(simulator: Simulator, appId = 'a'): Promise<string> {
  const { body } = await json<{ access_token: string }>(`${simulator.url}/app/getAppAccessToken`, {
    appId,
    clientSecret: 'x',
  });
  return body.access_token;
}
interface Identify {
  readonly appId?: string;
  readonly intents?: unknown;
  readonly shard?: unknown;
}
async function identify(
  simulator: Simulator,
  { appId = 'a', intents = ALL_PUBLIC, shard }: Identify = {},
): Promise<Client> {
  const client = await connect(simulator);
  client.send({
    op: 2,
    d: { token: `QQBot ${await tokenOf(simulator, appId)}`, intents, ...(shard === undefined ? {} : { shard }) },
  });
  return client;
}
const ready = async (simulator: Simulator, how: Identify = {}): Promise<Client> => {
  const client = await identify(simulator, how);
  await client.frame('READY', (frame) => frame.t === 'READY');
  return client;
};

describe('IDENTIFY', () => {
  test.each<[string, number, boolean, Identify, SimulatorOptions]>([
    ['an intent that does not exist', 4013, true, { intents: maskOf([0, 2]) }, {}],
    ['intents beyond 32 bits', 4013, true, { intents: 2 ** 40 + 1 }, {}],
    ['intents that are no number', 4013, true, { intents: 'GUILDS' }, {}],
    ['a private intent of a public bot', 4014, true, { intents: maskOf([9]) }, {}],
    ['an intent that was not granted', 4014, true, { intents: maskOf([25]) }, { permittedIntents: ALL_PUBLIC }],
    ['a shard beyond the count', 4010, true, { shard: [1, 1] }, {}],
    ['a shard that is none', 4010, true, { shard: 2 }, {}],
    ['no session left today', 4903, true, {}, { policies: { sessionsMax: 0 } }],
  ])('with %s: op 9, then %i', async (_, code, isOp9, how, options) => {
    const simulator = await start(options);
    const client = await identify(simulator, how);
    expect(await client.closed).toBe(code);
    expect(client.frames.at(-1)).toEqual(isOp9 ? { op: 9, d: false } : expect.anything());
  });
  test.each([
    ['offline', 4914],
    ['banned', 4915],
  ] as const)('of a bot that is %s: %i', async (state, code) => {
    const simulator = await start();
    const token = await tokenOf(simulator);
    await simulator.addBot({ appId: 'a', state });
    const client = await connect(simulator);
    client.send({ op: 2, d: { token: `QQBot ${token}`, intents: ALL_PUBLIC } });
    expect(await client.closed).toBe(code);
  });
  test.each<[string, unknown, number]>([
    ['a wrong token', { op: 2, d: { token: 'QQBot nobody', intents: 1 } }, 4004],
    ['a bare token, which is for RESUME', { op: 2, d: { token: 'nobody', intents: 1 } }, 4004],
    ['a fixed token while they are off', { op: 2, d: { token: 'Bot 1.x', intents: 1 } }, 4004],
    ['no d', { op: 2 }, 4002],
    ['text that is no JSON', 'no json', 4002],
    ['a list', '[]', 4002],
    ['an unknown op', { op: 99 }, 4001],
    ['RESUME without d', { op: 6, d: 5 }, 4002],
    ['RESUME with a wrong token', { op: 6, d: { token: 'QQBot nobody', session_id: 'x', seq: 1 } }, 4004],
  ])('%s: close %j', async (_, frame, code) => {
    const client = await connect(await start());
    client.send(frame as object);
    expect(await client.closed).toBe(code);
  });
  test('4005: twice', async () => {
    const simulator = await start();
    const { client, token } = await identified(simulator);
    client.send({ op: 2, d: { token: `QQBot ${token}`, intents: 1 } });
    expect(await client.closed).toBe(4005);
  });
  test('4008: too many frames in a minute', async () => {
    const simulator = await start({ policies: { framesPerMinute: 5 } });
    const { client } = await identified(simulator);
    for (let i = 0; i < 5; i += 1) client.send({ op: 1, d: null });
    expect(await client.closed).toBe(4008);
  });
  test('4009: two intervals without a heartbeat', async () => {
    const { client } = await identified(await start({ heartbeatMs: 20 }));
    expect(await client.closed).toBe(4009);
  });
  test('4903 for more at once than allowed; what is left is told by /gateway/bot', async () => {
    const simulator = await start({ policies: { sessionsAtOnce: 1, sessionsMax: 10 } });
    await ready(simulator);
    expect(await (await identify(simulator)).closed).toBe(4903);
    const { body } = await json(`${simulator.url}/gateway/bot`, undefined, {
      authorization: `QQBot ${await tokenOf(simulator)}`,
    });
    expect(body).toMatchObject({ shards: 1, session_start_limit: { total: 10, remaining: 9, max_concurrency: 1 } });
  });
  test('a fixed token works where it is allowed', async () => {
    const client = await connect(await start({ policies: { legacyAuth: true } }));
    client.send({ op: 2, d: { token: 'Bot 102.secret', intents: ALL_PUBLIC } });
    await client.frame('READY', (frame) => frame.t === 'READY');
  });
  test('READY echoes the shard, [0,1] for none', async () => {
    const simulator = await start();
    expect((await ready(simulator, { shard: [1, 4] })).dispatched('READY')[0]?.d).toMatchObject({
      version: 1,
      shard: [1, 4],
      user: { bot: true },
    });
    expect((await ready(simulator)).dispatched('READY')[0]?.d?.shard).toEqual([0, 1]);
    expect((await ready(simulator, { shard: [0, 0] })).dispatched('READY')[0]?.d?.shard).toEqual([0, 1]);
  });
});

describe('op 1', () => {
  test.each([{ op: 1, d: 3 }, { op: 1, d: null }, { op: 1 }, { op: 1, s: 3 }])('%j is acknowledged', async (beat) => {
    const { client } = await identified(await start());
    client.send(beat);
    await client.frame('the ACK', (frame) => frame.op === 11);
  });
});

describe('RESUME', () => {
  test.each(['QQBot ', ''])('with "%s" before the token', async (prefix) => {
    const simulator = await start();
    const { client, token, session } = await identified(simulator);
    client.drop();
    simulator.postMessage({ kind: 'guild', channelId: 'c', content: 'missed' });
    const again = await connect(simulator);
    again.send({ op: 6, d: { token: `${prefix}${token}`, session_id: session, seq: 1 } });
    const resumed = await again.frame('RESUMED', (frame) => frame.t === 'RESUMED');
    expect([again.frames.map(({ t }) => t), resumed.d, resumed.s]).toEqual([
      [undefined, 'AT_MESSAGE_CREATE', 'RESUMED'],
      '',
      3,
    ]);
  });
  test("of another bot's session is op 9, then 4006", async () => {
    const simulator = await start();
    const { session } = await identified(simulator);
    const again = await connect(simulator);
    again.send({ op: 6, d: { token: await tokenOf(simulator, 'other'), session_id: session, seq: 1 } });
    expect(await again.closed).toBe(4006);
  });
  test.each([
    [false, 1000],
    [true, 4902],
  ])('of a session that is connected ends the old connection (resetByResume %s: %i)', async (resetByResume, code) => {
    const simulator = await start({ policies: { resetByResume } });
    const { client, token, session } = await identified(simulator);
    const again = await connect(simulator);
    again.send({ op: 6, d: { token: `QQBot ${token}`, session_id: session, seq: 1 } });
    await again.frame('RESUMED', (frame) => frame.t === 'RESUMED');
    expect([await client.closed, simulator.state().connected]).toEqual([code, 1]);
  });
});

describe('several bots and shards', () => {
  test('each bot hears its own mention, only what it subscribed to, and answers as itself', async () => {
    const simulator = await start();
    const [a, b, c] = [
      await ready(simulator),
      await ready(simulator, { appId: 'b' }),
      await ready(simulator, { appId: 'c', intents: 1 }),
    ];
    simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hi' });
    await until('both', () => [a, b].every((client) => client.dispatched('AT_MESSAGE_CREATE').length === 1));
    const [first, second] = [a, b].map(
      (client) => client.dispatched('AT_MESSAGE_CREATE')[0]?.d as { id: string; content: string },
    );
    expect([first!.content, second!.content, first!.id === second!.id]).toEqual([
      '<@!6000000000000000001> hi',
      '<@!6000000000000000002> hi',
      true,
    ]);
    expect(c.dispatched('AT_MESSAGE_CREATE')).toEqual([]);
    expect(simulator.state().bots).toMatchObject([{ appId: 'a', shards: [[0, 1]] }, { appId: 'b' }, { appId: 'c' }]);
  });
  test('a private bot with bits 9 and 30 gets a mention twice, with one id', async () => {
    const simulator = await start({ isPrivate: true });
    const client = await ready(simulator, { intents: maskOf([9, 30]) });
    simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hi' });
    simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'overheard', mention: false });
    await until('all', () => client.dispatched('MESSAGE_CREATE').length === 2);
    const [told] = client.dispatched('AT_MESSAGE_CREATE');
    expect(client.dispatched('AT_MESSAGE_CREATE')).toHaveLength(1);
    expect(client.dispatched('MESSAGE_CREATE').map(({ d }) => d?.id)).toContain(told?.d?.id);
  });
  test.each([
    ['5000000000000000001', 4],
    ['47129941624960822', 3],
    ['4194304', 2],
  ])('events of guild %s among %i shards go where (id >> 22) says', async (guildId, count) => {
    expect(shardOf(guildId, count)).toBe(Number((BigInt(guildId) >> 22n) % BigInt(count)));
    const simulator = await start();
    const shards: Client[] = [];
    for (let index = 0; index < count; index += 1) shards.push(await ready(simulator, { shard: [index, count] }));
    simulator.postEvent('GUILD_UPDATE', { id: guildId });
    await until('it', () => shards.some((client) => client.dispatched('GUILD_UPDATE').length > 0));
    expect(shards.findIndex((client) => client.dispatched('GUILD_UPDATE').length > 0)).toBe(shardOf(guildId, count));
  });
  test('what has no guild goes to the first shard', () => {
    expect([shardOf(null, 4), shardOf('no number', 4)]).toEqual([0, 0]);
  });
});

test('a permission that is withdrawn silences its events; the next IDENTIFY is refused', async () => {
  const simulator = await start();
  const client = await ready(simulator, { intents: maskOf([0, 30]) });
  await simulator.addBot({ appId: 'a', permittedIntents: maskOf([0]) });
  await simulator.addBot({ appId: 'a', isPrivate: true });
  simulator.postMessage({ kind: 'guild', channelId: 'c', content: 'unheard' });
  simulator.postEvent('GUILD_UPDATE');
  await client.frame('the other', (frame) => frame.t === 'GUILD_UPDATE');
  expect(client.dispatched('AT_MESSAGE_CREATE')).toEqual([]);
  expect(await (await identify(simulator, { intents: maskOf([0, 30]) })).closed).toBe(4014);
});

describe('frames of groups and c2c', () => {
  test('a group message has no seq, openids, a blank in front, and an id of its own kind', async () => {
    const simulator = await start();
    const client = await ready(simulator, { intents: maskOf([25]) });
    simulator.postMessage({
      kind: 'group',
      channelId: 'B0',
      content: 'hi',
      author: { id: 'A0', memberRole: 'owner' },
      reference: 'REFIDX_q',
    });
    simulator.postMessage({ kind: 'c2c', channelId: 'U0', content: 'hi' });
    const [group, c2c] = [
      await client.frame('group', (frame) => frame.t === 'GROUP_AT_MESSAGE_CREATE'),
      await client.frame('c2c', (frame) => frame.t === 'C2C_MESSAGE_CREATE'),
    ];
    expect(group.id).toMatch(/^GROUP_AT_MESSAGE_CREATE:[a-z\d]{63}$/);
    expect(group.d).toEqual({
      id: expect.stringMatching(/^ROBOT1\.0_[A-Za-z\d]{43}!$/),
      content: ' hi',
      timestamp: expect.stringMatching(/\+08:00$/),
      author: { id: 'A0', member_openid: 'A0', union_openid: '', username: 'A0', bot: false, member_role: 'owner' },
      group_id: 'B0',
      group_openid: 'B0',
      message_scene: { source: 'default', ext: ['ref_msg_idx=REFIDX_q', expect.stringMatching(/^msg_idx=REFIDX_/)] },
      message_type: 103,
    });
    expect(c2c.d).toMatchObject({ content: 'hi', author: { user_openid: 'U0' }, message_type: 0 });
  });
  test('group messages without a mention come to bots that hear them', async () => {
    const simulator = await start();
    const [deaf, keen] = [
      await ready(simulator, { intents: maskOf([25]) }),
      await ready(simulator, { appId: 'b', intents: maskOf([25]) }),
    ];
    await simulator.addBot({ appId: 'b', hearsGroups: true });
    simulator.postMessage({ kind: 'group', channelId: 'B0', content: 'hi', mention: false });
    await keen.frame('it', (frame) => frame.t === 'GROUP_MESSAGE_CREATE');
    expect(deaf.dispatched('GROUP_MESSAGE_CREATE')).toEqual([]);
  });
  test('a mention comes twice to a bot that hears them, with one id, and once to others', async () => {
    const simulator = await start();
    const [deaf, keen] = [
      await ready(simulator, { intents: maskOf([25]) }),
      await ready(simulator, { appId: 'b', intents: maskOf([25]) }),
    ];
    await simulator.addBot({ appId: 'b', hearsGroups: true });
    const [id] = simulator.postMessage({ kind: 'group', channelId: 'B0', content: 'hi' });
    await deaf.frame('it', (frame) => frame.t === 'GROUP_AT_MESSAGE_CREATE');
    await keen.frame('both', (frame) => frame.t === 'GROUP_MESSAGE_CREATE');
    const heard = (client: typeof keen) => client.frames.filter(({ op }) => op === 0).map(({ t, d }) => [t, d?.id]);
    expect(heard(keen).slice(1)).toEqual([
      ['GROUP_AT_MESSAGE_CREATE', id],
      ['GROUP_MESSAGE_CREATE', id],
    ]);
    expect(heard(deaf).slice(1)).toEqual([['GROUP_AT_MESSAGE_CREATE', id]]);
  });
});
