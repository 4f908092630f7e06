import { request as ask } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import type { Fact } from '../../../src/actors/ports.js';
import { createManualClock } from '../../../src/adapters/process/manualClock.js';
import {
  createQQWebhook,
  type QQWebhook,
  REQUEST_MAX,
  SIGNED_WITHIN_MS,
  WebhookListenError,
} from '../../../src/adapters/qq/qqWebhook.js';
import { WebhookKey } from '../../../src/adapters/qq/wire/signature.js';

const SECRET = 'naOC0ocQE3shWLAfffVLB1rhYPG7';
const key = new WebhookKey(SECRET);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const open: QQWebhook[] = [];
afterEach(async () => {
  for (const webhook of open.splice(0)) await webhook.close();
});

async function start(postDurably?: (fact: Fact) => Promise<void>) {
  const facts: Fact[] = [];
  const clock = createManualClock(1_700_000_000_000);
  const options = {
    host: '127.0.0.1',
    port: 0,
    path: '/qq',
    secret: SECRET,
    clock,
    log: silent,
    botId: () => null,
    postDurably:
      postDurably ??
      (async (fact: Fact) => {
        facts.push(fact);
      }),
  };
  const webhook = await createQQWebhook(options);
  open.push(webhook);
  webhook.performers['webhook.listen']({ type: 'webhook.listen', id: 'f1.0', actor: 'gateway' }, (fact) =>
    facts.push(fact),
  );
  expect(facts.shift()).toEqual({ type: 'webhook.opened', socket: 'f1.0' });
  return { webhook, facts, clock, options };
}
interface Pushed {
  readonly at?: number;
  readonly signature?: string;
  readonly path?: string;
  readonly method?: 'POST' | 'GET';
}
async function push(
  url: string,
  body: string,
  { at = 1_700_000_000, signature = key.sign(`${at}${body}`), path = '', method = 'POST' }: Pushed = {},
) {
  const headers = {
    'x-signature-ed25519': signature,
    'x-signature-timestamp': String(at),
    'content-type': 'application/json',
  };
  const answer = await request(`${url}${path}`, { method, headers, ...(method === 'POST' ? { body } : {}) });
  return { status: answer.statusCode, body: (await answer.body.json()) as unknown };
}
const event = (id = 'm1') =>
  JSON.stringify({
    op: 0,
    t: 'C2C_MESSAGE_CREATE',
    id: `e-${id}`,
    d: { id, author: { user_openid: 'U' }, content: 'hi' },
  });
const taken = { status: 200, body: { op: 12, d: 0 } };

describe('the webhook', () => {
  test('op 13 is answered as in the documented example, and only when it is signed', async () => {
    const documented = new WebhookKey('DG5g3B4j9X2KOErG');
    expect(documented.sign('1725442341Arq0D5A61EgUu4OxUvOp')).toBe(
      '87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d01bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706',
    );
    const { webhook } = await start();
    const check = JSON.stringify({ op: 13, d: { plain_token: 'Arq0D5A61EgUu4OxUvOp', event_ts: '1725442341' } });
    const signature = key.sign('1725442341Arq0D5A61EgUu4OxUvOp');
    expect(await push(webhook.url, check)).toEqual({
      status: 200,
      body: { plain_token: 'Arq0D5A61EgUu4OxUvOp', signature },
    });
    expect(await push(webhook.url, check, { signature: '00'.repeat(64) })).toMatchObject({ status: 401 });
  });
  test('op 13 signs nothing that could pass for an event', async () => {
    const { webhook } = await start();
    const forged = JSON.stringify({ op: 13, d: { plain_token: event(), event_ts: '1700000000' } });
    expect(await push(webhook.url, forged)).toMatchObject({ status: 400 });
  });
  test('op 12: an event is acknowledged once it is recorded', async () => {
    let isDurable = false;
    const { webhook } = await start(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      isDurable = true;
    });
    expect(await push(webhook.url, event())).toEqual(taken);
    expect(isDurable).toBe(true);
  });
  test('an event that cannot be recorded is refused, so that QQ sends it again, and is then taken', async () => {
    let fails = true;
    const { webhook } = await start(async () => {
      if (fails) throw new Error('disk full');
    });
    expect(await push(webhook.url, event())).toMatchObject({ status: 503 });
    fails = false;
    expect(await push(webhook.url, event())).toEqual(taken);
  });
  test('tells the event as the fact that it is', async () => {
    const { webhook, facts } = await start();
    await push(webhook.url, event());
    expect(facts).toMatchObject([
      { type: 'message.received', socket: 'f1.0', s: null, eventId: 'e-m1', message: { id: 'm1' } },
    ]);
  });
  test('a replay is acknowledged and not taken again; another event is', async () => {
    const { webhook, facts } = await start();
    for (const body of [event(), event(), event('m2')]) expect(await push(webhook.url, body)).toEqual(taken);
    expect(facts).toHaveLength(2);
  });
  test.each([
    ['no signature', { signature: '' }],
    ['a signature that is no hex', { signature: 'zz' }],
    ['the signature of something else', { signature: key.sign('1700000000{}') }],
    ['a signature of another secret', { signature: new WebhookKey('other').sign(`1700000000${event()}`) }],
    ['a signature of long ago', { at: 1_700_000_000 - SIGNED_WITHIN_MS / 1_000 - 1 }],
    ['a signature of the future', { at: 1_700_000_000 + SIGNED_WITHIN_MS / 1_000 + 1 }],
  ])('401 for %s', async (_, how) => {
    const { webhook, facts } = await start();
    expect(await push(webhook.url, event(), how)).toMatchObject({ status: 401 });
    expect(facts).toEqual([]);
  });
  test.each([
    ['no signature', {}],
    ['a signature of no form', { 'x-signature-ed25519': 'zz', 'x-signature-timestamp': '1700000000' }],
    ['a signature of long ago', { 'x-signature-ed25519': '0'.repeat(128), 'x-signature-timestamp': '1600000000' }],
  ])('[case W2] with %s the body is not waited for', async (_, headers) => {
    const { webhook } = await start();
    const asked = ask(webhook.url, { method: 'POST', headers: { ...headers, 'content-length': REQUEST_MAX } });
    asked.on('error', () => undefined);
    asked.flushHeaders();
    const status = await new Promise((resolve) => asked.once('response', ({ statusCode }) => resolve(statusCode)));
    expect(status).toBe(401);
    asked.destroy();
  });
  test('[case S6] a clock that was an hour behind and is set right: what QQ pushes is taken at once', async () => {
    const { webhook, facts, clock } = await start();
    const at = 1_700_000_000 + 3_600;
    expect(await push(webhook.url, event(), { at })).toMatchObject({ status: 401 });
    clock.setWall(3_600_000);
    expect(await push(webhook.url, event(), { at })).toMatchObject({ status: 200 });
    expect(facts).toHaveLength(1);
    clock.setWall(-3_600_000);
    expect(await push(webhook.url, event('m2'), { at })).toMatchObject({ status: 401 });
  });
  test('[limit webhookBody] 404, 405 and 413 for what is no push', async () => {
    const { webhook } = await start();
    expect(await push(webhook.url, event(), { path: '/else' })).toMatchObject({ status: 404 });
    expect(await push(webhook.url, event(), { method: 'GET' })).toMatchObject({ status: 405 });
    expect(await push(webhook.url, 'x'.repeat(REQUEST_MAX + 1))).toMatchObject({ status: 413 });
  });
  test('[limit webhookReplays] more events than can be told from replays are refused until old ones expire', async () => {
    const { webhook, clock, options } = await start();
    const hook = await createQQWebhook({ ...options, signaturesMax: 2 });
    open.push(hook);
    hook.performers['webhook.listen']({ type: 'webhook.listen', id: 'f2.0', actor: 'gateway' }, () => undefined);
    expect([
      (await push(hook.url, event('a'))).status,
      (await push(hook.url, event('b'))).status,
      (await push(hook.url, event('c'))).status,
    ]).toEqual([200, 200, 503]);
    clock.advance(2 * SIGNED_WITHIN_MS + 1);
    expect((await push(hook.url, event('c'), { at: Math.floor(clock.now() / 1_000) })).status).toBe(200);
    expect(webhook.url).not.toBe(hook.url);
  });
  test('what QQ signed but nobody can read is recorded and acknowledged', async () => {
    const { webhook, facts } = await start();
    for (const body of ['no json', '[]', '{"op":0}', JSON.stringify({ op: 0, t: 'C2C_MESSAGE_CREATE', d: 5 })])
      expect(await push(webhook.url, body)).toEqual(taken);
    expect(facts.map(({ type }) => type)).toEqual(Array(4).fill('frame.rejected'));
  });
  test('takes nothing while it is paused, and nothing more in a drain', async () => {
    const { webhook } = await start();
    webhook.pause();
    expect(await push(webhook.url, event())).toMatchObject({ status: 503 });
    webhook.resume();
    expect(await push(webhook.url, event())).toEqual(taken);
    webhook.performers['socket.pause'](
      { type: 'socket.pause', socket: 'f1.0', id: 'x', actor: 'gateway' },
      () => undefined,
    );
    expect(await push(webhook.url, event('m2'))).toMatchObject({ status: 503 });
  });
  test('a port that is taken is told with what to set', async () => {
    const { webhook, options } = await start();
    const port = Number(new URL(webhook.url).port);
    await expect(createQQWebhook({ ...options, port })).rejects.toThrow(WebhookListenError);
    await expect(createQQWebhook({ ...options, port })).rejects.toThrow('QQ_BOT_WEBHOOK');
  });
  test('an empty secret makes no key', () => {
    expect(() => new WebhookKey('')).toThrow(RangeError);
  });
});
