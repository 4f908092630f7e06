import { afterEach, describe, expect, test } from '@jest/globals';
import { DEPTH_MAX, readJson } from '../../src/simulator/kit/json.js';
import { closeAll, identified, start } from './client.js';

afterEach(closeAll);

async function ready() {
  const simulator = await start();
  const { token } = await identified(simulator);
  return async (path: string, body: string, type = 'application/json', method = 'POST') => {
    const headers = { authorization: `QQBot ${token}`, 'content-type': type };
    const response = await fetch(`${simulator.url}${path}`, { method, headers, ...(body === '' ? {} : { body }) });
    const text = await response.text();
    return {
      status: response.status,
      body: JSON.parse(text || 'null') as Record<string, unknown>,
      trace: response.headers.get('x-tps-trace-id'),
    };
  };
}
const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('bodies that are none', () => {
  test.each([
    ['half of one', '{"content":'],
    ['nested 10,000 deep', deep(10_000)],
    ['a text that is no JSON', 'hello'],
  ])('%s: 400 with a code and a trace id', async (_, body) => {
    const post = await ready();
    const answer = await post('/channels/c/messages', body);
    expect([answer.status, answer.body.code, answer.body.trace_id]).toEqual([400, 12002, answer.trace]);
    expect((await post('/sim/messages', body)).status).toBe(400);
  });
  test.each(['{"appId":', deep(10_000), '', '[]', '5'])(
    'the token endpoint answers HTTP 200 with 100002 to %.20j',
    async (body) => {
      const post = await ready();
      expect(await post('/app/getAppAccessToken', body)).toMatchObject({ status: 200, body: { code: 100002 } });
    },
  );
  test.each([
    ['a number for content', { content: 5 }, 12002],
    ['a text for the fields of an embed', { embed: { fields: 'x' } }, undefined],
    ['nothing among the fields of an embed', { embed: { fields: [null] } }, undefined],
    ['a list', [1], 50006],
  ])('%s is no failure of the server', async (_, body, code) => {
    const post = await ready();
    const answer = await post('/channels/c/messages', JSON.stringify(body));
    expect([answer.status, answer.body.code]).toEqual([code === undefined ? 200 : 400, code]);
  });
  test.each([
    ['none', '{"content":"x"}'],
    ['text/plain', '{"content":"x"}'],
    ['application/json; charset=utf-8', '{"content":"x"}'],
    ['application/json;', '{"content":"x"}'],
  ])('content type %j is read as JSON', async (type, body) => {
    expect((await (await ready())('/channels/c/messages', body, type)).status).toBe(200);
  });
  test('a call without a body may say that it has JSON', async () => {
    const post = await ready();
    expect((await post('/channels/c/messages/m', '', 'application/json', 'DELETE')).body.code).toBe(306001);
  });
});

describe('paths that are none', () => {
  test.each([
    ['one that decodes to nothing', '/channels/%ff%00', 400],
    ['one that is too long', `/channels/${'x'.repeat(2_000)}`, 414],
  ])('%s is an error like any other', async (_, path, status) => {
    const post = await ready();
    const answer = await post(path, '{}');
    expect([answer.status, answer.body.code, answer.body.trace_id]).toEqual([status, 12002, answer.trace]);
  });
  test('@me may be encoded, as some clients do', async () => {
    const post = await ready();
    expect((await post('/users/%40me', '', 'application/json', 'GET')).status).toBe(200);
    expect((await post('/users/%40me/dms', '{"recipient_id":"u","source_guild_id":"1"}')).status).toBe(200);
  });
  test.each(['Application/JSON', 'APPLICATION/JSON; Charset=UTF-8'])('the token endpoint reads %s', async (type) => {
    const post = await ready();
    const asked = '{"appId":"a","clientSecret":"b"}';
    expect((await post('/app/getAppAccessToken', asked, type)).body).toHaveProperty('access_token');
  });
});

test('[limit simulatorDepth] a text is read up to its depth, strings and escapes apart', () => {
  expect(readJson(deep(DEPTH_MAX))).toBeDefined();
  expect(() => readJson(deep(DEPTH_MAX + 1))).toThrow('nested');
  expect(readJson(JSON.stringify({ a: '{[\\"{['.repeat(200) }))).toBeDefined();
  expect(readJson(' ')).toBeUndefined();
});
