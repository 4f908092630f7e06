import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../../src/simulator/faults/answers.js';
import { type FaultRequest, Faults, type Request } from '../../src/simulator/faults/faults.js';
import { latencyOf } from '../../src/simulator/faults/latency.js';
import { featuresOf } from '../../src/simulator/faults/messageFeatures.js';
import { Random } from '../../src/simulator/kit/random.js';

const CHANNEL = 'POST /channels/:id/messages';
const GROUP = 'POST /v2/groups/:id/messages';
const TOKEN = 'POST /app/getAppAccessToken';
const request = (over: Partial<Request> = {}): Request => ({
  route: CHANNEL,
  channelId: 'c1',
  appId: 'a',
  body: { content: 'hello' },
  ...over,
});
function faultsWith(...requests: FaultRequest[]): Faults {
  const faults = new Faults(1, () => 0);
  for (const fault of requests) faults.add(fault);
  return faults;
}

describe('what a request fault answers', () => {
  /** [fault, request, status, code]; a status of 0 is a broken connection. */
  const rows: [FaultRequest, Partial<Request>, number, number | undefined][] = [
    [{ kind: 'outage' }, {}, 503, undefined],
    [{ kind: 'outage', status: 504, code: 7 }, {}, 504, 7],
    [{ kind: 'errors' }, {}, 500, 304016],
    [{ kind: 'errors', code: 50006 }, {}, 400, 50006],
    [{ kind: 'errors', code: 304041 }, {}, 500, 304041],
    [{ kind: 'errors', code: 20028 }, {}, 429, 20028],
    [{ kind: 'errors', code: 11298 }, {}, 401, 11298],
    [{ kind: 'errors', code: 20028, status: 418 }, {}, 418, 20028],
    [{ kind: 'errors', code: 999 }, {}, 500, 999],
    [{ kind: 'rateLimit' }, {}, 429, 20028],
    [{ kind: 'rateLimit', code: 1100100 }, {}, 429, 1100100],
    [{ kind: 'rejectEmbed' }, { body: { embed: {} } }, 400, 304011],
    [{ kind: 'rejectKeyboard' }, { body: { keyboard: {} } }, 400, 304040],
    [{ kind: 'rejectImage' }, { body: { image: 'http://x' } }, 400, 304010],
    [{ kind: 'rejectImage' }, { body: { file_image: 'bytes' } }, 400, 304010],
    [{ kind: 'rejectMedia' }, { route: GROUP, body: { media: {} } }, 400, 304080],
    [{ kind: 'rejectMedia' }, { route: 'POST /v2/groups/:id/files' }, 400, 850026],
    [{ kind: 'rejectMarkdown' }, { body: { markdown: {} } }, 500, 304041],
    [{ kind: 'rejectMarkdown' }, { route: GROUP, body: { markdown: {} } }, 400, 40034012],
    [{ kind: 'rejectLinks' }, { body: { content: 'see https://x.y' } }, 403, 304003],
    [{ kind: 'rejectLinks' }, { body: { content: 'see example.com.' } }, 403, 304003],
    [{ kind: 'rejectLinks' }, { route: GROUP, body: { markdown: { content: '[a](http://b)' } } }, 400, 40054010],
    [{ kind: 'rejectEveryone' }, { body: { content: '@everyone hi' } }, 400, 304019],
    [{ kind: 'ipNotAllowed' }, {}, 401, 11298],
    [{ kind: 'ipNotAllowed' }, { route: 'GET /gateway/bot' }, 401, 11298],
    [{ kind: 'tokenRefused' }, { route: TOKEN }, 200, 100001],
    [{ kind: 'tokenRefused', code: 100016 }, { route: TOKEN }, 200, 100016],
    [{ kind: 'gatewayUnreachable', manner: 'discovery' }, { route: 'GET /gateway' }, 503, undefined],
    [{ kind: 'html' }, {}, 200, undefined],
    [{ kind: 'html', status: 502 }, {}, 502, undefined],
    [{ kind: 'empty' }, {}, 200, undefined],
    [{ kind: 'noContent' }, {}, 204, undefined],
  ];
  test.each(rows)('%j to %j: HTTP %i, code %s', (fault, over, status, code) => {
    const { decided } = faultsWith(fault).strike(request(over));
    expect(decided?.kind).toBe(fault.kind);
    expect(answerOf(decided!, request(over))).toMatchObject({ status, ...(code === undefined ? {} : { code }) });
  });
  test('11298 carries an err_code that differs', () => {
    const { decided } = faultsWith({ kind: 'ipNotAllowed' }).strike(request());
    expect(answerOf(decided!, request())).toMatchObject({ code: 11298, errCode: 40023002 });
  });
  test.each<[FaultRequest, Partial<Request>]>([
    [{ kind: 'rejectEmbed' }, {}],
    [{ kind: 'rejectLinks' }, { body: { content: 'no 1.5 links e.g. here' } }],
    [{ kind: 'rejectEveryone' }, {}],
    [{ kind: 'ipNotAllowed' }, { route: TOKEN }],
    [{ kind: 'tokenRefused' }, {}],
    [{ kind: 'outage' }, { route: TOKEN }],
    [{ kind: 'outage' }, { route: 'GET /gateway/bot' }],
    [{ kind: 'outage', route: 'files' }, {}],
    [{ kind: 'outage', channelId: 'c2' }, {}],
    [{ kind: 'outage', appId: 'b' }, {}],
    [{ kind: 'outage', feature: 'embed' }, {}],
    [{ kind: 'audit' }, { route: 'GET /users/@me' }],
    [{ kind: 'halfOpen', route: 'websocket' }, {}],
    [{ kind: 'gatewayUnreachable' }, { route: 'GET /gateway' }],
    [{ kind: 'duplicate' }, {}],
  ])('%j spares %j', (fault, over) => {
    expect(faultsWith(fault).strike(request(over)).kind).toBeNull();
  });
});

test.each<[object, readonly string[]]>([
  [{ content: 'x' }, ['text']],
  [{ content: 'x', embed: {} }, ['embed']],
  [{ markdown: { content: 'www.x.y' }, keyboard: {} }, ['markdown', 'keyboard', 'links']],
  [{ content: 'x', message_reference: {} }, ['reference', 'text']],
  [{}, []],
])('the features of %j', (body, features) => {
  expect([...featuresOf(request({ body: body as Request['body'] }))]).toEqual(features);
});

describe('several faults at once', () => {
  test('latencies add, the first that decides wins, the others keep their luck and count', () => {
    const faults = faultsWith(
      { kind: 'slow', latencyMs: 100 },
      { kind: 'errors', code: 1, count: 1 },
      { kind: 'slow', latencyMs: 30 },
      { kind: 'outage', count: 1 },
    );
    expect(faults.strike(request())).toMatchObject({ latencyMs: 130, decided: { kind: 'errors' }, kind: 'errors' });
    expect(faults.strike(request())).toMatchObject({ latencyMs: 130, decided: { kind: 'outage' } });
    expect(faults.strike(request())).toMatchObject({ latencyMs: 130, decided: null, kind: 'slow' });
    expect(faults.current().map(({ kind, struck }) => [kind, struck])).toEqual([
      ['slow', 3],
      ['slow', 3],
    ]);
  });
  test('who accepts first is who decides; without one, any', () => {
    const first = faultsWith({ kind: 'slow', afterAccept: true }, { kind: 'outage' }).strike(request());
    const second = faultsWith({ kind: 'slow', afterAccept: true }, { kind: 'slow' }).strike(request());
    expect([first.isAcceptedFirst, second.isAcceptedFirst]).toEqual([false, true]);
  });
  test('a body drips on top of what another fault decides, and the token says another life', () => {
    const strike = faultsWith({ kind: 'slowBody', latencyMs: 9 }, { kind: 'html' }).strike(request());
    expect(strike).toMatchObject({ dripMs: 9, decided: { kind: 'html' } });
    const life = faultsWith({ kind: 'tokenLife', expiresIn: '0' }, { kind: 'slow', route: 'Token' });
    expect(life.strike(request({ route: TOKEN }))).toMatchObject({ expiresIn: '0', latencyMs: 1_000 });
  });
});

describe('luck', () => {
  const outcomes = (seed: number, ...others: FaultRequest[]): string => {
    const faults = new Faults(seed, () => 0);
    faults.add({ kind: 'errors', probability: 0.4 });
    for (const other of others) faults.add(other);
    return Array.from({ length: 40 }, () => faults.strike(request()).decided?.kind ?? '-').join('');
  };
  test('the same seed and the same requests have the same outcome, another seed another', () => {
    expect(outcomes(3)).toBe(outcomes(3));
    expect(outcomes(3)).not.toBe(outcomes(4));
  });
  test('a further fault does not change the luck of those before', () => {
    expect(outcomes(3, { kind: 'slow', probability: 0.5 }, { kind: 'reset', channelId: 'c9' })).toBe(outcomes(3));
  });
  test('probability 0.4 strikes about 4 of 10', () => {
    const faults = faultsWith({ kind: 'errors', probability: 0.4 });
    const struck = Array.from({ length: 5_000 }, () => faults.strike(request())).filter(({ decided }) => decided);
    expect(struck.length / 5_000).toBeCloseTo(0.4, 1);
  });
});

describe('latency', () => {
  test('the percentiles are those that were asked for', () => {
    const random = new Random(7);
    const drawn = Array.from({ length: 20_000 }, () =>
      latencyOf({ latencyP50Ms: 200, latencyP99Ms: 2_000 }, random, 1_000),
    ).sort((a, b) => a - b);
    expect(drawn[10_000]! / 200).toBeCloseTo(1, 1);
    expect(Math.abs(drawn[19_800]! / 2_000 - 1)).toBeLessThan(0.1);
  });
  test.each([
    [{}, 1_000],
    [{ latencyMs: 5 }, 5],
    [{ latencyP50Ms: 300, latencyP99Ms: 300 }, 300],
    [{ latencyP50Ms: 300, latencyP99Ms: 300, latencyMs: 50 }, 350],
    [{ latencyP50Ms: 0 }, 0],
  ])('%j is %i ms', (fault, expected) => {
    expect(latencyOf(fault, new Random(1), 1_000)).toBeCloseTo(expected);
  });
});

describe('the end of a fault', () => {
  test('deleting works once for each id, also for one that has ended by itself or struck at once', () => {
    let now = 0;
    const faults = new Faults(1, () => now);
    const ids = [
      faults.add({ kind: 'outage' }),
      faults.add({ kind: 'outage', durationMs: 5 }),
      faults.add({ kind: 'dropConnection' }),
    ].map(({ id }) => id);
    expect(faults.current().map(({ id }) => id)).toEqual(ids.slice(0, 2));
    now = 5;
    expect(faults.current().map(({ id }) => id)).toEqual(ids.slice(0, 1));
    expect(ids.map((id) => faults.remove(id))).toEqual([true, true, true]);
    expect([...ids, 'fault-9'].map((id) => faults.remove(id))).toEqual([false, false, false, false]);
  });
  test('what a counted fault holds back stays held until it is deleted or its time is over', () => {
    let now = 0;
    const faults = new Faults(1, () => now);
    faults.add({ kind: 'hang', count: 1, durationMs: 50 });
    const { decided } = faults.strike(request());
    expect([faults.current().length, faults.isHeld(decided!)]).toEqual([0, true]);
    now = 50;
    expect(faults.isHeld(decided!)).toBe(false);
  });
  test('those that act at once never use up a place', () => {
    const faults = new Faults(1, () => 0);
    for (let i = 0; i < 300; i += 1) faults.add({ kind: 'serverHeartbeat' });
    expect(faults.current()).toEqual([]);
  });
});
