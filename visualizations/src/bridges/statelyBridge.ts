import type { ActorFeed, ShownActor } from './actorFeed.js';
import { attachPage } from './attachPage.js';
import type { ChartNode } from './chartDefinition.js';
import { createShow, type Show } from './shownValue.js';
import { createViewerServer, type Viewer, type ViewerServer, type ViewerSession } from './viewerServer.js';

/** The version of @statelyai/inspect whose messages these are; each message carries it. */
export const STATELY_VERSION = '0.7.2';

export interface StatelyBridgeOptions {
  readonly feed: ActorFeed;
  /** Default 8889; 0: any. */
  readonly port?: number;
  readonly origins?: readonly string[];
  /** Default: without secrets of its own to take out. */
  readonly show?: Show;
}

interface Message {
  readonly type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot';
  readonly sessionId: string;
  readonly rootId: string;
  /** ms since 1970, as a text. */
  readonly createdAt: string;
  readonly id: null;
  readonly _version: string;
  readonly [key: string]: unknown;
}

/** All actors are shown as children of this one. */
const ROOT = 'bot';

/**
 * Every shown actor in the messages of @statelyai/inspect, on a WebSocket: a viewer that connects gets every actor in
 * its present state, then each event and the snapshot after it. The protocol has no messages from viewers; theirs are
 * ignored. Over HTTP at the same address there is a page that shows the feed in Stately's hosted inspector. Fails with
 * the error of `listen`.
 */
export async function createStatelyBridge(options: StatelyBridgeOptions): Promise<ViewerServer> {
  const { feed, port = 8889, origins = [], show = createShow() } = options;
  const messages = new Messages(show);
  return createViewerServer({ port, origins, page: attachPage, open: (viewer) => openSession(viewer, feed, messages) });
}

function openSession(viewer: Viewer, feed: ActorFeed, messages: Messages): ViewerSession {
  const send = (message: Message): void => viewer.send(JSON.stringify(message));
  const now = Date.now();
  for (const actor of feed.actors) send(messages.actor(actor, now));
  const unsubscribe = feed.subscribe({
    born: (actor) => send(messages.actor(actor, atOf(actor))),
    stepped(actor, isEventless) {
      if (!isEventless) send(messages.event(actor));
      send(messages.snapshot(actor));
    },
    ended(actor) {
      if (actor.state.status === 'stopped') send(messages.snapshot(actor));
    },
  });
  return { message: () => undefined, close: unsubscribe };
}

class Messages {
  constructor(private readonly shown: Show) {}

  actor(actor: ShownActor, at: number): Message {
    return {
      ...common('@xstate.actor', actor, at),
      name: actor.id,
      parentId: actor.id === ROOT ? undefined : ROOT,
      definition: definitionOf(actor.chart),
      snapshot: this.stateOf(actor),
    };
  }
  event(actor: ShownActor): Message {
    return { ...common('@xstate.event', actor, atOf(actor)), sourceId: undefined, event: this.shown(actor.event) };
  }
  snapshot(actor: ShownActor): Message {
    return {
      ...common('@xstate.snapshot', actor, atOf(actor)),
      event: this.shown(actor.event),
      snapshot: this.stateOf(actor),
    };
  }
  /** As an xstate 5 machine's snapshot writes itself as JSON. */
  private stateOf({ state: { status, value, context } }: ShownActor): object {
    return { status, value, context: this.shown(context), children: {}, historyValue: {}, tags: [] };
  }
}

function common(type: Message['type'], { id }: ShownActor, at: number): Message {
  return { type, sessionId: id, rootId: ROOT, createdAt: String(at), id: null, _version: STATELY_VERSION };
}

const atOf = ({ event }: ShownActor): number => (typeof event.at === 'number' ? event.at : 0);

const definitions = new WeakMap<ChartNode, string>();

/** A chart's configuration as text: what is a function in it stands by its name. */
function definitionOf(chart: ChartNode): string {
  const known = definitions.get(chart);
  if (known !== undefined) return known;
  const { meta: _meta, context: _context, ...config } = chart.config;
  const text = JSON.stringify(config, (_key, value: unknown) => (typeof value === 'function' ? nameOf(value) : value));
  definitions.set(chart, text);
  return text;
}

function nameOf(value: { readonly name?: string; readonly type?: unknown }): object {
  return { type: typeof value.type === 'string' ? value.type : value.name };
}
