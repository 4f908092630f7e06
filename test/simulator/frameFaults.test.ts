import { beforeEach, describe, expect, test } from '@jest/globals';
import { Faults } from '../../src/simulator/faults/faults.js';
import { DELAYED_MAX, FrameFaults } from '../../src/simulator/faults/frames/frameFaults.js';
import type { Raw } from '../../src/simulator/faults/frames/malformedFrames.js';
import { FakeTimers } from './fakeTimers.js';

let timers: FakeTimers;
let faults: Faults;
let frames: FrameFaults;
let got: Raw[];
const connection = {};
beforeEach(() => {
  timers = new FakeTimers();
  faults = new Faults(1, timers.now);
  frames = new FrameFaults(faults, timers);
  got = [];
});
function send(frame: { op: number; t?: string; s?: number; d?: unknown }, to: object = connection, appId = 'a'): void {
  const { op, t = null, d } = frame;
  frames.pass(JSON.stringify(frame), { connection: to, appId, op, t, d }, (raw) => {
    got.push(raw);
  });
}
const event = (s: number, t = 'AT_MESSAGE_CREATE') => ({ op: 0, s, t, d: { id: `m${s}` } });
const seqs = (): number[] => got.map((raw) => (JSON.parse(String(raw)) as { s: number }).s);

test('without faults a frame goes as it is', () => {
  send(event(1));
  expect(got).toEqual([JSON.stringify(event(1))]);
});

describe('acknowledgements and HELLO', () => {
  test.each([
    ['loseAcks', 11, 0],
    ['doubleAcks', 11, 2],
    ['noHello', 10, 0],
  ] as const)('%s: op %i comes %i times, other frames once', (kind, op, times) => {
    faults.add({ kind });
    send({ op });
    expect(got).toHaveLength(times);
    send(event(1));
    expect(got).toHaveLength(times + 1);
  });
  test('helloDelay: op 10 comes late', () => {
    faults.add({ kind: 'helloDelay', delayMs: 300 });
    send({ op: 10 });
    timers.pass(299);
    expect(got).toHaveLength(0);
    timers.pass(1);
    expect(got).toHaveLength(1);
  });
  test('readyShardQuirk: READY says [0,0]', () => {
    faults.add({ kind: 'readyShardQuirk' });
    send({ op: 0, t: 'READY', d: { session_id: 'x', shard: [1, 4] } });
    expect(JSON.parse(String(got[0]))).toMatchObject({ d: { session_id: 'x', shard: [0, 0] } });
  });
});

describe('events', () => {
  test('duplicate: the very same frame twice', () => {
    faults.add({ kind: 'duplicate', count: 1 });
    send(event(1));
    send(event(2));
    expect(seqs()).toEqual([1, 1, 2]);
  });
  test('delay: what follows waits behind it, other connections do not', () => {
    faults.add({ kind: 'delay', delayMs: 500, count: 1 });
    const other = {};
    send(event(1));
    send(event(2));
    send(event(9), other);
    expect(seqs()).toEqual([9]);
    timers.pass(500);
    expect(seqs()).toEqual([9, 1, 2]);
    send(event(3));
    expect(seqs()).toEqual([9, 1, 2, 3]);
  });
  test('a shorter delay does not overtake a longer one', () => {
    faults.add({ kind: 'delay', delayMs: 500, count: 1 });
    send(event(1));
    faults.add({ kind: 'delay', delayMs: 10, count: 1 });
    send(event(2));
    timers.pass(499);
    expect(seqs()).toEqual([]);
    timers.pass(1);
    expect(seqs()).toEqual([1, 2]);
  });
  test('reorder: after the one that follows, or after a second', () => {
    faults.add({ kind: 'reorder', count: 1 });
    send(event(1));
    expect(seqs()).toEqual([]);
    send(event(2));
    expect(seqs()).toEqual([2, 1]);
    faults.add({ kind: 'reorder', count: 1 });
    send(event(3));
    timers.pass(1_000);
    expect(seqs()).toEqual([2, 1, 3]);
  });
  test('reorder: a heartbeat ACK is no event that it could come after', () => {
    faults.add({ kind: 'reorder', count: 1 });
    send(event(1));
    send({ op: 11 });
    expect(got).toEqual([JSON.stringify({ op: 11 })]);
    send(event(2));
    expect(got.slice(1)).toEqual([event(2), event(1)].map((frame) => JSON.stringify(frame)));
  });
  test('reorder of every frame swaps them in pairs and loses none', () => {
    faults.add({ kind: 'reorder' });
    for (let s = 1; s <= 5; s += 1) send(event(s));
    timers.pass(1_000);
    expect(seqs()).toEqual([2, 1, 4, 3, 5]);
  });
  test('delay and duplicate combine', () => {
    faults.add({ kind: 'delay', delayMs: 100 });
    faults.add({ kind: 'duplicate' });
    send(event(1));
    expect(got).toEqual([]);
    timers.pass(100);
    expect(seqs()).toEqual([1, 1]);
  });
  test.each([
    ['truncated', (raw: Raw) => expect(() => JSON.parse(String(raw))).toThrow()],
    ['split', (raw: Raw) => expect(`${raw}${got[1]}`).toBe(JSON.stringify(event(1)))],
    ['binary', (raw: Raw) => expect(Buffer.isBuffer(raw)).toBe(true)],
    ['array', (raw: Raw) => expect(JSON.parse(String(raw))).toEqual([event(1)])],
    ['types', (raw: Raw) => expect(JSON.parse(String(raw))).toEqual({ op: '0', s: '1', t: 0, d: [] })],
  ] as const)('malformFrames %s', (malformation, check) => {
    faults.add({ kind: 'malformFrames', malformation });
    send(event(1));
    check(got[0]!);
  });
  test('an event fault spares the handshake, and other events than it names, and other bots', () => {
    faults.add({ kind: 'duplicate', event: 'REACTION', appId: 'a' });
    faults.add({ kind: 'malformFrames', malformation: 'array', count: 1 });
    send({ op: 0, t: 'READY', s: 1, d: {} });
    expect(seqs()).toEqual([1]);
    send(event(2, 'GUILD_CREATE')); // spends the malformed one
    send(event(3, 'MESSAGE_REACTION_ADD'));
    send(event(4, 'MESSAGE_REACTION_ADD'), {}, 'b');
    expect(got.slice(2).map(String)).toEqual([3, 3, 4].map((s) => JSON.stringify(event(s, 'MESSAGE_REACTION_ADD'))));
    faults.add({ kind: 'duplicate', event: 'READY' });
    send({ op: 0, t: 'READY', s: 7, d: {} });
    expect(got).toHaveLength(7);
  });
});

describe('an event fault of one channel', () => {
  test.each([
    [
      { channel_id: 'c1', guild_id: 'g' },
      { channel_id: 'c2', guild_id: 'g' },
    ],
    [
      { channel_id: 'x', guild_id: 'c1' },
      { channel_id: 'x', guild_id: 'c2' },
    ], // a direct-message session
    [
      { group_openid: 'c1', author: { member_openid: 'u' } },
      { group_openid: 'c2', author: { member_openid: 'c1' } },
    ],
    [{ author: { user_openid: 'c1' } }, { author: { user_openid: 'c2' } }],
    [{ openid: 'c1' }, { openid: 'c2' }],
    [{ message: { channel_id: 'c1' } }, { message: { channel_id: 'c2' }, op_user: { id: 'c1' } }],
    [{ channel_id: 'c1' }, null],
  ])('strikes %j and not %j', (here, there) => {
    faults.add({ kind: 'duplicate', channelId: 'c1' });
    send({ ...event(1), d: here });
    send({ ...event(2), d: there });
    expect(seqs()).toEqual([1, 1, 2]);
  });
});

describe('halfOpen', () => {
  test('a struck connection neither hears nor says anything again, whatever becomes of the fault', () => {
    faults.add({ kind: 'halfOpen', durationMs: 100 });
    expect(frames.hears(connection, 'a')).toBe(false);
    timers.pass(100);
    send(event(1));
    expect([got, frames.hears(connection, 'a'), frames.hears({}, 'a')]).toEqual([[], false, true]);
  });
  test('what was under way is swallowed too', () => {
    faults.add({ kind: 'delay', delayMs: 100, count: 1 });
    send(event(1));
    faults.add({ kind: 'halfOpen', count: 1 });
    send(event(2));
    timers.pass(100);
    expect(got).toEqual([]);
  });
  test('luck is drawn once for a connection, and the scope is the bot', () => {
    faults.add({ kind: 'halfOpen', probability: 0.5 });
    const connections = Array.from({ length: 200 }, () => ({}));
    const heard = connections.filter((one) => frames.hears(one, 'a'));
    for (const one of heard) expect(frames.hears(one, 'a')).toBe(true);
    expect(heard.length).toBeGreaterThan(70);
    expect(heard.length).toBeLessThan(130);
    faults.remove();
    faults.add({ kind: 'halfOpen', appId: 'b' });
    expect([frames.hears({}, null), frames.hears({}, 'a'), frames.hears({}, 'b')]).toEqual([true, true, false]);
  });
  test('for requests only, it leaves the gateway alone', () => {
    faults.add({ kind: 'halfOpen', route: 'messages' });
    faults.add({ kind: 'halfOpen', channelId: 'c1' });
    faults.add({ kind: 'halfOpen', feature: 'embed' });
    expect(frames.hears(connection, 'a')).toBe(true);
  });
});

test('the same seed and the same frames have the same outcome', () => {
  const run = (seed: number): string => {
    const own = new Faults(seed, timers.now);
    for (const kind of ['duplicate', 'reorder', 'malformFrames'] as const) own.add({ kind, probability: 0.3 });
    const stream = new FrameFaults(own, timers);
    const seen: string[] = [];
    for (let s = 0; s < 50; s += 1)
      stream.pass(JSON.stringify(event(s)), { connection: own, appId: 'a', op: 0, t: 'X' }, (raw) =>
        seen.push(Buffer.from(raw).toString('hex')),
      );
    return seen.join('\n');
  };
  expect(run(5)).toBe(run(5));
  expect(run(5)).not.toBe(run(6));
});

test('[limit simulatorDelayed] past the limit of delayed frames the oldest goes out early, in order', () => {
  faults.add({ kind: 'delay', delayMs: 1_000 });
  for (let s = 1; s <= DELAYED_MAX + 2; s += 1) send(event(s));
  expect(seqs()).toEqual([1, 2]);
  timers.pass(1_000);
  expect(seqs()).toHaveLength(DELAYED_MAX + 2);
});
