import { afterEach, describe, expect, test } from '@jest/globals';
import type { Simulator } from '../../src/simulator/createSimulator.js';
import type { FaultRequest } from '../../src/simulator/faults/faults.js';
import { closeAll, identified, json, login, start, until } from './client.js';

afterEach(closeAll);

async function ready(options: Parameters<typeof start>[0] = {}): Promise<{
  simulator: Simulator;
  send(body: object, path?: string): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }>;
  id: string;
}> {
  const simulator = await start(options);
  const { token } = await identified(simulator);
  const [id] = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hi' });
  return {
    simulator,
    id: id!,
    send: (body, path = '/channels/c1/messages') =>
      json(`${simulator.url}${path}`, body, { authorization: `QQBot ${token}` }),
  };
}

describe('the token endpoint', () => {
  test('gives a string expires_in, and the same token again with what is left', async () => {
    let now = 1_000_000;
    const simulator = await start({ now: () => now });
    const ask = async () =>
      (
        await json<{ access_token: string; expires_in: string }>(`${simulator.url}/app/getAppAccessToken`, {
          appId: 'a',
          clientSecret: 'b',
        })
      ).body;
    const first = await ask();
    now += 7_000_000;
    const second = await ask();
    now += 160_000;
    const third = await ask();
    expect([
      first.expires_in,
      second.expires_in,
      second.access_token === first.access_token,
      third.access_token === first.access_token,
    ]).toEqual(['7200', '200', true, false]);
  });

  test.each([
    [{ appId: 'a', clientSecret: 'wrong' }, 100016],
    [{ appId: 'b', clientSecret: 'right' }, 100007],
    [{ appId: 1, clientSecret: 'right' }, 100002],
  ])('refuses %j with HTTP 200', async (body, code) => {
    const simulator = await start({ credentials: { appId: 'a', secret: 'right' } });
    expect(await json(`${simulator.url}/app/getAppAccessToken`, body)).toMatchObject({ status: 200, body: { code } });
  });
});

describe('the OpenAPI', () => {
  test.each([
    [{}, 401, 11241],
    [{ authorization: 'Nonsense' }, 401, 11243],
    [{ authorization: 'QQBot old' }, 401, 11244],
    [{ authorization: 'Bot a.b' }, 500, 11245],
  ])('refuses %j', async (headers, status, code) => {
    const simulator = await start();
    const answer = await json<{ code: number; trace_id: string }>(
      `${simulator.url}/users/@me`,
      undefined,
      headers as unknown as Record<string, string>,
    );
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('x-tps-trace-id')).toBe(answer.body.trace_id);
    expect(answer.body.trace_id).toMatch(/^[0-9a-f]{32}$/);
  });

  test('has discovery and the bot itself', async () => {
    const simulator = await start();
    const headers = { authorization: `QQBot ${await login(simulator)}` };
    const gateway = `${simulator.url.replace('http', 'ws')}/websocket`;
    expect((await json(`${simulator.url}/gateway`, undefined, headers)).body).toEqual({ url: gateway });
    expect((await json(`${simulator.url}/gateway/bot`, undefined, headers)).body).toMatchObject({
      url: gateway,
      shards: 1,
      session_start_limit: { max_concurrency: 1 },
    });
    expect((await json(`${simulator.url}/users/@me`, undefined, headers)).body).toMatchObject({ bot: true });
    expect((await json(`${simulator.url}/nowhere`, undefined, headers)).status).toBe(404);
    expect((await json(`${simulator.url}/gateway`, {}, headers)).status).toBe(405);
  });

  test('listening everywhere, it tells the address that was asked', async () => {
    const simulator = await start({ host: '0.0.0.0' });
    const here = { ...simulator, url: `http://127.0.0.1:${simulator.port}` };
    const headers = { authorization: `QQBot ${await login(here)}` };
    const { body } = await json(`${here.url}/gateway`, undefined, headers);
    expect(body).toEqual({ url: `ws://127.0.0.1:${simulator.port}/websocket` });
  });
  test('takes a reply into the ledger, every field of it', async () => {
    const { simulator, send, id } = await ready();
    const embed = { title: 'Response', fields: [{ name: 'one' }, { name: 'two' }] };
    const { body } = await send({ msg_id: id, embed });
    const [reply] = simulator.replies();
    expect(reply).toMatchObject({
      kind: 'guild',
      replyTo: id,
      channelId: 'c1',
      form: 'embed',
      content: 'one\ntwo',
      accepted: true,
      httpStatus: 200,
      code: null,
      messageId: body.id,
      msgId: id,
      msgSeq: null,
      body: { embed },
    });
    await send({ msg_id: id, content: 'plain', msg_seq: 2 }, '/dms/d1/messages');
    expect(simulator.replies()[1]).toMatchObject({
      kind: 'direct',
      channelId: 'd1',
      form: 'text',
      content: 'plain',
      msgSeq: 2,
    });
  });

  test('refuses what the platform refuses', async () => {
    let now = 1_000_000;
    const { send, id } = await ready({ now: () => now });
    expect((await send({ msg_id: id })).body).toMatchObject({ code: 50006 });
    expect((await send({ msg_id: 'unknown', content: 'x' })).body).toMatchObject({ code: 304026 });
    for (let i = 0; i < 5; i += 1) expect((await send({ msg_id: id, content: 'x' })).status).toBe(200);
    expect(await send({ msg_id: id, content: 'x' })).toMatchObject({ status: 429, body: { code: 20028 } });
    expect((await send({ msg_id: id, content: 'x' }, '/channels/c2/messages')).status).toBe(200);
    now += 300_001;
    expect((await send({ msg_id: id, content: 'x' })).body).toMatchObject({ code: 304027 });
  });

  test('refuses to send for a bot without a gateway session, and has no pace when told so', async () => {
    const simulator = await start({ paceMax: 0 });
    const headers = { authorization: `QQBot ${await login(simulator)}` };
    expect((await json(`${simulator.url}/channels/c/messages`, { content: 'x' }, headers)).body).toMatchObject({
      code: 304018,
    });
    await identified(simulator);
    for (let i = 0; i < 8; i += 1)
      expect((await json(`${simulator.url}/channels/c/messages`, { content: 'x' }, headers)).status).toBe(200);
  });
});

describe('faults', () => {
  test.each([
    [{ kind: 'outage' }, 503, undefined],
    [{ kind: 'errors', status: 502, code: 7 }, 502, 7],
    [{ kind: 'rateLimit' }, 429, 20028],
    [{ kind: 'rejectEmbed' }, 400, 304011],
  ] as const)('%j', async (fault, status, code) => {
    const { simulator, send, id } = await ready();
    simulator.addFault(fault);
    const answer = await send({ msg_id: id, embed: { fields: [] } });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(simulator.replies()).toMatchObject([{ accepted: false, httpStatus: status }]);
    expect(simulator.calls().at(-1)).toMatchObject({ route: 'POST /channels/:id/messages', status, fault: fault.kind });
    simulator.clearFaults();
    expect((await send({ msg_id: id, content: 'x' })).status).toBe(200);
  });

  test('rateLimit carries Retry-After only when told', async () => {
    const { simulator, send, id } = await ready();
    simulator.addFault({ kind: 'rateLimit', retryAfterSec: 7, count: 1 });
    simulator.addFault({ kind: 'rateLimit', count: 1 });
    const answers = [await send({ msg_id: id, content: 'x' }), await send({ msg_id: id, content: 'x' })];
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual(['7', null]);
  });

  test.each(['reset', 'truncate', 'hang'] as const)(
    '%s breaks the call; with afterAccept the message stands',
    async (kind) => {
      const { simulator, send, id } = await ready();
      simulator.addFault({ kind, afterAccept: true, durationMs: 150 });
      await expect(send({ msg_id: id, content: 'x' })).rejects.toThrow();
      expect(simulator.replies()).toMatchObject([{ accepted: true }]);
      await until('the end of the call', () => simulator.inFlight() === 0);
    },
  );

  test('slow waits before or after the message is taken', async () => {
    const { simulator, send, id } = await ready();
    for (const afterAccept of [true, false]) {
      simulator.clearFaults();
      simulator.addFault({ kind: 'slow', latencyMs: 80, afterAccept });
      const before = simulator.replies().length;
      const sending = send({ msg_id: id, content: 'x' });
      await until('the call', () => simulator.inFlight() === 1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(simulator.replies().length - before).toBe(afterAccept ? 1 : 0);
      expect((await sending).status).toBe(200);
    }
  });

  test('strike by count, by time, by route, by channel, and by the luck of the seed', async () => {
    let now = 1_000_000;
    const { simulator, send, id } = await ready({ now: () => now, paceMax: 0 });
    const status = async (channel = 'c1') =>
      (await send({ msg_id: id, content: 'x' }, `/channels/${channel}/messages`)).status;
    simulator.addFault({ kind: 'outage', count: 1 });
    expect([await status(), await status()]).toEqual([503, 200]);
    simulator.addFault({ kind: 'outage', durationMs: 1_000, channelId: 'c2' });
    expect([await status('c2'), await status('c1')]).toEqual([503, 200]);
    now += 1_000;
    expect([await status('c2'), simulator.faults().length]).toEqual([200, 0]);
    simulator.addFault({ kind: 'outage', route: 'gateway' });
    expect(await status()).toBe(200);
    const luck = async (seed: number) => {
      const other = await ready({ seed, paceMax: 0 });
      other.simulator.addFault({ kind: 'errors', probability: 0.5 });
      const seen: number[] = [];
      for (let i = 0; i < 12; i += 1) seen.push((await other.send({ msg_id: other.id, content: 'x' })).status);
      return seen.join();
    };
    const [one, same, another] = [await luck(5), await luck(5), await luck(6)];
    expect([one === same, one === another, one.includes('200') && one.includes('500')]).toEqual([true, false, true]);
  });
});

describe('the control API', () => {
  test('does over HTTP what the methods do', async () => {
    const { simulator } = await ready();
    const sim = (path: string, body?: unknown, method?: string) =>
      json(`${simulator.url}/sim/${path}`, body, {}, method);
    expect((await sim('messages', { kind: 'direct', channelId: 'd', content: 'x', repeat: 2 })).body).toMatchObject({
      ids: [expect.any(String), expect.any(String)],
    });
    const { body } = await sim('faults', { kind: 'outage' });
    expect((await sim('faults')).body).toMatchObject([{ id: body.id, kind: 'outage' }]);
    expect((await sim(`faults/${body.id}`, undefined, 'DELETE')).status).toBe(200);
    expect((await sim(`faults/${body.id}`, undefined, 'DELETE')).status).toBe(404);
    expect((await sim('state')).body).toMatchObject({ sessions: 1, identifies: 1, resumes: 0, connected: 1 });
    expect((await sim('frames', { raw: '{"op":7}' })).body).toEqual({ sent: 1 });
    expect((await sim('replies', undefined, 'DELETE')).status).toBe(200);
    expect((await sim('calls')).body).toEqual(expect.arrayContaining([expect.objectContaining({ status: 200 })]));
  });

  test.each([
    ['messages', { kind: 'gild', channelId: 'c', content: 'x' }, 'kind'],
    ['messages', { kind: 'guild', channelId: '', content: 'x' }, 'channelId'],
    ['messages', { kind: 'guild', channelId: 'c', content: 5 }, 'content'],
    ['messages', { kind: 'guild', channelId: 'c', content: 'x', repeat: 0 }, 'repeat'],
    ['faults', { kind: 'fire' }, 'kind'],
    ['faults', { kind: 'outage', probability: 2 }, 'probability'],
    ['faults', { kind: 'dropConnection', closeCode: 5 }, 'closeCode'],
    ['frames', { raw: 5 }, 'raw'],
  ])('%s: nonsense %j is 400 and names the field', async (path, body, field) => {
    const simulator = await start();
    const answer = await json<{ message: string }>(`${simulator.url}/sim/${path}`, body as FaultRequest);
    expect([answer.status, answer.body.message.includes(field)]).toEqual([400, true]);
  });

  test('a frame of 10 MB goes through', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    await json(`${simulator.url}/sim/frames`, {
      raw: JSON.stringify({ op: 0, t: 'BIG', d: { text: 'x'.repeat(10_000_000) } }),
    });
    await client.frame('the big one', (frame) => frame.t === 'BIG');
  });
});
