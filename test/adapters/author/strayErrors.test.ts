import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { asAuthor, asOurselves, occasionNow } from '../../../src/adapters/author/authorScope.js';
import { catchStrayErrors, ProcessExitRefused, STRAYS_MAX } from '../../../src/adapters/author/strayErrors.js';
import { createManualClock } from '../../../src/adapters/process/manualClock.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';

class Host extends EventEmitter {
  readonly exits: unknown[] = [];
  exit = (code?: unknown): never => this.exits.push(code) as never;
}
function net() {
  const host = new Host();
  const facts: Fact[] = [];
  const lines: string[] = [];
  const note = (fields: object, text: string): void => void lines.push(JSON.stringify([fields, text]));
  const clock = createManualClock(0);
  const caught = catchStrayErrors({
    post: (fact) => facts.push(fact),
    clock,
    log: { debug: note, info: note, warn: note, error: note },
    secrets: ['very-secret'],
    host: host as never,
  });
  return { host, facts, lines, clock, caught };
}
const occasion = { message: 'm1', occasion: 'weather' };

/** As if a line of ours had thrown it. */
function ours(text: string): Error {
  const place = new URL('../../../src/bot/createBot.ts', import.meta.url).pathname;
  const inPackage = new URL('../../../node_modules/ws/lib/receiver.js', import.meta.url).pathname;
  const lines = ['node:events:524:28', `${inPackage}:1:1`, `${place}:7:7`, '/home/me/bot.ts:1:1'];
  return Object.assign(new Error(text), {
    stack: [`Error: ${text}`, ...lines.map((at) => `    at f (${at})`)].join('\n'),
  });
}

describe("the author's stray errors", () => {
  test('[case A1] are journaled and told with message, ref, command, line and stack, without secrets', () => {
    const { host, facts, lines } = net();
    asAuthor(occasion, () => host.emit('uncaughtException', new Error('no very-secret here')));
    expect(facts).toEqual([
      {
        type: 'author.strayed',
        message: 'm1',
        occasion: 'weather',
        error: 'Error: no *** here',
        source: expect.stringMatching(/strayErrors\.test\.ts:\d+:\d+$/),
        times: 1,
      },
    ]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/"ref":"\w{4}".*"occasion":"weather".*"stack":"at /);
    expect(lines[0]).not.toContain('very-secret');
    expect(host.exits).toEqual([]);
  });
  test('[case A1] a storm is counted; what comes again after an hour is told again', () => {
    const { host, facts, clock } = net();
    const stray = (): void =>
      void asAuthor(occasion, () => host.emit('uncaughtException', new Error(`at ${Math.random()}`)));
    for (let i = 0; i < 1_500; i += 1) stray();
    expect(facts.map((fact) => fact.type === 'author.strayed' && fact.times)).toEqual([1, 10, 100, 1_000]);
    clock.advance(3_600_000);
    stray();
    expect(facts).toHaveLength(5);
  });
  test('[limit strays] of more places the oldest is forgotten: its next error is told as a first one', () => {
    const { host, facts } = net();
    const strayOf = (name: number): void => {
      const error = Object.assign(new Error('x'), { name: `E${name}` });
      asAuthor(occasion, () => host.emit('uncaughtException', error));
    };
    for (let name = 0; name < STRAYS_MAX; name += 1) strayOf(name);
    strayOf(0);
    expect(facts).toHaveLength(STRAYS_MAX);
    strayOf(STRAYS_MAX);
    strayOf(0);
    strayOf(1);
    expect(facts.map((fact) => fact.type === 'author.strayed' && fact.times)).toEqual(Array(STRAYS_MAX + 2).fill(1));
    expect(facts.at(-1)).toMatchObject({ error: 'E1: x' });
  });
  test('[case A1] whatever is thrown: no error at all, one that throws when it is read, a long one', () => {
    const { host, facts, lines } = net();
    const unreadable = (part: string): Error =>
      Object.defineProperty(new Error('x'), part, {
        get: () => {
          throw new Error(part);
        },
      });
    const trap = (): never => {
      throw new Error('trap');
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const odd: unknown[] = [
      unreadable('name'),
      unreadable('message'),
      unreadable('stack'),
      Object.assign(new Error('x'), { name: Symbol('x') }),
      Object.assign(new Error('x'), { name: 'n'.repeat(1_000_000) }),
      new Error('m'.repeat(1_000_000)),
      new Proxy(new Error('x'), { get: trap, getPrototypeOf: trap }),
      proxy,
      undefined,
      null,
      'text',
      7,
      Object.create(null),
      {
        toString: () => {
          throw new Error('x');
        },
      },
    ];
    for (const value of odd)
      asAuthor({ message: null, occasion: String(odd.indexOf(value)) }, () => host.emit('uncaughtException', value));
    expect(facts).toHaveLength(odd.length);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(5_000);
  });
  test('[case A1] process.exit in the author’s code ends nothing', () => {
    const { host, caught } = net();
    expect(() => asAuthor(occasion, () => host.exit(0))).toThrow(ProcessExitRefused);
    expect(host.exits).toEqual([]);
    asAuthor(occasion, () => asOurselves(() => host.exit(3)));
    caught.close();
    asAuthor(occasion, () => host.exit(4));
    expect(host.exits).toEqual([3, 4]);
  });
  test('[case A1] an error that only passes on another is told with it, however it is passed on', () => {
    const { host, facts } = net();
    const refused = new Error('connect ECONNREFUSED');
    const ring = new Error('ring');
    ring.cause = ring;
    for (const error of [
      new TypeError('fetch failed', { cause: new AggregateError([refused]) }),
      new Error('x', { cause: 'a word' }),
      ring,
    ])
      asAuthor(occasion, () => host.emit('uncaughtException', error));
    expect(facts.map((fact) => fact.type === 'author.strayed' && fact.error)).toEqual([
      'TypeError: fetch failed < AggregateError:  < Error: connect ECONNREFUSED',
      'Error: x',
      'Error: ring < Error: ring < Error: ring < Error: ring',
    ]);
  });
  test('[case A1] a net of the author’s that throws or ends the process ends nothing, and keeps none from hearing of it', () => {
    const { host, facts } = net();
    const heard: unknown[] = [];
    asAuthor(occasion, () => host.on('uncaughtException', () => host.exit(1)));
    host.on('uncaughtException', () => {
      throw new Error('in the net');
    });
    host.on('uncaughtException', (error) => heard.push(error.message));
    asAuthor(occasion, () => host.emit('uncaughtException', new Error('first')));
    expect([heard, host.exits]).toEqual([['first'], []]);
    expect(facts.map((fact) => fact.type === 'author.strayed' && fact.error)).toEqual([
      'Error: first',
      expect.stringContaining('ProcessExitRefused'),
      'Error: in the net',
    ]);
  });
  test('[case A1] a defect of ours ends the process, unless whoever runs it has a net of his own', () => {
    const { host, facts, lines } = net();
    host.emit('uncaughtException', ours('ours'));
    asAuthor(occasion, () => asOurselves(() => host.emit('uncaughtException', ours('ours too'))));
    expect([host.exits, facts]).toEqual([[70, 70], []]);
    expect(lines[0]).toContain('A defect');
    host.on('uncaughtException', () => undefined);
    host.emit('uncaughtException', ours('theirs'));
    expect(host.exits).toHaveLength(2);
  });
  test('[case A1] where the context is lost the line that threw tells: his goes on, a line of no one of ours ends', () => {
    const { host, facts } = net();
    host.emit('uncaughtException', new Error('from a microtask'));
    host.emit('unhandledRejection', new Error('let go'));
    expect(facts).toMatchObject([{ message: null, occasion: null, error: 'Error: from a microtask', times: 1 }, {}]);
    expect(host.exits).toEqual([]);
    host.emit(
      'uncaughtException',
      Object.assign(new Error('x'), { stack: 'Error: x\n    at node:internal/timers:1:1' }),
    );
    host.emit('uncaughtException', null);
    expect(host.exits).toEqual([70, 70]);
  });
  test('[case A1] what the author started is known as his, however late; what he calls of ours is not', async () => {
    const seen: unknown[] = [];
    await asAuthor(occasion, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(occasionNow());
      asOurselves(() => seen.push(occasionNow()));
      seen.push(occasionNow());
    });
    expect([...seen, occasionNow()]).toEqual([occasion, undefined, occasion, undefined]);
  });
});
