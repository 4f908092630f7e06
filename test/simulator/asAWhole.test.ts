import { afterEach, describe, expect, test } from '@jest/globals';
import { ALL_PUBLIC, closeAll, connect, identified, json, start } from './client.js';
import { FakeTimers } from './fakeTimers.js';

afterEach(closeAll);

const GROUPS = ALL_PUBLIC | (1 << 25) | (1 << 26) | (1 << 27);

async function ready(options: Parameters<typeof start>[0] = {}) {
  const simulator = await start(options);
  const { client, token } = await identified(simulator, GROUPS);
  const headers = { authorization: `QQBot ${token}` };
  const send = async (path: string, body: object) =>
    (await json<{ id?: string; code?: number }>(`${simulator.url}${path}`, body, headers)).body;
  const sim = (path: string, body: object) => json<{ message?: string }>(`${simulator.url}/sim/${path}`, body);
  return { simulator, client, headers, send, sim };
}

describe('a reply that stands there already', () => {
  test('is 40054005 although the replies to its message are used up: whoever repeats a lost call learns of it', async () => {
    const { simulator, send } = await ready();
    const [msg_id] = simulator.postMessage({ kind: 'group', channelId: 'g', content: 'x' });
    const codes = [];
    for (const msg_seq of [1, 2, 3, 4, 5, 5, 6])
      codes.push((await send('/v2/groups/g/messages', { content: 'x', msg_type: 0, msg_id, msg_seq })).code);
    expect(codes).toEqual([...Array(5).fill(undefined), 40054005, 40034128]);
  });
});

describe('a message of a channel', () => {
  test('can be answered in private, a private one not in a channel', async () => {
    const { simulator, send } = await ready();
    const [asked] = simulator.postMessage({ kind: 'guild', channelId: 'c', content: 'x' });
    const [whispered] = simulator.postMessage({ kind: 'direct', channelId: 'd', content: 'x' });
    expect((await send('/dms/d/messages', { content: 'x', msg_id: asked })).code).toBeUndefined();
    expect((await send('/channels/c/messages', { content: 'x', msg_id: whispered })).code).toBe(304026);
    expect((await send('/v2/groups/g/messages', { content: 'x', msg_type: 0, msg_id: asked })).code).toBe(40034024);
  });
});

describe('a bot that is connected', () => {
  test.each([
    ['banned', 4915],
    ['offline', 4914],
  ] as const)('and made %s is cut off with %i, and not let in again', async (state, code) => {
    const { simulator, client, sim } = await ready();
    const { body } = await json(`${simulator.url}/app/getAppAccessToken`, { appId: 'o', clientSecret: 's' });
    const other = await connect(simulator);
    other.send({ op: 2, d: { token: `QQBot ${body.access_token}`, intents: ALL_PUBLIC } });
    await other.frame('READY', ({ t }) => t === 'READY');
    await sim('bots', { appId: 'a', state });
    expect(await client.closed).toBe(code);
    simulator.postMessage({ kind: 'guild', channelId: 'c', content: 'the other one hears it' });
    await other.frame('the message', ({ t }) => t === 'AT_MESSAGE_CREATE');
  });
});

describe('an interaction', () => {
  test('names the bot that hears of it, unless it is told whom', async () => {
    const { client, sim } = await ready();
    const answered = await sim('events', { event: 'INTERACTION_CREATE', d: { scene: 'group' } });
    const frame = await client.frame('it', ({ t }) => t === 'INTERACTION_CREATE');
    expect([frame.d?.application_id, frame.d]).toEqual(['a', (answered.body as { d?: object }).d]);
    const given = await sim('events', { event: 'INTERACTION_CREATE', d: { application_id: 'z' } });
    expect(given.body).toMatchObject({ d: { application_id: 'z' } });
  });
  test('an event id that a message has: the message again, and its body is told', async () => {
    const { sim } = await ready();
    await sim('messages', { kind: 'guild', channelId: 'c', content: 'x', eventId: 'e' });
    expect((await sim('events', { event: 'FRIEND_ADD', eventId: 'e' })).body).toMatchObject({
      id: 'e',
      d: { content: '<@!6000000000000000001> x' },
    });
  });
});

describe('nonsense that only shows in the end is refused at the start', () => {
  test.each([
    ['faults', { kind: 'slow', latencyP50Ms: 10, latencyP99Ms: 5 }, 'latencyP99Ms: must not be less than latencyP50Ms'],
    ['scenario', [{ atMs: 5_000, event: { event: 'NO_SUCH' } }], 'steps.0.event.event: there is no "NO_SUCH"'],
    ['scenario', [{ atMs: 1, event: { event: 'MESSAGE_CREATE' } }], 'steps.0.event.d: is missing'],
  ])('POST /sim/%s %j', async (path, body, message) => {
    const { sim, simulator } = await ready();
    const answer = await sim(path, body);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect((await json<unknown[]>(`${simulator.url}/sim/scenario`)).body).toEqual([]);
  });
});

test('a route is a name or a path as it is sent', async () => {
  const { send, sim } = await ready();
  await sim('faults', { kind: 'errors', code: 304016, route: '/channels/broken/' });
  expect((await send('/channels/broken/messages', { content: 'x' })).code).toBe(304016);
  expect((await send('/channels/well/messages', { content: 'x' })).code).toBeUndefined();
  await sim('faults', { kind: 'errors', code: 304006, route: 'POST /channels/:id/messages' });
  expect((await send('/channels/well/messages', { content: 'x' })).code).toBe(304006);
});

describe('the same seed', () => {
  /** Ids of what comes after an audit whose end is early or late, and after more or fewer questions. */
  async function idsAfter(auditEndsFirst: boolean, questions: number): Promise<unknown[]> {
    const timers = new FakeTimers();
    const { simulator, send, headers } = await ready({ seed: 7, timers });
    simulator.addFault({ kind: 'audit', auditMs: 1, count: 1 });
    await send('/channels/c/messages', { content: 'looked at' });
    for (let asked = 0; asked < questions; asked += 1) await json(`${simulator.url}/users/@me`, undefined, headers);
    if (auditEndsFirst) timers.pass(2);
    const ids = simulator.postMessage({ kind: 'group', channelId: 'g', content: 'x' });
    timers.pass(2);
    const audited = simulator.replies().find(({ accepted }) => accepted)?.messageId;
    const sent = await send('/channels/c/messages', { content: 'y' });
    await closeAll();
    return [ids, audited, sent.id];
  }
  test('gives the same ids, whenever a timer is over and however often someone asks', async () => {
    const ids = await idsAfter(true, 0);
    expect(ids.flat().every((id) => typeof id === 'string')).toBe(true);
    expect(await idsAfter(false, 0)).toEqual(ids);
    expect(await idsAfter(true, 3)).toEqual(ids);
  });
});
