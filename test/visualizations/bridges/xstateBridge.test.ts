import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ActorFeed } from '../../../visualizations/src/bridges/actorFeed.js';
import { VIEWER_MESSAGE_MAX, VIEWERS_MAX } from '../../../visualizations/src/bridges/bridgeLimits.js';
import { createXstateBridge, type ViewerEvent } from '../../../visualizations/src/bridges/xstateBridge.js';
import { World } from '../../actors/world.js';
import { carouselTopology, feedOf, Inbox, journalOf, type RawViewer, rawViewer, requireThere } from './bridgeRig.js';
import { Records } from './toyRecords.js';

/** The package's own receiver, as a viewer uses it; it parses machines and states with xstate 4. */
interface Seen {
  readonly type: string;
  readonly sessionId?: string;
  readonly id?: string;
  readonly event?: { readonly name: string; readonly data: { readonly [key: string]: unknown } };
  readonly state?: { readonly value: unknown; readonly context: { readonly [key: string]: unknown }; done?: boolean };
  readonly machine?: {
    readonly id: string;
    readonly events: readonly string[];
    resolveState(state: unknown): { readonly nextEvents: readonly string[] };
  };
}
const { createWebSocketReceiver } = requireThere('@xstate/inspect/lib/browser') as {
  createWebSocketReceiver(options: { server: string }): {
    subscribe(listener: (event: Seen) => void): unknown;
    send(event: object): void;
  };
};
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(feed: ActorFeed, origins: readonly string[] = []) {
  const sent: ViewerEvent[] = [];
  const nonsense: string[] = [];
  const bridge = await createXstateBridge({
    feed,
    port: 0,
    origins,
    onEvent: (event) => void sent.push(event),
    onNonsense: (what) => void nonsense.push(what),
  });
  open.push(() => bridge.close());
  return { url: bridge.url, sent, nonsense };
}
/** A viewer by the package's own code. Its socket is the global one. */
async function receiver(url: string, actor: string) {
  const inbox = new Inbox<Seen>();
  let socket: WebSocket | undefined;
  (globalThis as { WebSocket?: unknown }).WebSocket = class extends WebSocket {
    constructor(address: string) {
      super(address);
      socket = this;
    }
  };
  const there = createWebSocketReceiver({ server: url.replace('ws://', '') });
  there.subscribe((event) => inbox.push(event));
  open.push(() => socket?.terminate());
  await inbox.until(({ type, sessionId }) => type === 'service.event' && sessionId === actor);
  const of = (type: string, id = actor) => inbox.all.filter((e) => e.type === type && e.sessionId === id);
  return { inbox, of, send: (event: object) => there.send(event), close: () => socket?.close() };
}
async function raw(url: string, origin?: string): Promise<RawViewer> {
  const viewer = await rawViewer(url, origin);
  open.push(() => viewer.close());
  return viewer;
}
/** A bot that is connected and has got a message. */
function busy(): World {
  const world = new World();
  world.begin();
  world.connect();
  return world;
}

describe('register, event, state and stop, by the receiver of @xstate/inspect', () => {
  test('our machines: a message, its reply and its lane are born, move and end; the breaker trips', async () => {
    const world = busy();
    const feed = await feedOf(world);
    const { url } = await start(feed);
    const { inbox, of } = await receiver(url, 'breaker:messages');
    expect(of('service.register')[0]!.id).toBe('breaker:messages');
    world.receive('m1');
    world.complete('m1');
    for (const id of ['m2', 'm3', 'm4', 'm5']) {
      world.receive(id, { author: id });
      world.complete(id);
    }
    const failAll = () => world.calls.forEach((call) => void world.fail(call));
    failAll();
    for (let i = 0; i < 20 && world.value('breaker:messages') !== 'open'; i += 1)
      world.runTo(world.nextDeadline()!.dueAt, failAll);
    await feed.advance();
    await inbox.until(({ sessionId, state }) => sessionId === 'breaker:messages' && state?.value === 'open');
    expect(of('service.register', 'message:m1')[0]!.machine!.events).toContain('handler.completed');
    expect(of('service.register', 'delivery:m1.0')).toHaveLength(1);
    expect(of('service.register', 'lane:c3')).toHaveLength(1);
    expect(of('service.event').find(({ event }) => event!.name === 'call.failed')!.event).toMatchObject({
      name: 'call.failed',
      data: { type: 'call.failed', status: 503, class: 'transient', rules: [expect.stringMatching(/^B\d+$/)] },
    });
    world.runTo(world.now + 60_000, () => world.calls.forEach((call) => void world.succeed(call)));
    await feed.advance();
    await inbox.until(({ type, sessionId }) => type === 'service.stop' && sessionId === 'message:m1');
    expect(of('service.state', 'delivery:m1.0').map(({ state }) => state!.value)).toContain('sending');
    expect(of('service.state', 'message:m1').at(-1)!.state).toMatchObject({ value: 'answered', done: true });
    expect(of('service.stop', 'delivery:m1.0')).toHaveLength(1);
    // The breaker's timer by the name that xstate 4 gives it.
    expect(of('service.event').map(({ event }) => event!.name)).toContain('xstate.after(openMs)#circuitBreaker.open');
    const { machine } = of('service.register')[0]!;
    const { nextEvents } = machine!.resolveState(of('service.state').at(-1)!.state);
    expect(nextEvents).toEqual(expect.arrayContaining(['permit.requested', 'operator.isolated']));
  });

  test('nested, parallel and delayed states, history, and the end of a chart', async () => {
    const records = new Records(carouselTopology);
    records.take({ type: 'frame.rejected', value: null });
    const feed = await ActorFeed.open(journalOf(records.all), { topology: carouselTopology });
    const { url } = await start(feed);
    const { inbox, of } = await receiver(url, 'carousel');
    expect(of('service.register')[0]!.state!.value).toEqual({ turning: { music: 'playing', lights: 'red' } });
    records.take({ type: 'operator.reset' });
    records.elapse('carousel', 'songMs');
    records.take({ type: 'operator.isolated' });
    records.take({ type: 'operator.released' });
    records.take({ type: 'frame.rejected', value: 'a tale' });
    records.take({ type: 'operator.isolated' });
    records.elapse('carousel', 'pauseMs');
    await feed.advance();
    await inbox.until(({ type }) => type === 'service.stop');
    expect(of('service.state').map(({ state }) => state!.value)).toEqual([
      { turning: { music: 'playing', lights: 'green' } },
      { turning: { music: 'silent', lights: 'green' } },
      'paused',
      { turning: { music: 'playing', lights: 'green' } },
      { turning: { music: 'playing', lights: 'green' } },
      'paused',
      'closed',
    ]);
    expect(of('service.event').map(({ event }) => event!.name)).toEqual([
      'xstate.init',
      'operator.reset',
      'xstate.after(songMs)#carousel.turning.music.playing',
      'operator.isolated',
      'operator.released',
      'frame.rejected',
      'operator.isolated',
      'xstate.after(pauseMs)#carousel.paused',
    ]);
    expect(of('service.state').at(-2)!.state!.context).toEqual({ told: 'a tale' });
    expect(of('service.state').at(-1)!.state!.done).toBe(true);
    expect(of('service.stop')).toHaveLength(1);
  });
});

describe('what viewers find', () => {
  test('a restored actor is in its present state with its context, for a late viewer too, and each has its name', async () => {
    const world = busy();
    world.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
    const feed = await feedOf(world);
    const { url } = await start(feed);
    const early = await receiver(url, 'breaker:messages');
    expect(early.of('service.register')[0]!.state!.value).toBe('isolated');
    world.take({ type: 'operator.reset', breaker: 'breaker:messages' });
    await feed.advance();
    await early.inbox.until(({ state, sessionId }) => sessionId === 'breaker:messages' && state?.value === 'closed');
    const late = await receiver(url, 'feature:richEmbeds');
    const [registered] = late.of('service.register', 'breaker:messages');
    expect(registered!.state).toMatchObject({ value: 'closed', context: { generation: expect.any(Number) } });
    expect(late.inbox.all.filter(({ type, id }) => type === 'service.register' && id === undefined)).toEqual([]);
    await late.inbox.until(({ type, sessionId }) => type === 'service.register' && sessionId === 'gateway');
    // The arrival of one viewer is no news for another.
    expect(early.of('service.register')).toHaveLength(1);
  });

  test('a viewer that leaves and comes back, and what happened in between', async () => {
    const world = busy();
    const feed = await feedOf(world);
    const { url } = await start(feed);
    const first = await receiver(url, 'breaker:messages');
    first.close();
    world.receive('m9');
    world.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
    await feed.advance();
    const second = await receiver(url, 'message:m9');
    expect(second.of('service.register', 'breaker:messages')[0]!.state!.value).toBe('isolated');
    expect(second.of('service.register', 'message:m9')[0]!.state!.value).toBe('handling');
    world.take({ type: 'operator.reset', breaker: 'breaker:messages' });
    await feed.advance();
    await second.inbox.until(({ state, sessionId }) => sessionId === 'breaker:messages' && state?.value === 'closed');
    expect(second.of('service.state', 'breaker:messages')).toHaveLength(1);
  });

  test('another journal: what was shown ends, the actors of the new one are shown in the same connection', async () => {
    const [before, after] = [busy(), busy()];
    before.receive('old');
    after.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
    const feed = await feedOf(before);
    const { url } = await start(feed);
    const { inbox, of } = await receiver(url, 'message:old');
    await feed.reopen(journalOf(after.records));
    await inbox.until(() => of('service.register', 'gateway').length === 2);
    await inbox.until(({ state, sessionId }) => sessionId === 'breaker:messages' && state?.value === 'isolated');
    expect(of('service.stop')).toHaveLength(1);
    expect(of('service.stop', 'gateway')).toHaveLength(1);
  });
});

describe('what a viewer sends', () => {
  const sentBy = (origin: string, data: object) => ({
    type: 'xstate.event',
    event: JSON.stringify({ name: 'x', data, $$type: 'scxml', type: 'external', origin }),
  });

  test('an event reaches whoever decides on it, with its actor, and is not shown as if it had happened', async () => {
    const feed = await feedOf(busy());
    const { url, sent } = await start(feed);
    const viewer = await receiver(url, 'breaker:messages');
    viewer.send(sentBy('breaker:messages', { type: 'operator.isolated', note: 1 }));
    viewer.send({ type: 'nonsense' });
    const after = await receiver(url, 'gateway');
    expect(after.of('service.register', 'breaker:messages')[0]!.state!.value).toBe('closed');
    expect(sent).toEqual([{ actor: 'breaker:messages', type: 'operator.isolated', note: 1 }]);
    expect(viewer.of('service.event').map(({ event }) => event!.name)).toEqual(['xstate.init']);
  });

  test('what is no message of the protocol is told and ignored; the session and the others go on', async () => {
    const feed = await feedOf(busy());
    const { url, sent, nonsense } = await start(feed);
    const other = await receiver(url, 'gateway');
    const viewer = await raw(url);
    viewer.send({ type: 'xstate.inspecting' });
    await viewer.inbox.until(({ sessionId }) => sessionId === 'gateway');
    for (const message of [
      {},
      { type: 5 },
      { type: 'disconnect' },
      { type: 'unload' },
      { type: 'service.stop', sessionId: 'gateway' },
      { type: '\u202eevil' },
      { type: 'xstate.event' },
      { type: 'xstate.event', event: '{' },
      { type: 'xstate.event', event: '5' },
      { type: 'xstate.event', event: '{"origin":"gateway"}' },
      { type: 'xstate.event', event: '{"origin":"gateway","data":{"type":7}}' },
      { type: 'xstate.event', event: '{"origin":7,"data":{"type":"a"}}' },
      { type: 'xstate.event', event: '{"origin":"gateway","data":null}' },
    ])
      viewer.send(message);
    viewer.send({ type: 'xstate.inspecting' }); // again: everything anew
    await viewer.inbox.until(
      () => viewer.inbox.all.filter((m) => m.type === 'service.register').length >= 2 * feed.size,
    );
    expect(nonsense).toHaveLength(13);
    expect(nonsense.join()).not.toContain('\u202e');
    expect(sent).toEqual([]);
    expect(other.of('service.stop')).toEqual([]);
  });

  test('[limit viewerMessage] what is no JSON object ends the connection of who sent it, what is too long too', async () => {
    const { url } = await start(await feedOf(busy()));
    for (const text of ['{nonsense', '[]', 'null', '"xstate.inspecting"']) {
      const viewer = await raw(url);
      viewer.send(text);
      expect([text, await viewer.closed]).toEqual([text, 1003]);
    }
    const viewer = await raw(url);
    viewer.send('x'.repeat(VIEWER_MESSAGE_MAX + 1));
    expect(await viewer.closed).toBe(1009);
    await receiver(url, 'gateway');
  });

  test('[limit viewers] one viewer more than there may be is closed with 1013', async () => {
    const { url } = await start(await feedOf(busy()));
    const viewers: RawViewer[] = [];
    for (let i = 0; i < VIEWERS_MAX; i += 1) viewers.push(await raw(url));
    expect(await (await raw(url)).closed).toBe(1013);
    viewers[0]!.close();
    await viewers[0]!.closed;
    const viewer = await raw(url);
    viewer.send({ type: 'xstate.inspecting' });
    await viewer.inbox.until(({ sessionId }) => sessionId === 'gateway');
  });

  test('a page of another origin is refused, one of loopback or a named one is not', async () => {
    const { url } = await start(await feedOf(busy()), ['https://stately.ai']);
    await expect(raw(url, 'https://evil.example')).rejects.toThrow('403');
    await expect(raw(url, 'http://127.0.0.1.evil.example')).rejects.toThrow('403');
    await expect(raw(url, 'null')).rejects.toThrow('403');
    await raw(url, 'https://stately.ai');
    await raw(url, 'http://localhost:5173');
  });
});

describe('what is shown of it', () => {
  test('a context of 5 MB and hostile text are cut and made visible; the chart goes on', async () => {
    const records = new Records(carouselTopology);
    const hostile = '<img src=x onerror=alert(1)>\u202egnp.exe';
    const value = JSON.parse(`{"__proto__":{"polluted":true},"big":[]}`);
    value.big = Array.from({ length: 5_000 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
    value.said = hostile;
    records.take({ type: 'frame.rejected', value });
    expect(JSON.stringify(records.all).length).toBeGreaterThan(5_000_000);
    const feed = await ActorFeed.open(journalOf(records.all), { topology: carouselTopology });
    const { url } = await start(feed);
    const { inbox, of } = await receiver(url, 'carousel');
    const { told } = of('service.register')[0]!.state!.context as { told: { big: string[]; said?: string } };
    expect(told.big.at(-1)).toMatch(/^✂ \d+ more entries$/);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    records.take({ type: 'frame.rejected', value: hostile });
    await feed.advance();
    await inbox.until(({ type }) => type === 'service.state');
    expect(of('service.state').at(-1)!.state!.context.told).toBe('<img src=x onerror=alert(1)>⟨U+202E⟩gnp.exe');
    const { data } = of('service.event').at(-1)!.event!;
    expect(data.value).toBe('<img src=x onerror=alert(1)>⟨U+202E⟩gnp.exe');
    const longest = Math.max(...inbox.all.map((event) => JSON.stringify(event.state?.context ?? null).length));
    expect(longest).toBeLessThan(150_000);
  });
});
