import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { addControlApi, readState, strikeConnections } from './controlApi.js';
import type { Fault, FaultRequest } from './faults.js';
import { GatewayServer } from './gatewayServer.js';
import type { Call, Reply } from './ledger.js';
import { addOpenApi } from './openApi.js';
import { BOT, Platform, type UserMessage } from './platform.js';

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
  /** Intents the bot may use; default: all but the private GUILD_MESSAGES (9) and FORUMS_EVENT (28). */
  readonly permittedIntents?: number;
  readonly now?: () => number;
}
export interface SimulatorState {
  readonly sessions: number;
  readonly identifies: number;
  readonly resumes: number;
  readonly heartbeats: number;
  readonly intents: number;
  readonly connected: number;
}
/** The QQ platform on loopback. Every method is also an HTTP call (docs/SIMULATOR.md). */
export interface Simulator {
  readonly url: string;
  readonly port: number;
  postMessage(message: UserMessage): readonly string[];
  /** Different messages that users have written. */
  posted(): number;
  replies(since?: number): readonly Reply[];
  onReply(listener: (reply: Reply) => void): () => void;
  calls(): readonly Call[];
  /** Requests to send a message that have no answer yet. */
  inFlight(): number;
  state(): SimulatorState;
  addFault(fault: FaultRequest): Fault;
  faults(): readonly Fault[];
  clearFaults(): void;
  sendFrame(raw: string): number;
  close(): Promise<void>;
}

/** Bodies up to this; a frame of 10 MB fits. */
const BODY_MAX = 32 * 1024 * 1024;
const ALL_INTENTS = [0, 1, 10, 12, 18, 19, 23, 24, 25, 26, 27, 29, 30].reduce((bits, bit) => bits | (1 << bit), 0);

/** Starts the platform. Fails with EADDRINUSE when the port is taken. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', seed = 1, lenient = false, heartbeatMs = 41_250, paceMax = 5 } = options;
  const { tokenLifeMs = 7_200_000, credentials = null, permittedIntents = ALL_INTENTS, now = Date.now } = options;
  const platform = new Platform({ seed, isLenient: lenient, tokenLifeMs, credentials, now });
  const app = fastify({ bodyLimit: BODY_MAX, forceCloseConnections: true, routerOptions: { maxParamLength: 1_000 } });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const { id, username } = BOT;
  const gateway = new GatewayServer(
    app.server,
    { heartbeatMs, permittedIntents, bot: { id, username } },
    platform.sessions,
    platform.tokens,
  );
  const sending = new Set<string>();
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.endsWith('/messages') || request.url.startsWith('/sim/')) return;
    sending.add(request.id);
    reply.raw.once('close', () => sending.delete(request.id));
  });
  let url = '';
  addControlApi(app, platform, gateway);
  addOpenApi(app, platform, { gatewayUrl: () => `${url.replace(/^http/, 'ws')}/websocket`, paceMax });
  app.setErrorHandler((error: { statusCode?: number; message?: string }, _request, reply) => {
    void reply.code(error.statusCode ?? 500).send({ message: error.message ?? 'internal error' });
  });
  await app.listen({ port, host });
  const address = app.server.address() as AddressInfo;
  url = `http://${host}:${address.port}`;
  return {
    url,
    port: address.port,
    postMessage: (message) => platform.post(message),
    posted: () => platform.posted,
    replies: (since = 0) => platform.ledger.repliesSince(since),
    onReply: (listener) => platform.ledger.onReply(listener),
    calls: () => platform.ledger.allCalls(),
    inFlight: () => sending.size,
    state: () => readState(platform, gateway),
    addFault(request) {
      const fault = platform.addFault(request);
      strikeConnections(gateway, fault);
      return fault;
    },
    faults: () => platform.faults.current(),
    clearFaults: () => void platform.faults.remove(),
    sendFrame: (raw) => gateway.sendRaw(raw),
    async close() {
      gateway.close();
      await app.close();
    },
  };
}
