import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { topology } from '../../src/actors/topology.js';
import type { ChartNode } from '../../visualizations/src/chartDefinition.js';
import { createInspectBridge, type InspectBridge } from '../../visualizations/src/inspectBridge.js';

const requireThere = createRequire(new URL('../../visualizations/package.json', import.meta.url));
const { createWebSocketReceiver } = requireThere('@xstate/inspect/lib/browser') as {
  createWebSocketReceiver(options: { server: string }): {
    subscribe(listener: (event: Seen) => void): unknown;
    send(event: object): void;
  };
};
interface Seen {
  readonly type: string;
  readonly sessionId?: string;
  readonly event?: { readonly name: string };
  readonly state?: { readonly value: unknown };
  readonly machine?: {
    readonly id: string;
    readonly events: string[];
    getStateNodeByPath(path: string): { after: { delay: unknown }[] };
  };
}
(globalThis as { WebSocket?: unknown }).WebSocket = WebSocket;

// One for all: the package keeps its services in the process, and a program has one server.
let bridge: InspectBridge;
const refused: string[] = [];
beforeAll(async () => {
  bridge = await createInspectBridge({ port: 0, onRefused: (actor) => void refused.push(actor) });
});
afterAll(() => bridge.close());

const chart = (name: string) => topology.machines[name]!.machine.root as unknown as ChartNode;

async function watch(): Promise<{ seen: Seen[]; send(event: object): void }> {
  const receiver = createWebSocketReceiver({ server: bridge.url.replace('ws://', '') });
  const seen: Seen[] = [];
  receiver.subscribe((event) => void seen.push(event));
  await turns();
  return { seen, send: (event) => receiver.send(event) };
}
/** Real sockets need some turns of the event loop. */
const turns = () => new Promise((resolve) => setTimeout(resolve, 80));
const of = (seen: readonly Seen[], type: string, actor: string) =>
  seen.filter((event) => event.type === type && event.sessionId === actor);

describe('the bridge to @xstate/inspect', () => {
  test('shows register, events, states and stop of a nested chart with delays', async () => {
    bridge.register('breaker:messages', chart('circuitBreaker'), { value: 'closed', context: {} });
    const { seen } = await watch();
    bridge.step('breaker:messages', 'call.failed', { value: 'open', context: {} });
    bridge.step('breaker:messages', 'timer.elapsed', { value: { halfOpen: 'probing' }, context: {} });
    bridge.stop('breaker:messages');
    await turns();
    const [registered] = of(seen, 'service.register', 'breaker:messages');
    expect(registered?.machine?.events).toEqual(expect.arrayContaining(['call.failed', 'permit.requested']));
    expect(registered?.machine?.getStateNodeByPath('open').after.map(({ delay }) => delay)).toContain('openMs');
    expect(of(seen, 'service.event', 'breaker:messages').map((event) => event.event?.name)).toEqual(
      expect.arrayContaining(['call.failed', 'timer.elapsed']),
    );
    expect(of(seen, 'service.state', 'breaker:messages').map((event) => event.state?.value)).toEqual(
      expect.arrayContaining(['open', { halfOpen: 'probing' }]),
    );
    expect(of(seen, 'service.stop', 'breaker:messages')).toHaveLength(1);
  });

  test('shows a feature that goes off, is tried and comes back', async () => {
    bridge.register('feature:richEmbeds', chart('feature'), { value: 'enabled', context: {} });
    const { seen } = await watch();
    const course = [
      ['form.refused', 'suspended'],
      ['form.wanted', 'probing'],
      ['form.accepted', 'restoring'],
      ['timer.elapsed', 'enabled'],
    ];
    for (const [event, value] of course) bridge.step('feature:richEmbeds', event!, { value: value!, context: {} });
    await turns();
    expect(
      of(seen, 'service.register', 'feature:richEmbeds')[0]
        ?.machine?.getStateNodeByPath('suspended')
        .after.map(({ delay }) => delay),
    ).toContain('suspendMs');
    expect(of(seen, 'service.event', 'feature:richEmbeds').map((event) => event.event?.name)).toEqual(
      expect.arrayContaining(['form.refused', 'form.wanted', 'form.accepted']),
    );
    expect(of(seen, 'service.state', 'feature:richEmbeds').map((event) => event.state?.value)).toEqual(
      expect.arrayContaining(['suspended', 'probing', 'restoring', 'enabled']),
    );
  });

  test('shows a restored actor, and a viewer that comes later, the present state and not the first one', async () => {
    bridge.register('gateway', chart('gateway'), { value: { ready: 'alive' }, context: {} });
    bridge.step('gateway', 'socket.closed', { value: 'backingOff', context: {} });
    const { seen } = await watch();
    expect(of(seen, 'service.register', 'gateway').at(-1)?.state?.value).toBe('backingOff');
  });

  test('refuses events from a viewer', async () => {
    bridge.register('token', chart('accessToken'), { value: 'valid', context: {} });
    const viewer = await watch();
    viewer.send({
      type: 'xstate.event',
      event: JSON.stringify({ name: 'token.lost', data: { type: 'token.lost' }, $$type: 'scxml', origin: 'token' }),
    });
    await turns();
    expect(refused).toEqual(['token']);
  });

  test('ends a viewer that sends no JSON, and goes on', async () => {
    bridge.register('token', chart('accessToken'), { value: 'valid', context: {} });
    const socket = new WebSocket(bridge.url);
    const code = new Promise((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send('{nonsense'));
    expect(await code).toBe(1003);
    expect(of((await watch()).seen, 'service.register', 'token')).not.toEqual([]);
  });

  test('every chart of the topology can be shown', async () => {
    for (const [name, { machine }] of Object.entries(topology.machines)) {
      bridge.register(name, chart(name), { value: machine.root.initial.target?.[0]?.key, context: {} });
    }
    const { seen } = await watch();
    for (const name of Object.keys(topology.machines)) expect(of(seen, 'service.register', name)).not.toEqual([]);
  });
});

describe('the workspace', () => {
  test('has xstate 4 beside the xstate 5 of the root, and uses @xstate/inspect', () => {
    expect((requireThere('xstate/package.json') as { version: string }).version).toMatch(/^4\./);
    expect((createRequire(import.meta.url)('xstate/package.json') as { version: string }).version).toMatch(/^5\./);
    expect(readFileSync('visualizations/src/inspectBridge.ts', 'utf8')).toContain(
      "from '@xstate/inspect/lib/server.js'",
    );
  });
});
