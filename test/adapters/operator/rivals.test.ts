import { expect, test } from '@jest/globals';
import type { Log } from '../../../src/actors/ports.js';
import { createRivals } from '../../../src/adapters/operator/rivals.js';
import { World } from '../../actors/world.js';

function watched() {
  const lines: string[] = [];
  const rivals = createRivals({ error: (_: object, text: string) => void lines.push(text) } as Log);
  const world = new World();
  const take = world.take.bind(world);
  world.take = (fact) => {
    const record = take(fact);
    rivals.observe(record);
    return record;
  };
  world.begin();
  world.connect();
  let sockets = 0;
  /** The session is ended so while it is ready, and a new connection stands as soon as it may. */
  const loseReady = (code: number): void => {
    const { socket } = world.actor('gateway').snapshot.context as { socket: string };
    world.take({ type: 'socket.closed', socket, code, reason: '' });
    for (let n = 0; n < 200 && world.actor('gateway').snapshot.value !== 'connecting'; n += 1)
      world.runTo(world.now + 1_000);
    sockets += 1;
    const next = `n${sockets}`;
    world.take({ type: 'socket.opened', socket: next });
    world.take({ type: 'hello.received', socket: next, heartbeatMs: 300_000 });
    if (world.actor('gateway').snapshot.value === 'resuming')
      world.take({ type: 'session.resumed', socket: next, s: 1 });
    else world.take({ type: 'session.started', socket: next, s: 1, session: 'y', user: { id: 'b', username: 'bot' } });
    expect(world.actor('gateway').snapshot.value).toHaveProperty('ready');
  };
  /** A group's message is answered, and QQ says what it made of the answer. */
  const answer = (id: string, kind: 'ok' | 'duplicate'): void => {
    world.receive(id, { kind: 'group', channel: id, author: id });
    world.complete(id);
    const [call] = world.calls;
    const [status, code] = kind === 'ok' ? [200, null] : [400, 40054005];
    const end = { type: 'call.succeeded', effectId: call!.id, class: kind, latencyMs: 9, messageId: null } as const;
    world.take({ ...end, status, code });
  };
  return { world, lines, rivals, loseReady, answer };
}

test.each([1000, 4006, 4902])(
  'a session that is taken three times within a minute (%s) tells of a second process, once',
  (code) => {
    const { world, lines, rivals, loseReady } = watched();
    loseReady(code);
    loseReady(code);
    expect([lines, rivals.seen(world.now)]).toEqual([[], null]);
    loseReady(code);
    loseReady(code);
    expect(lines).toEqual([
      expect.stringContaining(`taken 3 times within a minute, the last time by close code ${code}`),
    ]);
    expect(rivals.seen(world.now)).toMatchObject({ why: expect.stringContaining(String(code)) });
    expect(rivals.seen(world.now + 600_000)).toBeNull();
  },
);

test('what is routine tells of nobody: sessions timed out, dropped connections, ends that are rare', () => {
  const { world, lines, loseReady } = watched();
  for (let n = 0; n < 5; n += 1) for (const code of [4009, 1006]) loseReady(code);
  for (let n = 0; n < 5; n += 1) {
    loseReady(1000);
    world.runTo(world.now + 30_000);
  }
  expect(lines).toEqual([]);
});

test('replies that QQ has before this process has sent them tell of a second process, once', () => {
  const { world, lines, answer } = watched();
  for (let n = 0; n < 6; n += 1) answer(`m${n}`, n === 2 ? 'ok' : 'duplicate');
  expect(lines).toEqual([expect.stringContaining('QQ had 3 replies within a minute before this process sent them')]);
  expect(world.calls).toEqual([]);
});

test('replies that were cut off by a kill or left in doubt, and that QQ has then, are our own', () => {
  const { world, lines } = watched();
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) {
    world.receive(id, { kind: 'group', channel: id, author: id });
    world.complete(id);
  }
  world.fail(world.calls[0]!, 'ambiguous');
  world.begin();
  world.connect();
  world.runTo(world.now + 20_000);
  const again = world.calls;
  expect(again).toHaveLength(4);
  for (const { id } of again) {
    const end = { type: 'call.succeeded', effectId: id, class: 'duplicate', latencyMs: 9, messageId: null } as const;
    world.take({ ...end, status: 400, code: 40054005 });
  }
  expect(lines).toEqual([]);
});
