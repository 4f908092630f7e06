import { afterEach, describe, expect, test } from '@jest/globals';
import type { Effect, Fact } from '../../../src/actors/ports.js';
import { createSystemClock } from '../../../src/adapters/process/systemClock.js';
import { createCalls } from '../../../src/adapters/qq/calls/calls.js';
import { Uploads } from '../../../src/adapters/qq/calls/pictures.js';
import { createOpenApi } from '../../../src/adapters/qq/http/openApi.js';
import type { EffectOf } from '../../../src/machines/vocabulary/effects.js';
import { type Answer, answerJson, startLocalServer } from './localServer.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const effect: EffectOf<'call.start'> & Effect = {
  type: 'call.start',
  id: 'f9.0',
  actor: 'delivery:m1.0',
  delivery: 'delivery:m1.0',
  breaker: 'breaker:messages',
  permit: { id: 'p', generation: 1 },
  probe: false,
  place: { kind: 'guild', guildId: 'g1', channelId: 'c1' },
  msgId: 'm1',
  rung: 'text',
  form: { text: 'hello', embed: false },
  late: false,
  attempt: 1,
  timeoutMs: 2_000,
};

async function call(answer: Answer, changes: Partial<typeof effect> = {}, token: string | null = 't0ken') {
  const server = await startLocalServer(answer);
  const tokens = { current: () => token };
  const openApi = createOpenApi({ baseUrl: server.url, appId: '1', tokens, timeoutMs: 1, clock: createSystemClock() });
  cleanUps.push(
    () => server.close(),
    () => openApi.close(),
  );
  const facts: Fact[] = [];
  const { 'call.start': start } = createCalls({ openApi, uploads: new Uploads(() => 0), now: () => 0 });
  await start({ ...effect, ...changes }, (fact) => facts.push(fact));
  expect(facts).toHaveLength(1);
  expect(JSON.stringify(facts)).not.toContain('t0ken');
  return { fact: facts[0]!, server };
}

describe('a call', () => {
  test('to a guild goes to its sub-channel', async () => {
    const { fact, server } = await call(answerJson(200, { id: 'sent1' }));
    expect(server.heard[0]).toMatchObject({ path: '/channels/c1/messages', body: '{"msg_id":"m1","content":"hello"}' });
    expect(fact).toEqual({
      type: 'call.succeeded',
      effectId: 'f9.0',
      class: 'ok',
      status: 200,
      code: null,
      latencyMs: expect.any(Number),
      messageId: 'sent1',
    });
  });
  test('to a direct message goes to the session of its guild', async () => {
    const { server } = await call(answerJson(200, { id: 'x' }), {
      place: { kind: 'direct', guildId: 'dm7', channelId: 'c' },
    });
    expect(server.heard[0]!.path).toBe('/dms/dm7/messages');
  });
  test('carries the embed with its colour', async () => {
    const { server } = await call(answerJson(200, { id: 'x' }), { rung: 'embed', form: { text: 'a\nb', embed: true } });
    expect(JSON.parse(server.heard[0]!.body).embed).toMatchObject({
      color: 0x3498db,
      fields: [{ name: 'a' }, { name: 'b' }],
    });
  });
  test.each([
    [202, { code: 304023, data: { message_audit: { audit_id: 'a' } } }, 'underAudit', 304023],
    [200, { code: 304024 }, 'underAudit', 304024],
    [400, { code: 40054005, err_code: 40054005 }, 'duplicate', 40054005],
  ])('answered %i %j succeeds as %s', async (status, body, kind, code) => {
    const { fact } = await call(answerJson(status, body));
    expect(fact).toMatchObject({ type: 'call.succeeded', class: kind, status, code, messageId: null });
  });
  test('answered 204 succeeds without a message id', async () => {
    const { fact } = await call((response) => response.writeHead(204).end());
    expect(fact).toMatchObject({ type: 'call.succeeded', class: 'ok', status: 204, messageId: null });
  });
  test('refused fails with everything that is known', async () => {
    const headers = { 'retry-after': '3', 'x-tps-trace-id': 'tr' };
    const { fact } = await call(answerJson(429, { code: 20028 }, headers));
    expect(fact).toEqual({
      type: 'call.failed',
      effectId: 'f9.0',
      class: 'throttled',
      status: 429,
      code: 20028,
      latencyMs: expect.any(Number),
      retryAfterMs: 3_000,
      traceId: 'tr',
    });
  });
  test('whose time is over is ambiguous', async () => {
    const { fact } = await call(() => {}, { timeoutMs: 30 });
    expect(fact).toMatchObject({ class: 'ambiguous', status: null, code: 'HEAD_TIMEOUT' });
  });
  test('without a token is a matter of the token', async () => {
    const { fact, server } = await call(answerJson(200, {}), {}, null);
    expect(fact).toMatchObject({ type: 'call.failed', class: 'auth', code: 'NO_TOKEN', status: null });
    expect(server.heard).toHaveLength(0);
  });
  test('whose token is echoed by a proxy does not tell it', async () => {
    const { fact } = await call((response, { headers }) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ message: headers.authorization })),
    );
    expect(fact).toMatchObject({ type: 'call.failed', class: 'rejectedForm' });
  });
});
