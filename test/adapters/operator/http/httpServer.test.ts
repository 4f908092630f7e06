import { request } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Record } from '../../../../src/actors/ports.js';
import type { BotView } from '../../../../src/adapters/operator/http/botView.js';
import {
  createHttpServer,
  type HttpServer,
  WATCHERS_MAX,
} from '../../../../src/adapters/operator/http/createHttpServer.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const record = (seq: number): Record => ({
  seq,
  id: `id${seq}`,
  at: seq,
  epoch: 1,
  fact: { type: 'stop.requested', signal: 'x', ver: 1 },
  steps: [],
  effects: [],
});

class View implements BotView {
  reasons: string[] = [];
  listeners = new Set<(record: Record) => void>();
  journal: Record[] = [1, 2, 3].map(record);
  health = () => ({ ok: true });
  notReadyBecause = () => this.reasons;
  actors = () => [];
  deliveries = () => [];
  deadLetters = () => [];
  records = async (after: number, limit: number) => this.journal.filter(({ seq }) => seq > after).slice(0, limit);
  metrics = async () => ({ type: 'text/plain', text: 'm 1\n' });
  subscribe = (listener: (record: Record) => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

const servers: HttpServer[] = [];
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  for (const server of servers.splice(0)) await server.close();
});
async function start(view = new View()): Promise<{ view: View; url: string }> {
  const server = await createHttpServer(view, { host: '127.0.0.1', port: 0 }, silent);
  servers.push(server);
  return { view, url: server.url };
}
function watch(url: string): Promise<{ seen: number[]; socket: WebSocket; code: Promise<number> }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/records/live?after=1`);
  sockets.push(socket);
  const seen: number[] = [];
  const code = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('message', (data) => seen.push((JSON.parse(String(data)) as Record).seq));
  return new Promise((resolve) => socket.on('open', () => resolve({ seen, socket, code })));
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('the HTTP server', () => {
  test('is ready or says why not', async () => {
    const { view, url } = await start();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    view.reasons = ['the gateway is "backingOff"'];
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.json()]).toEqual([503, { ready: false, reasons: view.reasons }]);
  });

  test('answers only to its own names, so that no page elsewhere can read it', async () => {
    const { url } = await start();
    const status = await new Promise<number | undefined>((resolve) => {
      request(`${url}/healthz`, { headers: { host: 'evil.example' } }, (response) =>
        resolve(response.statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  test('is read-only', async () => {
    const { url } = await start();
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await fetch(`${url}/actors`, { method })).status).toBe(404);
  });

  test('feeds what is in the journal and then what comes, each once and in order', async () => {
    const { view, url } = await start();
    const { seen } = await watch(url);
    await turn();
    for (const seq of [4, 5]) for (const listener of view.listeners) listener(record(seq));
    await turn();
    expect(seen).toEqual([2, 3, 4, 5]);
  });

  test('[limit watcherBuffer] closes a watcher that does not read', async () => {
    const { view, url } = await start();
    const { socket, code } = await watch(url);
    await turn();
    socket.pause();
    const large = { ...record(100), padding: 'x'.repeat(1_048_576) };
    for (let i = 0; i < 40; i += 1) for (const listener of view.listeners) listener({ ...large, seq: 100 + i });
    socket.resume();
    expect(await code).toBe(1013);
  });

  test('[limit watchers] takes a limited number of watchers and costs nothing without one', async () => {
    const { view, url } = await start();
    expect(view.listeners.size).toBe(0);
    const watchers = await Promise.all(Array.from({ length: WATCHERS_MAX }, () => watch(url)));
    await turn();
    expect(view.listeners.size).toBe(WATCHERS_MAX);
    expect(await (await watch(url)).code).toBe(1013);
    watchers[0]?.socket.terminate();
    await turn();
    expect(view.listeners.size).toBe(WATCHERS_MAX - 1);
  });
});
