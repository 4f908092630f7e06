import { beforeEach, describe, expect, test } from '@jest/globals';
import { Faults } from '../../src/simulator/faults/faults.js';
import { Random } from '../../src/simulator/kit/random.js';
import { SigningKey } from '../../src/simulator/webhook/signing.js';
import {
  PUSH_LOG_MAX,
  PUSH_RETRY_MS,
  PUSHES_AT_ONCE,
  PUSHES_MAX,
  type Send,
  WebhookPush,
} from '../../src/simulator/webhook/webhookPush.js';
import { FakeTimers } from './fakeTimers.js';

const SECRET = 'DG5g3B4j9X2KOErG';
const target = { appId: 'a', secret: SECRET, url: 'http://127.0.0.1:1/callback' };
const event = (t = 'C2C_MESSAGE_CREATE') => ({ id: `${t}:1`, t, d: { id: 'm1' } });
interface Got {
  readonly body: { op: number; t?: string; d: { plain_token: string; event_ts: string } };
  readonly text: string;
  readonly headers: { readonly [name: string]: string };
  readonly isSigned: boolean;
}
let timers: FakeTimers;
let faults: Faults;
let got: Got[];
let answer: (got: Got) => Response | Promise<Response>;
let push: WebhookPush;
const ACK = () => Response.json({ op: 12, d: 0 });
beforeEach(() => {
  timers = new FakeTimers();
  faults = new Faults(1, timers.now);
  got = [];
  answer = ACK;
  const send: Send = async (_url, { body, headers }) => {
    const named = headers as Record<string, string>;
    const timestamp = named['X-Signature-Timestamp']!;
    const isSigned = new SigningKey(SECRET).verify(timestamp, body as string, named['X-Signature-Ed25519']!);
    const request = { body: JSON.parse(body as string), text: body as string, headers: named, isSigned };
    got.push(request);
    return answer(request);
  };
  push = new WebhookPush(faults, timers, new Random(1), send);
});
/** Lets everything happen that needs no time. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('op 13, the signature', () => {
  test('is the one of the published example', () => {
    expect(new SigningKey(SECRET).sign('1725442341', 'Arq0D5A61EgUu4OxUvOp')).toBe(
      '87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d01bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706',
    );
  });
  test('verifies its own and nothing else', () => {
    const key = new SigningKey('s');
    const signature = key.sign('1', 'body');
    expect([
      key.verify('1', 'body', signature),
      key.verify('2', 'body', signature),
      key.verify('1', 'bodY', signature),
      key.verify('1', 'body', 'no hex'),
      new SigningKey('t').verify('1', 'body', signature),
    ]).toEqual([true, false, false, false, false]);
    expect(() => new SigningKey('')).toThrow('without a secret');
  });
});

describe('op 13, the address check', () => {
  const signed = ({ body: { d } }: Got, change: object = {}): Response => {
    const signature = new SigningKey(SECRET).sign(d.event_ts, d.plain_token);
    return Response.json({ plain_token: d.plain_token, signature, ...change });
  };
  test('is passed by the token and its signature', async () => {
    answer = signed;
    expect(await push.check(target)).toBe(true);
    const d = { event_ts: String(Math.floor(timers.now() / 1_000)), plain_token: new Random(1).hex(24) };
    expect(got[0]!.body).toMatchObject({ op: 13, d });
  });
  test.each<[string, (got: Got) => Response | Promise<Response>, string]>([
    ['another token', (request) => signed(request, { plain_token: 'x' }), 'plain_token'],
    ['a wrong signature', (request) => signed(request, { signature: 'ab'.repeat(64) }), 'does not fit the secret'],
    ['no signature', (request) => signed(request, { signature: null }), 'does not fit the secret'],
    ['an error', () => new Response('', { status: 500 }), 'expected HTTP 200'],
    ['no JSON', () => new Response('<html>'), 'plain_token'],
    ['no answer', () => Promise.reject(new Error('fetch failed', { cause: { code: 'ECONNREFUSED' } })), 'ECONNREFUSED'],
  ])('is not passed by %s', async (_what, wrong, note) => {
    answer = wrong;
    expect(await push.check(target)).toBe(false);
    expect(push.pushes()[0]).toMatchObject({ t: null, isAcknowledged: false, note: expect.stringContaining(note) });
  });
});

describe('op 0, a push', () => {
  test('is signed and says whose it is', async () => {
    push.push(target, event());
    await settle();
    expect(JSON.parse(got[0]!.text)).toEqual({ op: 0, ...event() });
    expect(got[0]).toMatchObject({
      isSigned: true,
      headers: { 'X-Bot-Appid': 'a', 'User-Agent': 'QQBot-Callback', 'Content-Type': 'application/json' },
    });
    expect(push.pushes()).toMatchObject([{ status: 200, isAcknowledged: true, attempt: 1, note: null }]);
  });
  test.each([
    [() => new Response(null, { status: 204 }), true],
    [() => new Response(''), true],
    [() => Response.json({ op: 12, d: 1 }), false],
    [() => new Response('', { status: 302 }), false],
    [() => new Response('', { status: 500 }), false],
    [() => Promise.reject(new Error('gone')), false],
  ])('case %#: acknowledged or not', async (response, isAcknowledged) => {
    answer = response;
    push.push(target, event());
    await settle();
    expect(push.pushes()).toMatchObject([{ isAcknowledged }]);
    expect(timers.waiting).toBe(isAcknowledged ? 0 : 1);
  });
  test('that fails is tried again after 1, 5 and 25 s, signed anew, then given up', async () => {
    answer = () => new Response('', { status: 500 });
    push.push(target, event());
    await settle();
    for (const waitMs of PUSH_RETRY_MS) {
      timers.pass(waitMs - 1);
      await settle();
      const before = got.length;
      timers.pass(1);
      await settle();
      expect(got.length).toBe(before + 1);
    }
    expect(timers.waiting).toBe(0);
    expect(push.pushes().map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(new Set(got.map(({ headers }) => headers['X-Signature-Timestamp'])).size).toBe(4);
    expect(got.every(({ isSigned }) => isSigned)).toBe(true);
  });
  test('[limit simulatorPushesAtOnce, simulatorPushes, simulatorPushLog] waits when many are under way; the oldest is given up past the limit, the list forgets the oldest', async () => {
    answer = () => new Promise(() => undefined);
    for (let i = 0; i < PUSHES_MAX + PUSHES_AT_ONCE + 3; i += 1) push.push(target, event());
    expect(got).toHaveLength(PUSHES_AT_ONCE);
    expect(push.pushes().filter(({ note }) => note?.startsWith('given up'))).toHaveLength(3);
    for (let i = 0; i < PUSH_LOG_MAX; i += 1) push.push(target, event());
    expect(push.pushes()).toHaveLength(PUSH_LOG_MAX);
  });
  test('none comes after the end', async () => {
    answer = () => new Response('', { status: 500 });
    push.push(target, event());
    await settle();
    push.close();
    push.push(target, event());
    await settle();
    expect([got.length, timers.waiting]).toEqual([1, 0]);
  });
});

describe('faults of pushes', () => {
  test('webhookDuplicate sends twice, and only what it names', async () => {
    faults.add({ kind: 'webhookDuplicate', event: 'C2C' });
    push.push(target, event());
    push.push(target, event('FRIEND_ADD'));
    await settle();
    expect(got.map(({ body }) => body.t).sort()).toEqual(['C2C_MESSAGE_CREATE', 'C2C_MESSAGE_CREATE', 'FRIEND_ADD']);
  });
  test('webhookReplay sends again with an old timestamp that is signed', async () => {
    faults.add({ kind: 'webhookReplay', ageMs: 600_000, appId: 'a' });
    push.push(target, event());
    await settle();
    const [first, second] = got.map(({ headers }) => Number(headers['X-Signature-Timestamp']));
    expect([first! - second!, got[1]!.text === got[0]!.text, got[1]!.isSigned]).toEqual([600, true, true]);
  });
  test('webhookBadSignature signs something else', async () => {
    faults.add({ kind: 'webhookBadSignature', count: 1 });
    push.push(target, event());
    push.push(target, event());
    await settle();
    expect(got.map(({ isSigned }) => isSigned)).toEqual([false, true]);
  });
});
