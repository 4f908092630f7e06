import { EventEmitter } from 'node:events';
import { inspect } from '@xstate/inspect/lib/server.js';
import { jsonObject } from '../../../src/base/jsonObject.js';
import type { ActorFeed, ShownActor, ShownEvent } from './actorFeed.js';
import { chartDefinition, timerEventOf4 } from './chartDefinition.js';
import { createShow, type Show, shownText } from './shownValue.js';
import { createViewerServer, type Viewer, type ViewerServer, type ViewerSession } from './viewerServer.js';

/** An event that a viewer sent to an actor. */
export interface ViewerEvent {
  readonly actor: string;
  readonly type: string;
  readonly [key: string]: unknown;
}
export interface XstateBridgeOptions {
  readonly feed: ActorFeed;
  /** Default 8888; 0: any. */
  readonly port?: number;
  readonly origins?: readonly string[];
  /** Default: without secrets of its own to take out. */
  readonly show?: Show;
  /** Told of every event that a viewer sends; without it they go nowhere. */
  readonly onEvent?: (event: ViewerEvent) => void;
  /** Told of what is no message of the protocol. */
  readonly onNonsense?: (what: string) => void;
}

/** What @xstate/inspect asks of a running machine of xstate 4. */
interface Service {
  readonly id: string;
  readonly sessionId: string;
  readonly machine: object;
  readonly initialState: object;
  state: object;
  send(event: object): void;
  subscribe(observer: (state: object) => void): { unsubscribe(): void };
  onStop(listener: () => void): Service;
}
interface Mirror {
  readonly service: Service;
  observe(state: object): void;
  stop(): void;
}
type Register = (service: Service) => void;

/**
 * Every shown actor for the viewers that speak the protocol of @xstate/inspect. Each viewer has a session of that
 * package's server for itself: shared, it would tell every viewer of every other's arrival, without the names of the
 * actors. Fails with the error of `listen`.
 */
export async function createXstateBridge(options: XstateBridgeOptions): Promise<ViewerServer> {
  const { port = 8888, origins = [], show = createShow() } = options;
  return createViewerServer({ port, origins, open: (viewer) => new Session(viewer, options, show) });
}

class Session implements ViewerSession {
  private readonly mirrors = new Map<string, Mirror>();
  private register: Register | null = null;
  private leave: () => void = () => undefined;

  constructor(
    private readonly viewer: Viewer,
    private readonly options: XstateBridgeOptions,
    private readonly shown: Show,
  ) {}

  message(message: { readonly [key: string]: unknown }): void {
    if (message.type === 'xstate.inspecting') this.begin();
    else if (message.type === 'xstate.event') this.event(message.event);
    else this.options.onNonsense?.(`a message of type ${shownText(JSON.stringify(message.type) ?? 'none', 100)}`);
  }

  close(): void {
    this.leave();
    this.leave = () => undefined;
    this.mirrors.clear();
  }

  /** The viewer is there: it gets every actor in its present state, then what happens. */
  private begin(): void {
    this.close();
    const { feed } = this.options;
    const { register, end } = openInspect(this.viewer);
    this.register = register;
    const unsubscribe = feed.subscribe({
      born: (actor) => this.show(actor),
      stepped: (actor, isEventless) => this.step(actor, isEventless),
      ended: (actor) => this.stop(actor),
    });
    this.leave = () => {
      unsubscribe();
      end();
    };
    for (const actor of feed.actors) this.show(actor);
  }

  private show(actor: ShownActor): void {
    const mirror = mirrorOf(actor, stateOf(actor, this.shown));
    this.mirrors.set(actor.id, mirror);
    this.register?.(mirror.service);
  }

  private step(actor: ShownActor, isEventless: boolean): void {
    const mirror = this.mirrors.get(actor.id);
    if (!mirror) return;
    // The package reports an event by watching `send`.
    if (!isEventless) mirror.service.send(scxmlOf(actor.event, this.shown));
    mirror.observe(stateOf(actor, this.shown));
  }

  private stop(actor: ShownActor): void {
    this.mirrors.get(actor.id)?.stop();
    this.mirrors.delete(actor.id);
  }

  private event(text: unknown): void {
    const scxml = typeof text === 'string' ? jsonObject(text) : null;
    const data = scxml?.data as { type?: unknown } | undefined;
    const type = data?.type ?? scxml?.name;
    if (typeof scxml?.origin === 'string' && typeof type === 'string')
      this.options.onEvent?.({ ...data, type, actor: scxml.origin });
    else this.options.onNonsense?.('an event without type or origin');
  }
}

type Registry = { __xstate__?: unknown };

/**
 * One session of the package's server. It takes its registry from a global: there it finds one of this session, which
 * keeps nothing of what has ended and hands services only to the listener that reports them, not to the one that would
 * send them anew without their names and hold them for ever.
 */
function openInspect(viewer: Viewer): { register: Register; end(): void } {
  const listeners: Register[] = [];
  const registry = {
    services: new Set(),
    register: () => undefined,
    onRegister(listener: Register) {
      listeners.push(listener);
      return { unsubscribe: () => undefined };
    },
  };
  const client = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    send: (text: string) => viewer.send(text),
  });
  const clients = new Set([client]);
  const server = Object.assign(new EventEmitter(), { clients, close: () => undefined });
  const before = Object.getOwnPropertyDescriptor(globalThis, '__xstate__');
  Object.defineProperty(globalThis, '__xstate__', { configurable: true, get: () => registry, set: () => undefined });
  try {
    inspect({ server: server as never });
  } finally {
    delete (globalThis as Registry).__xstate__;
    if (before) Object.defineProperty(globalThis, '__xstate__', before);
  }
  server.emit('connection', client);
  client.emit('message', '{"type":"xstate.inspecting"}', false);
  const end = (): void => {
    clients.clear();
    server.emit('close');
  };
  return { register: (service) => listeners.at(-1)?.(service), end };
}

function mirrorOf(actor: ShownActor, initialState: object): Mirror {
  const { id } = actor;
  const observers = new Set<(state: object) => void>();
  const stops = new Set<() => void>();
  const service: Service = {
    id,
    sessionId: id,
    machine: { toJSON: () => ({ ...chartDefinition(actor.chart, id), predictableActionArguments: true }) },
    initialState,
    state: initialState,
    send: () => undefined,
    subscribe(observer) {
      observers.add(observer);
      return { unsubscribe: () => void observers.delete(observer) };
    },
    onStop(listener) {
      stops.add(listener);
      return service;
    },
  };
  return {
    service,
    observe(state) {
      service.state = state;
      for (const observer of observers) observer(state);
    },
    stop() {
      for (const listener of stops) listener();
    },
  };
}

const typeOf = ({ type, timer }: ShownEvent): string => (timer === undefined ? type : timerEventOf4(type, timer));

function scxmlOf(event: ShownEvent, show: Show): object {
  const name = typeOf(event);
  return { name, data: { ...(show(event) as object), type: name }, $$type: 'scxml', type: 'external' };
}

/** What the JSON of a state of xstate 4 has. */
function stateOf({ id, state, event }: ShownActor, show: Show): object {
  const scxml = scxmlOf(event, show) as { data: object };
  return {
    value: state.value,
    context: show(state.context),
    event: scxml.data,
    _event: scxml,
    _sessionid: id,
    changed: true,
    done: state.status === 'done',
    actions: [],
    activities: {},
    meta: {},
    events: [],
    children: {},
    tags: [],
  };
}
