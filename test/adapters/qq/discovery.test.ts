import { describe, expect, test } from '@jest/globals';
import type { Fact } from '../../../src/actors/ports.js';
import { createDiscovery } from '../../../src/adapters/qq/calls/discovery.js';
import type { HttpOutcome } from '../../../src/adapters/qq/http/httpTransport.js';
import type { OpenApi, OpenApiRequest } from '../../../src/adapters/qq/http/openApi.js';

async function discover(changes: Partial<HttpOutcome>) {
  const base = { ending: 'answered', status: 200, headers: {}, form: 'json', body: null, errorCode: null } as const;
  const asked: OpenApiRequest[] = [];
  const request = async (wanted: OpenApiRequest) => {
    asked.push(wanted);
    return { ...base, traceId: null, latencyMs: 1, ...changes } as HttpOutcome;
  };
  const openApi = { groups: { request } as unknown as OpenApi['groups'] };
  const facts: Fact[] = [];
  const { 'gateway.discover': perform } = createDiscovery({ openApi, now: () => 0 });
  await perform({ type: 'gateway.discover', id: 'f2.0', actor: 'gateway' }, (fact) => facts.push(fact));
  expect(facts).toHaveLength(1);
  return { fact: facts[0]!, asked };
}
const limit = { total: 1000, remaining: 999, reset_after: 14400000, max_concurrency: 1 };

describe('discovery', () => {
  test('asks for the gateway and tells address, shards and sessions left', async () => {
    const { fact, asked } = await discover({ body: { url: 'wss://h/ws', shards: 2, session_start_limit: limit } });
    expect(asked).toEqual([{ method: 'GET', url: '/gateway/bot' }]);
    expect(fact).toEqual({
      type: 'gateway.discovered',
      effectId: 'f2.0',
      url: 'wss://h/ws',
      shards: 2,
      sessionsRemaining: 999,
      resetAfterMs: 14_400_000,
    });
  });
  test('does without shards and limit, and keeps the address as it is', async () => {
    const { fact } = await discover({ body: { url: 'ws://127.0.0.1:9/websocket/' } });
    expect(fact).toMatchObject({ url: 'ws://127.0.0.1:9/websocket/', shards: 1, sessionsRemaining: null });
  });
  test.each([{}, [], { url: 7 }, { url: 'https://h' }, { url: 'wss://h', shards: 0 }, { url: 'wss://h', shards: '1' }])(
    'does not take %j for an answer',
    async (body) => {
      const { fact } = await discover({ body });
      expect(fact).toMatchObject({
        type: 'gateway.discoveryFailed',
        class: 'transient',
        code: 'BAD_SHAPE',
        status: 200,
      });
    },
  );
  test.each<[Partial<HttpOutcome>, string, unknown]>([
    [{ status: 401, body: { code: 11298, err_code: 40023002 } }, 'fatal', 11298],
    [{ status: 500, body: { code: 11245 } }, 'fatal', 11245],
    [{ status: 401, body: { code: 11244 } }, 'auth', 11244],
    [{ status: 429, body: {} }, 'throttled', null],
    [{ form: 'text' }, 'transient', 'NOT_JSON'],
    [{ ending: 'timedOut', status: null, errorCode: 'T' }, 'transient', 'T'],
  ])('fails %j as %s', async (changes, kind, code) => {
    const { fact } = await discover(changes);
    expect(fact).toMatchObject({ type: 'gateway.discoveryFailed', effectId: 'f2.0', class: kind, code });
  });
});
