import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { addControlApi } from '../../src/simulator/control/controlApi.js';
import type { Controls } from '../../src/simulator/control/controls.js';
import { ROUTES } from '../../src/simulator/control/routes.js';
import { SCENARIO_MAX_MS, SCENARIO_STEPS_MAX } from '../../src/simulator/control/scenario.js';
import { ATTACHMENTS_MAX } from '../../src/simulator/control/schemas.js';

let app: FastifyInstance;
let did: unknown[][];
let registered: string[];
beforeEach(() => {
  did = [];
  registered = [];
  app = fastify();
  app.addHook('onRoute', ({ method, url }) => {
    registered.push(`${String(method)} ${url}`);
  });
  const controls = new Proxy({} as Controls, {
    get:
      (_target, name: keyof Controls) =>
      (...given: unknown[]): unknown => {
        did.push([name, ...given]);
        if (name === 'message') return ['m1'];
        if (name === 'scenarios') return [{ id: 'scenario-1' }];
        return name === 'endFaults' ? given[0] !== 'nope' : [];
      },
  });
  addControlApi(app, controls, () => 'http://here');
});
afterEach(() => app.close());

const ask = (method: string, url: string, payload?: string | object, type = 'application/json') =>
  app.inject({
    method: method as 'GET',
    url,
    ...(payload === undefined ? {} : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
    headers: payload === undefined ? {} : { 'content-type': type },
  });
const message = { kind: 'guild', channelId: 'c', content: 'x' };

describe('nonsense is 400, and the message says', () => {
  test.each<[string, string | object | undefined, string[]]>([
    ['messages', { ...message, kind: 'gild' }, ['kind: "gild"', 'nearest is "guild"', 'group, c2c']],
    ['messages', { ...message, channelId: '' }, ['channelId', '""']],
    ['messages', { ...message, content: 5 }, ['content: expected string, not 5']],
    ['messages', { kind: 'guild' }, ['channelId: is missing', 'content: is missing']],
    ['messages', { ...message, repeat: 0 }, ['repeat', 'not 0']],
    ['messages', { ...message, repeat: 1e9 }, ['repeat', 'not 1000000000']],
    ['messages', { ...message, autor: {} }, ['autor: there is no such field here; the nearest is "author"']],
    ['messages', { ...message, author: { role: [] } }, ['author.role', '"roles"']],
    ['messages', { ...message, attachments: [{ url: 'x' }] }, ['attachments.0.content_type: is missing']],
    ['messages', undefined, ['body: is missing']],
    ['messages', [], ['body: expected object, not []']],
    ['messages', '{"kind":', ['body: is not JSON', '{"kind":']],
    ['events', { event: 'friend_add' }, ['event', '"friend_add"']],
    ['events', { event: 'FRIEND_ADD', d: 5 }, ['d: expected record, not 5']],
    ['faults', { kind: 'outtage' }, ['kind: "outtage" is unknown; the nearest is "outage"']],
    ['faults', { kind: 'fire' }, ['kind: "fire" is unknown', 'webhookReplay']],
    ['faults', {}, ['kind: is missing', 'outage']],
    ['faults', { kind: 'loseAcks', channelId: 'c1' }, ['channelId: there is no such field here']],
    ['faults', { kind: 'noHello', appId: 'a' }, ['appId: there is no such field here']],
    ['faults', { kind: 'duplicate', route: 'messages' }, ['route: "messages" is unknown', 'websocket']],
    ['faults', { kind: 'webhookReplay', route: 'websocket' }, ['route: "websocket" is unknown', 'webhook']],
    ['faults', { kind: 'outage', probability: 2 }, ['probability', '<=1', 'not 2']],
    ['faults', { kind: 'outage', probability: 'often' }, ['probability: expected number, not "often"']],
    ['faults', { kind: 'outage', count: 1.5 }, ['count', 'not 1.5']],
    ['faults', { kind: 'outage', retryAfter: 1 }, ['retryAfter', '"retryAfterSec"']],
    ['faults', { kind: 'outage', auditMs: 1 }, ['auditMs: there is no such field here']],
    ['faults', { kind: 'dropConnection', feature: 'embed' }, ['feature: there is no such field here']],
    ['faults', { kind: 'slow', feature: 'embeds' }, ['feature: "embeds"', '"embed"']],
    ['faults', { kind: 'dropConnection', closeCode: 1004 }, ['closeCode: must be', 'not 1004']],
    ['faults', { kind: 'errors', status: 99 }, ['status', 'not 99']],
    ['faults', { kind: 'resumeFails', refusal: '4008' }, ['refusal: "4008"', '4902']],
    ['frames', { raw: 5 }, ['raw: expected string, not 5']],
    ['scenario', [], ['body', '>=1']],
    ['scenario', [{ atMs: -1, clear: true }], ['0.atMs', 'not -1']],
    ['scenario', [{ atMs: 1e9, clear: true }], ['0.atMs', 'not 1000000000']],
    ['scenario', Array(1_001).fill({ atMs: 0, clear: true }), ['<=1000']],
    ['scenario', { steps: [{ atMs: 0, fault: { kind: 'outtage' } }] }, ['steps.0.fault.kind', 'nearest is "outage"']],
    ['bots', { appId: 'a', webhook: 'ftp://x' }, ['webhook', 'ftp://x']],
  ])('%s %j', async (path, body, parts) => {
    const answer = await ask('POST', `/sim/${path}`, body);
    const { message: told } = answer.json<{ message: string }>();
    expect(answer.statusCode).toBe(400);
    for (const part of parts) expect(told).toContain(part);
    expect(did).toEqual([]);
  });
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])('a body of %s', async (type) => {
    const answer = await ask('POST', '/sim/messages', message, type);
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { message: `content-type: must be application/json, not "${type}"` },
    ]);
  });
  test('since that is no time, and a query that does not exist', async () => {
    expect((await ask('GET', '/sim/replies?since=noon')).json()).toMatchObject({
      message: expect.stringContaining('since'),
    });
    expect((await ask('GET', '/sim/replies?sinze=1')).json()).toMatchObject({
      message: expect.stringContaining('"since"'),
    });
  });
  test('[limit simulatorSteps, simulatorScenarioTime, simulatorAttachments] one more than the most, and the most is taken', async () => {
    const step = { atMs: SCENARIO_MAX_MS, clear: true };
    const attachments = (count: number) => ({
      ...message,
      attachments: Array(count).fill({ content_type: 'x', url: 'y' }),
    });
    const rows: [string, object, number][] = [
      ['scenario', Array(SCENARIO_STEPS_MAX).fill(step), 200],
      ['scenario', Array(SCENARIO_STEPS_MAX + 1).fill(step), 400],
      ['scenario', [{ ...step, atMs: SCENARIO_MAX_MS + 1 }], 400],
      ['messages', attachments(ATTACHMENTS_MAX), 200],
      ['messages', attachments(ATTACHMENTS_MAX + 1), 400],
    ];
    for (const [path, body, status] of rows) expect((await ask('POST', `/sim/${path}`, body)).statusCode).toBe(status);
  });
  test('a long value is cut', async () => {
    const { message: told } = (await ask('POST', '/sim/frames', { raw: Array(5_000).fill('x') })).json();
    expect(told.length).toBeLessThan(200);
  });
});

describe('what is not there', () => {
  test.each([
    ['GET', '/sim/repliez', 404, '/sim/replies'],
    ['GET', '/sim', 404, '/sim/openapi.json'],
    ['PUT', '/sim/faults', 405, 'POST, GET, DELETE'],
    ['POST', '/sim/faults/fault-1', 405, 'DELETE'],
    ['DELETE', '/sim/faults/nope', 404, 'GET /sim/faults'],
    ['DELETE', '/sim/scenario/nope', 404, 'GET /sim/scenario'],
  ])('%s %s is %i', async (method, url, status, part) => {
    const answer = await ask(method, url);
    expect([answer.statusCode, answer.json().message.includes(part)]).toEqual([status, true]);
  });
});

describe('what makes sense is done', () => {
  test('with parameters and any kind of JSON content type', async () => {
    expect((await ask('POST', '/sim/messages', message, 'application/json; charset=utf-8')).json()).toEqual({
      id: 'm1',
    });
    await ask('GET', '/sim/replies?since=5');
    await ask('DELETE', '/sim/faults/fault-1');
    await ask('POST', '/sim/faults', { kind: 'errors', code: 1, feature: 'embed', appId: 'a' });
    await ask('POST', '/sim/scenario', { steps: [{ atMs: 0, clear: true }] });
    expect(did).toEqual([
      ['message', message],
      ['replies', 5],
      ['endFaults', 'fault-1'],
      ['addFault', { kind: 'errors', code: 1, feature: 'embed', appId: 'a' }],
      ['startScenario', [{ atMs: 0, clear: true }]],
    ]);
  });
  test.each(['retryAfterSec', 'closeCode', 'status', 'code', 'latencyMs', 'afterAccept'])(
    'a field of the contract, %s, is taken by a kind that has no use for it',
    async (field) => {
      const value = { closeCode: 4009, status: 500, afterAccept: true }[field] ?? 5;
      expect((await ask('POST', '/sim/faults', { kind: 'hang', [field]: value })).statusCode).toBe(200);
    },
  );
});

describe('GET /sim/openapi.json', () => {
  interface Operation {
    readonly operationId: string;
    readonly summary: string;
    readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
    readonly requestBody?: { readonly content: { readonly [type: string]: { readonly schema: object } } };
    readonly responses: { readonly [status: string]: { readonly description: string; readonly content: object } };
  }
  const document = async () =>
    (await ask('GET', '/sim/openapi.json')).json<{
      openapi: string;
      info: { title: string; version: string };
      servers: object[];
      paths: { [path: string]: { [method: string]: Operation } };
    }>();

  test('lists every call that is registered, and no other', async () => {
    await app.ready();
    const { paths } = await document();
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const calls = registered.filter((call) => /^(GET|POST|PUT|PATCH|DELETE) \/sim\/[^*]+$/.test(call));
    expect(calls.length).toBeGreaterThan(ROUTES.length - 1);
    expect(listed.sort()).toEqual([...new Set(calls.map((call) => call.replace(':id', '{id}')))].sort());
  });
  test('is an OpenAPI 3.1 document: every operation has an id of its own, answers, and every path parameter', async () => {
    const { openapi, info, servers, paths } = await document();
    expect([openapi, servers, typeof info.title, typeof info.version]).toEqual([
      '3.1.0',
      [{ url: 'http://here' }],
      'string',
      'string',
    ]);
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, method, parameters = [], requestBody, responses, summary } of operations) {
      expect(summary).not.toBe('');
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`)).toEqual(
        path.match(/\{\w+\}/g) ?? [],
      );
      expect(Object.keys(responses)).toContain('200');
      expect(requestBody !== undefined).toBe(method === 'post');
    }
    expect(JSON.stringify(paths)).not.toContain('$schema');
  });
  test('describes each kind of fault with its fields', async () => {
    const { paths } = await document();
    const schema = paths['/sim/faults']!.post!.requestBody!.content['application/json']!.schema as {
      oneOf: { properties: { [name: string]: { const?: string } }; required: string[] }[];
    };
    const audit = schema.oneOf.find(({ properties }) => properties.kind!.const === 'audit')!;
    expect(Object.keys(audit.properties)).toEqual(expect.arrayContaining(['outcome', 'auditMs', 'appId', 'feature']));
    expect(audit.required).toEqual(['kind']);
  });
});
