import type { AddressInfo } from 'node:net';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Log } from '../../../actors/ports.js';
import { GuardedServer } from '../../../base/servers/guardedServer.js';
import { superviseWebSocket, WEB_SOCKETS } from '../../../base/servers/webSockets.js';
import { ListenError } from '../../process/listenError.js';
import type { BotView } from './botView.js';
import { addOperatorRoute, type OperatorEntry } from './operatorEntry.js';

export interface HttpServer {
  readonly url: string;
  /** Where `/` and `/inspect` lead from now on. */
  leadTo(inspector: string): void;
  close(): Promise<void>;
}
/** The address cannot be listened on; the message says what to set. */
export class HttpListenError extends ListenError {
  override readonly name = 'HttpListenError';
  constructor(address: string, code: string, options?: { cause?: unknown }) {
    super(address, code, 'set KINTSUGI_HTTP to another host:port, or to off', options);
  }
}

/** Watchers of the live feed at once; a further one is closed with 1013. */
export const WATCHERS_MAX = 16;
/** Unsent bytes after which a watcher is too slow and is closed with 1013. */
export const WATCHER_BUFFER_MAX = 8 * 1024 * 1024;
const TRY_LATER = 1013;
const POLICY = 1008;
const FEED = '/records/live';

const seq = z.coerce.number().int().min(0);
const recordsQuery = z.object({ after: seq.default(0), limit: z.coerce.number().int().min(1).max(1_000).default(100) });
const feedQuery = z.object({ after: seq.optional() });
const deliveriesQuery = z.object({ message: z.string().min(1) });

/**
 * The bot over HTTP: health, metrics, actors, deliveries, dead letters, records and the live feed of records, all for
 * reading; and with an `operator` entry the operator's actions. Behind the guard of all our servers (`GuardedServer`):
 * no page of another origin reads or acts. Fails with HttpListenError.
 */
export async function createHttpServer(
  view: BotView,
  address: { readonly host: string; readonly port: number },
  log: Log,
  operator?: OperatorEntry,
): Promise<HttpServer> {
  const app = fastify({
    forceCloseConnections: true,
    serverFactory: (listener) => new GuardedServer({ host: address.host, isFeed: (path) => path === FEED }, listener),
  });
  await app.register(websocket, { options: { ...WEB_SOCKETS, maxPayload: 1024 } });
  app.setErrorHandler((error: { statusCode?: number; message?: string }, _request, reply) => {
    if (!error.statusCode) log.error({ error: String(error.message) }, 'an HTTP request failed');
    void reply.code(error.statusCode ?? 500).send({ message: error.message ?? 'internal error' });
  });
  addRoutes(app, view);
  addFeed(app, view);
  const leadTo = addInspector(app);
  if (operator) addOperatorRoute(app, operator);
  try {
    await app.listen({ host: address.host, port: address.port });
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    throw new HttpListenError(`${address.host}:${address.port}`, code ?? message, { cause });
  }
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    leadTo,
    close: () => app.close(),
  };
}

/** A person who opens the bot's address finds the inspector. */
function addInspector(app: FastifyInstance): (inspector: string) => void {
  let inspector: string | null = null;
  for (const path of ['/', '/inspect']) {
    app.get(path, (_request, reply) =>
      inspector === null
        ? reply
            .code(404)
            .send({ message: 'no inspector runs with this bot; see KINTSUGI_INSPECTOR, or npm run inspect' })
        : reply.redirect(inspector),
    );
  }
  return (url) => {
    inspector = url;
  };
}

function addRoutes(app: FastifyInstance, view: BotView): void {
  app.get('/healthz', () => view.health());
  app.get('/readyz', (_request, reply) => {
    const reasons = view.notReadyBecause();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  app.get('/metrics', async (_request, reply) => {
    const { type, text } = await view.metrics();
    return reply.type(type).send(text);
  });
  app.get('/actors', () => view.actors());
  app.get('/deliveries', (request) => view.deliveries(parse(deliveriesQuery, request.query).message));
  app.get('/dead-letters', () => view.deadLetters());
  app.get('/records', (request) => {
    const { after, limit } = parse(recordsQuery, request.query);
    return view.records(after, limit);
  });
}

/** `/records/live?after=SEQ`: first what is in the journal after SEQ, then every record as it becomes durable. */
function addFeed(app: FastifyInstance, view: BotView): void {
  let watchers = 0;
  app.get(FEED, { websocket: true }, async (socket, request) => {
    superviseWebSocket(socket, WATCHER_BUFFER_MAX);
    if (watchers >= WATCHERS_MAX) return socket.close(TRY_LATER, `at most ${WATCHERS_MAX} watchers`);
    const query = feedQuery.safeParse(request.query);
    if (!query.success) return socket.close(POLICY, 'after: it must be the seq of a record');
    watchers += 1;
    let last = query.data.after;
    const send = (record: { readonly seq: number }): void => {
      if (last !== undefined && record.seq <= last) return;
      if (socket.bufferedAmount > WATCHER_BUFFER_MAX) return socket.close(TRY_LATER, 'too slow');
      last = record.seq;
      socket.send(JSON.stringify(record));
    };
    const waiting: { readonly seq: number }[] = [];
    let isCaughtUp = last === undefined;
    const unsubscribe = view.subscribe((record) => (isCaughtUp ? send(record) : void waiting.push(record)));
    socket.on('close', () => {
      watchers -= 1;
      unsubscribe();
    });
    for (
      let batch = isCaughtUp ? [] : await view.records(last ?? 0, 500);
      batch.length > 0;
      batch = await view.records(last ?? 0, 500)
    ) {
      for (const record of batch) send(record);
      if (socket.readyState !== socket.OPEN) return;
    }
    for (const record of waiting) send(record);
    isCaughtUp = true;
  });
}

class BadRequest extends Error {
  readonly statusCode = 400;
}
function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new BadRequest(
    result.error.issues
      .map(
        (issue) =>
          `${issue.path.join('.')}: ${issue.message} (got ${JSON.stringify((value as { [key: string]: unknown })?.[String(issue.path[0])])})`,
      )
      .join('; '),
  );
}
