import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Effect, Fact, Log } from '../../../src/actors/ports.js';
import { createQQGateway, type QQGateway, type QQGatewayOptions } from '../../../src/adapters/qq/qqGateway.js';
import type { EffectOf, EffectRequest } from '../../../src/machines/vocabulary/effects.js';
import type { FactType } from '../../../src/machines/vocabulary/facts/facts.js';

/** What the present test has to end; `cleanUp` does. */
export const cleanUps: (() => void | Promise<void>)[] = [];
export async function cleanUp(): Promise<void> {
  for (const end of cleanUps.splice(0).reverse()) await end();
}

const DEADLINE_MS = 60_000;
/** Resolves when `ready` gives something, asked again after each `poke`; rejects at the deadline. */
export class Waiter {
  private readonly waiting = new Set<() => void>();
  poke(): void {
    for (const check of this.waiting) check();
  }
  until<T>(what: string, ready: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(() => reject(new Error(`no ${what} within ${DEADLINE_MS} ms`))), DEADLINE_MS);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.waiting.delete(check);
        settle();
      };
      const check = () => {
        const value = ready();
        if (value !== undefined) end(() => resolve(value));
      };
      this.waiting.add(check);
      check();
    });
  }
}

/** A gateway server of our own: what it hears, and its ends of the connections. */
export async function startPeer() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const waiter = new Waiter();
  const sockets: WebSocket[] = [];
  const heard: { op: number; d: unknown }[] = [];
  const closes: number[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data) => {
      heard.push(JSON.parse(String(data)));
      waiter.poke();
    });
    socket.on('close', (code) => {
      closes.push(code);
      waiter.poke();
    });
    socket.on('error', () => {});
    waiter.poke();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  cleanUps.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    closes,
    socket: (index = 0) => waiter.until(`connection ${index}`, () => sockets[index]),
    frame: (index = 0) => waiter.until(`frame ${index}`, () => heard[index]),
    close: (index = 0) => waiter.until(`close ${index}`, () => closes[index]),
  };
}

/** The adapter under test with everything that it posts and logs. */
export function startGateway(options: Partial<QQGatewayOptions> = {}) {
  const facts: Fact[] = [];
  const lines: unknown[] = [];
  const waiter = new Waiter();
  const line = (fields: object, message: string) => void lines.push([fields, message]);
  const log: Log = { debug: line, info: line, warn: line, error: line };
  const gateway: QQGateway = createQQGateway({
    tokens: { secretOf: (ref) => (ref === 'ref1' ? 's3cret' : null) },
    post: (fact) => {
      facts.push(fact);
      waiter.poke();
    },
    log,
    ...options,
  });
  cleanUps.push(() => gateway.close());
  return {
    gateway,
    facts,
    lines,
    perform(effect: EffectRequest, id = 'e1') {
      const perform = gateway.performers[effect.type as 'socket.open'];
      void perform({ ...effect, id, actor: 'gateway' } as EffectOf<'socket.open'> & Effect, () => {
        throw new Error('facts of a socket go through the post of the gateway');
      });
    },
    fact: (type: FactType, index = 0) =>
      waiter.until(`${type} ${index}`, () => facts.filter((fact) => fact.type === type)[index]),
    types: () => facts.map(({ type }) => type),
  };
}

export async function connect(options: Partial<QQGatewayOptions> = {}) {
  const peer = await startPeer();
  const bot = startGateway(options);
  bot.perform({ type: 'socket.open', url: peer.url });
  const socket = await peer.socket();
  await bot.fact('socket.opened');
  return { peer, bot, socket };
}
