import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, answerOf, misbehave } from './answers.js';
import type { Fault } from './faults.js';
import { type Reply, readForm } from './ledger.js';
import { BOT, type Platform } from './platform.js';

export interface OpenApiOptions {
  /** Address of the gateway. */
  readonly gatewayUrl: () => string;
  /** Messages a channel takes in a second; 0: no limit. */
  readonly paceMax: number;
}
type Body = { readonly [field: string]: unknown };
type Method = 'GET' | 'POST';
type Kind = Reply['kind'];
/** What a request gets when no fault strikes it, and what it leaves in the ledger. */
interface Outcome {
  readonly answer: Answer;
  readonly entry: Omit<Reply, 'at' | 'httpStatus' | 'code'> | null;
}

/** How long after a message it can be answered. */
export const REPLY_WINDOW_MS = 300_000;
/** Channels whose pace is kept; past it all are forgotten. */
const CHANNELS_MAX = 10_000;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const;

/** Adds the token endpoint, discovery and the two sending routes, each under the faults in force. */
export function addOpenApi(app: FastifyInstance, platform: Platform, options: OpenApiOptions): void {
  const api = new OpenApi(platform, options);
  const add = (method: Method, path: string, outcome: (request: FastifyRequest) => Outcome, isOpen = false): void => {
    const name = `${method} ${path}`;
    app.route({ method, url: path, handler: (request, reply) => api.serve(request, reply, name, isOpen, outcome) });
    const others = METHODS.filter((other) => other !== method);
    const refused = { status: 405, code: 405, message: 'method not allowed' };
    app.route({
      method: others,
      url: path,
      handler: (request, reply) => api.send(reply, `${request.method} ${path}`, refused, null),
    });
  };
  add('POST', '/app/getAppAccessToken', (request) => api.token(request), true);
  add('GET', '/gateway', () => plain({ url: options.gatewayUrl() }));
  add('GET', '/gateway/bot', () => plain({ url: options.gatewayUrl(), shards: 1, session_start_limit: SESSION_LIMIT }));
  add('GET', '/users/@me', () => plain(BOT));
  add('POST', '/channels/:id/messages', (request) => api.message('guild', request));
  add('POST', '/dms/:id/messages', (request) => api.message('direct', request));
  app.setNotFoundHandler((request, reply) => {
    const name = `${request.method} ${request.url.split('?')[0]}`;
    return api.send(reply, name, { status: 404, code: 404, message: 'no such API' }, null);
  });
}

const SESSION_LIMIT = { total: 1000, remaining: 999, reset_after: 86_400_000, max_concurrency: 1 };

function plain(body: object): Outcome {
  return { answer: { status: 200, body }, entry: null };
}

class OpenApi {
  private readonly sentAt = new Map<string, readonly number[]>();

  constructor(
    private readonly platform: Platform,
    private readonly options: OpenApiOptions,
  ) {}

  token(request: FastifyRequest): Outcome {
    const body = this.platform.tokens.request(request.headers['content-type'], request.body);
    return { answer: { status: 200, body, ...('code' in body ? { code: body.code } : {}) }, entry: null };
  }

  /** The checks of the platform in their order; what passes stands in the channel. */
  message(kind: Kind, request: FastifyRequest): Outcome {
    const channelId = channelOf(request) ?? '';
    const body = bodyOf(request);
    const refusal = this.refusalOf(channelId, body);
    if (refusal) return { answer: refusal, entry: entryOf(kind, channelId, body, null) };
    const messageId = `08${this.platform.random.hex(46)}`;
    this.sentAt.set(channelId, [...this.recent(channelId), this.now()]);
    const place =
      kind === 'guild'
        ? { channel_id: channelId, guild_id: 'g1' }
        : { channel_id: `dm-${channelId}`, guild_id: channelId };
    const { content } = readForm(body);
    const timestamp = new Date(this.now()).toISOString();
    const shown = {
      id: messageId,
      ...place,
      content,
      timestamp,
      tts: false,
      mention_everyone: false,
      author: BOT,
      embeds: [],
      pinned: false,
      type: 0,
      flags: 0,
    };
    return { answer: { status: 200, body: shown }, entry: entryOf(kind, channelId, body, messageId) };
  }

  async serve(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    isOpen: boolean,
    outcome: (request: FastifyRequest) => Outcome,
  ): Promise<unknown> {
    const unauthorised = isOpen ? null : this.authorise(request);
    if (unauthorised) return this.send(reply, name, unauthorised, null);
    const fault = this.platform.faults.strike({
      route: name,
      channelId: channelOf(request),
      has: (field) => Boolean(bodyOf(request)[field]),
    });
    if (fault && fault.kind !== 'slow') return this.fail(request, reply, name, fault, outcome);
    const early = fault?.afterAccept ? this.take(outcome(request)) : null;
    if (fault) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs ?? 1_000));
    return this.send(reply, name, early ?? this.take(outcome(request)), fault);
  }

  send(reply: FastifyReply, name: string, answer: Answer, fault: Fault | null): FastifyReply {
    const { status, code, message } = answer;
    const trace = this.note(name, status, code ?? null, fault);
    for (const [header, value] of Object.entries(answer.headers ?? {})) reply.header(header, value);
    reply.code(status).header('X-Tps-trace-ID', trace);
    if (answer.text !== undefined) return reply.type(answer.type ?? 'application/json').send(answer.text || undefined);
    return reply.send(answer.body ?? { message, code, err_code: code, trace_id: trace });
  }

  /** A fault decides the answer; with `afterAccept` the message stands in the channel all the same. */
  private fail(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    fault: Fault,
    outcome: (request: FastifyRequest) => Outcome,
  ): unknown {
    const answer = answerOf(fault);
    const channelId = channelOf(request);
    if (fault.afterAccept) this.enter(outcome(request).entry, answer);
    else if (channelId !== null)
      this.enter(entryOf(name.includes('/dms/') ? 'direct' : 'guild', channelId, bodyOf(request), null), answer);
    if (fault.kind === 'hang' || fault.kind === 'reset' || fault.kind === 'truncate') {
      this.note(name, fault.kind === 'truncate' ? 200 : 0, null, fault);
      return misbehave(reply, fault, () => this.platform.faults.isInForce(fault), this.platform.options.now);
    }
    return this.send(reply, name, answer, fault);
  }

  private take({ answer, entry }: Outcome): Answer {
    this.enter(entry, answer);
    return answer;
  }
  private enter(entry: Outcome['entry'], { status, code }: Answer): void {
    if (entry) this.platform.ledger.addReply({ at: this.now(), ...entry, httpStatus: status, code: code ?? null });
  }
  private note(route: string, status: number, code: number | null, fault: Fault | null): string {
    this.platform.ledger.addCall({ at: this.now(), route, status, code, fault: fault?.kind ?? null });
    return this.platform.random.hex(32);
  }

  private authorise(request: FastifyRequest): Answer | null {
    const header = request.headers.authorization ?? '';
    if (header === '') return { status: 401, code: 11241, message: 'token is missing' };
    if (header.startsWith('Bot ')) return { status: 500, code: 11245, message: 'fixed token is disabled' };
    if (!header.startsWith('QQBot ')) return { status: 401, code: 11243, message: 'token check not passed' };
    if (!this.platform.tokens.isValid(header.slice(6)))
      return { status: 401, code: 11244, message: 'token not exist or expire' };
    return null;
  }

  private refusalOf(channelId: string, body: Body): Answer | null {
    const { paceMax } = this.options;
    if (this.platform.sessions.connected.length === 0)
      return { status: 400, code: 304018, message: 'websocket link does not exist' };
    if (readForm(body).form === 'empty') return { status: 400, code: 50006, message: 'empty msg' };
    if (typeof body.msg_id === 'string') {
      const writtenAt = this.platform.writtenAt(body.msg_id);
      if (writtenAt === undefined) return { status: 400, code: 304026, message: 'msg_id is wrong' };
      if (this.now() - writtenAt > REPLY_WINDOW_MS) return { status: 400, code: 304027, message: 'msg_id is expired' };
    }
    if (paceMax > 0 && this.recent(channelId).length >= paceMax)
      return { status: 429, code: 20028, message: 'channel message limit' };
    return null;
  }

  private recent(channelId: string): readonly number[] {
    if (this.sentAt.size > CHANNELS_MAX) this.sentAt.clear();
    return (this.sentAt.get(channelId) ?? []).filter((at) => this.now() - at < 1_000);
  }
  private now(): number {
    return this.platform.options.now();
  }
}

function entryOf(kind: Kind, channelId: string, body: Body, messageId: string | null): NonNullable<Outcome['entry']> {
  const msgId = typeof body.msg_id === 'string' ? body.msg_id : null;
  const msgSeq = typeof body.msg_seq === 'number' ? body.msg_seq : null;
  return {
    kind,
    replyTo: msgId,
    channelId,
    ...readForm(body),
    accepted: messageId !== null,
    messageId,
    msgId,
    msgSeq,
    body,
  };
}

function channelOf(request: FastifyRequest): string | null {
  return (request.params as { id?: string }).id ?? null;
}

function bodyOf(request: FastifyRequest): Body {
  return typeof request.body === 'object' && request.body !== null ? (request.body as Body) : {};
}
