import { createRequire } from 'node:module';
import { WebSocket } from 'ws';
import { assign, setup } from 'xstate';
import type { Journal, Record } from '../../../src/actors/ports.js';
import type { Topology } from '../../../src/actors/step/routes.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { ActorFeed, type ActorFeedOptions } from '../../../visualizations/src/bridges/actorFeed.js';
import type { ChartNode } from '../../../visualizations/src/bridges/chartDefinition.js';
import type { World } from '../../actors/world.js';

/** As the workspace of the visualizations finds its packages: xstate is 4 there. */
export const requireThere = createRequire(new URL('../../../visualizations/package.json', import.meta.url));

/** A journal that is read only: what the tests write to `records` is in it. */
export function journalOf(records: readonly Record[]): Journal {
  const refuse = () => Promise.reject(new Error('only for reading'));
  return {
    notices: [],
    position: async () => ({ epoch: 1, seq: records.length, at: records.at(-1)?.at ?? 0 }),
    read: async (after, limit) => JSON.parse(JSON.stringify(records.slice(after, after + limit))),
    checkpoint: async () => null,
    beginEpoch: refuse,
    append: refuse,
    tidy: async () => undefined,
    assertThere: () => undefined,
    close: async () => undefined,
  };
}
export function feedOf(world: World, options: Partial<ActorFeedOptions> = {}): Promise<ActorFeed> {
  return ActorFeed.open(journalOf(world.records), { topology, ...options });
}

export const chartOf = (name: string): ChartNode => topology.machines[name]!.machine.root as unknown as ChartNode;

/** Nested, parallel, delayed, with history, a final state, an eventless way, and what it is told in its context. */
export const carouselMachine = setup({
  types: {} as { context: { told: unknown }; events: { type: string; value?: unknown } },
  guards: { isTold: ({ context }) => context.told !== null, isOpen: () => true },
  actions: { keep: assign({ told: ({ event }) => event.value }) },
  delays: { songMs: 1_000, pauseMs: 500 },
}).createMachine({
  id: 'carousel',
  context: { told: null },
  initial: 'turning',
  on: { 'frame.rejected': { actions: 'keep', description: 'Z1 it is kept' } },
  states: {
    turning: {
      type: 'parallel',
      states: {
        music: {
          initial: 'playing',
          onDone: { actions: 'keep', description: 'Z9 it is over' },
          states: {
            playing: { after: { songMs: { target: 'silent', description: 'Z2 the song is over' } } },
            silent: { always: { guard: 'isTold', target: 'over', description: 'Z3 nothing more to play' } },
            over: { type: 'final' },
          },
        },
        lights: {
          initial: 'red',
          states: {
            red: { on: { 'operator.reset': { target: 'green', description: 'Z4 the other colour' } } },
            green: { on: { 'operator.reset': { target: 'red', guard: 'isOpen', description: 'Z5 back' } } },
            last: { type: 'history', history: 'deep', target: 'green' },
          },
        },
      },
      on: { 'operator.isolated': { target: 'paused', description: 'Z6 stands still' } },
    },
    paused: {
      on: {
        'operator.released': { target: 'turning.lights.last', description: 'Z7 as it was' },
        'operator.enabled': { target: '#carousel', description: 'Z10 from anew' },
      },
      after: { pauseMs: { target: 'closed', description: 'Z8 for good' } },
    },
    closed: { type: 'final' },
  },
});
export const carouselTopology: Topology = {
  machines: { carousel: { machine: carouselMachine, lives: 'always' } },
  effects: {},
  routeFact: (fact) => [
    { to: 'carousel', event: fact as never, spawn: { machine: 'carousel', input: {}, deliver: true } },
  ],
  routeSignal: () => [],
};

/** What arrived, and waiting for more without sleeping. */
export class Inbox<T> {
  readonly all: T[] = [];
  private readonly waiting = new Set<() => void>();
  push(item: T): void {
    this.all.push(item);
    for (const check of this.waiting) check();
  }
  /** The first that matches, there already or yet to come. */
  until(matches: (item: T) => boolean): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = this.all.find(matches);
        if (found === undefined) return;
        this.waiting.delete(check);
        resolve(found);
      };
      this.waiting.add(check);
      check();
    });
  }
}

export interface RawViewer {
  readonly inbox: Inbox<{ readonly [key: string]: unknown }>;
  readonly closed: Promise<number>;
  send(message: unknown): void;
  close(): void;
}
/** A WebSocket client that takes every message as it is. */
export async function rawViewer(url: string, origin?: string): Promise<RawViewer> {
  const socket = new WebSocket(url, origin === undefined ? {} : { origin });
  const inbox = new Inbox<{ readonly [key: string]: unknown }>();
  socket.on('message', (data) => inbox.push(JSON.parse(String(data))));
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  return {
    inbox,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    close: () => socket.close(),
  };
}
