import { EventEmitter } from 'node:events';
import { request as ask, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { BotView } from '../../src/adapters/operator/http/botView.js';
import { createHttpServer } from '../../src/adapters/operator/http/createHttpServer.js';
import { FLOW_BYTES } from '../../src/base/servers/arrivals.js';
import { BUSY_MS, ConnectionPlaces } from '../../src/base/servers/connectionPlaces.js';
import {
  ANSWERS_MAX,
  ARRIVAL_MS,
  BODIES_MAX,
  CONNECTIONS_MAX,
  GuardedServer,
  type GuardOptions,
  refusalOf,
  SILENT_MS,
} from '../../src/base/servers/guardedServer.js';
import { ASK_MS, superviseWebSocket, UNREAD_PINGS_MAX } from '../../src/base/servers/webSockets.js';
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
  test('[case W2] [limit serverArrival] heads and bodies that do not come are given up in time', async () => {
    const { port } = await serve({ arrivalMs: 300 });
    const late = [await hold(port, ''), await hold(port, 'GET / HTTP/1.1\r\nHo'), await hold(port, halfSent(10))];
    await Promise.all(late.map(({ closed }) => closed));
    expect(ARRIVAL_MS + 1_000).toBeLessThan(15_000);
  });
  test('[case W2] a streamed body may take longer while it flows; one that drips is closed in time, and so is any other', async () => {
    const isStreamed: GuardOptions['isStreamed'] = ({ url: path }) => path === '/up';
    const { port } = await serve({ arrivalMs: 1_000, streamMs: 60_000, isStreamed });
    const to = (path: string): string => `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999\r\n\r\n`;
    const flowing = await hold(port, to('/up'));
    const dripping = [await hold(port, to('/up')), await hold(port, to('/other'))];
    const sending = setInterval(() => {
      flowing.socket.write('x'.repeat(FLOW_BYTES));
      for (const { socket } of dripping) socket.write('x');
    }, 250);
    closing.push(() => clearInterval(sending));
    await Promise.all(dripping.map(({ closed }) => closed));
    expect(flowing.socket.closed).toBe(false);
  });
  test('[case W2] [case S1] a process that stands still takes no time from who is not late', async () => {
    const { port } = await serve({ arrivalMs: 2_000 });
    const { socket } = await hold(port, '');
    const answer = new Promise((resolve) => socket.once('data', resolve));
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    for (const until = performance.now() + 3_500; performance.now() < until; );
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 200 OK/);
  });
  test('[case W2] [limit serverSilence] a connection on which nothing moves is closed', async () => {
    const { port, server } = await serve({ silentMs: 200 }, () => undefined);
    await (await hold(port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')).closed;
    expect([server.timeout, new GuardedServer({ host: null }).timeout]).toEqual([200, SILENT_MS]);
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

const upgradeTo = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
/** Asks, and takes nothing of the answer. */
async function askUnread(port: number, bytes: string) {
  const socket = connect(port, '127.0.0.1');
  closing.push(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.pause();
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  return socket;
}

describe('what is not taken away is bounded', () => {
  const large: RequestListener = (request, response) => response.end(request.url === '/large' ? 'x'.repeat(8e6) : 'ok');
  const openOf = (server: GuardedServer): Promise<number> =>
    new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));

  test('[case W2] [limit serverAnswers] answers that nobody takes are given up, the one left longest first', async () => {
    const { port, url, server } = await serve({ answersMax: 30_000_000 }, large);
    for (let i = 0; i < 12; i += 1) await askUnread(port, 'GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    while ((await openOf(server)) > 6) await (await fetch(url)).text();
    expect(await (await fetch(url)).text()).toBe('ok');
    expect((await (await fetch(`${url}/large`)).text()).length).toBe(8e6);
    expect(ANSWERS_MAX).toBeLessThanOrEqual(64 * 1024 * 1024);
  });
  test.each([
    ['at once', large],
    ['later', (request: IncomingMessage, response: ServerResponse) => setImmediate(large, request, response)],
  ] as const)('[case W2] who does not take its answer, given %s, makes room for who asks', async (_when, listener) => {
    const { port, url } = await serve({ connectionsMax: 3 }, listener as RequestListener);
    for (let i = 0; i < 3; i += 1) await askUnread(port, 'GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    expect(await (await fetch(url)).text()).toBe('ok');
  });
  test('[case W2] a request that has been worked on for long makes room; one of now does not', () => {
    let now = 0;
    const places = new ConnectionPlaces(1, () => now);
    const [one, two, three] = [new Socket(), new Socket(), new Socket()];
    expect(places.takes(one)).toBe(true);
    places.isBusy(one);
    now = BUSY_MS;
    expect(places.takes(two)).toBe(false);
    now += 1;
    expect(places.takes(three)).toBe(true);
    expect([one.destroyed, three.destroyed]).toEqual([true, false]);
  });
  test('[case W2] a connection asks one thing at a time', async () => {
    let asked = 0;
    const { port } = await serve({}, () => {
      asked += 1;
    });
    const { closed } = await hold(port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(500));
    await closed;
    expect(asked).toBe(1);
  });
  test('[case W2] a WebSocket is opened at a feed only', async () => {
    const { port, server } = await serve({ isFeed: (path) => path === '/feed' });
    let opened = 0;
    server.on('upgrade', (_request, socket) => {
      opened += 1;
      socket.destroy();
    });
    for (const path of ['/', '/feed/', '/feeds?/feed', '/%66eed']) await (await hold(port, upgradeTo(path))).closed;
    expect(opened).toBe(0);
    await (await hold(port, upgradeTo('/feed?x=1'))).closed;
    expect(opened).toBe(1);
  });
});

describe('WebSockets that are taken in', () => {
  const idle = (): { url: string; close(): Promise<void> } | Promise<{ url: string; close(): Promise<void> }> =>
    createHttpServer({ subscribe: () => () => undefined } as unknown as BotView, loopback, silent);
  const ended = (url: string): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(url);
      closing.push(() => socket.terminate());
      socket.on('error', () => undefined);
      socket.on('close', resolve);
    });

  test('[case W2] a query that makes no sense takes no place', async () => {
    const bot = await idle();
    closing.push(() => bot.close());
    const feed = `${bot.url.replace('http', 'ws')}/records/live`;
    for (let i = 0; i < 20; i += 1) expect(await ended(`${feed}?after=x`)).toBe(1008);
    const watcher = new WebSocket(feed);
    closing.push(() => watcher.terminate());
    await new Promise((resolve) => watcher.once('open', resolve));
    watcher.ping();
    await new Promise((resolve) => watcher.once('pong', resolve));
    expect(watcher.readyState).toBe(WebSocket.OPEN);
  });
  test('[case W2] a broken frame of a viewer too many ends that viewer and nothing else', async () => {
    const session = { message: () => undefined, close: () => undefined };
    const viewer = await createViewerServer({ port: 0, origins: [], open: () => session });
    closing.push(() => viewer.close());
    const { port } = new URL(viewer.url);
    for (let i = 0; i < 40; i += 1) {
      const { socket } = await hold(Number(port), upgradeTo('/'));
      socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    }
    await Promise.race([ended(viewer.url), new Promise((resolve) => setImmediate(resolve))]);
  });
  test('[case W2] one that is not there any more is ended, and so is one that pings and does not read', () => {
    jest.useFakeTimers();
    class Fake extends EventEmitter {
      readonly OPEN = 1;
      readyState = 1;
      bufferedAmount = 0;
      pings = 0;
      ping = (): void => {
        this.pings += 1;
      };
      terminate = (): void => {
        this.readyState = 3;
        this.emit('close');
      };
    }
    const [silentOne, answering, flooding] = [new Fake(), new Fake(), new Fake()];
    for (const one of [silentOne, answering, flooding]) superviseWebSocket(one as unknown as WebSocket, 1_000);
    answering.ping = () => void answering.emit('pong');
    flooding.bufferedAmount = 1_000 + UNREAD_PINGS_MAX;
    flooding.emit('ping');
    expect(flooding.readyState).toBe(1);
    flooding.bufferedAmount += 1;
    flooding.emit('ping');
    expect(flooding.readyState).toBe(3);
    jest.advanceTimersByTime(2 * ASK_MS);
    expect([silentOne.readyState, silentOne.pings, answering.readyState]).toEqual([3, 1, 1]);
    answering.emit('error', new Error('a broken frame'));
    expect(answering.readyState).toBe(3);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});
