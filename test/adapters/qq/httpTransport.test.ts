import { afterEach, describe, expect, test } from '@jest/globals';
import type { Dispatcher } from 'undici';
import { createManualClock, type ManualClock } from '../../../src/adapters/process/manualClock.js';
import { createSystemClock } from '../../../src/adapters/process/systemClock.js';
import { classify } from '../../../src/adapters/qq/http/errorTaxonomy.js';
import {
  BODY_MAX,
  BODY_TIMES_MAX,
  createHttpTransport,
  type HttpOutcome,
  type HttpTransport,
} from '../../../src/adapters/qq/http/httpTransport.js';
import { type Answer, answerJson, closedPort, type LocalServer, startLocalServer } from './localServer.js';

const clock = createSystemClock();
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(answer: Answer): Promise<LocalServer> {
  const server = await startLocalServer(answer);
  cleanUps.push(() => server.close());
  return server;
}
function transport(options: Partial<Parameters<typeof createHttpTransport>[0]> = {}): HttpTransport {
  const made = createHttpTransport({ clock, ...options });
  cleanUps.push(() => made.close());
  return made;
}
function post(http: HttpTransport, origin: string, timeoutMs = 5_000): Promise<HttpOutcome> {
  return http.send({
    method: 'POST',
    origin,
    path: '/x',
    headers: { authorization: 'QQBot s3cret' },
    body: '{}',
    timeoutMs,
  });
}
async function once(answer: Answer, timeoutMs?: number): Promise<HttpOutcome> {
  const server = await serve(answer);
  return post(transport(), server.url, timeoutMs);
}

const TIMEOUT_MS = 30_000;
interface Played {
  head(): void;
  body(text: string): void;
  end(): void;
  isAborted(): boolean;
}
/** A request whose answer, and the time it takes, a test plays. */
function played(play: (answer: Played, time: ManualClock) => void): Promise<HttpOutcome> {
  const time = createManualClock();
  let aborted = false;
  const dispatch = (_: unknown, handler: Dispatcher.DispatchHandler): boolean => {
    const abort = (error: Error): void => {
      aborted = true;
      handler.onResponseError!(controller, error);
    };
    const controller = { abort } as unknown as Dispatcher.DispatchController;
    handler.onRequestStart!(controller, {});
    play(
      {
        head: () => handler.onResponseStart!(controller, 200, {}),
        body: (text) => handler.onResponseData!(controller, Buffer.from(text)),
        end: () => handler.onResponseEnd!(controller, {}),
        isAborted: () => aborted,
      },
      time,
    );
    return true;
  };
  return post(transport({ clock: time, dispatcher: { dispatch } as unknown as Dispatcher }), 'http://qq', TIMEOUT_MS);
}

describe('an answered request', () => {
  test('keeps status, headers, parsed body and trace id of an error', async () => {
    const outcome = await once(answerJson(429, { code: 20028 }, { 'Retry-After': '7', 'X-Tps-Trace-Id': 'abc' }));
    expect(outcome).toMatchObject({
      ending: 'answered',
      status: 429,
      form: 'json',
      body: { code: 20028 },
      errorCode: null,
    });
    expect(outcome.headers['retry-after']).toBe('7');
    expect(outcome.traceId).toBe('abc');
  });
  test('takes the trace id from the body when no header has it', async () => {
    expect((await once(answerJson(400, { trace_id: 'in-body' }))).traceId).toBe('in-body');
  });
  test.each<[string, Answer, Partial<HttpOutcome>]>([
    [
      'HTML',
      (r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'),
      { form: 'text', body: null },
    ],
    ['an empty body', (r) => r.writeHead(200).end(), { form: 'empty', body: null }],
    ['204', (r) => r.writeHead(204).end(), { status: 204, form: 'empty' }],
    ['JSON without a type', (r) => r.writeHead(200).end('{"a":1}'), { form: 'json', body: { a: 1 } }],
    ['JSON cut short', (r) => r.writeHead(200, { 'content-type': 'application/json' }).end('{"a":'), { form: 'text' }],
  ])('tells %s apart', async (_, answer, expected) => {
    expect(await once(answer)).toMatchObject({ ending: 'answered', status: 200, ...expected });
  });
  test('[core 36] has the latency of its head: a body that takes its time, and a standstill, are not the remote’s', async () => {
    const outcome = await played((answer, time) => {
      time.advance(42);
      time.stall(35_000);
      answer.head();
      time.advance(700);
      answer.body('{"id":"1"}');
      answer.end();
    });
    expect(outcome).toMatchObject({ ending: 'answered', body: { id: '1' }, latencyMs: 42 });
  });
  test('[core 36] is not late for what the process did not read in its standstill', async () => {
    const outcome = await played((answer, time) => {
      time.stall(35_000, () => {
        answer.head();
        answer.body('{"id":"1"}');
        answer.end();
      });
    });
    expect(outcome).toMatchObject({ ending: 'answered', latencyMs: 0 });
  });
  test('[core 36] has its whole time again after a standstill, and no more', async () => {
    const outcome = await played((_, time) => {
      time.stall(35_000);
      time.advance(TIMEOUT_MS - 1);
      expect(time.pending).toHaveLength(1);
      time.advance(1);
    });
    expect(outcome).toMatchObject({ ending: 'timedOut', status: null, errorCode: 'HEAD_TIMEOUT' });
  });
});

describe('a request without a whole answer', () => {
  test('is unreachable when nothing listens', async () => {
    const outcome = await post(transport(), await closedPort());
    expect(outcome).toMatchObject({ ending: 'unreachable', errorCode: 'ECONNREFUSED', status: null });
  });
  test('is lost when the connection ends after the write', async () => {
    const outcome = await once((_, __, socket) => socket.destroy());
    expect(outcome).toMatchObject({ ending: 'lost', status: null, errorCode: 'UND_ERR_SOCKET' });
  });
  test('is lost when the connection is reset after the write', async () => {
    const outcome = await once((_, __, socket) => socket.resetAndDestroy());
    expect(outcome).toMatchObject({ ending: 'lost', status: null, errorCode: 'ECONNRESET' });
  });
  test('is timedOut when no head comes', async () => {
    expect(await once(() => {}, 40)).toMatchObject({
      ending: 'timedOut',
      status: null,
      errorCode: 'HEAD_TIMEOUT',
    });
  });
  test('is timedOut with its status when the body stops', async () => {
    const outcome = await once((r) => r.writeHead(200, { 'content-length': '10' }).write('{'), 40);
    expect(outcome).toMatchObject({ ending: 'timedOut', status: 200, errorCode: 'BODY_TIMEOUT', body: null });
  });
  test('[core 35] is answered however long its body takes, as long as it flows', async () => {
    const outcome = await played((answer, time) => {
      answer.head();
      for (const drop of '{"a":1}') {
        time.advance(TIMEOUT_MS - 1);
        answer.body(drop);
      }
      answer.end();
    });
    expect(outcome).toMatchObject({ ending: 'answered', body: { a: 1 } });
  });
  test('[limit bodyTime] is timedOut when the body drips for ever', async () => {
    let drops = 0;
    const outcome = await played((answer, time) => {
      answer.head();
      for (; drops < 2 * BODY_TIMES_MAX && !answer.isAborted(); drops += 1) {
        time.advance(TIMEOUT_MS - 1);
        answer.body('{');
      }
    });
    expect(drops).toBe(BODY_TIMES_MAX + 1);
    expect(outcome).toMatchObject({ ending: 'timedOut', status: 200, errorCode: 'BODY_TIMEOUT' });
  });
  test('[core 36] tells what can be read of a body that was cut off: a code, the name of an audit', async () => {
    const outcome = await once((r, _, socket) => {
      r.writeHead(202, { 'content-type': 'application/json', 'content-length': '400' });
      r.write(
        '{"code":304023,"message":"push message is waiting for audit now","data":{"message_audit":{"audit_id":"a1"},',
        () => socket.destroy(),
      );
    });
    const body = { code: 304023, data: { message_audit: { audit_id: 'a1' } } };
    expect(outcome).toMatchObject({ ending: 'truncated', status: 202, form: 'json', body });
    expect(classify(outcome, 0)).toMatchObject({ class: 'underAudit', code: 304023 });
  });
  test('[limit body] is oversized when the body is longer than the limit', async () => {
    const outcome = await once((r) => r.writeHead(200).end(Buffer.alloc(BODY_MAX + 1, 32)));
    expect(outcome).toMatchObject({ ending: 'oversized', status: 200, errorCode: 'OVERSIZED' });
  });
  test('is malformed when it is not HTTP', async () => {
    const outcome = await once((_, __, socket) => socket.end('220 smtp.example ready\r\n\r\n'));
    expect(outcome).toMatchObject({ ending: 'malformed', status: null, errorCode: 'HTTPParserError' });
  });
  test('[limit pending] is unsent past the limit of requests under way', async () => {
    const server = await serve(() => {});
    const http = transport({ pendingMax: 1 });
    const first = post(http, server.url, 200);
    expect(await post(http, server.url)).toMatchObject({ ending: 'unsent', errorCode: 'PENDING_MAX' });
    expect((await first).ending).toBe('timedOut');
  });
  test('is unsent when its header is impossible, without telling the header', async () => {
    const server = await serve(answerJson(200, {}));
    const headers = { authorization: 'QQBot s3c\nret' };
    const outcome = await transport().send({
      method: 'GET',
      origin: server.url,
      path: '/',
      headers,
      body: null,
      timeoutMs: 50,
    });
    expect(outcome).toMatchObject({ ending: 'unsent', errorCode: 'UND_ERR_INVALID_ARG' });
    expect(JSON.stringify(outcome)).not.toContain('s3c');
    expect(server.heard).toHaveLength(0);
  });
});

test('reuses a connection for calls that follow each other', async () => {
  const server = await serve(answerJson(200, { id: '1' }));
  const http = transport();
  for (let i = 0; i < 20; i += 1) expect((await post(http, server.url)).ending).toBe('answered');
  expect(server.heard).toHaveLength(20);
  // undici frees a connection one turn after its answer, so the call right behind may open a second one; never a third.
  expect(server.connections()).toBeLessThanOrEqual(2);
});

test('opens no more connections than its limit', async () => {
  const waiting: (() => void)[] = [];
  let mostAtOnce = 0;
  const server = await serve((response) => {
    waiting.push(() => response.end('{}'));
    mostAtOnce = Math.max(mostAtOnce, waiting.length);
    if (waiting.length === 64 || server.heard.length > 64) for (const release of waiting.splice(0)) release();
  });
  const http = transport();
  const outcomes = await Promise.all(Array.from({ length: 80 }, () => post(http, server.url)));
  expect(outcomes.every(({ ending }) => ending === 'answered')).toBe(true);
  expect(mostAtOnce).toBe(64);
  expect(server.connections()).toBe(64);
});

test('ends what is under way when it is closed', async () => {
  let isHeard = (): void => {};
  const heard = new Promise<void>((resolve) => {
    isHeard = resolve;
  });
  const server = await serve(() => isHeard());
  const http = transport();
  const pending = post(http, server.url);
  await heard;
  await http.close();
  expect((await pending).ending).toBe('lost');
});

test('[case S1] answers that stand unread after a standstill are answers; a connection closed meanwhile is not used', async () => {
  const server = await serve(answerJson(200, { id: '1' }, { connection: 'close' }));
  const http = transport();
  const all = Array.from({ length: 20 }, () => post(http, server.url, 300));
  // The server is in this process and must read and answer first.
  while (server.heard.length < 20) await new Promise((resolve) => setImmediate(resolve));
  for (const until = performance.now() + 1_200; performance.now() < until; );
  const outcomes = await Promise.all([...all, post(http, server.url)]);
  expect(outcomes.map(({ ending }) => ending)).toEqual(Array(21).fill('answered'));
  expect(Math.max(...outcomes.map(({ latencyMs }) => latencyMs))).toBeLessThan(1_100);
});
