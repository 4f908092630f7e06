import { afterEach, describe, expect, test } from '@jest/globals';
import type { SimulatorOptions } from '../../src/simulator/createSimulator.js';
import { closeAll, identified, json, start } from './client.js';

afterEach(closeAll);

type Policies = NonNullable<SimulatorOptions['policies']>;
const MINUTE = 60_000;

async function ready(options: SimulatorOptions = {}) {
  let now = 1_700_020_800_000; // noon in China
  const simulator = await start({ now: () => now, ...options });
  const { token } = await identified(simulator);
  const headers = { authorization: `QQBot ${token}` };
  const write = (kind: 'guild' | 'direct' | 'group' | 'c2c', channelId = 'P'): string =>
    simulator.postMessage({ kind, channelId, content: 'hi' })[0]!;
  const call = (method: string, path: string, body?: unknown) => json(`${simulator.url}${path}`, body, headers, method);
  return { simulator, token, write, call, headers, advance: (ms: number) => (now += ms) };
}
const PATHS = {
  guild: '/channels/P/messages',
  direct: '/dms/P/messages',
  group: '/v2/groups/P/messages',
  c2c: '/v2/users/P/messages',
} as const;
type Kind = keyof typeof PATHS;
const rowsOf = (rows: number, buttons: number) => ({
  content: {
    rows: Array.from({ length: rows }, () => ({ buttons: Array.from({ length: buttons }, () => ({ id: '1' })) })),
  },
});

describe('messages that are refused', () => {
  test.each<[number, number, Kind, object, SimulatorOptions?]>([
    [50006, 400, 'guild', {}],
    [50006, 400, 'group', { msg_type: 0, content: '' }],
    [22006, 400, 'group', { msg_type: 2, content: 'x' }],
    [22006, 400, 'c2c', { msg_type: 9, content: 'x' }],
    [304026, 400, 'guild', { content: 'x', msg_id: 'nobody' }],
    [304026, 400, 'direct', { content: 'x', msg_id: 'nobody' }],
    [40034024, 400, 'group', { content: 'x', msg_id: 'nobody' }],
    [40034025, 400, 'group', { content: 'x', event_id: 'GROUP_ADD_ROBOT:nobody' }],
    [50039, 400, 'guild', { content: 'x', message_reference: { message_id: 'nobody' } }],
    [304041, 500, 'guild', { markdown: { content: 'x' } }, { mayMarkdown: false }],
    [40034012, 400, 'group', { msg_type: 2, markdown: { content: 'x' } }, { mayMarkdown: false }],
    [304037, 400, 'guild', { markdown: { content: 'x' }, keyboard: rowsOf(1, 1) }, { mayKeyboard: false }],
    [304039, 400, 'guild', { markdown: { content: 'x' }, keyboard: { content: {} } }],
    [304040, 400, 'guild', { markdown: { content: 'x' }, keyboard: rowsOf(6, 1) }],
    [40034029, 400, 'group', { msg_type: 2, markdown: { content: 'x' }, keyboard: rowsOf(1, 6) }],
    [50037, 400, 'guild', { markdown: { content: 'x' }, embed: { title: 'x' } }],
    [50055, 400, 'guild', { markdown: {} }],
    [50057, 400, 'guild', { markdown: { content: 'x', custom_template_id: '1' } }],
    [304014, 400, 'guild', { ark: { template_id: 99 } }],
    [304005, 400, 'guild', { embed: { fields: Array(201).fill({ name: 'x' }) } }],
    [304080, 400, 'group', { msg_type: 7, media: { file_info: 'nobody' } }],
    [40054007, 400, 'guild', { content: 'xxxx' }, { policies: { textMax: 3 } }],
    [304003, 403, 'guild', { content: 'https://no.example' }, { policies: { linkHosts: ['yes.example'] } }],
    [40054010, 400, 'c2c', { content: 'https://no.example' }, { policies: { linkHosts: ['yes.example'] } }],
    [40034102, 400, 'group', { content: 'x' }, { policies: { activeMessages: 'quota' } }],
    [304046, 500, 'guild', { content: 'x' }, { policies: { activeMessages: 'denied' } }],
    [304022, 400, 'guild', { content: 'x' }, { policies: { quietHours: true }, now: () => 1_699_981_200_000 }],
  ])('%i with HTTP %i in a %s', async (...row) => {
    const [code, status, kind, body, options] = row;
    const { simulator, call, write } = await ready(options);
    write(kind);
    const answer = await call('POST', PATHS[kind], body);
    expect([answer.status, answer.body]).toEqual([
      status,
      expect.objectContaining({ code, err_code: code, message: expect.any(String) }),
    ]);
    expect(answer.body.trace_id).toMatch(/^[\da-f]{32}$/);
    expect(answer.headers.get('x-tps-trace-id')).toBe(answer.body.trace_id);
    expect(simulator.replies()).toMatchObject([{ accepted: false, code }]);
  });

  test.each<[number, Kind, number]>([
    [304027, 'guild', 5 * MINUTE],
    [304027, 'direct', 5 * MINUTE],
    [40034005, 'group', 5 * MINUTE],
    [40034005, 'c2c', 60 * MINUTE],
  ])('%i: the window of a %s is %i ms', async (code, kind, windowMs) => {
    const { write, call, advance } = await ready();
    const id = write(kind);
    advance(windowMs);
    expect((await call('POST', PATHS[kind], { content: 'x', msg_id: id })).status).toBe(200);
    advance(1);
    expect((await call('POST', PATHS[kind], { content: 'x', msg_id: id, msg_seq: 2 })).body).toMatchObject({ code });
  });
  test('50038: a quote of another channel; one that is not there passes when that is to be ignored', async () => {
    const { simulator, call } = await ready();
    const [there] = simulator.postMessage({ kind: 'guild', channelId: 'elsewhere', content: 'x' });
    const quoting = async (message_id: unknown, more: object = {}) =>
      (await call('POST', PATHS.guild, { content: 'x', message_reference: { message_id, ...more } })).body.code;
    expect(await quoting(there)).toBe(50038);
    expect(await quoting('nobody', { ignore_get_message_error: true })).toBeUndefined();
  });
  test('40034026, 40034027: an old event, and one that cannot be answered', async () => {
    const { simulator, call, advance } = await ready();
    const { id } = simulator.postEvent('GROUP_ADD_ROBOT', { group_openid: 'P' });
    const { id: wrong } = simulator.postEvent('GROUP_DEL_ROBOT', { group_openid: 'P' });
    const codeOf = async (event: string) =>
      (await call('POST', PATHS.group, { content: 'x', event_id: event })).body.code;
    const { id: other } = simulator.postEvent('GROUP_ADD_ROBOT', { group_openid: 'Q' });
    const own = simulator.postEvent('GROUP_ADD_ROBOT', { group_openid: 'P' }, { eventId: 'my-own-1' });
    expect([await codeOf(id), await codeOf(wrong), await codeOf(other), await codeOf(own.id)]).toEqual([
      undefined,
      40034027,
      40034025,
      undefined,
    ]);
    advance(5 * MINUTE + 1);
    expect(await codeOf(id)).toBe(40034026);
  });
  test.each<[Kind, number]>([
    ['group', 5],
    ['c2c', 5],
  ])('40034128: a message of a %s is answered %i times', async (kind, most) => {
    const { write, call } = await ready({ paceMax: 0 });
    const id = write(kind);
    const codes: unknown[] = [];
    for (let seq = 1; seq <= most + 1; seq += 1)
      codes.push((await call('POST', PATHS[kind], { content: 'x', msg_id: id, msg_seq: seq })).body.code);
    expect(codes).toEqual([...Array(most).fill(undefined), 40034128]);
  });
  test('40054005: a key is taken once, and a channel knows no keys', async () => {
    const { write, call } = await ready();
    const send = async (kind: Kind, id: string, seq?: number) =>
      (await call('POST', PATHS[kind], { content: 'x', msg_id: id, ...(seq ? { msg_seq: seq } : {}) })).body.code;
    const [group, guild] = [write('group'), write('guild')];
    expect([await send('group', group), await send('group', group, 1), await send('group', group, 2)]).toEqual([
      undefined,
      40054005,
      undefined,
    ]);
    expect([await send('guild', guild, 1), await send('guild', guild, 1)]).toEqual([undefined, undefined]);
  });
  test('20028: five messages a second in a channel and a direct session, not in a group', async () => {
    const group = await ready();
    for (let i = 0; i < 6; i += 1) expect((await group.call('POST', PATHS.group, { content: 'x' })).status).toBe(200);
    for (const kind of ['guild', 'direct'] as const) {
      const { call, advance } = await ready();
      const statuses: number[] = [];
      for (let i = 0; i < 6; i += 1) statuses.push((await call('POST', PATHS[kind], { content: 'x' })).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
      advance(1_000);
      expect((await call('POST', PATHS[kind], { content: 'x' })).status).toBe(200);
    }
  });
  test.each<[string, Policies, Kind, readonly (readonly [string, number | undefined])[]]>([
    [
      '304045 in a channel',
      { activeMessages: 'quota' },
      'guild',
      [...Array(20).fill(['/channels/a/messages', undefined]), ['/channels/a/messages', 304045]],
    ],
    [
      '304047 in a guild',
      { activeMessages: 'quota' },
      'guild',
      [
        ['/channels/a/messages', undefined],
        ['/channels/b/messages', undefined],
        ['/channels/c/messages', 304047],
      ],
    ],
    [
      '304049 to a user',
      { activeMessages: 'quota' },
      'direct',
      [...Array(2).fill(['/dms/a/messages', undefined]), ['/dms/a/messages', 304049]],
    ],
  ])('%s: active messages of a day', async (_, policies, __, calls) => {
    const { call } = await ready({ policies, paceMax: 0 });
    for (const [path, code] of calls) expect((await call('POST', path, { content: 'x' })).body.code).toBe(code);
  });
  test('304019: @everyone of a day', async () => {
    const { call } = await ready({ policies: { everyoneMax: 1 } });
    const codes = [];
    for (let i = 0; i < 2; i += 1) codes.push((await call('POST', PATHS.guild, { content: '@everyone' })).body.code);
    expect(codes).toEqual([undefined, 304019]);
  });
  test('304018: not without a connection of this very bot', async () => {
    const { simulator } = await ready();
    const { body } = await json<{ access_token: string }>(`${simulator.url}/app/getAppAccessToken`, {
      appId: 'other',
      clientSecret: 'x',
    });
    const answer = await json(
      `${simulator.url}/channels/P/messages`,
      { content: 'x' },
      { authorization: `QQBot ${body.access_token}` },
    );
    expect([answer.status, answer.body.code]).toEqual([400, 304018]);
  });
});

describe('who asks', () => {
  test.each<[number, number, string | null, SimulatorOptions?]>([
    [401, 11241, null],
    [401, 11243, 'Basic x'],
    [401, 11244, 'QQBot nobody'],
    [500, 11245, 'Bot 1.x'],
    [401, 11243, 'bearer x'],
  ])('%i %i for %j', async (status, code, authorization) => {
    const simulator = await start();
    const answer = await json(`${simulator.url}/users/@me`, undefined, authorization === null ? {} : { authorization });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
  test('11245 only while fixed tokens are off', async () => {
    const simulator = await start({ policies: { legacyAuth: true } });
    expect((await json(`${simulator.url}/users/@me`, undefined, { authorization: 'Bot 1.x' })).status).toBe(200);
  });
  test('11265: a bot that was banned', async () => {
    const { simulator, call } = await ready();
    await simulator.addBot({ appId: 'a', state: 'banned' });
    expect((await call('GET', '/users/@me')).body.code).toBe(11265);
    expect(
      (await json(`${simulator.url}/app/getAppAccessToken`, { appId: 'a', clientSecret: 'b' })).body,
    ).toMatchObject({ code: 100007 });
  });
  test('the rate of /gateway, when it is on', async () => {
    const { call } = await ready({ policies: { gatewayPerMinute: 2 } });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await call('GET', '/gateway')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});
