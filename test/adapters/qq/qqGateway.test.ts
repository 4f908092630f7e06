import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import type { Fact } from '../../../src/actors/ports.js';
import { FRAME_MAX } from '../../../src/adapters/qq/qqGateway.js';
import { cleanUp, cleanUps, connect, startGateway, startPeer, Waiter } from './gatewayWorld.js';
import { closedPort } from './localServer.js';

afterEach(cleanUp);

const ready = { op: 0, s: 1, t: 'READY', d: { session_id: 'S', user: { id: '6000', username: 'b' } } };
const message = (s: number, content = `<@!6000> n${s}`) => ({
  op: 0,
  s,
  t: 'MESSAGE_CREATE',
  id: `E${s}`,
  d: { id: `m${s}`, guild_id: 'g', channel_id: 'c', content, author: { id: 'u' } },
});
const send = (socket: WebSocket, frame: unknown) => socket.send(JSON.stringify(frame));
const identify = {
  type: 'socket.send',
  socket: 'e1',
  tokenRef: 'ref1',
  frame: { op: 2, intents: 1, shard: [0, 1] },
} as const;

describe('frames in', () => {
  test('become facts of their socket, in order', async () => {
    const { bot, socket } = await connect();
    send(socket, { op: 10, d: { heartbeat_interval: 45000 } });
    send(socket, ready);
    for (let s = 2; s <= 200; s += 1) send(socket, message(s));
    await bot.fact('message.received', 198);
    expect(bot.types().slice(0, 3)).toEqual(['socket.opened', 'hello.received', 'session.started']);
    expect(bot.facts.every((fact) => (fact as { socket?: string }).socket === 'e1')).toBe(true);
    const numbers = bot.facts.flatMap((fact) => (fact.type === 'message.received' ? [fact.s] : []));
    expect(numbers).toEqual(Array.from({ length: 199 }, (_, i) => i + 2));
  });
  test('take the own id from READY', async () => {
    const { bot, socket } = await connect();
    send(socket, message(2, '<@!6000> a'));
    send(socket, ready);
    send(socket, message(3, '<@!6000> b'));
    await bot.fact('message.received', 1);
    const contents = bot.facts.flatMap((fact) => (fact.type === 'message.received' ? [fact.message.content] : []));
    expect(contents).toEqual(['<@!6000> a', 'b']);
  });
  test('take the own id from whoever knows it after a RESUME', async () => {
    const { bot, socket } = await connect({ botId: () => '6000' });
    send(socket, message(2, '<@!6000> a'));
    expect(await bot.fact('message.received')).toMatchObject({ message: { content: 'a', mentionsBot: true } });
  });
  test('that are garbage are rejected and the socket lives on', async () => {
    const { bot, socket } = await connect();
    for (const garbage of ['', '{', 'null', '[1]', '{"op":0,"s":4,"t":"MESSAGE_CREATE","d":{}}']) socket.send(garbage);
    socket.send(Buffer.from([0xff, 0xfe, 0x00]));
    send(socket, { op: 11 });
    await bot.fact('heartbeat.acknowledged');
    expect(bot.facts.filter(({ type }) => type === 'frame.rejected')).toHaveLength(6);
  });
  test('[limit frame] longer than the limit are rejected and end the socket with 1009', async () => {
    const { bot, socket } = await connect();
    socket.send(Buffer.alloc(FRAME_MAX + 1, 32));
    expect(await bot.fact('socket.closed')).toMatchObject({ socket: 'e1', code: 1009 });
    expect(bot.types()).toEqual(['socket.opened', 'frame.rejected', 'socket.closed']);
    expect(bot.facts[1]).toMatchObject({ s: null, bytes: FRAME_MAX + 1, reason: `longer than ${FRAME_MAX} bytes` });
  });
});

describe('frames out', () => {
  test('carry the secret where it belongs', async () => {
    const { peer, bot } = await connect();
    bot.perform({ type: 'socket.send', socket: 'e1', tokenRef: null, frame: { op: 1, s: null } }, 'e2');
    bot.perform(identify, 'e3');
    bot.perform({ type: 'socket.send', socket: 'e1', tokenRef: 'ref1', frame: { op: 6, session: 'S', s: 4 } }, 'e4');
    await peer.frame(2);
    expect(peer.heard[0]).toEqual({ op: 1, d: null });
    expect(peer.heard[1]).toMatchObject({ op: 2, d: { token: 'QQBot s3cret', intents: 1, shard: [0, 1] } });
    expect(peer.heard[2]).toEqual({ op: 6, d: { token: 'QQBot s3cret', session_id: 'S', seq: 4 } });
    expect(JSON.stringify([bot.facts, bot.lines])).not.toContain('s3cret');
  });
  test('with an unknown token say so and end the socket without costing the session', async () => {
    const { peer, bot } = await connect();
    bot.perform({ ...identify, tokenRef: 'old' }, 'e2');
    expect(bot.facts.slice(1)).toEqual([
      { type: 'token.lost', ref: 'old' },
      { type: 'socket.closed', socket: 'e1', code: 1006, reason: 'no access token to present' },
    ]);
    await peer.close();
    expect(peer.heard).toEqual([]);
  });
  test('without any token end the socket', async () => {
    const { bot } = await connect();
    bot.perform({ ...identify, tokenRef: null }, 'e2');
    expect(bot.types()).toEqual(['socket.opened', 'socket.closed']);
  });
  test('for a socket that is gone are dropped', async () => {
    const { peer, bot } = await connect();
    bot.perform({ ...identify, socket: 'e0' }, 'e2');
    bot.perform({ ...identify, frame: { op: 1, s: 3 } }, 'e3');
    expect(await peer.frame()).toEqual({ op: 1, d: 3 });
    expect(bot.types()).toEqual(['socket.opened']);
  });
});

describe('the end of a socket', () => {
  test.each([
    [4009, 'Session timed out'],
    [4014, ''],
    [1000, 'bye'],
  ])('by the server with %i is told with code and reason', async (code, reason) => {
    const { bot, socket } = await connect();
    socket.close(code, reason);
    expect(await bot.fact('socket.closed')).toEqual({ type: 'socket.closed', socket: 'e1', code, reason });
  });
  test('is told once, however many ends it has', async () => {
    const { peer, bot, socket } = await connect();
    socket.close(4009, 'Session timed out');
    socket.terminate();
    await bot.fact('socket.closed');
    await peer.close();
    bot.perform({ type: 'socket.close', socket: 'e1', code: 1000, reason: 'late', terminate: false }, 'e2');
    bot.perform({ type: 'socket.open', url: peer.url }, 'e3');
    await bot.fact('socket.opened', 1);
    expect(bot.types()).toEqual(['socket.opened', 'socket.closed', 'socket.opened']);
  });
  test('by a lost connection is 1006', async () => {
    const { bot, socket } = await connect();
    socket.terminate();
    expect(await bot.fact('socket.closed')).toMatchObject({ socket: 'e1', code: 1006 });
  });
  test('before the upgrade tells why there was no connection', async () => {
    const bot = startGateway();
    bot.perform({ type: 'socket.open', url: (await closedPort()).replace('http', 'ws') });
    expect(await bot.fact('socket.closed')).toEqual({
      type: 'socket.closed',
      socket: 'e1',
      code: 1006,
      reason: 'ECONNREFUSED',
    });
  });
  test('by a refused upgrade tells the status', async () => {
    const server = createServer((_, response) => response.writeHead(401).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => void server.close());
    const bot = startGateway();
    bot.perform({ type: 'socket.open', url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect(await bot.fact('socket.closed')).toMatchObject({ code: 1006, reason: expect.stringContaining('401') });
  });
  test('on order while a server still does not answer the upgrade is silent: how long it may take is the chart’s matter', async () => {
    const server = createTcpServer((socket) => void socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => void server.close());
    const bot = startGateway();
    bot.perform({ type: 'socket.open', url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const [peer] = (await once(server, 'connection')) as [Socket];
    bot.perform({ type: 'socket.close', socket: null, code: 1006, reason: 'given up', terminate: true }, 'e2');
    await once(peer, 'close');
    expect(bot.facts).toEqual([]);
  });
  test.each(['not an address', 'ftp://x', ''])('comes at once for the address %j', (url) => {
    const bot = startGateway();
    bot.perform({ type: 'socket.open', url });
    expect(bot.facts).toEqual([
      { type: 'socket.closed', socket: 'e1', code: 1006, reason: 'the gateway address is invalid' },
    ]);
  });
  test('on order and at once is silent', async () => {
    const { peer, bot } = await connect();
    bot.perform({ type: 'socket.close', socket: 'e1', code: 1006, reason: 'given up', terminate: true }, 'e2');
    expect(await peer.close()).toBe(1006);
    expect(bot.types()).toEqual(['socket.opened']);
  });
  test('on order and in peace is told', async () => {
    const { peer, bot } = await connect();
    bot.perform({ type: 'socket.close', socket: null, code: 1000, reason: 'bye', terminate: false }, 'e2');
    expect(await peer.close()).toBe(1000);
    expect(await bot.fact('socket.closed')).toMatchObject({ socket: 'e1', code: 1000 });
  });
  test('of another socket changes nothing', async () => {
    const { bot, socket } = await connect();
    bot.perform({ type: 'socket.close', socket: 'e0', code: 1006, reason: 'x', terminate: true }, 'e2');
    send(socket, { op: 11 });
    await bot.fact('heartbeat.acknowledged');
  });
  test('while it connects is silent and throws nothing', async () => {
    const peer = await startPeer();
    const bot = startGateway();
    bot.perform({ type: 'socket.open', url: peer.url });
    bot.perform({ type: 'socket.close', socket: 'e1', code: 1006, reason: 'x', terminate: true }, 'e2');
    bot.perform({ type: 'socket.open', url: peer.url }, 'e3');
    expect(await bot.fact('socket.opened')).toMatchObject({ socket: 'e3' });
    expect(bot.facts).toHaveLength(1);
  });
});

test('keeps one socket: a new one ends the old, of which nothing more is heard', async () => {
  const { peer, bot, socket } = await connect();
  bot.perform({ type: 'socket.open', url: peer.url }, 'e2');
  const second = await peer.socket(1);
  expect(await peer.close()).toBe(1006);
  send(socket, { op: 7 });
  send(second, { op: 11 });
  expect(await bot.fact('heartbeat.acknowledged')).toMatchObject({ socket: 'e2' });
  expect(bot.types()).toEqual(['socket.opened', 'socket.opened', 'heartbeat.acknowledged']);
});

describe('a pause', () => {
  test('holds frames back until it ends', async () => {
    const { peer, bot, socket } = await connect();
    bot.gateway.pause();
    send(socket, { op: 11 });
    // The peer hears this after it has sent: what was sent had its chance to arrive.
    bot.perform({ ...identify, frame: { op: 1, s: 1 } }, 'e2');
    await peer.frame();
    expect(bot.types()).toEqual(['socket.opened']);
    bot.gateway.resume();
    await bot.fact('heartbeat.acknowledged');
  });
  test('made before the connection stands holds too', async () => {
    const peer = await startPeer();
    const bot = startGateway();
    bot.gateway.pause();
    bot.perform({ type: 'socket.open', url: peer.url });
    send(await peer.socket(), { op: 11 });
    await bot.fact('socket.opened');
    bot.perform({ ...identify, frame: { op: 1, s: 1 } }, 'e2');
    await peer.frame();
    expect(bot.types()).toEqual(['socket.opened']);
    bot.gateway.resume();
    await bot.fact('heartbeat.acknowledged');
  });
  test('ordered by an effect outlasts room in the inbox, lets frames out and ends with its socket', async () => {
    const { peer, bot, socket } = await connect();
    bot.perform({ type: 'socket.pause', socket: 'e1' }, 'e2');
    bot.gateway.pause();
    bot.gateway.resume();
    send(socket, { op: 7 });
    bot.perform({ ...identify, frame: { op: 1, s: 1 } }, 'e3');
    expect(await peer.frame()).toEqual({ op: 1, d: 1 });
    // A second exchange: had the socket been read, the fact would be there by now.
    bot.perform({ ...identify, frame: { op: 1, s: 2 } }, 'e4');
    await peer.frame(1);
    expect(bot.types()).toEqual(['socket.opened']);
    bot.perform({ type: 'socket.open', url: peer.url }, 'e5');
    send(await peer.socket(1), { op: 11 });
    expect(await bot.fact('heartbeat.acknowledged')).toMatchObject({ socket: 'e5' });
  });
  test('ordered for another socket changes nothing', async () => {
    const { bot, socket } = await connect();
    bot.perform({ type: 'socket.pause', socket: 'e0' }, 'e2');
    send(socket, { op: 11 });
    await bot.fact('heartbeat.acknowledged');
  });
});

describe('a throw in a listener', () => {
  test('ends the socket, so that a RESUME brings the frame again, and nothing else', async () => {
    const uncaught = jest.fn();
    process.on('uncaughtException', uncaught);
    cleanUps.push(() => void process.off('uncaughtException', uncaught));
    const facts: Fact[] = [];
    const waiter = new Waiter();
    const { peer, bot, socket } = await (async () => {
      const made = await startPeer();
      const gateway = startGateway({
        post: (fact) => {
          if (fact.type === 'message.received') throw new Error('inbox s3cret');
          facts.push(fact);
          waiter.poke();
        },
      });
      gateway.perform({ type: 'socket.open', url: made.url });
      return { peer: made, bot: gateway, socket: await made.socket() };
    })();
    send(socket, message(2));
    send(socket, message(3));
    await waiter.until('socket.closed', () => facts.find(({ type }) => type === 'socket.closed'));
    await peer.close();
    expect(facts.at(-1)).toEqual({ type: 'socket.closed', socket: 'e1', code: 1006, reason: 'a listener threw' });
    expect(facts.filter(({ type }) => type === 'socket.closed')).toHaveLength(1);
    expect(JSON.stringify(bot.lines)).not.toContain('s3cret');
    expect(uncaught).not.toHaveBeenCalled();
  });
  test('is survived even when nothing can be posted at all', async () => {
    const peer = await startPeer();
    const bot = startGateway({
      post: () => {
        throw new Error('closed');
      },
    });
    bot.perform({ type: 'socket.open', url: peer.url });
    expect(await peer.close()).toBe(1006);
    expect(bot.lines).toHaveLength(1);
  });
});
