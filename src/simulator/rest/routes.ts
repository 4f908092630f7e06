import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Platform } from '../platform.js';
import { type Exchange, type Outcome, refused, said } from './exchange.js';
import { guildRoutes } from './guildRoutes.js';
import { Managing } from './managing.js';
import { readMultipart } from './multipart.js';
import { Pipeline, type Route } from './pipeline.js';
import { Reading } from './reading.js';
import { Sending } from './sending.js';

/** Address of this server, as whoever asks can reach it. */
export type AddressFor = (request: Pick<FastifyRequest, 'headers'>) => string;

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;
const MINUTE_MS = 60_000;

/** Adds everything that a bot can call: a path is there for its methods, any other is 405, any other path 404. */
export function addRoutes(
  app: FastifyInstance,
  platform: Platform,
  addressFor: AddressFor,
  sessionLimit: (appId: string) => object,
): void {
  const sending = new Sending(platform);
  const pipeline = new Pipeline(platform, sending);
  const routes = routesOf(platform, addressFor, sending, sessionLimit);
  for (const path of new Set(routes.map((route) => route.path))) {
    const here = routes.filter((route) => route.path === path);
    for (const route of here) {
      app.route({
        method: route.method,
        url: path,
        handler: (request, reply) => pipeline.serve(request, reply, route),
      });
    }
    const others = METHODS.filter((method) => !here.some((route) => route.method === method));
    const wrong = { status: 405, code: 405, message: 'method not allowed' };
    app.route({
      method: [...others],
      url: path,
      handler: (request, reply) => pipeline.send(reply, `${request.method} ${path}`, wrong, null),
    });
  }
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (request, body, done) =>
    done(null, readMultipart(body as Buffer, request.headers['content-type'] ?? '')),
  );
  app.setErrorHandler((error: { statusCode?: number; message?: string }, request, reply) =>
    pipeline.sendError(reply, `${request.method} ${request.url.split('?')[0]}`, error),
  );
  app.setNotFoundHandler((request, reply) => {
    const name = `${request.method} ${request.url.split('?')[0]}`;
    return pipeline.send(reply, name, { status: 404, code: 404, message: 'no such API' }, null);
  });
}

function routesOf(
  platform: Platform,
  addressFor: AddressFor,
  sending: Sending,
  sessionLimit: (appId: string) => object,
): readonly Route[] {
  const reading = new Reading(platform);
  const managing = new Managing(platform);
  const route = (method: Route['method'], path: string, handle: Route['handle'], more: Partial<Route> = {}): Route => ({
    method,
    path,
    handle,
    ...more,
  });
  const discovery = discoveries(platform, addressFor, sessionLimit);
  const reactions = '/channels/:id/messages/:message/reactions/:type/:emoji';
  return [
    route('POST', '/app/getAppAccessToken', (exchange, expiresIn) => token(platform, exchange, expiresIn), {
      isOpen: true,
    }),
    route('GET', '/gateway', (exchange) => discovery(false, exchange)),
    route('GET', '/gateway/bot', (exchange) => discovery(true, exchange)),
    route('GET', '/users/@me', (exchange) => reading.me(exchange)),
    route('GET', '/users/@me/guilds', (exchange) => reading.guilds(exchange)),
    route('POST', '/users/@me/dms', (exchange) => managing.openDirect(exchange)),
    ...guildRoutes(platform, reading, managing),
    route('POST', '/channels/:id/messages', (exchange) => sending.send('guild', exchange), { sends: 'guild' }),
    route('GET', '/channels/:id/messages', (exchange) => reading.messages(exchange)),
    route('GET', '/channels/:id/messages/:message', (exchange) => reading.message(exchange)),
    route('PATCH', '/channels/:id/messages/:message', (exchange) => managing.edit(exchange)),
    route('DELETE', '/channels/:id/messages/:message', (exchange) => managing.recall('guild', exchange)),
    route('PUT', reactions, (exchange) => managing.react(exchange)),
    route('DELETE', reactions, (exchange) => managing.unreact(exchange)),
    route('GET', reactions, (exchange) => managing.reacted(exchange)),
    route('POST', '/dms/:id/messages', (exchange) => sending.send('direct', exchange), { sends: 'direct' }),
    route('GET', '/dms/:id/messages/:message', (exchange) => reading.message(exchange)),
    route('DELETE', '/dms/:id/messages/:message', (exchange) => managing.recall('direct', exchange)),
    route('PUT', '/interactions/:id', (exchange) => managing.acknowledge(exchange)),
    route('PUT', '/uploads/:id/:part', (exchange) => managing.takePart(exchange), { isOpen: true }),
    ...openRoutes('groups', 'group', { sending, managing, addressFor, route }),
    ...openRoutes('users', 'c2c', { sending, managing, addressFor, route }),
    route('POST', '/v2/users/:id/stream_messages', (exchange) => stream(sending, exchange), { sends: 'c2c' }),
  ];
}

interface OpenRoutes {
  readonly sending: Sending;
  readonly managing: Managing;
  readonly addressFor: AddressFor;
  readonly route: (method: Route['method'], path: string, handle: Route['handle'], more?: Partial<Route>) => Route;
}
/** The second version of the API: groups and users outside guilds. */
function openRoutes(
  name: string,
  kind: 'group' | 'c2c',
  { sending, managing, addressFor, route }: OpenRoutes,
): readonly Route[] {
  return [
    route('POST', `/v2/${name}/:id/messages`, (exchange) => sending.send(kind, exchange), { sends: kind }),
    route('DELETE', `/v2/${name}/:id/messages/:message`, (exchange) => managing.recall(kind, exchange)),
    route('POST', `/v2/${name}/:id/files`, (exchange) => upload(kind, managing, sending, exchange)),
    route('POST', `/v2/${name}/:id/upload_prepare`, (exchange) =>
      managing.prepareUpload(exchange, addressFor(exchange.request)),
    ),
    route('POST', `/v2/${name}/:id/upload_part_finish`, (exchange) => managing.finishPart(exchange)),
  ];
}

/** With `srv_send_msg` the file is sent at once, as a message that answers nothing. */
function upload(kind: 'group' | 'c2c', managing: Managing, sending: Sending, exchange: Exchange): Outcome {
  const uploaded = managing.upload(kind, exchange);
  const { file_info } = (uploaded.answer.body ?? {}) as { file_info?: string };
  if (file_info === undefined || exchange.body.srv_send_msg !== true) return uploaded;
  const sent = sending.send(kind, { ...exchange, body: { msg_type: 7, media: { file_info } } });
  const { id } = (sent.answer.body ?? {}) as { id?: string };
  return id === undefined ? sent : { ...sent, answer: { ...uploaded.answer, body: { ...uploaded.answer.body, id } } };
}

/** A stream is one message that grows; the part that ends it (state 10) stands in the chat. */
function stream(sending: Sending, exchange: Exchange): Outcome {
  const { input_state: state = 1, index = 0 } = exchange.body;
  if ((state !== 1 && state !== 10) || typeof index !== 'number' || index < 0)
    return refused(400, 40007, 'input_state must be 1 or 10, index a number from 0');
  return state === 10 ? sending.send('c2c', exchange) : said({ id: exchange.body.id ?? 'stream', index });
}

function token(platform: Platform, { request }: Exchange, expiresIn?: string | number): Outcome {
  const given = typeof request.body === 'object' ? request.body : null;
  const body = platform.tokens.request(request.headers['content-type'], given, expiresIn);
  return { answer: { status: 200, body, ...('code' in body ? { code: body.code } : {}) } };
}

function discoveries(
  platform: Platform,
  addressFor: AddressFor,
  sessionLimit: (appId: string) => object,
): (isFull: boolean, exchange: Exchange) => Outcome {
  const askedBy = new Map<string, number[]>();
  return (isFull, { bot: { appId }, request }) => {
    const { gatewayPerMinute } = platform.options.policies;
    const now = platform.now();
    const asked = (askedBy.get(appId) ?? []).filter((at) => now - at < MINUTE_MS);
    if (gatewayPerMinute > 0 && asked.length >= gatewayPerMinute) return refused(429, 429, '接口调用超过频率限制');
    if (gatewayPerMinute > 0) askedBy.set(appId, [...asked, now]);
    const url = `${addressFor(request).replace(/^http/, 'ws')}/websocket`;
    return said(isFull ? { url, shards: 1, session_start_limit: sessionLimit(appId) } : { url });
  };
}
