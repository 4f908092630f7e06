import { afterEach, describe, expect, test } from '@jest/globals';
import { directChannelOf, HOME } from '../../src/simulator/world/world.js';
import { closeAll, identified, json, start } from './client.js';

afterEach(closeAll);

async function ready(options: Parameters<typeof start>[0] = {}) {
  let now = 1_700_020_800_000;
  const simulator = await start({ now: () => now, ...options });
  const { token, client } = await identified(simulator, 1 << 25);
  const headers = { authorization: `QQBot ${token}` };
  const call = async (method: string, path: string, body?: unknown): Promise<[number, unknown]> => {
    const answer = await json<unknown>(`${simulator.url}${path}`, body, headers, method);
    return [answer.status, answer.body];
  };
  return { simulator, client, token, headers, call, advance: (ms: number) => (now += ms) };
}
const refused = (code: number, status = 400) => [status, expect.objectContaining({ code })];

describe('what bots look up', () => {
  test('themselves, and the guilds that were named', async () => {
    const { simulator, call } = await ready();
    expect(await call('GET', '/users/@me')).toEqual([
      200,
      expect.objectContaining({ id: '6000000000000000001', username: 'kintsugi', bot: true }),
    ]);
    simulator.postMessage({
      kind: 'guild',
      channelId: 'c1',
      content: 'x',
      author: { id: 'u7', username: 'seven', roles: ['4'] },
    });
    expect(await call('GET', '/users/@me/guilds')).toEqual([
      200,
      [expect.objectContaining({ id: HOME, member_count: 1 })],
    ]);
    expect(await call('GET', `/guilds/${HOME}`)).toEqual([
      200,
      expect.objectContaining({ id: HOME, owner_id: 'owner' }),
    ]);
    expect(await call('GET', `/guilds/${HOME}/channels`)).toEqual([
      200,
      [expect.objectContaining({ id: 'c1', type: 0 })],
    ]);
    expect(await call('GET', '/channels/c1')).toEqual([200, expect.objectContaining({ id: 'c1', guild_id: HOME })]);
    const member = expect.objectContaining({
      roles: ['4'],
      user: expect.objectContaining({ id: 'u7', username: 'seven' }),
    });
    expect(await call('GET', `/guilds/${HOME}/members/u7`)).toEqual([200, member]);
    expect(await call('GET', `/guilds/${HOME}/members?limit=10`)).toEqual([200, [member]]);
    expect(await call('GET', `/guilds/${HOME}/members?after=u7`)).toEqual([200, []]);
    expect(await call('GET', `/guilds/${HOME}/roles`)).toEqual([
      200,
      expect.objectContaining({ roles: expect.arrayContaining([expect.objectContaining({ id: '4', number: 1 })]) }),
    ]);
    expect(await call('GET', `/guilds/${HOME}/api_permission`)).toEqual([
      200,
      expect.objectContaining({ apis: expect.any(Array) }),
    ]);
  });
  test('what nobody named is unknown', async () => {
    const { call } = await ready();
    expect(await call('GET', '/guilds/nobody')).toEqual(refused(10004));
    expect(await call('GET', '/channels/nobody')).toEqual(refused(10003));
    expect(await call('GET', `/guilds/${HOME}/members/nobody`)).toEqual(refused(10001));
    expect(await call('GET', '/channels/c1/messages/nobody')).toEqual(refused(50038));
  });
  test('pages of members', async () => {
    const { simulator, call } = await ready();
    for (const id of ['a', 'b', 'c'])
      simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'x', author: { id } });
    const page = async (query: string) =>
      ((await call('GET', `/guilds/${HOME}/members?${query}`))[1] as { user: { id: string } }[]).map(
        ({ user }) => user.id,
      );
    expect([await page('limit=2&after=0'), await page('limit=2&after=b')]).toEqual([['a', 'b'], ['c']]);
  });
  test('404 for no API, 405 for the wrong method', async () => {
    const { call } = await ready();
    expect([
      (await call('GET', '/nothing'))[0],
      (await call('DELETE', '/users/@me'))[0],
      (await call('PUT', '/channels/c/messages'))[0],
      (await call('OPTIONS', '/gateway'))[0],
    ]).toEqual([404, 405, 405, 405]);
  });
});

describe('what bots send', () => {
  test.each([
    ['/channels/c1/messages', { channel_id: 'c1', guild_id: HOME, content: 'x', author: { bot: true } }],
    ['/dms/d1/messages', { channel_id: directChannelOf('d1'), guild_id: 'd1', content: 'x' }],
    [
      '/v2/groups/G/messages',
      { id: expect.stringMatching(/^ROBOT1\.0_/), ext_info: { ref_idx: expect.stringMatching(/^REFIDX_/) } },
    ],
    ['/v2/users/U/messages', { id: expect.stringMatching(/^ROBOT1\.0_/) }],
  ])('%s answers with the message as it stands there', async (path, expected) => {
    const { call } = await ready();
    const [status, body] = await call('POST', path, { content: 'x' });
    expect(status).toBe(200);
    expect(body).toMatchObject(expected);
  });
  test('a form with a file', async () => {
    const { simulator, headers } = await ready();
    const form = new FormData();
    const [quoted = ''] = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'x' });
    form.set('content', 'look');
    form.set('message_reference', JSON.stringify({ message_id: quoted }));
    form.set('file_image', new Blob(['PNG']), 'a.png');
    const response = await fetch(`${simulator.url}/channels/c1/messages`, { method: 'POST', headers, body: form });
    expect(response.status).toBe(200);
    expect(simulator.replies()).toMatchObject([
      {
        form: 'image',
        content: 'look',
        body: { file_image: { filename: 'a.png', bytes: 3 }, message_reference: { message_id: quoted } },
      },
    ]);
  });
  test('uploads: whole or in parts, for the kind of place they were made for', async () => {
    const { simulator, call } = await ready();
    const [, whole] = (await call('POST', '/v2/groups/G/files', {
      file_type: 1,
      url: 'https://p/a.png',
      srv_send_msg: false,
    })) as [number, { file_info: string; ttl: number }];
    const media = { msg_type: 7, content: ' ', media: { file_info: whole.file_info } };
    expect((await call('POST', '/v2/groups/G/messages', media))[0]).toBe(200);
    expect(await call('POST', '/v2/users/U/messages', media)).toEqual(refused(304080));
    expect(simulator.replies()[0]).toMatchObject({ form: 'media', kind: 'group' });
    const [, prepared] = (await call('POST', '/v2/users/U/upload_prepare', { file_type: 1, file_size: 3_000_000 })) as [
      number,
      { upload_id: string; parts: { index: number; presigned_url: string }[] },
    ];
    expect(prepared.parts).toHaveLength(3);
    const { upload_id } = prepared;
    for (const { index, presigned_url: url } of prepared.parts) {
      expect(await call('POST', '/v2/users/U/upload_part_finish', { upload_id, part_index: index })).toEqual(
        refused(40093001),
      );
      expect(await call('POST', '/v2/users/U/files', { file_type: 1, upload_id })).toEqual(refused(850026));
      // As a store takes it: the bytes, without a token.
      const type = { 'content-type': 'application/octet-stream' };
      const put = await fetch(url, { method: 'PUT', body: Buffer.from([0xff, 0x00, 0x7b]), headers: type });
      expect(put.status).toBe(200);
      expect((await call('POST', '/v2/users/U/upload_part_finish', { upload_id, part_index: index }))[0]).toBe(200);
    }
    expect((await call('POST', '/v2/users/U/files', { file_type: 1, upload_id }))[0]).toBe(200);
    expect((await fetch(`${simulator.url}/uploads/${upload_id}/4`, { method: 'PUT', body: 'x' })).status).toBe(404);
    expect(await call('POST', '/v2/users/U/files', { file_type: 9, url: 'https://p' })).toEqual(refused(850019));
    expect(await call('POST', '/v2/users/U/files', { file_type: 1 })).toEqual(refused(850026));
    expect(await call('POST', '/v2/users/U/upload_part_finish', { upload_id: 'nobody' })).toEqual(refused(40093001));
  });
  test('srv_send_msg: the file is sent at once', async () => {
    const { simulator, call } = await ready();
    const file = { file_type: 1, url: 'https://p/a.png', srv_send_msg: true };
    const [status, body] = await call('POST', '/v2/groups/G/files', file);
    const [reply] = simulator.replies();
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ file_info: expect.any(String), id: reply?.messageId }),
    ]);
    expect(reply).toMatchObject({ kind: 'group', channelId: 'G', form: 'media', accepted: true });
  });
  test('a stream stands there when it ends', async () => {
    const { simulator, call } = await ready();
    const path = '/v2/users/U/stream_messages';
    expect((await call('POST', path, { content: 'a', index: 0, input_state: 1 }))[0]).toBe(200);
    expect(simulator.replies()).toEqual([]);
    expect((await call('POST', path, { content: 'ab', index: 1, input_state: 10 }))[0]).toBe(200);
    expect(simulator.replies()).toMatchObject([{ kind: 'c2c', content: 'ab' }]);
    expect(await call('POST', path, { input_state: 5 })).toEqual(refused(40007));
  });
  test('a direct session is opened', async () => {
    const { call } = await ready();
    const [, session] = await call('POST', '/users/@me/dms', { recipient_id: 'u1', source_guild_id: HOME });
    expect(session).toEqual({
      guild_id: expect.stringMatching(/^\d{16}$/),
      channel_id: expect.stringMatching(/^\d{16}$/),
      create_time: '1700020800',
    });
    expect(await call('POST', '/users/@me/dms', { recipient_id: 'u1' })).toEqual(refused(10004));
  });
});

describe('what bots change', () => {
  test.each([
    ['/channels/P', 306001],
    ['/dms/P', 306001],
    ['/v2/groups/P', 40061002],
    ['/v2/users/P', 40061002],
  ])('recall in %s: once, and only what is there', async (place, unknown) => {
    const { simulator, call } = await ready({ isPrivate: true });
    const [, sent] = (await call('POST', `${place}/messages`, { content: 'x' })) as [number, { id: string }];
    const path = `${place}/messages/${encodeURIComponent(sent.id)}`;
    expect((await call('DELETE', `${path}?hidetip=true`))[0]).toBe(200);
    expect(simulator.replies()).toMatchObject([{ recalled: true }]);
    expect(await call('DELETE', path)).toEqual(refused(unknown));
  });
  test('recall of what is old, or of others', async () => {
    const { simulator, call, advance } = await ready();
    const [, sent] = (await call('POST', '/v2/groups/P/messages', { content: 'x' })) as [number, { id: string }];
    advance(120_001);
    expect(await call('DELETE', `/v2/groups/P/messages/${encodeURIComponent(sent.id)}`)).toEqual(refused(40064004));
    const [, own] = (await call('POST', '/channels/P/messages', { content: 'x' })) as [number, { id: string }];
    expect(await call('DELETE', `/channels/P/messages/${own.id}`)).toEqual(refused(306004));
    const [others] = simulator.postMessage({ kind: 'guild', channelId: 'P', content: 'x' });
    expect(await call('DELETE', `/channels/P/messages/${others}`)).toEqual(refused(306004));
    await simulator.addBot({ appId: 'a', isPrivate: true });
    expect((await call('DELETE', `/channels/P/messages/${others}`))[0]).toBe(200);
  });
  test('interactions: once, with a code of 0 to 5', async () => {
    const { simulator, call, advance } = await ready();
    const { d } = simulator.postEvent('INTERACTION_CREATE', { scene: 'group' });
    const path = `/interactions/${(d as { id: string }).id}`;
    expect(await call('PUT', path, { code: 9 })).toEqual(refused(630004));
    advance(1_000);
    expect(await call('PUT', path, { code: 2 })).toEqual([200, null]);
    expect(await call('PUT', path, { code: 0 })).toEqual(refused(630005));
    expect(await call('PUT', '/interactions/nobody', { code: 0 })).toEqual(refused(630001));
    expect(simulator.interactions()).toMatchObject([{ code: 2, inTime: true, appId: 'a' }]);
  });
  test('reactions', async () => {
    const { simulator, call } = await ready();
    const [id] = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'x' });
    const path = `/channels/c1/messages/${id}/reactions/1/89`;
    expect(await call('DELETE', path)).toEqual(refused(620004));
    expect(await call('PUT', path)).toEqual([204, null]);
    expect(await call('PUT', path)).toEqual(refused(620003));
    expect(await call('GET', path)).toEqual([
      200,
      expect.objectContaining({ users: [expect.objectContaining({ username: 'kintsugi' })] }),
    ]);
    expect((await call('DELETE', path))[0]).toBe(204);
  });
  test('edits of messages with a keyboard only', async () => {
    const { call } = await ready();
    const [, plain] = (await call('POST', '/channels/c1/messages', { content: 'x' })) as [number, { id: string }];
    const [, keyed] = (await call('POST', '/channels/c1/messages', {
      markdown: { content: 'x' },
      keyboard: { id: '1' },
    })) as [number, { id: string }];
    expect(await call('PATCH', `/channels/c1/messages/${plain.id}`, { keyboard: { id: '2' } })).toEqual(refused(50050));
    expect((await call('PATCH', `/channels/c1/messages/${keyed.id}`, { keyboard: { id: '2' } }))[0]).toBe(200);
  });
  test('members: roles, mute, and who is thrown out', async () => {
    const { simulator, call } = await ready();
    simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'x', author: { id: 'u7', roles: ['1'] } });
    expect((await call('PUT', `/guilds/${HOME}/members/u7/roles/2`))[0]).toBe(204);
    expect(((await call('GET', `/guilds/${HOME}/members/u7`))[1] as { roles: string[] }).roles).toEqual(['1', '2']);
    expect((await call('DELETE', `/guilds/${HOME}/members/u7/roles/2`))[0]).toBe(204);
    expect((await call('PATCH', `/guilds/${HOME}/mute`, { mute_seconds: '60' }))[0]).toBe(204);
    expect(await call('PATCH', `/guilds/${HOME}/members/u7/mute`, { mute_seconds: 60 })).toEqual(refused(502001));
    expect(await call('DELETE', `/guilds/${HOME}/members/u7`)).toEqual(refused(11253));
    await simulator.addBot({ appId: 'a', isPrivate: true });
    expect((await call('DELETE', `/guilds/${HOME}/members/u7`))[0]).toBe(204);
    expect(await call('GET', `/guilds/${HOME}/members/u7`)).toEqual(refused(10001));
  });
});
