import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createProcessSampler } from '../../../src/adapters/process/processSampler.js';
import { createSystemClock } from '../../../src/adapters/process/systemClock.js';
import { createHostChecks } from '../../../src/adapters/qq/calls/hostChecks.js';
import { createOpenApi } from '../../../src/adapters/qq/http/openApi.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';

const servers: Server[] = [];
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A server that answers every connection with these bytes; null: never. */
async function serve(answer: string | null): Promise<string> {
  const server = createServer((socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', () => answer !== null && socket.end(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
function checksOf(baseUrl: string) {
  const clock = createSystemClock();
  const openApi = createOpenApi({ baseUrl, appId: 'a', tokens: { current: () => 't' }, timeoutMs: 1_000, clock });
  closers.push(() => openApi.close());
  return createHostChecks({ baseUrl, openApi, clock });
}
async function run(baseUrl: string, check: 'network' | 'api', timeoutMs = 1_000): Promise<Fact> {
  const facts: Fact[] = [];
  await checksOf(baseUrl)[check]({ type: 'check.run', check, timeoutMs, id: 'e' }, (fact) => void facts.push(fact));
  expect(facts).toHaveLength(1);
  return facts[0]!;
}
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

describe('[defect 23] the checks of the host', () => {
  test('any HTTP answer shows that the network is there', async () => {
    const url = await serve(NOT_FOUND);
    expect(await run(url, 'network')).toMatchObject({ type: 'network.checked', effectId: 'e', ok: true, code: null });
    expect(await run(url, 'api')).toMatchObject({ type: 'api.checked', class: 'local', status: 404 });
  });
  test('a closed port is no network', async () => {
    const url = await serve(null);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await run(url, 'network')).toMatchObject({ ok: false, code: 'ECONNREFUSED' });
  });
  test('a host that takes the connection and says nothing ends each check in its time', async () => {
    const url = await serve(null);
    expect(await run(url, 'network', 100)).toMatchObject({ ok: false });
    expect(await run(url, 'api', 100)).toMatchObject({ class: 'ambiguous' });
  });
});

describe('the sample of the process', () => {
  test('[R18] sees a blocked event loop, real heap in use, and appends since the sample before', async () => {
    const sampler = createProcessSampler({ appends: () => ({ failures: 1, slowestMs: 7 }) });
    closers.push(() => sampler.close());
    const facts: Extract<Fact, { type: 'process.sampled' }>[] = [];
    const sample = (): void =>
      sampler.sample(
        { type: 'check.run', check: 'memory', timeoutMs: 1, id: 'e' },
        (fact) => void facts.push(fact as never),
      );
    const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
    await breathe();
    sample();
    await breathe();
    for (const until = Date.now() + 400; Date.now() < until; ) JSON.stringify({});
    await breathe();
    const held = Array.from({ length: 200_000 }, (_, i) => ({ i, text: `text ${i}` }));
    sample();
    expect(facts[1]).toMatchObject({ appendFailures: 1, appendMaxMs: 7 });
    expect(facts[1]!.loopP99Ms).toBeGreaterThan(200);
    expect(facts[1]!.heapShare).toBeGreaterThan(facts[0]!.heapShare);
    expect(held).toHaveLength(200_000);
  });
});
