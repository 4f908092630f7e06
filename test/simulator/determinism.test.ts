import { afterEach, expect, test } from '@jest/globals';
import { closeAll, connect, json, login, start, until } from './client.js';

afterEach(closeAll);

const NOW = 1_700_020_800_000;
const EVERYTHING = [0, 1, 10, 12, 25, 26, 27, 30].reduce((mask, bit) => mask | (1 << bit), 0);

/** A day in the life of a bot, whatever goes wrong in it: all that it and its user saw. */
async function transcript(seed: number): Promise<string> {
  const simulator = await start({ seed, now: () => NOW, paceMax: 0 });
  const seen: unknown[] = [];
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const {
      status,
      body: answer,
      headers: got,
    } = await json<{ id?: string }>(`${simulator.url}${path}`, body, headers, method);
    seen.push([method, path, status, answer, got.get('x-tps-trace-id')]);
    return answer;
  };
  const token = await login(simulator);
  const headers = { authorization: `QQBot ${token}` };
  const client = await connect(simulator);
  client.send({ op: 2, d: { token: `QQBot ${token}`, intents: EVERYTHING } });
  await client.frame('READY', ({ t }) => t === 'READY');
  for (const fault of [
    { kind: 'errors', code: 304016, probability: 0.3 },
    { kind: 'duplicate', probability: 0.4 },
    { kind: 'malformFrames', probability: 0.1, event: 'REACTION' },
    { kind: 'audit', probability: 0.2, beforeAnswer: true },
    { kind: 'tokenRefused', probability: 0.5 },
  ])
    await call('POST', '/sim/faults', fault);
  for (let i = 0; i < 30; i += 1) {
    const kind = (['guild', 'direct', 'group', 'c2c'] as const)[i % 4]!;
    const posted = await call('POST', '/sim/messages', { kind, channelId: `p${i % 4}`, content: `say ${i}` });
    const path = { guild: '/channels/p0', direct: '/dms/p1', group: '/v2/groups/p2', c2c: '/v2/users/p3' }[kind];
    await call('POST', `${path}/messages`, { content: `said ${i}`, msg_id: posted.id }, headers);
    await call('POST', '/sim/events', { event: 'INTERACTION_CREATE' });
    await call('POST', '/app/getAppAccessToken', { appId: 'b', clientSecret: 'x' });
  }
  client.send({ op: 1, d: null });
  await until('the last frame', () => client.frames.some(({ op }) => op === 11));
  seen.push(client.frames, simulator.replies(), simulator.calls());
  return JSON.stringify(seen).replaceAll(simulator.url.split(':').at(-1)!, 'PORT');
}

test('the same seed and the same requests: the same frames, answers, ids and luck; another seed: others', async () => {
  const [first, second, other] = [await transcript(7), await transcript(7), await transcript(8)];
  expect(second).toBe(first);
  expect(other).not.toBe(first);
  expect(first).toContain('304016');
  expect(first).toContain('MESSAGE_AUDIT_PASS');
});
