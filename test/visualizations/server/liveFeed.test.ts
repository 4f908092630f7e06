import { afterEach, expect, jest, test } from '@jest/globals';
import { WebSocket } from 'ws';
import {
  LIVE_ALIVE_MS,
  LIVE_BACKLOG_MAX,
  LIVE_SILENT_MS,
  type LiveMessage,
  type LiveRecords,
} from '../../../visualizations/src/protocol.js';
import { createInspectionServer } from '../../../visualizations/src/server/createInspectionServer.js';
import type { OpenJournal } from '../../../visualizations/src/server/journals.js';
import { Feed } from '../../../visualizations/src/server/liveFeed.js';
import { WATCHER_BYTES_MAX, WATCHERS_MAX } from '../../../visualizations/src/server/serverLimits.js';
import { liveSource } from '../../../visualizations/src/server/sources.js';
import { closeAll, makeJournal, onClose, serveJournal } from './inspectionRig.js';

afterEach(closeAll);

interface Watcher {
  readonly messages: LiveMessage[];
  readonly records: () => readonly LiveRecords[];
  /** Resolves once `condition` holds. */
  until(condition: () => boolean): Promise<void>;
  readonly closed: Promise<number>;
  close(): void;
}
async function watch(url: string, query = '', headers: { [name: string]: string } = {}): Promise<Watcher> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live${query}`, { headers });
  const messages: LiveMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)) as LiveMessage);
    for (const look of waiting) look();
  });
  socket.on('error', () => undefined);
  onClose(() => socket.terminate());
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  const watcher: Watcher = {
    messages,
    records: () => messages.filter((message) => message.type === 'records'),
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    closed,
    close: () => socket.close(),
  };
  await Promise.race([watcher.until(() => messages.length > 0), closed]);
  return watcher;
}
/** Whether what was told joins without a hole from `from` to `to`. */
function joins(told: readonly LiveRecords[], from: number, to: number): boolean {
  const ends = told.map((message) => [message.from, message.to]);
  return (
    ends[0]?.[0] === from && ends.at(-1)?.[1] === to && ends.slice(1).every(([begin], i) => begin === ends[i]![1]! + 1)
  );
}

test('tells what happens beside a bot that writes: records, changed actors, ended ones', async () => {
  const { path, bot } = await makeJournal(200, true);
  const { url } = await serveJournal(path);
  const watcher = await watch(url);
  const begun = bot.system.state.seq;
  expect(watcher.messages[0]).toMatchObject({ type: 'hello', seq: begun });
  const id = bot.say('can you hear me?', { channel: 'live' });
  await bot.pass(100);
  const last = bot.system.state.seq;
  await watcher.until(() => watcher.records().at(-1)?.to === last);
  expect(joins(watcher.records(), begun + 1, last)).toBe(true);
  const told = watcher.records().flatMap(({ records }) => records);
  expect(told[0]).toMatchObject({ seq: begun + 1, type: 'message.received', text: 'can you hear me?', message: id });
  expect(watcher.records().flatMap(({ changed }) => changed.map((actor) => actor.id))).toContain('lane:live');
  expect(watcher.records().flatMap(({ ended }) => ended)).toContain(`message:${id}`);
  expect(watcher.records().at(-1)!.isPartial).toBe(false);
});

test('while nothing happens it tells that it is alive', async () => {
  const { path } = await makeJournal(50);
  const { url } = await serveJournal(path);
  const watcher = await watch(url);
  await watcher.until(() => watcher.messages.filter(({ type }) => type === 'alive').length === 2);
  expect(LIVE_SILENT_MS).toBeGreaterThan(2 * LIVE_ALIVE_MS);
});

test('[limit liveBacklog] after a break it goes on from the last seq that the page has, or says that there is a gap', async () => {
  const { path, bot } = await makeJournal(300, true);
  const { url } = await serveJournal(path);
  const first = await watch(url);
  const has = bot.system.state.seq;
  first.close();
  await first.closed;
  bot.say('while you were away');
  await bot.pass(100);
  const again = await watch(url, `?after=${has}`);
  const last = bot.system.state.seq;
  await again.until(() => again.records().at(-1)?.to === last);
  expect(joins(again.records(), has + 1, last)).toBe(true);
  // It does not say what changed meanwhile: the page asks for the moment.
  expect(again.records()[0]!.isPartial).toBe(true);
  await bot.runTo(has + LIVE_BACKLOG_MAX + 50);
  await again.until(() => again.records().at(-1)?.to === bot.system.state.seq); // the server has taken them in
  const late = await watch(url, `?after=${has}`);
  await late.until(() => late.messages.some(({ type }) => type === 'gap'));
  expect(late.messages.find(({ type }) => type === 'gap')).toEqual({ type: 'gap', seq: bot.system.state.seq });
});

test('[limit pageBuffer] a watcher that does not read is closed, the others are not', async () => {
  const at = { seq: 0, at: 0 };
  const index = {
    subscribe: () => () => undefined,
    advance: async () => undefined,
    caughtUp: async () => undefined,
    last: at,
    taken: at,
  };
  let changed: () => void = () => undefined;
  let state: object = { state: 'ok', message: null };
  const source = {
    state: () => state,
    watch(listener: () => void) {
      changed = listener;
      return () => undefined;
    },
  };
  const feed = new Feed({ id: 'main', index, source } as unknown as OpenJournal);
  onClose(() => feed.close());
  const socketOf = (bufferedAmount: number) => ({
    OPEN: 1,
    readyState: 1,
    bufferedAmount,
    send: jest.fn(),
    close: jest.fn(),
  });
  const [quick, slow] = [socketOf(WATCHER_BYTES_MAX), socketOf(WATCHER_BYTES_MAX + 1)];
  for (const socket of [quick, slow]) await feed.add(socket as unknown as WebSocket, undefined);
  state = { state: 'lost', message: 'gone' };
  changed();
  expect(quick.send).toHaveBeenLastCalledWith('{"type":"source","state":"lost","message":"gone"}');
  expect(quick.close).not.toHaveBeenCalled();
  expect(slow.close).toHaveBeenCalledWith(1013, 'too slow');
});

test('[case W2] a watcher that goes before it is told where it begins is forgotten; one that comes meanwhile hears all', async () => {
  const joining: (() => void)[] = [];
  const at = { seq: 0, at: 0 };
  const index = {
    subscribe: () => () => undefined,
    advance: () => new Promise<void>((resolve) => joining.push(resolve)),
    caughtUp: async () => undefined,
    taken: at,
  };
  let changed: () => void = () => undefined;
  let isWatched = false;
  let state: object = { state: 'ok', message: null };
  const source = {
    state: () => state,
    watch(listener: () => void) {
      changed = listener;
      isWatched = true;
      return () => {
        isWatched = false;
      };
    },
  };
  const feed = new Feed({ id: 'main', index, source } as unknown as OpenJournal);
  onClose(() => feed.close());
  const socketOf = () => ({ OPEN: 1, readyState: 1, bufferedAmount: 0, send: jest.fn(), close: jest.fn() });
  const [one, two, gone] = [socketOf(), socketOf(), socketOf()];
  const socket = (fake: object): WebSocket => fake as WebSocket;
  const added = [feed.add(socket(one), undefined)];
  joining[0]!();
  await added[0];
  added.push(feed.add(socket(two), undefined), feed.add(socket(gone), undefined));
  expect(feed.remove(socket(one))).toBe(false); // another is on its way
  expect(feed.remove(socket(gone))).toBe(false);
  for (const join of joining) join();
  await Promise.all(added);
  state = { state: 'lost', message: 'gone' };
  changed();
  expect(two.send).toHaveBeenLastCalledWith('{"type":"source","state":"lost","message":"gone"}');
  expect(gone.send).not.toHaveBeenCalled();
  expect(feed.remove(socket(two))).toBe(true);
  expect(isWatched).toBe(false);
});

const noSign = { ask() {}, onAlive() {}, silent: (seconds: number) => `silent for ${seconds} s` };

test('[core 36] [limit botSilence] a watched bot that gives no sign of life is said to be silent, until it gives one', async () => {
  const { path } = await makeJournal(10);
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  try {
    let alive: () => void = () => undefined;
    let asked = 0;
    const source = await liveSource(path, {
      ...noSign,
      watch() {},
      onTold() {},
      ask() {
        asked += 1;
      },
      onAlive: (listener) => {
        alive = listener;
      },
    });
    onClose(() => source.close());
    jest.advanceTimersByTime(60_000);
    expect(asked).toBe(0); // nobody looks
    const changed = jest.fn();
    const leave = source.watch(changed);
    jest.advanceTimersByTime(6_000);
    expect([asked, source.state().message, changed.mock.calls.length]).toEqual([3, null, 0]);
    jest.advanceTimersByTime(2_000);
    expect([source.state().message, changed.mock.calls.length]).toEqual(['silent for 8 s', 1]);
    alive();
    expect([source.state().message, changed.mock.calls.length]).toEqual([null, 2]);
    leave();
    jest.advanceTimersByTime(60_000);
    expect(asked).toBe(4);
  } finally {
    jest.useRealTimers();
  }
});

test('nobody watches: the source is not watched', async () => {
  const { path, bot } = await makeJournal(100, true);
  const wishes: boolean[] = [];
  let tell: (told: { seq: number; at: number }) => void = () => undefined;
  const source = await liveSource(path, {
    watch: (isWatched) => void wishes.push(isWatched),
    onTold: (listener) => {
      tell = listener;
    },
    ...noSign,
  });
  const more = {
    host: '127.0.0.1',
    locale: 'en',
    botUrl: null,
    simulatorUrl: null,
    page: Promise.resolve('/none'),
  } as const;
  const server = await createInspectionServer({ source, ...more });
  onClose(() => server.close());
  const url = await server.listen(0);
  await fetch(`${url}/api/moment`);
  expect(wishes).toEqual([]);
  const one = await watch(url);
  const two = await watch(url);
  expect(wishes).toEqual([true]);
  bot.say('hello');
  await bot.pass(20);
  const { seq, at } = bot.system.state;
  tell({ seq, at });
  await one.until(() => one.records().at(-1)?.to === seq);
  one.close();
  await one.closed;
  expect(wishes).toEqual([true]);
  two.close();
  await two.closed;
  while (wishes.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(wishes).toEqual([true, false]);
});

test('[limit pageWatchers] [case W1] one more than may watch is asked to come later; pages of others are refused', async () => {
  const { path } = await makeJournal(50);
  const { url } = await serveJournal(path);
  for (let i = 0; i < WATCHERS_MAX; i += 1) await watch(url);
  expect(await (await watch(url)).closed).toBe(1013);
  const port = new URL(url).port;
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: `http://127.0.0.1.evil.example:${port}` },
    { host: 'evil.example' },
    { host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
  ] as { [name: string]: string }[]) {
    const foreign = await watch(url, '', headers);
    expect([headers, await foreign.closed, foreign.messages]).toEqual([headers, 1006, []]);
  }
});
