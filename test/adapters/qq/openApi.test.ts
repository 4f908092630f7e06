import { createRequire } from 'node:module';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createSystemClock } from '../../../src/adapters/process/systemClock.js';
import { createOpenApi, type OpenApi } from '../../../src/adapters/qq/http/openApi.js';
import { type Answer, answerJson, type LocalServer, startLocalServer } from './localServer.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(answer: Answer = answerJson(200, { id: '1' }), base = '', token: string | null = 't0ken') {
  const server: LocalServer = await startLocalServer(answer);
  const openApi: OpenApi = createOpenApi({
    baseUrl: server.url + base,
    appId: '1020',
    tokens: { current: () => token },
    timeoutMs: 2_000,
    clock: createSystemClock(),
  });
  cleanUps.push(
    () => server.close(),
    () => openApi.close(),
  );
  return { server, openApi };
}

describe("the package's groups over our transport", () => {
  test('send with the present scheme of authorization', async () => {
    const { server, openApi } = await serve();
    const outcome = await openApi.groups.messageApi.postMessage('c1', { content: 'hi', msg_id: 'm1' });
    expect(outcome).toMatchObject({ ending: 'answered', status: 200, body: { id: '1' } });
    const [request] = server.heard;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/channels/c1/messages',
      body: '{"content":"hi","msg_id":"m1"}',
    });
    expect(request!.headers).toMatchObject({
      authorization: 'QQBot t0ken',
      'x-union-appid': '1020',
      'user-agent': 'kintsugi',
      'content-type': 'application/json',
    });
  });
  test('encode what stands in a path, zero included', async () => {
    const { server, openApi } = await serve(answerJson(200, {}));
    await openApi.groups.reactionApi.postReaction('c/1', { message_id: 'm?', emoji_type: 0, emoji_id: '你' });
    expect(server.heard[0]!.path).toBe('/channels/c%2F1/messages/m%3F/reactions/0/%E4%BD%A0');
  });
  test('put parameters into the query and keep a path in the base address', async () => {
    const { server, openApi } = await serve(answerJson(200, []), '/proxy/');
    await openApi.groups.meApi.meGuilds({ after: 'g 1', limit: 5 });
    expect(server.heard[0]!.path).toBe('/proxy/users/@me/guilds?after=g+1&limit=5');
    expect(server.heard[0]!.headers['content-type']).toBeUndefined();
  });
  test.each(['', '.', '..', '\ud800'])('refuse the id %j, which cannot stand in a path', async (id) => {
    const { server, openApi } = await serve();
    expect(await openApi.groups.channelApi.channel(id)).toMatchObject({ ending: 'unsent', errorCode: 'BAD_PATH' });
    expect(server.heard).toHaveLength(0);
  });
  test('do not send without a token', async () => {
    const { server, openApi } = await serve(undefined, '', null);
    expect(await openApi.groups.meApi.me()).toMatchObject({ ending: 'unsent', errorCode: 'NO_TOKEN' });
    expect(server.heard).toHaveLength(0);
  });
  test('never carry the token in an outcome', async () => {
    const { openApi } = await serve((response, { headers }) =>
      response.writeHead(500).end(`<p>${headers.authorization}</p>`),
    );
    expect(JSON.stringify(await openApi.groups.meApi.me())).not.toContain('t0ken');
  });
  test('take another time limit', async () => {
    const { openApi } = await serve(() => {});
    expect(await openApi.within(30).meApi.me()).toMatchObject({ ending: 'timedOut' });
    expect(openApi.within(30)).toBe(openApi.within(30));
  });
});

test("leaves the package's HTTP, console and interceptor list untouched over 1,000 calls", async () => {
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('qq-guild-bot'));
  const resty = fromPackage('resty-client') as { resMiddleware: unknown[]; create: unknown };
  const create = jest.spyOn(resty as { create(): unknown }, 'create');
  const lines = (['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((name) =>
    jest.spyOn(console, name).mockImplementation(() => {}),
  );
  const { server, openApi } = await serve();
  for (let i = 0; i < 100; i += 1) {
    await Promise.all(
      Array.from({ length: 10 }, () => openApi.within(500 + i).messageApi.postMessage('c1', { content: 'x' })),
    );
  }
  expect(server.heard).toHaveLength(1_000);
  expect(server.connections()).toBeLessThanOrEqual(20);
  expect(resty.resMiddleware).toHaveLength(0);
  expect(create).not.toHaveBeenCalled();
  expect(lines.flatMap((line) => line.mock.calls)).toEqual([]);
  jest.restoreAllMocks();
});

test('refuses a base address that is none, naming the setting', () => {
  const make = (baseUrl: string) =>
    createOpenApi({ baseUrl, appId: '1', tokens: { current: () => null }, timeoutMs: 1, clock: createSystemClock() });
  expect(() => make('api.sgroup.qq.com')).toThrow(/QQ_BOT_API_URL: "api\.sgroup\.qq\.com" is no http address/);
});
