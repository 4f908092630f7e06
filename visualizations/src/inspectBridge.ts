import type { AddressInfo } from 'node:net';
import { inspect } from '@xstate/inspect/lib/server.js';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type ChartNode, chartDefinition } from './chartDefinition.js';

export interface ShownState {
  readonly value: unknown;
  readonly context: object;
}
/**
 * Actors of a running bot for the viewers that speak the protocol of @xstate/inspect. What is shown comes from records, so a
 * bot in another process is seen in its present state. Read-only: what a viewer sends is refused.
 */
export interface InspectBridge {
  /** Address for viewers. */
  readonly url: string;
  /** Shows an actor in the state it is in; again: from anew. */
  register(actor: string, root: ChartNode, state: ShownState): void;
  /** One step of a shown actor. */
  step(actor: string, event: string, state: ShownState): void;
  stop(actor: string): void;
  close(): void;
}
export interface InspectBridgeOptions {
  /** Default 8888; 0: any. */
  readonly port?: number;
  /** Told when a viewer tried to send an event to an actor. */
  readonly onRefused?: (actor: string) => void;
}

interface Service {
  readonly sessionId: string;
  readonly id: string;
  readonly machine: object;
  readonly initialState: object;
  state: object;
  send(event: object): void;
  subscribe(observer: (state: object) => void): { unsubscribe(): void };
  onStop(listener: () => void): Service;
}
interface Shown {
  readonly service: Service;
  readonly observers: Set<(state: object) => void>;
  readonly stops: Set<() => void>;
  mirroring: boolean;
}
type Registry = { readonly __xstate__?: { register(service: Service): void } };

/** Starts the server of @xstate/inspect on loopback. Fails with EADDRINUSE. */
export async function createInspectBridge({
  port = 8888,
  onRefused,
}: InspectBridgeOptions = {}): Promise<InspectBridge> {
  const server = new WebSocketServer({ port, host: '127.0.0.1', maxPayload: 1024 * 1024 });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  server.on('connection', keepJsonOnly);
  inspect({ server: server as never });
  const shown = new Map<string, Shown>();
  const stop = (actor: string): void => {
    for (const listener of shown.get(actor)?.stops ?? []) listener();
    shown.delete(actor);
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    register(actor, root, state) {
      stop(actor);
      const entry = show(actor, root, state, () => onRefused?.(actor));
      shown.set(actor, entry);
      (globalThis as unknown as Registry).__xstate__?.register(entry.service);
    },
    step(actor, event, state) {
      const entry = shown.get(actor);
      if (!entry) return;
      // The server reports an event by watching `send`; mirrored ones go no further.
      entry.mirroring = true;
      entry.service.send({ type: event });
      entry.mirroring = false;
      entry.service.state = stateOf(actor, event, state);
      for (const observer of entry.observers) observer(entry.service.state);
    },
    stop,
    close() {
      for (const actor of [...shown.keys()]) stop(actor);
      for (const viewer of server.clients) viewer.terminate();
      server.close();
    },
  };
}

function show(actor: string, root: ChartNode, state: ShownState, onRefused: () => void): Shown {
  const definition = { ...chartDefinition(root), id: actor, context: state.context, predictableActionArguments: true };
  const entry: { -readonly [key in keyof Shown]: Shown[key] } = {
    service: null as never,
    observers: new Set(),
    stops: new Set(),
    mirroring: false,
  };
  const initialState = stateOf(actor, 'xstate.init', state);
  const service: Service = {
    sessionId: actor,
    id: actor,
    machine: { id: actor, definition, context: state.context, toJSON: () => definition },
    initialState,
    state: initialState,
    send() {
      if (!entry.mirroring) onRefused();
    },
    subscribe(observer) {
      entry.observers.add(observer);
      return { unsubscribe: () => void entry.observers.delete(observer) };
    },
    onStop(listener) {
      entry.stops.add(listener);
      return service;
    },
  };
  entry.service = service;
  return entry;
}

function stateOf(sessionId: string, event: string, { value, context }: ShownState): object {
  const data = { type: event };
  const scxml = { name: event, data, $$type: 'scxml', type: 'external' };
  const empty = { actions: [], activities: {}, meta: {}, events: [], transitions: [], children: {}, tags: [] };
  return { value, context, event: data, _event: scxml, _sessionid: sessionId, changed: true, done: false, ...empty };
}

/** The package parses what viewers send without a guard; what is no JSON ends that viewer's connection, not the process. */
function keepJsonOnly(viewer: WebSocket): void {
  const emit = viewer.emit.bind(viewer);
  viewer.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'message' || isJson(args[0] as RawData)) return emit(event as never, ...(args as never[]));
    viewer.close(1003, 'JSON only');
    return true;
  };
}

function isJson(data: RawData): boolean {
  try {
    const message: unknown = JSON.parse(String(data));
    return typeof message === 'object' && message !== null;
  } catch {
    return false;
  }
}
