import { request as ask, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { BotView } from '../../src/adapters/operator/http/botView.js';
import { createHttpServer } from '../../src/adapters/operator/http/createHttpServer.js';
import {
  ARRIVAL_MS,
  BODIES_MAX,
  CONNECTIONS_MAX,
  GuardedServer,
  type GuardOptions,
  refusalOf,
} from '../../src/base/guardedServer.js';
import { createSimulator } from '../../src/simulator/createSimulator.js';
import { createViewerServer } from '../../visualizations/src/bridges/viewerServer.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Echoes how long the body was. */
async function serve(options: Partial<GuardOptions> = {}, listener: RequestListener = echo) {
  const server = new GuardedServer({ host: '127.0.0.1', ...options }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}
function echo(request: IncomingMessage, response: Parameters<RequestListener>[1]): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on('end', () => response.end(String(bytes)));
}
/** Sends bytes and leaves the connection open. */
function hold(port: number, bytes: string): Promise<{ socket: Socket; closed: Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  closing.push(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return new Promise((resolve) => socket.write(bytes, () => resolve({ socket, closed })));
}
const halfSent = (bytes: number): string =>
  `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999\r\n\r\n${'x'.repeat(bytes)}`;
async function post(url: string, body: string): Promise<string> {
  return (await fetch(url, { method: 'POST', body })).text();
}

describe('the guard of all servers', () => {
  const open: { [name: string]: () => Promise<string> } = {
    "the bot's live feed": async () => {
      const bot = await createHttpServer({ subscribe: () => () => undefined } as unknown as BotView, loopback, silent);
      closing.push(() => bot.close());
      return `${bot.url.replace('http', 'ws')}/records/live`;
    },
    'the simulator': async () => {
      const simulator = await createSimulator();
      closing.push(() => simulator.close());
      return `${simulator.url.replace('http', 'ws')}/websocket`;
    },
    'a bridge for viewers of others': async () => {
      const session = { message: () => undefined, close: () => undefined };
      const viewer = await createViewerServer({ port: 0, origins: [], open: () => session });
      closing.push(() => viewer.close());
      return viewer.url;
    },
  };
  const upgraded = (url: string, options: { origin?: string; headers?: { host: string } }): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(url, options);
      closing.push(() => socket.terminate());
      socket.on('open', () => resolve(101));
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (_request, answer) => resolve(answer.statusCode ?? 0));
    });
  test.each(Object.entries(open))(
    '[case W1] %s: a WebSocket of a foreign page, or under a foreign name, is 403',
    async (_name, start) => {
      const url = await start();
      const own = url.replace(/^ws/, 'http').replace(/(:\d+).*$/, '$1');
      expect(await upgraded(url, { origin: 'https://evil.example' })).toBe(403);
      expect(await upgraded(url, { origin: 'null' })).toBe(403);
      expect(await upgraded(url, { headers: { host: 'evil.example' } })).toBe(403);
      expect(await upgraded(url, { origin: own })).toBe(101);
      expect(await upgraded(url, {})).toBe(101);
    },
  );
  test('[case W1] [contract 4] a foreign page switches no faults on in the simulator', async () => {
    const simulator = await createSimulator();
    closing.push(() => simulator.close());
    const fault = (origin: string) =>
      fetch(`${simulator.url}/sim/faults`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"kind":"outage"}',
      });
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1'])
      expect((await fault(origin)).status).toBe(403);
    expect(simulator.faults()).toEqual([]);
    expect((await fault(simulator.url)).status).toBeLessThan(300);
  });

  test.each([
    ['127.0.0.1:7070', undefined, '127.0.0.1', true],
    ['LOCALHOST:7070', 'http://localhost:7070', '127.0.0.1', true],
    ['[::1]:7070', 'http://[::1]:7070', '127.0.0.1', true],
    ['127.0.0.1:7070', 'http://localhost:7070', '127.0.0.1', false],
    ['127.0.0.1:7070', 'http://127.0.0.1:7071', '127.0.0.1', false],
    ['127.0.0.1.evil.example', undefined, '127.0.0.1', false],
    ['evil.example:7070', 'http://evil.example:7070', '127.0.0.1', false],
    [undefined, undefined, '127.0.0.1', false],
    ['10.1.2.3:7070', undefined, '127.0.0.1', false],
    ['10.1.2.3:7070', undefined, '0.0.0.0', true],
    ['simulator:9200', undefined, '0.0.0.0', true],
    ['evil.example', undefined, '0.0.0.0', false],
    ['bot.example', undefined, 'Bot.Example', true],
    ['anything.example', undefined, null, true],
    ['anything.example', 'https://evil.example', null, false],
  ] as const)('[case W1] host %s, origin %s, listening on %s: let in %s', (host, origin, listening, isIn) => {
    const headers = { ...(host === undefined ? {} : { host }), ...(origin === undefined ? {} : { origin }) };
    expect(refusalOf({ headers }, { host: listening }) === null).toBe(isIn);
  });
});
const loopback = { host: '127.0.0.1', port: 0 };

describe('what arrives is bounded', () => {
  test('[case W2] [limit serverBodies] bodies that do not end make room for those that do', async () => {
    const { port, url } = await serve({ bodiesMax: 100_000 });
    const holders = await Promise.all(Array.from({ length: 30 }, () => hold(port, halfSent(9_000))));
    const gone = holders.map(({ closed }) => closed.then(() => true));
    await Promise.race(gone);
    for (let i = 0; i < 20; i += 1) expect(await post(url, 'y'.repeat(8_000))).toBe('8000');
    const held = holders.filter(({ socket }) => !socket.closed).length;
    expect(held * 9_000).toBeLessThanOrEqual(100_000);
    expect(BODIES_MAX).toBeLessThanOrEqual(16 * 1024 * 1024);
  });
  test('[case W2] [limit serverConnections] a connection too many takes the place of the one that waited longest', async () => {
    const { port, url, server } = await serve({ connectionsMax: 10 });
    const holders = [];
    for (let i = 0; i < 12; i += 1) holders.push(await hold(port, i % 2 ? 'GET / HT' : ''));
    await holders[1]!.closed;
    expect(await post(url, 'legit')).toBe('5');
    const open = await new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
    expect(open).toBeLessThanOrEqual(10);
    expect(CONNECTIONS_MAX).toBeLessThanOrEqual(512);
  });
  test('[case W2] whoever is being answered keeps its place; with nobody else to go the newcomer goes', async () => {
    const answers: (() => void)[] = [];
    const { port, url } = await serve({ connectionsMax: 2 }, (_request, response) =>
      answers.push(() => response.end('ok')),
    );
    const asked = [fetch(url), fetch(url)];
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await (await hold(port, '')).closed;
    for (const answer of answers) answer();
    expect(await Promise.all(asked.map(async (one) => (await one).text()))).toEqual(['ok', 'ok']);
  });
  test('[case W2] heads and bodies that do not come are given up in time', async () => {
    const { port, server } = await serve({ arrivalMs: 300 });
    expect([server.headersTimeout, server.requestTimeout]).toEqual([300, 300]);
    const late = [await hold(port, ''), await hold(port, 'GET / HTTP/1.1\r\nHo'), await hold(port, halfSent(10))];
    await Promise.all(late.map(({ closed }) => closed));
    expect(ARRIVAL_MS + 1_000).toBeLessThan(15_000);
  });
  test('[case W2] what is streamed on is not counted', async () => {
    const { url } = await serve({ bodiesMax: 1_000, isStreamed: ({ url: path }) => path === '/up' });
    expect(await post(`${url}/up`, 'z'.repeat(50_000))).toBe('50000');
    await expect(post(url, 'z'.repeat(50_000))).rejects.toThrow();
  });
  test('[case W1] a refusal closes its connection and says why', async () => {
    const { port } = await serve();
    const answer = await new Promise<IncomingMessage>((resolve) => {
      ask({ host: '127.0.0.1', port, headers: { host: 'evil.example' } }, resolve).end();
    });
    answer.resume();
    expect([answer.statusCode, answer.headers.connection]).toEqual([403, 'close']);
  });
});
