import type { ActorFeed, ShownActor } from './actorFeed.js';
import { attachPage } from './attachPage.js';
import type { ChartNode } from './chartDefinition.js';
import { shownValue } from './shownValue.js';
import { createViewerServer, type Viewer, type ViewerServer, type ViewerSession } from './viewerServer.js';

/** The version of @statelyai/inspect whose messages these are; each message carries it. */
export const STATELY_VERSION = '0.7.2';

export interface StatelyBridgeOptions {
  readonly feed: ActorFeed;
  /** Default 8889; 0: any. */
  readonly port?: number;
  readonly origins?: readonly string[];
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
 * Every shown actor in the messages of @statelyai/inspect, on a WebSocket: a viewer that connects gets every actor in its
 * present state, then each event and the snapshot after it. The protocol has no messages from viewers; theirs are ignored.
 * Over HTTP at the same address there is a page that shows the feed in Stately's hosted inspector. Fails with the error of
 * `listen`.
 */
export async function createStatelyBridge(options: StatelyBridgeOptions): Promise<ViewerServer> {
  const { feed, port = 8889, origins = [] } = options;
  return createViewerServer({ port, origins, page: attachPage, open: (viewer) => openSession(viewer, feed) });
}

function openSession(viewer: Viewer, feed: ActorFeed): ViewerSession {
  const send = (message: Message): void => viewer.send(JSON.stringify(message));
  const now = Date.now();
  for (const actor of feed.actors) send(actorMessage(actor, now));
  const unsubscribe = feed.subscribe({
    born: (actor) => send(actorMessage(actor, atOf(actor))),
    stepped(actor, isEventless) {
      if (!isEventless) send(eventMessage(actor));
      send(snapshotMessage(actor));
    },
    ended(actor) {
      if (actor.state.status === 'stopped') send(snapshotMessage(actor));
    },
  });
  return { message: () => undefined, close: unsubscribe };
}

function message(type: Message['type'], { id }: ShownActor, at: number): Message {
  return { type, sessionId: id, rootId: ROOT, createdAt: String(at), id: null, _version: STATELY_VERSION };
}

function actorMessage(actor: ShownActor, at: number): Message {
  return {
    ...message('@xstate.actor', actor, at),
    name: actor.id,
    parentId: actor.id === ROOT ? undefined : ROOT,
    definition: definitionOf(actor.chart),
    snapshot: snapshotOf(actor),
  };
}

function eventMessage(actor: ShownActor): Message {
  return { ...message('@xstate.event', actor, atOf(actor)), sourceId: undefined, event: shownValue(actor.event) };
}

function snapshotMessage(actor: ShownActor): Message {
  return {
    ...message('@xstate.snapshot', actor, atOf(actor)),
    event: shownValue(actor.event),
    snapshot: snapshotOf(actor),
  };
}

/** As an xstate 5 machine's snapshot writes itself as JSON. */
function snapshotOf({ state }: ShownActor): object {
  return {
    status: state.status,
    value: state.value,
    context: shownValue(state.context),
    children: {},
    historyValue: {},
    tags: [],
  };
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
