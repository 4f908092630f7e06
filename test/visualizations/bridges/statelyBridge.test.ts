import { afterEach, describe, expect, test } from '@jest/globals';
import {
  createBrowserReceiver,
  createInspector,
  createWebSocketReceiver,
  type StatelyInspectionEvent,
} from '@statelyai/inspect';
import { createActor } from 'xstate';
import { topology } from '../../../src/actors/wiring/topology.js';
import { ActorFeed } from '../../../visualizations/src/bridges/actorFeed.js';
import { WAITING_MAX } from '../../../visualizations/src/bridges/bridgeLimits.js';
import { createStatelyBridge, STATELY_VERSION } from '../../../visualizations/src/bridges/statelyBridge.js';
import { World } from '../../actors/world.js';
import { carouselMachine, carouselTopology, feedOf, Inbox, journalOf, rawViewer } from './bridgeRig.js';
import { Records } from './toyRecords.js';

type Seen = StatelyInspectionEvent & {
  readonly definition?: string;
  readonly name?: string;
  readonly parentId?: string;
  readonly event?: { readonly type: string; readonly [key: string]: unknown };
  readonly snapshot?: { readonly status?: string; readonly value?: unknown; readonly context?: { told?: unknown } };
};
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(feed: ActorFeed): Promise<string> {
  const bridge = await createStatelyBridge({ feed, port: 0 });
  open.push(() => bridge.close());
  return bridge.url;
}
/** The package's own receiver. */
function receiver(url: string) {
  const inbox = new Inbox<Seen>();
  createWebSocketReceiver({ server: url }).subscribe((event) => inbox.push(event as Seen));
  const of = (type: string, id: string) => inbox.all.filter((e) => e.type === type && e.sessionId === id);
  return { inbox, of };
}

describe("Stately's protocol, by the receiver of @statelyai/inspect", () => {
  test('the version told is that of the package', () => {
    const messages: StatelyInspectionEvent[] = [];
    createInspector({ send: (message) => void messages.push(message) }).actor('a');
    expect(messages.map(({ _version }) => _version)).toEqual([STATELY_VERSION]);
  });

  test('every actor of the bot with its chart and present state; births, events, snapshots and ends as they come', async () => {
    const world = new World();
    world.begin();
    world.connect();
    world.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
    const feed = await feedOf(world);
    const { inbox, of } = receiver(await start(feed));
    await inbox.until(() => inbox.all.length >= feed.size);
    for (const [id, actor] of world.state.actors.entries()) {
      const [message] = of('@xstate.actor', id);
      expect(message).toMatchObject({ name: id, rootId: 'bot', snapshot: { value: actor.snapshot.value } });
      const { states } = JSON.parse(message!.definition!) as { states: object };
      expect(Object.keys(states)).toEqual(Object.keys(topology.machines[actor.machine]!.machine.root.states));
    }
    expect(of('@xstate.actor', 'breaker:messages')[0]!.snapshot).toMatchObject({ value: 'isolated', status: 'active' });
    world.take({ type: 'operator.reset', breaker: 'breaker:messages' });
    world.receive('m1');
    world.complete('m1');
    world.succeed(world.calls[0]!);
    await feed.advance();
    await inbox.until(({ sessionId, snapshot }) => sessionId === 'message:m1' && snapshot?.status === 'done');
    expect(of('@xstate.actor', 'delivery:m1.0')).toHaveLength(1);
    expect(of('@xstate.snapshot', 'message:m1').at(-1)!.snapshot).toMatchObject({ value: 'answered', status: 'done' });
    expect(of('@xstate.event', 'breaker:messages')[0]!.event).toMatchObject({
      type: 'operator.reset',
      breaker: 'breaker:messages',
      rules: ['B38'],
    });
  });

  test('a parallel, nested and delayed chart; its timers by the name that xstate 5 gives them; a viewer that comes late', async () => {
    const records = new Records(carouselTopology);
    records.take({ type: 'frame.rejected', value: 'a tale' });
    const feed = await ActorFeed.open(journalOf(records.all), { topology: carouselTopology });
    const url = await start(feed);
    const early = receiver(url);
    await early.inbox.until(({ type }) => type === '@xstate.actor');
    records.elapse('carousel', 'songMs');
    records.take({ type: 'operator.reset' });
    await feed.advance();
    await early.inbox.until(({ event, type }) => type === '@xstate.snapshot' && event?.type === 'operator.reset');
    const late = receiver(url);
    const shown = await late.inbox.until(({ type }) => type === '@xstate.actor');
    expect(shown.snapshot!.value).toEqual({ turning: { music: 'over', lights: 'green' } });
    records.take({ type: 'operator.isolated' });
    records.elapse('carousel', 'pauseMs');
    await feed.advance();
    for (const { inbox } of [early, late]) await inbox.until(({ snapshot }) => snapshot?.status === 'done');
    expect(early.of('@xstate.snapshot', 'carousel').map(({ snapshot }) => snapshot!.value)).toEqual([
      ...['silent', 'over', 'over'].map((music) => ({ turning: { music, lights: 'red' } })), // went on by itself
      { turning: { music: 'over', lights: 'green' } },
      'paused',
      'closed',
    ]);
    expect(early.of('@xstate.event', 'carousel').map(({ event }) => event!.type)).toEqual([
      'xstate.after.songMs.carousel.turning.music.playing',
      'operator.reset',
      'operator.isolated',
      'xstate.after.pauseMs.carousel.paused',
    ]);
    expect(late.of('@xstate.snapshot', 'carousel').at(-1)!.snapshot).toMatchObject({ value: 'closed', status: 'done' });
  });

  test('what ends outside its chart is stopped: here, by another journal', async () => {
    const [before, after] = [new World(), new World()];
    for (const world of [before, after]) {
      world.begin();
      world.connect();
    }
    before.receive('old');
    const feed = await feedOf(before);
    const { inbox, of } = receiver(await start(feed));
    await inbox.until(() => inbox.all.length >= feed.size);
    await feed.reopen(journalOf(after.records));
    await inbox.until(() => of('@xstate.actor', 'recovery').length === 2);
    expect(of('@xstate.snapshot', 'message:old').map(({ snapshot }) => snapshot!.status)).toEqual(['stopped']);
    expect(of('@xstate.actor', 'message:old')).toHaveLength(1);
  });

  test('messages have the fields that the package itself gives for the same chart', async () => {
    const theirs: Seen[] = [];
    const inspector = createInspector({ send: (event) => void theirs.push(event as Seen) });
    const actor = createActor(carouselMachine, { inspect: inspector.inspect }).start();
    actor.send({ type: 'operator.reset' });
    await new Promise((resolve) => setTimeout(resolve, 0)); // the package sends when idle
    await new Promise((resolve) => setTimeout(resolve, 0));
    const records = new Records(carouselTopology);
    records.take({ type: 'frame.rejected', value: null });
    const feed = await ActorFeed.open(journalOf(records.all), { topology: carouselTopology });
    const { inbox, of } = receiver(await start(feed));
    await inbox.until(({ type }) => type === '@xstate.actor');
    records.take({ type: 'operator.reset' });
    await feed.advance();
    await inbox.until(({ type }) => type === '@xstate.snapshot');
    const shape = (message: Seen | undefined) =>
      Object.entries(JSON.parse(JSON.stringify(message))).map(([key, value]) => `${key}: ${kindOf(value)}`);
    for (const type of ['@xstate.actor', '@xstate.event', '@xstate.snapshot']) {
      const their = theirs.filter((message) => message.type === type && message.event?.type !== 'xstate.init').at(-1);
      const ours = of(type, 'carousel').at(-1);
      // Ours is a child of the bot; theirs is the root.
      expect([
        type,
        shape(ours)
          .filter((field) => !field.startsWith('parentId'))
          .sort(),
      ]).toEqual([type, shape(their).sort()]);
    }
    const their = theirs.findLast(({ type }) => type === '@xstate.snapshot')!.snapshot!;
    const our = of('@xstate.snapshot', 'carousel').at(-1)!.snapshot!;
    expect(Object.keys(our).sort()).toEqual(Object.keys(JSON.parse(JSON.stringify(their))).sort());
    expect(our.value).toEqual(their.value);
  });

  test('what a viewer sends is ignored; when it goes, the others go on', async () => {
    const records = new Records(carouselTopology);
    records.take({ type: 'frame.rejected', value: null });
    const feed = await ActorFeed.open(journalOf(records.all), { topology: carouselTopology });
    const url = await start(feed);
    const { inbox } = receiver(url);
    const viewer = await rawViewer(url);
    viewer.send({ type: '@xstate.event', sessionId: 'carousel', event: { type: 'operator.isolated' } });
    viewer.send('{');
    expect(await viewer.closed).toBe(1003);
    records.take({ type: 'operator.reset' });
    await feed.advance();
    await inbox.until(({ type }) => type === '@xstate.snapshot');
    expect(feed.actor('carousel')!.state.value).toEqual({ turning: { music: 'playing', lights: 'green' } });
  });
});

describe("the page for Stately's hosted inspector", () => {
  test('passes the feed to the frame of stately.ai alone, once that has asked for it, as its receiver wants it', async () => {
    const records = new Records(carouselTopology);
    records.take({ type: 'frame.rejected', value: null });
    const feed = await ActorFeed.open(journalOf(records.all), { topology: carouselTopology });
    const url = (await start(feed)).replace('ws:', 'http:');
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ${url.replace('http:', 'ws:')}; frame-src https://stately.ai`,
    );
    expect(await page.text()).toContain('<iframe title="Stately\'s inspector" src="https://stately.ai/inspect">');
    const script = await (await fetch(`${url}/attach.js`)).text();
    // The two windows, each with what the other may do with it.
    const frame = new Set<(event: object) => void>();
    const page1 = pageOf(script, (data) => {
      for (const listener of frame) listener({ data });
    });
    const opener = {
      postMessage: (data: object) => {
        page1.hear({ data, origin: 'https://evil.example' });
        expect(page1.origins).toEqual([]);
        page1.hear({ data, origin: 'https://stately.ai' });
      },
    };
    page1.receive(messageOf('@xstate.actor'));
    expect(page1.origins).toEqual([]);
    const window = {
      self: {},
      top: {},
      parent: opener,
      addEventListener: (_type: string, listener: (event: object) => void) => frame.add(listener),
    };
    const inbox = new Inbox<Seen>();
    createBrowserReceiver({ window: window as never }).subscribe((event) => inbox.push(event as Seen));
    page1.receive(messageOf('@xstate.event'));
    expect(inbox.all.map(({ type }) => type)).toContain('@xstate.event');
    expect(page1.origins).toEqual(['https://stately.ai', 'https://stately.ai']);
  });

  test('[limit viewerWaiting] keeps the newest messages until the inspector is there', async () => {
    const url = (await start(await feedOf(new World()))).replace('ws:', 'http:');
    const got: Seen[] = [];
    const page = pageOf(await (await fetch(`${url}/attach.js`)).text(), (data) => void got.push(data));
    for (let i = 0; i < WAITING_MAX + 3; i += 1) page.receive({ ...messageOf('@xstate.event'), sessionId: `${i}` });
    page.hear({ data: { type: '@statelyai.connected' }, origin: 'https://stately.ai' });
    expect([got.length, got[0]!.sessionId]).toEqual([WAITING_MAX, '3']);
  });

  test('nothing else is there, and no other host name gets it', async () => {
    const records = new Records(carouselTopology);
    const feed = await ActorFeed.open(journalOf(records.all), { topology: carouselTopology });
    const url = (await start(feed)).replace('ws:', 'http:');
    expect((await fetch(`${url}/../etc`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
    const http = await import('node:http');
    const { port } = new URL(url);
    const status = await new Promise((resolve) => {
      http.get({ host: '127.0.0.1', port, headers: { host: 'evil.example' } }, (answer) => resolve(answer.statusCode));
    });
    expect(status).toBe(403);
  });
});

const messageOf = (type: string) => ({ type, _version: STATELY_VERSION, sessionId: 'a' });

/** The script of the page in a window of its own; `onPost` is the frame. */
function pageOf(script: string, onPost: (data: Seen) => void) {
  const listeners = new Set<(event: object) => void>();
  const origins: string[] = [];
  const sockets: { onmessage(event: { readonly data: string }): void }[] = [];
  const contentWindow = {
    postMessage(data: Seen, origin: string) {
      origins.push(origin);
      onPost(data);
    },
  };
  class Socket {
    onmessage: (event: { readonly data: string }) => void = () => undefined;
    constructor() {
      sockets.push(this);
    }
  }
  const run = new Function('document', 'addEventListener', 'WebSocket', 'location', script);
  run(
    { querySelector: (tag: string) => (tag === 'iframe' ? { contentWindow } : { remove() {} }) },
    (_type: string, listener: (event: object) => void) => listeners.add(listener),
    Socket,
    { host: '127.0.0.1:1' },
  );
  return {
    origins,
    hear(event: object) {
      for (const listener of listeners) listener(event);
    },
    receive: (message: object) => sockets[0]!.onmessage({ data: JSON.stringify(message) }),
  };
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
