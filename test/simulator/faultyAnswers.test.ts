import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultRequest } from '../../src/simulator/faults/faults.js';
import { type Client, closeAll, identified, json, login, start, until } from './client.js';

afterEach(closeAll);

async function ready() {
  const simulator = await start({ paceMax: 0 });
  const { token, client } = await identified(simulator);
  const [id] = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hi' });
  const headers = { authorization: `QQBot ${token}` };
  return {
    simulator,
    client: client as Client,
    token,
    headers,
    id: id!,
    send: (body: object = { msg_id: id, content: 'x' }, path = '/channels/c1/messages') =>
      json(`${simulator.url}${path}`, body, headers),
  };
}
type Platform = Awaited<ReturnType<typeof ready>>;

describe('over HTTP', () => {
  test.each<[FaultRequest, object, number, unknown]>([
    [{ kind: 'errors', code: 304041 }, {}, 500, { code: 304041, err_code: 304041 }],
    [{ kind: 'rejectMarkdown' }, { markdown: { content: 'x' } }, 500, { code: 304041 }],
    [{ kind: 'rejectKeyboard' }, { keyboard: { id: '1' }, markdown: {} }, 400, { code: 304040 }],
    [{ kind: 'rejectImage' }, { image: 'http://x/y.png' }, 400, { code: 304010 }],
    [{ kind: 'rejectLinks' }, { content: 'http://x' }, 403, { code: 304003 }],
    [{ kind: 'rejectEveryone' }, { content: '@everyone' }, 400, { code: 304019 }],
    [{ kind: 'ipNotAllowed' }, {}, 401, { code: 11298, err_code: 40023002 }],
  ])('%j to %j: HTTP %i', async (fault, body, status, expected) => {
    const { simulator, send, id } = await ready();
    simulator.addFault(fault);
    const answer = await send({ msg_id: id, content: 'x', ...body });
    expect([answer.status, answer.body]).toEqual([status, expect.objectContaining(expected as object)]);
    expect(answer.headers.get('x-tps-trace-id')).toBe(answer.body.trace_id);
    expect(simulator.replies()).toMatchObject([{ accepted: false, httpStatus: status }]);
  });
  test('html 502 is a page', async () => {
    const { simulator, headers } = await ready();
    simulator.addFault({ kind: 'html', status: 502 });
    const response = await fetch(`${simulator.url}/users/@me`, { headers });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      502,
      expect.stringContaining('text/html'),
      expect.stringContaining('502 Bad Gateway'),
    ]);
  });
  test('slow and errors together: late and wrong', async () => {
    const { simulator, send } = await ready();
    simulator.addFault({ kind: 'slow', latencyMs: 60 });
    simulator.addFault({ kind: 'slow', latencyMs: 60 });
    simulator.addFault({ kind: 'errors', code: 50006 });
    const startedAt = performance.now();
    expect((await send()).status).toBe(400);
    expect(performance.now() - startedAt).toBeGreaterThan(115);
    expect(simulator.calls().at(-1)).toMatchObject({ fault: 'errors' });
  });
  test('slowBody: the headers at once, the whole body in drops, the message accepted', async () => {
    const { simulator, headers, id } = await ready();
    simulator.addFault({ kind: 'slowBody', latencyMs: 200 });
    const startedAt = performance.now();
    const response = await fetch(`${simulator.url}/channels/c1/messages`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ msg_id: id, content: 'x' }),
    });
    const headersMs = performance.now() - startedAt;
    const body = (await response.json()) as { content: string };
    expect(headersMs).toBeLessThan(120);
    expect(performance.now() - startedAt).toBeGreaterThan(180);
    expect([response.status, body.content, simulator.replies()]).toMatchObject([200, 'x', [{ accepted: true }]]);
  });
  test('halfOpen: neither an answer nor an end, also after the fault', async () => {
    const { simulator, headers } = await ready();
    const fault = simulator.addFault({ kind: 'halfOpen', count: 1 });
    const abort = new AbortController();
    const asked = fetch(`${simulator.url}/users/@me`, { headers, signal: abort.signal });
    let isOver = false;
    asked.then(
      () => {
        isOver = true;
      },
      () => {
        isOver = true;
      },
    );
    await until('the fault to strike', () => fault.struck === 1);
    simulator.clearFaults();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(isOver).toBe(false);
    abort.abort();
    await expect(asked).rejects.toThrow();
  });
  test('a fault of one bot leaves the others alone', async () => {
    const { simulator, send, headers } = await ready();
    simulator.addFault({ kind: 'outage', appId: 'other' });
    expect((await send()).status).toBe(200);
    simulator.addFault({ kind: 'outage', appId: 'a', route: '@me' });
    expect((await json(`${simulator.url}/users/@me`, undefined, headers)).status).toBe(503);
  });
});

describe('the token endpoint', () => {
  const ask = async ({ simulator }: Platform) =>
    json(`${simulator.url}/app/getAppAccessToken`, { appId: 'a', clientSecret: 'b' });
  test.each([100001, 100002, 100007, 100016, 10004])('tokenRefused with %i is HTTP 200', async (code) => {
    const platform = await ready();
    platform.simulator.addFault({ kind: 'tokenRefused', code, count: 1 });
    expect(await ask(platform)).toMatchObject({ status: 200, body: { code, message: expect.any(String) } });
    expect((await ask(platform)).body).toHaveProperty('access_token');
  });
  test.each(['60', '0', 7200])('tokenLife says %j as it is', async (expiresIn) => {
    const platform = await ready();
    platform.simulator.addFault({ kind: 'tokenLife', expiresIn });
    expect((await ask(platform)).body).toMatchObject({ expires_in: expiresIn, access_token: platform.token });
  });
  test('tokenExpired: 11244, and a new token works', async () => {
    const platform = await ready();
    const { simulator, send, token } = platform;
    simulator.addFault({ kind: 'tokenExpired', appId: 'other' });
    expect((await send()).status).toBe(200);
    simulator.addFault({ kind: 'tokenExpired' });
    expect(await send()).toMatchObject({ status: 401, body: { code: 11244 } });
    const fresh = await login(simulator);
    expect(fresh).not.toBe(token);
    const headers = { authorization: `QQBot ${fresh}` };
    expect((await json(`${simulator.url}/users/@me`, undefined, headers)).status).toBe(200);
  });
});

describe('audit', () => {
  const AUDITS = 1 << 27;
  test.each<[FaultRequest, number, number, string | null]>([
    [{ kind: 'audit', auditMs: 5 }, 202, 304024, 'MESSAGE_AUDIT_PASS'],
    [{ kind: 'audit', auditMs: 5, outcome: 'reject', status: 200 }, 200, 304024, 'MESSAGE_AUDIT_REJECT'],
    [{ kind: 'audit', outcome: 'none' }, 202, 304024, null],
    [{ kind: 'audit', beforeAnswer: true }, 202, 304024, 'MESSAGE_AUDIT_PASS'],
  ])('%j: HTTP %i, %i, then %s', async (fault, status, code, event) => {
    const simulator = await start({ paceMax: 0 });
    const { client, token } = await identified(simulator, (1 << 30) | AUDITS);
    const [id] = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hi' });
    simulator.addFault(fault);
    const answer = await json<{ data?: { message_audit: { audit_id: string } } }>(
      `${simulator.url}/channels/c1/messages`,
      { msg_id: id, content: 'x' },
      { authorization: `QQBot ${token}` },
    );
    expect(answer).toMatchObject({ status, body: { code } });
    const auditId = answer.body.data!.message_audit.audit_id;
    if (event === null) return;
    if (fault.beforeAnswer) expect(client.dispatched(event)).toHaveLength(1);
    const { d } = await client.frame(event, (frame) => frame.t === event);
    expect(d).toMatchObject({ audit_id: auditId, channel_id: 'c1' });
    expect('message_id' in d!).toBe(event === 'MESSAGE_AUDIT_PASS');
  });

  test('a message under audit has taken its key: who repeats a lost call is told so, and it is there once', async () => {
    const simulator = await start({ paceMax: 0 });
    const { token } = await identified(simulator, 1 << 25);
    const [msg_id] = simulator.postMessage({ kind: 'group', channelId: 'g', content: 'hi' });
    const send = async () => {
      const body = { msg_id, msg_seq: 1, msg_type: 0, content: 'x' };
      const headers = { authorization: `QQBot ${token}` };
      return (await json(`${simulator.url}/v2/groups/g/messages`, body, headers)).body.code;
    };
    simulator.addFault({ kind: 'audit', auditMs: 5 });
    expect([await send(), await send()]).toEqual([304024, 40054005]);
    simulator.clearFaults();
    expect(await send()).toBe(40054005);
    const accepted = () => simulator.replies().filter((reply) => reply.accepted);
    await until('the audited message', () => accepted().length === 1);
    expect(accepted()).toHaveLength(1);
  });
});
