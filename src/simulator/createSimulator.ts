import type { AddressInfo } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { GuardedServer } from '../base/servers/guardedServer.js';
import { addControlApi } from './control/controlApi.js';
import type { BotRequest } from './control/controls.js';
import { PlatformControls } from './control/platformControls.js';
import type { Fault, FaultRequest } from './faults/faults.js';
import { GatewayServer } from './gateway/gatewayServer.js';
import { readJson } from './kit/json.js';
import { systemTimers, type Timers } from './kit/timers.js';
import { type EventOptions, type Interaction, Platform, type UserMessage } from './platform.js';
import { BAD_REQUEST, NOT_JSON } from './rest/exchange.js';
import { type AddressFor, addRoutes } from './rest/routes.js';
import { WebhookPush } from './webhook/webhookPush.js';
import type { Call, Reply } from './world/ledger.js';
import { DEFAULT_POLICIES, type Policies } from './world/policies.js';
import type { PlatformEvent } from './world/sessions.js';

export interface SimulatorOptions {
  /** 0: any free port (default). */
  readonly port?: number;
  readonly host?: string;
  /** Decides ids and the luck of faults; default 1. */
  readonly seed?: number;
  /** Deliver what nobody has had on the next IDENTIFY too, not only on RESUME; default false. */
  readonly lenient?: boolean;
  /** Default 41250, as captured on the real platform. */
  readonly heartbeatMs?: number;
  /** Messages a channel takes in a second; 0: no limit. Default 5. */
  readonly paceMax?: number;
  /** Default 7200 s. */
  readonly tokenLifeMs?: number;
  /** Only these may log in; default: any. */
  readonly credentials?: { readonly appId: string; readonly secret: string };
  /**
   * Intents that a bot may use unless it says; default: all, for public bots without GUILD_MESSAGES (9) and
   * FORUMS_EVENT (28).
   */
  readonly permittedIntents?: number;
  /** What bots are unless they say (`addBot`); default: public, with Markdown and buttons. */
  readonly isPrivate?: boolean;
  readonly mayMarkdown?: boolean;
  readonly mayKeyboard?: boolean;
  /** What the platform does where its documents are silent. */
  readonly policies?: Partial<Policies>;
  readonly now?: () => number;
  /** Default: the process's own, by `now`. */
  readonly timers?: Timers;
}
export interface SimulatorState {
  readonly sessions: number;
  readonly identifies: number;
  readonly resumes: number;
  readonly heartbeats: number;
  readonly intents: number;
  readonly connected: number;
  readonly bots: readonly object[];
}
/** The QQ platform on loopback. Every method is also an HTTP call (docs/SIMULATOR.md). */
export interface Simulator {
  readonly url: string;
  readonly port: number;
  postMessage(message: UserMessage): readonly string[];
  /** Any other event. Throws when there is none of this name. */
  postEvent(
    event: string,
    d?: { readonly [field: string]: unknown },
    options?: EventOptions,
  ): { readonly id: string; readonly d: object };
  /** Different messages that users have written. */
  posted(): number;
  replies(since?: number): readonly Reply[];
  onReply(listener: (reply: Reply) => void): () => void;
  calls(): readonly Call[];
  interactions(): readonly (Interaction & { readonly inTime: boolean })[];
  /** Requests to send a message, or to upload a file, that have no answer yet. */
  inFlight(what?: 'messages' | 'files'): number;
  state(): SimulatorState;
  /** Registers a bot, or changes it. */
  addBot(bot: BotRequest): Promise<object>;
  addFault(fault: FaultRequest): Fault;
  faults(): readonly Fault[];
  clearFaults(): void;
  sendFrame(raw: string): number;
  close(): Promise<void>;
}

/** Bodies up to this; a frame of 10 MB fits. */
const BODY_MAX = 32 * 1024 * 1024;
/** What is held back on purpose (`hang`) waits as long as it is told to. */
const ROOM = {
  connectionsMax: 4_096,
  bodiesMax: 256 * 1024 * 1024,
  answersMax: 256 * 1024 * 1024,
  silentMs: 0,
  isFeed: () => true, // it says itself where there is none
};

/** Starts the platform. Fails with EADDRINUSE when the port is taken. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', heartbeatMs = 41_250 } = options;
  const platform = platformFor(options);
  const app = fastify({
    bodyLimit: BODY_MAX,
    forceCloseConnections: true,
    serverFactory: (listener) => new GuardedServer({ ...ROOM, host }, listener),
    routerOptions: { maxParamLength: 1_000 },
    // Clients that encode every segment of a path.
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/users\/%40me\b/i, '/users/@me'),
    frameworkErrors: (error, request, reply) => void refusePath(platform, error, request, reply),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: FastifyRequest, text: string) =>
    readBody(text),
  );
  // The platform reads JSON under other names too; clients in the field send `none`.
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: FastifyRequest, text: string) =>
    /^\s*[{[]/.test(text) ? readBody(text) : text,
  );
  app.addHook('onRequest', async (request) => {
    const { headers } = request.raw;
    if (headers['content-type'] !== undefined && !headers['content-type'].includes('/'))
      headers['content-type'] = 'application/octet-stream';
  });
  const gateway = new GatewayServer(app.server, platform, heartbeatMs);
  const push = new WebhookPush(platform.faults, platform.options.timers, platform.random);
  platform.onEvent = (event) => pushTo(platform, push, event);
  const controls = new PlatformControls(platform, gateway, push);
  const open = watchSending(app);
  let url = '';
  addControlApi(app, controls, () => url);
  // Listening everywhere it has many addresses: the one that was asked is the one that can be reached.
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const addressFor: AddressFor = ({ headers: { host: asked = '' } }) =>
    isEverywhere && /^[\w.:[\]-]+$/.test(asked) ? `http://${asked}` : url;
  addRoutes(app, platform, addressFor, (appId) => gateway.budget.shown(appId));
  await app.listen({ port, host });
  const address = app.server.address() as AddressInfo;
  url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  return {
    url,
    port: address.port,
    postMessage: (message) => platform.post(message),
    postEvent: (event, d, more = {}) => controls.event({ event, ...(d ? { d } : {}), ...more }),
    posted: () => platform.posted,
    replies: (since = 0) => platform.ledger.repliesSince(since),
    onReply: (listener) => platform.ledger.onReply(listener),
    calls: () => platform.ledger.allCalls(),
    interactions: () => platform.interactions.all(),
    inFlight: (what = 'messages') => [...open.values()].filter((one) => one === what).length,
    state: () => controls.state(),
    addBot: (bot) => controls.addBot(bot),
    addFault: (request) => controls.addFault(request),
    faults: () => controls.faults(),
    clearFaults: () => void controls.endFaults(),
    sendFrame: (raw) => gateway.sendRaw(raw),
    async close() {
      controls.close();
      gateway.close();
      await app.close();
    },
  };
}

/** A path that nothing can be made of is answered like any other error. */
function refusePath(platform: Platform, error: FastifyError, request: FastifyRequest, reply: FastifyReply): unknown {
  const { statusCode: status = 400, message } = error;
  const trace = platform.traces.hex(32);
  const route = `${request.method} ${String(request.raw.url).slice(0, 200)}`;
  platform.ledger.addCall({ at: platform.now(), route, status, code: BAD_REQUEST, fault: null });
  const body = { message: message.slice(0, 200), code: BAD_REQUEST, err_code: BAD_REQUEST, trace_id: trace };
  return reply.code(status).header('X-Tps-trace-ID', trace).send(body);
}

/** A body that is no JSON is no reason to fail: the call itself says what is wrong with it. */
function readBody(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return NOT_JSON;
  }
}

function platformFor(options: SimulatorOptions): Platform {
  const { seed = 1, lenient = false, tokenLifeMs = 7_200_000, credentials = null, permittedIntents = null } = options;
  const { isPrivate = false, mayMarkdown = true, mayKeyboard = true, now = Date.now, paceMax } = options;
  const policies = { ...DEFAULT_POLICIES, ...options.policies, ...(paceMax === undefined ? {} : { paceMax }) };
  return new Platform({
    seed,
    isLenient: lenient,
    tokenLifeMs,
    credentials,
    bots: { isPrivate, permittedIntents, mayMarkdown, mayKeyboard },
    policies,
    timers: options.timers ?? systemTimers(now),
  });
}

/** Requests to send a message, or to upload a file, that have no answer yet; by their id. */
function watchSending(app: FastifyInstance): ReadonlyMap<string, 'messages' | 'files'> {
  const open = new Map<string, 'messages' | 'files'>();
  app.addHook('onRequest', async (request, reply) => {
    const [, what] = /^(?!\/sim\/).*\/(messages|files)$/.exec(request.url) ?? [];
    if (what !== 'messages' && what !== 'files') return;
    open.set(request.id, what);
    reply.raw.once('close', () => open.delete(request.id));
  });
  return open;
}

/** Bots with a callback address hear by it, whatever intents they would have. */
function pushTo(platform: Platform, push: WebhookPush, { id, t, d, only, wanted, intent }: PlatformEvent): void {
  for (const bot of platform.bots.all()) {
    const { appId, secret, webhookUrl, permittedIntents } = bot;
    if (webhookUrl === null || secret === null || (only !== undefined && only !== appId)) continue;
    if (wanted?.(bot) === false || !(permittedIntents & intent)) continue;
    push.push({ appId, secret, url: webhookUrl }, { id, t, d: typeof d === 'function' ? d(bot) : d });
  }
}
