import { describe, expect, test } from '@jest/globals';
import type { Effect } from '../../../src/actors/ports.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../world.js';

const MINUTE = 60_000;
type Call = Effect & { readonly place: { readonly channelId: string }; readonly delivery: string };

/** A bot whose channels named `bad…` fail, while all others answer in 90 ms. */
class Fair {
  readonly world = new World();
  readonly tried: { readonly channel: string; readonly at: number }[] = [];
  readonly answeredAt = new Map<string, number>();
  private readonly due = new Map<string, { readonly call: Call; readonly at: number }>();

  constructor(private readonly isBad: (channel: string) => boolean = (channel) => channel.startsWith('bad')) {
    this.world.begin();
    this.world.connect();
  }
  ask(message: string, channel: string, author = message, operator = false): void {
    this.world.receive(message, { channel, author });
    this.world.complete(message, ['pong'], operator);
    this.note();
  }
  /** Time passes; calls end 90 ms after they began. */
  runTo(at: number): void {
    for (;;) {
      const [next] = [...this.due.values()].sort((a, b) => a.at - b.at);
      if (!next || next.at > at) break;
      this.world.runTo(next.at, () => this.note());
      this.due.delete(next.call.id);
      const { channelId } = next.call.place;
      if (this.isBad(channelId)) this.world.fail(next.call);
      else {
        this.world.succeed(next.call);
        this.answeredAt.set(next.call.delivery, next.at);
      }
      this.note();
    }
    this.world.runTo(at, () => this.note());
    if ([...this.due.values()].some((call) => call.at <= at)) this.runTo(at);
  }
  gaps(channel: string): number[] {
    const times = this.tried.filter((one) => one.channel === channel).map(({ at }) => at);
    return times.slice(1).map((at, n) => at - times[n]!);
  }
  private note(): void {
    for (const call of this.world.calls as Call[]) {
      if (this.due.has(call.id)) continue;
      this.due.set(call.id, { call, at: this.world.now + 90 });
      this.tried.push({ channel: call.place.channelId, at: this.world.now });
    }
  }
}

/** How long each message to a good channel waited, one asked every 30 s for ten minutes. */
function waitsBeside(fair: Fair, ...bad: readonly string[]): number[] {
  const start = fair.world.now;
  bad.forEach((channel, n) => {
    fair.ask(`${channel}-a`, channel, `u${n}`);
    fair.ask(`${channel}-b`, channel, `u${n}`);
  });
  return Array.from({ length: 20 }, (_, n) => {
    fair.runTo(start + (n + 1) * 30_000);
    fair.ask(`m${n}`, `good${n}`);
    const asked = fair.world.now;
    fair.runTo(asked + 5_000);
    return (fair.answeredAt.get(`delivery:m${n}.0`) ?? Number.POSITIVE_INFINITY) - asked;
  });
}

describe('core 37', () => {
  test('[case B1] [core 37] a channel that fails on stops no other: each is answered within 2 s', () => {
    const fair = new Fair();
    expect(Math.max(...waitsBeside(fair, 'bad'))).toBeLessThanOrEqual(2_000);
    expect(fair.world.value('breaker:messages')).toBe('closed');
  });

  test('[case B1] [core 37] such a channel is tried on a schedule that grows', () => {
    const fair = new Fair();
    waitsBeside(fair, 'bad');
    const gaps = fair.gaps('bad');
    const late = gaps.slice(-3);
    expect(Math.min(...late)).toBeGreaterThan(Math.max(...gaps.slice(0, 3)));
    expect(fair.tried.filter(({ channel }) => channel === 'bad').length).toBeLessThan(25);
  });

  test('[core 37] nor do three channels that fail at once', () => {
    const waits = waitsBeside(new Fair(), 'bad1', 'bad2', 'bad3');
    expect(waits.filter((ms) => ms > 2_000).length).toBeLessThanOrEqual(1);
  });

  test('[core 37] a real outage, in which all fail, is known as one after as many calls as before', () => {
    const fair = new Fair(() => true);
    for (let n = 0; n < 5; n += 1) fair.ask(`m${n}`, `c${n}`);
    fair.runTo(fair.world.now + 100);
    expect(fair.world.value('breaker:messages')).toBe('open');
    const { tried } = fair;
    fair.runTo(fair.world.now + 5 * MINUTE);
    // One probe at a time, on the schedule of the breaker.
    expect(tried.length).toBeLessThan(200);
  });

  test('[core 37] after an outage of one channel its replies go as before', () => {
    let isBad = true;
    const fair = new Fair((channel) => isBad && channel === 'bad');
    waitsBeside(fair, 'bad');
    isBad = false;
    fair.ask('later', 'bad', 'u9');
    fair.runTo(fair.world.now + MINUTE);
    expect(fair.answeredAt.has('delivery:later.0')).toBe(true);
    fair.ask('now', 'bad', 'u9');
    fair.runTo(fair.world.now + 1_000);
    expect(fair.answeredAt.has('delivery:now.0')).toBe(true);
  });
});

describe('[core 37] what fails on and is an operator’s', () => {
  /** Gaps between the tries of commands in one channel that fails, for five minutes. */
  const gapsOf = (commands: number, isAlone: boolean): number[] => {
    const fair = new Fair();
    for (let n = 0; n < commands; n += 1) fair.ask(`c${n}`, 'bad', `a${n}`, true);
    for (let n = 0; n < 3_000; n += 1) {
      if (!isAlone && n % 50 === 0) fair.ask(`m${n}`, `good${n}`);
      fair.runTo(fair.world.now + 100);
    }
    return fair.gaps('bad');
  };

  test('[D5] [core 15] nobody else writes: the answer to a command is not tried once a second for as long as its window lasts', () => {
    const gaps = gapsOf(1, true);
    expect(gaps.length).toBeGreaterThan(8);
    expect(gaps.length).toBeLessThan(30);
  });

  test('[L19] others are answered: one answer alone tries where a target fails on, however many there are', () => {
    const gaps = gapsOf(4, false);
    expect(gaps.length).toBeLessThan(20);
    expect(Math.min(...gaps.slice(-4))).toBeGreaterThanOrEqual(10_000);
  });
});

describe('a token that QQ takes no more', () => {
  /** 40 replies of 40 channels, all out; then more than may be out at once wait. */
  test('[case B3] is refused for the calls that are out, and for no other; none of them spends an attempt', () => {
    const world = new World({ ...defaultOptions, calls: { ...defaultOptions.calls, inFlightMax: 8 } });
    world.begin();
    world.connect();
    world.now += MINUTE;
    for (let n = 0; n < 40; n += 1) {
      world.receive(`m${n}`, { channel: `c${n}`, author: `u${n}` });
      world.complete(`m${n}`);
    }
    const out = world.calls;
    expect(out).toHaveLength(8);
    for (const call of out) world.fail(call, 'auth');
    expect(world.calls).toEqual([]);
    world.runTo(world.now + 1_000);
    expect(world.calls).toEqual([]);
    const fetch = world.open('token.fetch')!;
    world.take({ type: 'token.fetched', effectId: fetch.id, ref: 'new', expiresAt: world.now + 7_200_000 });
    let answered = 0;
    while (world.calls.length > 0) {
      for (const call of world.calls as (Call & { readonly attempt: number })[]) {
        expect(call.attempt).toBe(1);
        answered += 1;
        world.succeed(call);
      }
    }
    expect(answered).toBe(40);
  });

  test('[case B3] a fresh one that is refused as well is not asked for again and again', () => {
    const world = new World();
    world.begin();
    world.connect();
    world.receive('m1');
    world.complete('m1');
    let fetches = 0;
    const start = world.now;
    const refuseAll = (): void => {
      const { calls } = world;
      if (calls.length > 0) world.now += 90;
      for (const call of calls) world.fail(call, 'auth');
      const fetch = world.open('token.fetch');
      if (!fetch) return;
      fetches += 1;
      world.take({ type: 'token.fetched', effectId: fetch.id, ref: `t${fetches}`, expiresAt: world.now + 7_200_000 });
      refuseAll();
    };
    refuseAll();
    world.runTo(start + 5 * MINUTE, refuseAll);
    expect(fetches).toBeLessThan(10);
    expect(world.value('delivery:m1.0')).toBe('deadLettered');
  });
});

test('[B67] [core 37] a probe that tells of its target only sends its reply to back off: it is not made again at once', () => {
  const fair = new Fair();
  for (const n of [1, 2, 3, 4, 5, 6]) fair.ask(`bad-${n}`, 'bad', `u${n}`);
  for (let n = 0; n < 30; n += 1) {
    fair.ask(`good-${n}`, 'good');
    fair.runTo(fair.world.now + 2_000);
  }
  expect(fair.gaps('bad').length).toBeLessThan(60);
  expect(Math.max(...fair.gaps('bad'))).toBeGreaterThan(4_000);
});
