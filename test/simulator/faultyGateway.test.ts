import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Simulator } from '../../src/simulator/createSimulator.js';
import type { FaultRequest } from '../../src/simulator/faults/faults.js';
import { closeAll, connect, identified, json, login, start } from './client.js';

afterEach(closeAll);

const post = (simulator: Simulator, content = 'hi') =>
  simulator.postMessage({ kind: 'guild', channelId: 'c1', content });
/** How an attempt to connect ends: `open`, or the error. */
const tryConnect = (simulator: Simulator): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/websocket`);
    socket.on('open', () => {
      resolve('open');
      socket.terminate();
    });
    socket.on('error', (error) => resolve(error.message));
  });

describe('connections', () => {
  test.each([1000, 1001, 1005, 1006, 1011, 4009, 4902, 4915])('dropConnection with %i', async (closeCode) => {
    const simulator = await start();
    const { client } = await identified(simulator);
    simulator.addFault({ kind: 'dropConnection', closeCode });
    expect(await client.closed).toBe(closeCode);
  });
  test('reconnect: op 7, then 4009', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    simulator.addFault({ kind: 'reconnect', closeAfterMs: 20 });
    await client.frame('op 7', (frame) => frame.op === 7);
    expect(await client.closed).toBe(4009);
  });
  test('invalidSession: op 9, then the code that carries the cause; the session is gone', async () => {
    const simulator = await start();
    const { client, token, session } = await identified(simulator);
    simulator.addFault({ kind: 'invalidSession', closeCode: 4903 });
    expect([await client.closed, client.frames.at(-1)]).toMatchObject([4903, { op: 9, d: false }]);
    const again = await connect(simulator);
    again.send({ op: 6, d: { token: `QQBot ${token}`, session_id: session, seq: 1 } });
    expect(await again.closed).toBe(4006);
  });
  test('serverHeartbeat: op 1', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    simulator.addFault({ kind: 'serverHeartbeat' });
    await client.frame('op 1', (frame) => frame.op === 1);
  });
  test('closeConnection: a connection that comes later ends too', async () => {
    const simulator = await start();
    simulator.addFault({ kind: 'closeConnection', closeCode: 4008, closeAfterMs: 10 });
    const { client } = await identified(simulator);
    expect(await client.closed).toBe(4008);
  });
  test('gatewayUnreachable: 503, a reset, and discovery', async () => {
    const simulator = await start();
    const headers = { authorization: `QQBot ${await login(simulator)}` };
    simulator.addFault({ kind: 'gatewayUnreachable', count: 1 });
    simulator.addFault({ kind: 'gatewayUnreachable', manner: 'reset', count: 1 });
    expect([await tryConnect(simulator), await tryConnect(simulator), await tryConnect(simulator)]).toEqual([
      expect.stringContaining('503'),
      expect.stringMatching(/hang up|ECONNRESET/),
      'open',
    ]);
    simulator.addFault({ kind: 'gatewayUnreachable', manner: 'discovery' });
    expect((await json(`${simulator.url}/gateway/bot`, undefined, headers)).status).toBe(503);
    expect(await tryConnect(simulator)).toBe('open');
  });
  test('gatewayUnreachable for one bot ends its connection when it says who it is, and no other', async () => {
    const simulator = await start();
    simulator.addFault({ kind: 'gatewayUnreachable', appId: 'a', count: 1 });
    const token = await login(simulator);
    const client = await connect(simulator);
    client.send({ op: 2, d: { token: `QQBot ${token}`, intents: 1, shard: [0, 1] } });
    expect(await client.closed).toBe(1006);
    expect(simulator.state().sessions).toBe(0);
    await identified(simulator);
  });
  test('an event fault of one channel leaves the others alone', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    simulator.addFault({ kind: 'duplicate', channelId: 'c1' });
    for (const channelId of ['c1', 'c2']) simulator.postMessage({ kind: 'guild', channelId, content: channelId });
    simulator.postMessage({ kind: 'direct', channelId: 'd1', content: 'd1' });
    await client.frame('d1', ({ t }) => t === 'DIRECT_MESSAGE_CREATE');
    expect(client.dispatched('AT_MESSAGE_CREATE').map(({ d }) => d?.channel_id)).toEqual(['c1', 'c1', 'c2']);
  });
  test.each([
    ['op9', 1005],
    ['4006', 4006],
    ['4007', 4007],
    ['4902', 4902],
  ] as const)('resumeFails by %s: once, and the session is gone', async (refusal, code) => {
    const simulator = await start();
    const { client, token, session } = await identified(simulator);
    client.drop();
    simulator.addFault({ kind: 'resumeFails', refusal, count: 1 });
    const again = await connect(simulator);
    again.send({ op: 6, d: { token: `QQBot ${token}`, session_id: session, seq: 1 } });
    if (refusal === 'op9') {
      await again.frame('op 9', (frame) => frame.op === 9);
      again.send({ op: 2, d: { token: `QQBot ${token}`, intents: 1, shard: [0, 1] } });
      await again.frame('READY on the same connection', (frame) => frame.t === 'READY');
    } else expect([await again.closed, again.frames.some(({ op }) => op === 9)]).toEqual([code, false]);
    const third = await connect(simulator);
    third.send({ op: 6, d: { token: `QQBot ${token}`, session_id: session, seq: 1 } });
    expect(await third.closed).toBe(4006);
  });
});

test('redeliver: after a RESUME events that the bot had come again, with the same ids and a new s', async () => {
  const simulator = await start();
  const { client, token, session } = await identified(simulator);
  for (const content of ['one', 'two', 'three']) post(simulator, content);
  await client.frame('three', ({ s }) => s === 4);
  client.drop();
  simulator.addFault({ kind: 'redeliver', redelivered: 2 });
  const again = await connect(simulator);
  again.send({ op: 6, d: { token: `QQBot ${token}`, session_id: session, seq: 3 } });
  await again.frame('the last one again', ({ s }) => s === 7);
  const came = ({ frames }: typeof client) => frames.filter(({ t }) => t === 'AT_MESSAGE_CREATE');
  const [, two, three] = came(client);
  expect(came(again).map(({ s, id, d }) => [s, id, d?.id])).toEqual([
    [4, three?.id, three?.d?.id],
    [6, came(client)[0]?.id, came(client)[0]?.d?.id],
    [7, two?.id, two?.d?.id],
  ]);
});

describe('frames', () => {
  test.each<[FaultRequest, number]>([
    [{ kind: 'loseAcks' }, 0],
    [{ kind: 'doubleAcks' }, 2],
  ])('%j: a heartbeat has %i acknowledgements', async (fault, times) => {
    const simulator = await start();
    const { client } = await identified(simulator);
    simulator.addFault(fault);
    client.send({ op: 1, d: 1 });
    post(simulator);
    await client.frame('the message', (frame) => frame.t === 'AT_MESSAGE_CREATE');
    expect(client.frames.filter(({ op }) => op === 11)).toHaveLength(times);
  });
  test('readyShardQuirk and helloDelay: a late HELLO, and READY says [0,0]', async () => {
    const simulator = await start();
    simulator.addFault({ kind: 'readyShardQuirk' });
    simulator.addFault({ kind: 'helloDelay', delayMs: 80 });
    const token = await login(simulator);
    const startedAt = performance.now();
    const client = await connect(simulator);
    expect(performance.now() - startedAt).toBeGreaterThan(75);
    client.send({ op: 2, d: { token: `QQBot ${token}`, intents: 1, shard: [1, 4] } });
    expect((await client.frame('READY', (frame) => frame.t === 'READY')).d).toMatchObject({ shard: [0, 0] });
  });
  test('duplicate, reorder and delay of events', async () => {
    const simulator = await start();
    const { client } = await identified(simulator);
    simulator.addFault({ kind: 'duplicate', count: 1 });
    post(simulator, 'one');
    simulator.addFault({ kind: 'reorder', count: 1 });
    post(simulator, 'two');
    simulator.addFault({ kind: 'delay', delayMs: 40, count: 1 });
    post(simulator, 'three');
    await client.frame('two', (frame) => String(frame.d?.content).includes('two'));
    expect(client.dispatched('AT_MESSAGE_CREATE').map(({ d }) => String(d?.content).split(' ')[1])).toEqual([
      'one',
      'one',
      'three',
      'two',
    ]);
  });
  test('malformFrames: binary noise reaches the client as a binary message', async () => {
    const simulator = await start();
    const token = await login(simulator);
    const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/websocket`);
    const got: boolean[] = [];
    const binary = new Promise<Buffer>((resolve) => {
      socket.on('message', (data, isBinary) => {
        got.push(isBinary);
        if (isBinary) resolve(data as Buffer);
        else if (String(data).includes('"op":10'))
          socket.send(JSON.stringify({ op: 2, d: { token: `QQBot ${token}`, intents: 1 << 30, shard: [0, 1] } }));
        else if (String(data).includes('READY')) post(simulator);
      });
    });
    simulator.addFault({ kind: 'malformFrames', malformation: 'binary' });
    expect((await binary).length).toBe(64);
    socket.terminate();
  });
  test('halfOpen: heartbeats and events are swallowed, and the connection is not closed', async () => {
    const simulator = await start({ heartbeatMs: 40 });
    const { client } = await identified(simulator);
    simulator.addFault({ kind: 'halfOpen', route: 'websocket', count: 1 });
    const before = simulator.state().heartbeats;
    client.send({ op: 1, d: 1 });
    post(simulator);
    let isClosed = false;
    void client.closed.then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([simulator.state().heartbeats - before, client.dispatched('AT_MESSAGE_CREATE'), isClosed]).toEqual([
      0,
      [],
      false,
    ]);
    client.drop();
  });
  test('after halfOpen a RESUME brings what was swallowed', async () => {
    const simulator = await start();
    const { client, token, session } = await identified(simulator);
    simulator.addFault({ kind: 'halfOpen', route: 'websocket', count: 1 });
    post(simulator);
    client.drop();
    const again = await connect(simulator);
    again.send({ op: 6, d: { token: `QQBot ${token}`, session_id: session, seq: 1 } });
    await again.frame('the message', (frame) => frame.t === 'AT_MESSAGE_CREATE');
    await again.frame('RESUMED', (frame) => frame.t === 'RESUMED');
  });
});
