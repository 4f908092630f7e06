import { afterEach, describe, expect, test } from '@jest/globals';
import { createSystemClock } from '../../src/adapters/process/systemClock.js';
import { createOpenApi, type OpenApiGroups } from '../../src/adapters/qq/http/openApi.js';
import { SHELF_MAX, Shelf } from '../../src/simulator/rest/shelf.js';
import { HOME } from '../../src/simulator/world/world.js';
import { closeAll, type Frame, identified, json, start } from './client.js';

afterEach(closeAll);

const EVERYTHING = [0, 1, 9, 10, 12, 18, 25, 26, 28, 29, 30].reduce((mask, bit) => mask | (1 << bit), 0);

async function ready() {
  const simulator = await start({ isPrivate: true });
  const { token, client } = await identified(simulator, EVERYTHING);
  const headers = { authorization: `QQBot ${token}` };
  const call = async <T = Record<string, unknown>>(method: string, path: string, body?: unknown) => {
    const answer = await json<T>(`${simulator.url}${path}`, body, headers, method);
    return { status: answer.status, ...(answer.body ?? ({} as T)) };
  };
  const [message] = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'x', author: { id: 'u7' } });
  return { simulator, client, token, call, message: message! };
}
const heard = (client: { frames: Frame[] }, t: string) => client.frames.filter((frame) => frame.t === t);
/** The thread that was told of. */
const threadOf = ({ d }: Frame) => (d as { thread_info: { thread_id: string } }).thread_info.thread_id;

/** Every call of the package's interface, in an order in which each finds what it needs; the answers of earlier ones by name. */
type Said = { readonly [name: string]: { readonly [field: string]: string } };
const CALLS: readonly [string, string, (said: Said) => readonly unknown[]][] = [
  ['meApi', 'me', () => []],
  ['meApi', 'meGuilds', () => [{ limit: 10 }]],
  ['guildApi', 'guild', () => [HOME]],
  ['guildApi', 'guildMember', () => [HOME, 'u7']],
  ['guildApi', 'guildMembers', () => [HOME, { limit: 10 }]],
  ['guildApi', 'guildVoiceMembers', () => ['c1']],
  ['channelApi', 'channels', () => [HOME]],
  ['channelApi', 'postChannel', () => [HOME, { name: 'new', type: 0, position: 2 }]],
  ['channelApi', 'channel', ({ postChannel }) => [postChannel!.id]],
  ['channelApi', 'patchChannel', ({ postChannel }) => [postChannel!.id, { name: 'newer', position: 3 }]],
  ['channelApi', 'deleteChannel', ({ postChannel }) => [postChannel!.id]],
  ['channelPermissionsApi', 'channelPermissions', () => ['c1', 'u7']],
  ['channelPermissionsApi', 'putChannelPermissions', () => ['c1', 'u7', { add: '2', remove: '4' }]],
  ['channelPermissionsApi', 'channelRolePermissions', () => ['c1', '5']],
  ['channelPermissionsApi', 'putChannelRolePermissions', () => ['c1', '5', { add: '2' }]],
  ['roleApi', 'roles', () => [HOME]],
  ['roleApi', 'postRole', () => [HOME, { name: 'helpers', color: 5, hoist: 1 }]],
  ['roleApi', 'patchRole', ({ postRole }) => [HOME, postRole!.role_id, { name: 'the helpers' }]],
  ['memberApi', 'memberAddRole', ({ postRole }) => [HOME, postRole!.role_id, 'u7']],
  ['memberApi', 'memberDeleteRole', ({ postRole }) => [HOME, postRole!.role_id, 'u7']],
  ['roleApi', 'deleteRole', ({ postRole }) => [HOME, postRole!.role_id]],
  ['muteApi', 'muteMember', () => [HOME, 'u7', { seconds: '10' }]],
  ['muteApi', 'muteMembers', () => [HOME, ['u7'], { seconds: '10' }]],
  ['muteApi', 'muteAll', () => [HOME, { seconds: '0' }]],
  ['messageApi', 'message', ({ given }) => ['c1', given!.message]],
  ['messageApi', 'messages', ({ given }) => ['c1', { type: 'around', id: given!.message, limit: '5' }]],
  ['messageApi', 'postMessage', ({ given }) => ['c1', { content: 'y', msg_id: given!.message }]],
  ['pinsMessageApi', 'putPinsMessage', ({ postMessage }) => ['c1', postMessage!.id]],
  ['pinsMessageApi', 'pinsMessage', () => ['c1']],
  ['pinsMessageApi', 'deletePinsMessage', ({ postMessage }) => ['c1', postMessage!.id]],
  ['announceApi', 'postGuildAnnounce', ({ postMessage }) => [HOME, 'c1', postMessage!.id]],
  ['announceApi', 'deleteGuildAnnounce', ({ postMessage }) => [HOME, postMessage!.id]],
  [
    'announceApi',
    'postGuildRecommend',
    () => [HOME, { announces_type: 0, recommend_channels: [{ channel_id: 'c1' }] }],
  ],
  ['announceApi', 'postChannelAnnounce', ({ postMessage }) => ['c1', postMessage!.id]],
  ['announceApi', 'deleteChannelAnnounce', () => ['c1', 'all']],
  ['reactionApi', 'postReaction', ({ postMessage }) => ['c1', emojiOn(postMessage!.id!)]],
  ['reactionApi', 'getReactionUserList', ({ postMessage }) => ['c1', emojiOn(postMessage!.id!), { limit: 5 }]],
  ['reactionApi', 'deleteReaction', ({ postMessage }) => ['c1', emojiOn(postMessage!.id!)]],
  ['messageApi', 'deleteMessage', ({ postMessage }) => ['c1', postMessage!.id, true]],
  [
    'scheduleApi',
    'postSchedule',
    () => ['c1', { name: 'tea', start_timestamp: '1', end_timestamp: '2', remind_type: '0' }],
  ],
  ['scheduleApi', 'schedules', () => ['c1']],
  ['scheduleApi', 'schedule', ({ postSchedule }) => ['c1', postSchedule!.id]],
  ['scheduleApi', 'patchSchedule', ({ postSchedule }) => ['c1', postSchedule!.id, { name: 'coffee' }]],
  ['scheduleApi', 'deleteSchedule', ({ postSchedule }) => ['c1', postSchedule!.id]],
  ['audioApi', 'postAudio', () => ['c1', { audioUrl: 'https://a/b.mp3', text: 'a song', status: 0 }]],
  ['audioApi', 'botOnMic', () => ['c1']],
  ['audioApi', 'botOffMic', () => ['c1']],
  ['directMessageApi', 'createDirectMessage', () => [{ source_guild_id: HOME, recipient_id: 'u7' }]],
  [
    'directMessageApi',
    'postDirectMessage',
    ({ createDirectMessage }) => [createDirectMessage!.guild_id, { content: 'z' }],
  ],
  ['guildPermissionsApi', 'permissions', () => [HOME]],
  ['guildPermissionsApi', 'postPermissionDemand', () => [HOME, { channel_id: 'c1', api_identify: {}, desc: 'please' }]],
  ['interactionApi', 'putInteraction', ({ given }) => [given!.interaction, { code: 0 }]],
  ['guildApi', 'deleteGuildMember', () => [HOME, 'u7']],
];
const emojiOn = (message_id: string) => ({ message_id, emoji_type: 1, emoji_id: '4' });

describe("qq-guild-bot's interface", () => {
  test('every call of it is answered', async () => {
    const { simulator, token, message } = await ready();
    const { d } = simulator.postEvent('INTERACTION_CREATE');
    const api = createOpenApi({
      baseUrl: simulator.url,
      appId: 'a',
      tokens: { current: () => token },
      timeoutMs: 5_000,
      clock: createSystemClock(),
    });
    const groups = api.groups as unknown as Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>>;
    const said: { [name: string]: Record<string, string> } = {
      given: { message, interaction: (d as { id: string }).id },
    };
    for (const [group, name, args] of CALLS) {
      const outcome = (await groups[group]![name]!(...args(said))) as { status: number; body: Record<string, string> };
      expect([group, name, outcome.status < 300 ? 'answered' : outcome]).toEqual([group, name, 'answered']);
      said[name] = outcome.body;
    }
    await api.close();
  });
  test('no call of it is left out above', () => {
    const api = createOpenApi({
      baseUrl: 'http://h',
      appId: 'a',
      tokens: { current: () => null },
      timeoutMs: 1,
      clock: createSystemClock(),
    }).groups as OpenApiGroups & Record<string, object>;
    const all = Object.keys(api)
      .filter((name) => name.endsWith('Api'))
      .flatMap((group) =>
        Object.getOwnPropertyNames(Object.getPrototypeOf(api[group]))
          .filter((name) => name !== 'constructor')
          .map((name) => `${group}.${name}`),
      );
    expect(CALLS.map(([group, name]) => `${group}.${name}`).sort()).toEqual(all.sort());
  });
});

describe('channels and roles', () => {
  test('a channel is made, changed and deleted, and bots hear of it', async () => {
    const { call, client } = await ready();
    const made = await call('POST', '/guilds/500/channels', { name: 'new', type: 10007, parent_id: '9' });
    expect(made).toMatchObject({ status: 200, name: 'new', type: 10007, guild_id: '500', parent_id: '9' });
    expect(await call('PATCH', `/channels/${made.id}`, { name: 'newer' })).toMatchObject({
      name: 'newer',
      parent_id: '9',
    });
    expect(await call('GET', `/channels/${made.id}`)).toMatchObject({ name: 'newer', type: 10007 });
    expect((await call('DELETE', `/channels/${made.id}`)).status).toBe(204);
    expect(await call('GET', `/channels/${made.id}`)).toMatchObject({ status: 400, code: 10003 });
    for (const change of ['CREATE', 'UPDATE', 'DELETE'])
      expect(heard(client, `CHANNEL_${change}`)).toMatchObject([{ d: { id: made.id, guild_id: '500' } }]);
  });
  test('without a name, or of a channel that is not: refused', async () => {
    const { call } = await ready();
    expect(await call('POST', '/guilds/500/channels', {})).toMatchObject({ status: 400, code: 12002 });
    expect(await call('PATCH', '/channels/none', { name: 'x' })).toMatchObject({ code: 10003 });
    expect(await call('DELETE', '/channels/none')).toMatchObject({ code: 10003 });
  });
  test('a role has the members that were given it, by pages', async () => {
    const { simulator, call } = await ready();
    const { role_id: role } = await call<{ role_id: string }>('POST', `/guilds/${HOME}/roles`, { name: 'helpers' });
    for (const id of ['u1', 'u2', 'u7']) {
      simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'x', author: { id } });
      expect((await call('PUT', `/guilds/${HOME}/members/${id}/roles/${role}`)).status).toBe(204);
    }
    const page = await call<{ data: unknown[]; next: string }>('GET', `/guilds/${HOME}/roles/${role}/members?limit=2`);
    expect([page.data.length, page.next]).toEqual([2, '2']);
    const rest = await call<{ data: unknown[]; next: string }>(
      'GET',
      `/guilds/${HOME}/roles/${role}/members?limit=2&start_index=2`,
    );
    expect([rest.data.length, rest.next]).toEqual([1, '0']);
    expect(await call('GET', `/guilds/${HOME}/roles`)).toMatchObject({
      roles: expect.arrayContaining([expect.objectContaining({ id: role, name: 'helpers', number: 3 })]),
    });
    expect(await call('PATCH', `/guilds/${HOME}/roles/none`, {})).toMatchObject({ status: 400, code: 12001 });
    expect((await call('DELETE', `/guilds/${HOME}/roles/${role}`)).status).toBe(204);
    expect(await call('DELETE', `/guilds/${HOME}/roles/${role}`)).toMatchObject({ code: 12001 });
  });
  test('permissions are bits that are added and removed', async () => {
    const { call } = await ready();
    expect(await call('GET', '/channels/c1/members/u7/permissions')).toMatchObject({ user_id: 'u7', permissions: '5' });
    expect((await call('PUT', '/channels/c1/members/u7/permissions', { add: '2', remove: '4' })).status).toBe(204);
    expect(await call('GET', '/channels/c1/members/u7/permissions')).toMatchObject({ permissions: '3' });
    expect(await call('GET', '/channels/c1/roles/u7/permissions')).toMatchObject({ role_id: 'u7', permissions: '5' });
    expect(await call('PUT', '/channels/c1/roles/2/permissions', { add: 'all' })).toMatchObject({ code: 12002 });
  });
});

describe('what stands in a channel', () => {
  test('at most 20 pins, all of which can go at once', async () => {
    const { simulator, call } = await ready();
    const ids = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'x', repeat: 21 });
    for (const id of ids.slice(0, 20)) expect((await call('PUT', `/channels/c1/pins/${id}`)).status).toBe(200);
    expect(await call('PUT', `/channels/c1/pins/${ids[20]}`)).toMatchObject({ status: 400, code: 501001 });
    expect(await call('GET', '/channels/c1/pins')).toMatchObject({ message_ids: ids.slice(0, 20) });
    expect((await call('DELETE', '/channels/c1/pins/all')).status).toBe(204);
    expect(await call('GET', '/channels/c1/pins')).toMatchObject({ message_ids: [] });
    expect(await call('PUT', '/channels/c1/pins/none')).toMatchObject({ code: 306001 });
  });
  test('a schedule is kept until it is deleted', async () => {
    const { call } = await ready();
    const made = await call('POST', '/channels/c1/schedules', { schedule: { name: 'tea', remind_type: '0' } });
    expect(made).toMatchObject({ name: 'tea', creator: { user: { bot: true } } });
    expect(await call('PATCH', `/channels/c1/schedules/${made.id}`, { schedule: { name: 'coffee' } })).toMatchObject({
      id: made.id,
      name: 'coffee',
      remind_type: '0',
    });
    expect((await call('DELETE', `/channels/c1/schedules/${made.id}`)).status).toBe(204);
    expect(await call('GET', `/channels/c1/schedules/${made.id}`)).toMatchObject({ status: 400, code: 10003 });
    expect(await call('POST', '/channels/c1/schedules', {})).toMatchObject({ code: 12002 });
  });
  test('a thread is published and deleted; private bots hear its text, public ones where it is', async () => {
    const { call, client } = await ready();
    const published = await call('PUT', '/channels/f1/threads', { title: 'Hello', content: 'all', format: 1 });
    expect(published).toMatchObject({ status: 200, task_id: expect.any(String) });
    const [told] = heard(client, 'FORUM_THREAD_CREATE');
    const id = threadOf(told!);
    expect(told).toMatchObject({ d: { channel_id: 'f1', thread_info: { title: 'Hello' } } });
    expect(heard(client, 'OPEN_FORUM_THREAD_CREATE')[0]?.d).not.toHaveProperty('thread_info');
    expect(await call('GET', '/channels/f1/threads')).toMatchObject({ threads: [{ thread_info: { thread_id: id } }] });
    expect(await call('GET', `/channels/f1/threads/${id}`)).toMatchObject({ thread: { channel_id: 'f1' } });
    expect((await call('DELETE', `/channels/f1/threads/${id}`)).status).toBe(204);
    expect(heard(client, 'FORUM_THREAD_DELETE')).toHaveLength(1);
    expect(await call('DELETE', `/channels/f1/threads/${id}`)).toMatchObject({ code: 503005 });
    expect(await call('PUT', '/channels/f1/threads', {})).toMatchObject({ code: 503001 });
  });
  test('sound and microphone are told as events', async () => {
    const { call, client } = await ready();
    expect((await call('POST', '/channels/v1/audio', { status: 0, audio_url: 'https://a/b' })).status).toBe(200);
    expect((await call('POST', '/channels/v1/audio', { status: 3 })).status).toBe(200);
    expect((await call('PUT', '/channels/v1/mic')).status).toBe(200);
    expect((await call('DELETE', '/channels/v1/mic')).status).toBe(200);
    for (const t of ['AUDIO_START', 'AUDIO_FINISH', 'AUDIO_ON_MIC', 'AUDIO_OFF_MIC'])
      expect(heard(client, t)).toMatchObject([{ d: { channel_id: 'v1' } }]);
    expect(await call('POST', '/channels/v1/audio', { status: 9 })).toMatchObject({ code: 12002 });
    expect(await call('GET', '/channels/v1/online_nums')).toMatchObject({ online_nums: 0 });
    expect(await call('GET', `/guilds/${HOME}/message/setting`)).toMatchObject({ channel_push_max_num: 20 });
  });
  test('messages of a channel are listed next to one, without those taken back', async () => {
    const { simulator, call } = await ready();
    const ids = simulator.postMessage({ kind: 'guild', channelId: 'c2', content: 'x', repeat: 6 });
    const listed = async (query: string) => {
      const answer = await call<{ [index: string]: { id: string } }>('GET', `/channels/c2/messages?${query}`);
      return Object.values(answer).flatMap((one) => ids.indexOf((one as { id?: string }).id ?? '') + 1 || []);
    };
    expect(await listed('limit=2')).toEqual([5, 6]);
    expect(await listed(`before=${ids[3]}&limit=2`)).toEqual([2, 3]);
    expect(await listed(`after=${ids[3]}&limit=2`)).toEqual([5, 6]);
    expect(await listed(`around=${ids[2]}&limit=3`)).toEqual([2, 3, 4]);
    expect((await call('DELETE', `/channels/c2/messages/${ids[5]}`)).status).toBe(200);
    expect(await listed('limit=2')).toEqual([4, 5]);
  });
  test('[limit simulatorShelf] past the limit the oldest goes', () => {
    const shelf = new Shelf<number>();
    for (let i = 0; i <= SHELF_MAX; i += 1) shelf.put('c1', String(i), i);
    expect([shelf.find('c1', '0'), shelf.find('c1', '1'), shelf.of('c1').length]).toEqual([undefined, 1, SHELF_MAX]);
  });
});
