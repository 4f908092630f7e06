import { describe, expect, test } from '@jest/globals';
import { rowOf } from '../../../src/adapters/qq/http/errorCodes.js';
import {
  classify,
  classifyToken,
  ERROR_CODES,
  retryAfterOf,
  TOKEN_CODES,
} from '../../../src/adapters/qq/http/errorTaxonomy.js';
import type { HttpOutcome } from '../../../src/adapters/qq/http/httpTransport.js';
import { errorRows } from '../../fixtures/protocolRows.js';

const NOW = Date.parse('2026-11-23T00:00:00Z');
function outcome(changes: Partial<HttpOutcome> = {}): HttpOutcome {
  const base = { ending: 'answered', status: 200, headers: {}, form: 'empty', body: null } as const;
  return { ...base, errorCode: null, traceId: null, latencyMs: 5, ...changes };
}
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  outcome({ status, form: 'json', body, headers });

describe('the table of codes', () => {
  test.each(errorRows)('puts %i into %s, whatever the status', (code, kind) => {
    for (const status of [200, 400, 401, 500]) {
      const judged = classify(json(status, { message: 'm', code }), NOW);
      expect([judged.class, judged.code]).toEqual([kind, code === 40023002 ? 11298 : code]);
    }
  });
  test('has every row covered by the expectations above', () => {
    const seen = new Set(errorRows.map(([code]) => rowOf(ERROR_CODES, code)));
    expect(ERROR_CODES.filter((row) => !seen.has(row))).toEqual([]);
  });
  test('names no code twice', () => {
    for (const table of [ERROR_CODES, TOKEN_CODES]) {
      const singles = table.flatMap(({ codes }) => codes.filter((entry) => typeof entry === 'number'));
      expect(singles.filter((code, i) => singles.indexOf(code) !== i)).toEqual([]);
    }
  });
  test('has ranges in order that share no code', () => {
    const ranges = ERROR_CODES.flatMap(({ codes }) =>
      codes.flatMap((entry) => (typeof entry === 'number' ? [] : [entry])),
    );
    ranges.sort((a, b) => a[0] - b[0]);
    const touching = ranges.filter(([from, to], i) => from > to || (i > 0 && from <= ranges[i - 1]![1]));
    // 501002 to 501004 lies inside 501xxx to 504xxx on purpose: the earlier row wins.
    expect(touching).toEqual([[501002, 501004]]);
  });
});

describe('which code counts', () => {
  test('takes err_code before code', () => {
    expect(classify(json(400, { code: 40034102, err_code: 304018 }), NOW)).toMatchObject({
      class: 'transient',
      code: 304018,
    });
  });
  test('takes code when err_code is unknown or not a number', () => {
    expect(classify(json(400, { code: 304018, err_code: 99 }), NOW).code).toBe(304018);
    expect(classify(json(400, { code: 304018, err_code: 'x' }), NOW).code).toBe(304018);
  });
  test('knows the whitelist by either code', () => {
    const both = { message: 'm', code: 11298, err_code: 40023002 };
    for (const body of [both, { code: 11298 }, { err_code: 40023002 }]) {
      expect(classify(json(401, body), NOW)).toMatchObject({ class: 'fatal', code: 11298 });
    }
  });
  test('reads a code that is a string of digits', () => {
    expect(classify(json(400, { code: '304018' }), NOW)).toMatchObject({ class: 'transient', code: 304018 });
  });
  test('takes code 0 for none', () => {
    expect(classify(json(200, { code: 0, id: '1' }), NOW)).toMatchObject({ class: 'ok', code: null });
  });
});

describe('ends without a known code', () => {
  test.each<[string, Partial<HttpOutcome>, string, unknown]>([
    ['a message', { form: 'json', body: { id: '1' } }, 'ok', null],
    ['201', { status: 201, form: 'json', body: {} }, 'ok', null],
    ['204', { status: 204 }, 'ok', null],
    ['[case Q9] [core 36] an empty 200', {}, 'ok', null],
    ['HTML 200', { form: 'text' }, 'ambiguous', 'NOT_JSON'],
    ['JSON that is no object', { form: 'json', body: 7 }, 'ambiguous', 'NOT_JSON'],
    ['an unknown code in a 200', { form: 'json', body: { code: 77 } }, 'ambiguous', 77],
    ['[core 36] a truncated 200', { ending: 'truncated', errorCode: 'UND_ERR_SOCKET' }, 'ok', 'UND_ERR_SOCKET'],
    ['[core 36] an oversized 200', { ending: 'oversized', errorCode: 'OVERSIZED' }, 'ok', 'OVERSIZED'],
    ['[core 36] a 200 whose body is late', { ending: 'timedOut', errorCode: 'BODY_TIMEOUT' }, 'ok', 'BODY_TIMEOUT'],
    [
      'a truncated 503',
      { ending: 'truncated', status: 503, errorCode: 'UND_ERR_SOCKET' },
      'transient',
      'UND_ERR_SOCKET',
    ],
    ['no answer in time', { ending: 'timedOut', status: null, errorCode: 'T' }, 'ambiguous', 'T'],
    [
      'a connection lost after the write',
      { ending: 'lost', status: null, errorCode: 'ECONNRESET' },
      'ambiguous',
      'ECONNRESET',
    ],
    ['an answer that is not HTTP', { ending: 'malformed', status: null, errorCode: 'HPE' }, 'ambiguous', 'HPE'],
    ['no connection', { ending: 'unreachable', status: null, errorCode: 'ECONNREFUSED' }, 'transient', 'ECONNREFUSED'],
    ['no token', { ending: 'unsent', status: null, errorCode: 'NO_TOKEN' }, 'auth', 'NO_TOKEN'],
    [
      'too many requests of ours',
      { ending: 'unsent', status: null, errorCode: 'PENDING_MAX' },
      'transient',
      'PENDING_MAX',
    ],
    ['a bad path', { ending: 'unsent', status: null, errorCode: 'BAD_PATH' }, 'local', 'BAD_PATH'],
    ['302', { status: 302 }, 'transient', null],
    ['400', { status: 400, form: 'json', body: { code: 123 } }, 'rejectedForm', 123],
    ['401', { status: 401 }, 'auth', null],
    ['403', { status: 403 }, 'rejectedTarget', null],
    ['404', { status: 404 }, 'local', null],
    ['405', { status: 405 }, 'local', null],
    ['408', { status: 408 }, 'transient', null],
    ['429', { status: 429 }, 'throttled', null],
    ['500', { status: 500 }, 'transient', null],
    ['502 with HTML', { status: 502, form: 'text' }, 'transient', null],
    ['504', { status: 504 }, 'transient', null],
  ])('judges %s', (_, changes, kind, code) => {
    expect(classify(outcome(changes), NOW)).toMatchObject({ class: kind, code });
  });
});

describe('Retry-After', () => {
  test.each<[string | undefined, number | null]>([
    ['3', 3_000],
    ['0', 0],
    ['1.5', 1_500],
    ['86400', 86_400_000],
    ['86401', null],
    ['-5', null],
    ['soon', null],
    ['', null],
    [undefined, null],
    ['Mon, 23 Nov 2026 00:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 23:59:59 GMT', null],
    ['Wed, 25 Nov 2026 00:00:00 GMT', null],
    ['Mon, nonsense', null],
  ])('%j becomes %j ms', (value, expected) => {
    expect(retryAfterOf(value, NOW)).toBe(expected);
  });
  test('travels with a classification, as the trace id does', () => {
    const judged = classify({ ...json(429, { code: 20028 }, { 'retry-after': '2' }), traceId: 't' }, NOW);
    expect(judged).toEqual({ class: 'throttled', code: 20028, status: 429, retryAfterMs: 2_000, traceId: 't' });
  });
});

describe('failed token requests', () => {
  test.each<[string, HttpOutcome, string, unknown]>([
    ['100001', json(200, { code: 100001 }), 'throttled', 100001],
    ['100002', json(200, { code: 100002 }), 'transient', 100002],
    ['100007', json(200, { code: 100007, message: 'appid invalid' }), 'fatal', 100007],
    ['100016', json(200, { code: 100016 }), 'fatal', 100016],
    ['10004', json(200, { code: 10004 }), 'fatal', 10004],
    ['11265', json(400, { code: 11265 }), 'fatal', 11265],
    ['11298', json(401, { code: 11298, err_code: 40023002 }), 'fatal', 11298],
    ['an unknown code', json(200, { code: 4242 }), 'transient', 4242],
    ['an unknown code with 401', json(401, { code: 4242 }), 'auth', 4242],
    ['401 alone', outcome({ status: 401 }), 'auth', 'NO_TOKEN_IN_ANSWER'],
    ['404', outcome({ status: 404 }), 'local', 'NO_TOKEN_IN_ANSWER'],
    ['429', outcome({ status: 429 }), 'throttled', 'NO_TOKEN_IN_ANSWER'],
    ['an unknown 400', outcome({ status: 400 }), 'transient', 'NO_TOKEN_IN_ANSWER'],
    ['HTML 200', outcome({ form: 'text' }), 'transient', 'NOT_JSON'],
    ['JSON without a token', json(200, {}), 'transient', 'NO_TOKEN_IN_ANSWER'],
    ['no answer in time', outcome({ ending: 'timedOut', status: null, errorCode: 'T' }), 'transient', 'T'],
    [
      'no connection',
      outcome({ ending: 'unreachable', status: null, errorCode: 'ECONNREFUSED' }),
      'transient',
      'ECONNREFUSED',
    ],
  ])('%s', (_, ended, kind, code) => {
    expect(classifyToken(ended)).toEqual({ class: kind, code });
  });
});
