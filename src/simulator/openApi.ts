import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault } from './faults.js';
import { readForm } from './ledger.js';
import { BOT, type Platform } from './platform.js';

export interface OpenApiOptions {
  readonly url: () => string;
  /** Messages a channel takes in a second; 0: no limit. */
  readonly paceMax: number;
}
interface Answer {
  readonly status: number;
  readonly code?: number;
  readonly message?: string;
  readonly body?: object;
  readonly headers?: { readonly [name: string]: string };
}
type Body = { readonly [field: string]: unknown };
interface Params {
  readonly id?: string;
}

/** How long after a message it can be answered. */
export const REPLY_WINDOW_MS = 300_000;
/** How long a hanging request is kept before the server gives it up. */
export const HANG_MAX_MS = 600_000;

/** The OpenAPI: the token endpoint, discovery, and the two sending routes, each under the faults in force. */
export function addOpenApi(app: FastifyInstance, platform: Platform, options: OpenApiOptions): void {
  const starts = new Map<string, number[]>();
  const { now } = platform.options;

  const route = (
    method: 'GET' | 'POST',
    path: string,
    name: string,
    answer: (request: FastifyRequest) => Answer,
    isOpen = false,
  ): void => {
    app.route({
      method,
      url: path,
      handler: (request, reply) => serve(request, reply, name, isOpen ? null : refuse(request), answer),
    });
    const other =
      method === 'GET' ? (['POST', 'PUT', 'DELETE', 'PATCH'] as const) : (['GET', 'PUT', 'DELETE', 'PATCH'] as const);
    app.route({
      method: [...other],
      url: path,
      handler: (_request, reply) => send(reply, name, { status: 405, code: 405, message: 'method not allowed' }, null),
    });
  };

  route(
    'POST',
    '/app/getAppAccessToken',
    'POST /app/getAppAccessToken',
    (request) => {
      const answer = platform.tokens.request(request.headers['content-type'], request.body);
      return { status: 200, body: answer, ...('code' in answer ? { code: answer.code } : {}) };
    },
    true,
  );
  route('GET', '/gateway', 'GET /gateway', () => ({ status: 200, body: { url: options.url() } }));
  route('GET', '/gateway/bot', 'GET /gateway/bot', () => {
    const session_start_limit = { total: 1000, remaining: 999, reset_after: 86_400_000, max_concurrency: 1 };
    return { status: 200, body: { url: options.url(), shards: 1, session_start_limit } };
  });
  route('GET', '/users/@me', 'GET /users/@me', () => ({ status: 200, body: BOT }));
  route('POST', '/channels/:id/messages', 'POST /channels/:id/messages', (request) => takeMessage('guild', request));
  route('POST', '/dms/:id/messages', 'POST /dms/:id/messages', (request) => takeMessage('direct', request));
  app.setNotFoundHandler((request, reply) =>
    send(
      reply,
      `${request.method} ${request.url.split('?')[0]}`,
      { status: 404, code: 404, message: 'no such API' },
      null,
    ),
  );

  function refuse(request: FastifyRequest): Answer | null {
    const header = request.headers.authorization ?? '';
    if (header === '') return { status: 401, code: 11241, message: 'token is missing' };
    if (header.startsWith('Bot ')) return { status: 500, code: 11245, message: 'fixed token is disabled' };
    if (!header.startsWith('QQBot ')) return { status: 401, code: 11243, message: 'token check not passed' };
    if (!platform.tokens.isValid(header.slice(6)))
      return { status: 401, code: 11244, message: 'token not exist or expire' };
    return null;
  }

  /** The checks of the platform in their order; what passes stands in the channel. */
  function takeMessage(kind: 'guild' | 'direct', request: FastifyRequest): Answer {
    const channelId = (request.params as Params).id ?? '';
    const body = (request.body ?? {}) as Body;
    const { form, content } = readForm(body);
    const refusal = refusalOf(channelId, body, form);
    const messageId = refusal ? null : `08${platform.random.hex(46)}`;
    if (!refusal) starts.set(channelId, [...recent(channelId), now()]);
    const at = new Date(now()).toISOString();
    const answer: Answer = refusal ?? {
      status: 200,
      body: {
        id: messageId,
        channel_id: kind === 'guild' ? channelId : `dm-${channelId}`,
        guild_id: kind === 'guild' ? 'g1' : channelId,
        content,
        timestamp: at,
        tts: false,
        mention_everyone: false,
        author: BOT,
        embeds: [],
        pinned: false,
        type: 0,
        flags: 0,
      },
    };
    pending = { kind, channelId, body, form, content, messageId };
    return answer;
  }
  /** What the request under way would enter into the ledger; entered once its answer is known. */
  let pending: {
    kind: 'guild' | 'direct';
    channelId: string;
    body: Body;
    form: string;
    content: string;
    messageId: string | null;
  } | null = null;

  function enter(answer: Answer): void {
    if (!pending) return;
    const { kind, channelId, body, form, content, messageId } = pending;
    pending = null;
    const msgId = typeof body.msg_id === 'string' ? body.msg_id : null;
    const msgSeq = typeof body.msg_seq === 'number' ? body.msg_seq : null;
    const code = answer.code ?? null;
    platform.ledger.addReply({
      at: now(),
      kind,
      replyTo: msgId,
      channelId,
      form,
      content,
      accepted: messageId !== null,
      httpStatus: answer.status,
      code,
      messageId,
      msgId,
      msgSeq,
      body,
    });
  }

  function refusalOf(channelId: string, body: Body, form: string): Answer | null {
    if (platform.sessions.connected.length === 0)
      return { status: 400, code: 304018, message: 'websocket link does not exist' };
    if (form === 'empty') return { status: 400, code: 50006, message: 'empty msg' };
    if (typeof body.msg_id === 'string') {
      const writtenAt = platform.writtenAt(body.msg_id);
      if (writtenAt === undefined) return { status: 400, code: 304026, message: 'msg_id is wrong' };
      if (now() - writtenAt > REPLY_WINDOW_MS) return { status: 400, code: 304027, message: 'msg_id is expired' };
    }
    if (options.paceMax > 0 && recent(channelId).length >= options.paceMax)
      return { status: 429, code: 20028, message: 'channel message limit' };
    return null;
  }
  function recent(channelId: string): number[] {
    if (starts.size > 10_000) starts.clear();
    return (starts.get(channelId) ?? []).filter((at) => now() - at < 1_000);
  }

  async function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    refused: Answer | null,
    answer: (request: FastifyRequest) => Answer,
  ): Promise<unknown> {
    if (refused) return send(reply, name, refused, null);
    const channelId = (request.params as Params).id ?? null;
    const hasEmbed = Boolean((request.body as Body | undefined)?.embed);
    const fault = platform.faults.strike({ route: name, channelId, hasEmbed });
    if (!fault || fault.kind === 'slow') {
      const early = fault?.afterAccept ? take(request, answer) : null;
      if (fault) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs ?? 1_000));
      return send(reply, name, early ?? take(request, answer), fault);
    }
    const faulted = answerOf(fault);
    if (fault.afterAccept && answer(request).status === 200) enter(faulted);
    else if (channelId !== null) {
      pending = null;
      const body = (request.body ?? {}) as Body;
      pending = {
        kind: name.includes('/dms/') ? 'direct' : 'guild',
        channelId,
        body,
        ...readForm(body),
        messageId: null,
      };
      enter(faulted);
    }
    return misbehave(reply, name, fault, faulted);
  }

  function take(request: FastifyRequest, answer: (request: FastifyRequest) => Answer): Answer {
    const given = answer(request);
    enter(given);
    return given;
  }

  async function misbehave(reply: FastifyReply, name: string, fault: Fault, answer: Answer): Promise<unknown> {
    const raw = reply.raw;
    const note = (status: number): void =>
      platform.ledger.addCall({ at: now(), route: name, status, code: null, fault: fault.kind });
    if (fault.kind === 'hang') {
      note(0);
      reply.hijack();
      const started = now();
      const timer = setInterval(() => {
        if (platform.faults.isInForce(fault) && now() - started < HANG_MAX_MS) return;
        clearInterval(timer);
        raw.destroy();
      }, 100);
      raw.on('close', () => clearInterval(timer));
      return reply;
    }
    if (fault.kind === 'reset' || fault.kind === 'truncate') {
      note(fault.kind === 'reset' ? 0 : 200);
      reply.hijack();
      if (fault.kind === 'truncate') {
        raw.writeHead(200, { 'content-type': 'application/json', 'content-length': '400' });
        raw.write('{"id":"08');
      }
      setImmediate(() => raw.destroy());
      return reply;
    }
    if (fault.kind === 'html')
      return send(reply, name, answer, fault, '<html><body>Welcome to the captive portal</body></html>', 'text/html');
    if (fault.kind === 'empty') return send(reply, name, answer, fault, '', 'application/json');
    if (fault.kind === 'noContent') return send(reply, name, answer, fault, '');
    return send(reply, name, answer, fault);
  }

  function send(
    reply: FastifyReply,
    name: string,
    answer: Answer,
    fault: Fault | null,
    text?: string,
    type?: string,
  ): FastifyReply {
    const trace = platform.random.hex(32);
    const { status, code, message } = answer;
    platform.ledger.addCall({ at: now(), route: name, status, code: code ?? null, fault: fault?.kind ?? null });
    for (const [header, value] of Object.entries(answer.headers ?? {})) reply.header(header, value);
    reply.code(status).header('X-Tps-trace-ID', trace);
    if (text !== undefined) {
      if (type) reply.type(type);
      return reply.send(text === '' ? undefined : text);
    }
    return reply.send(answer.body ?? { message, code, err_code: code, trace_id: trace });
  }
}

/** What a fault that answers answers. */
function answerOf(fault: Fault): Answer {
  switch (fault.kind) {
    case 'outage':
      return {
        status: fault.status ?? 503,
        message: 'service unavailable',
        ...(fault.code === undefined ? {} : { code: fault.code }),
      };
    case 'rateLimit': {
      const headers = fault.retryAfterSec === undefined ? {} : { 'Retry-After': String(fault.retryAfterSec) };
      return { status: fault.status ?? 429, code: fault.code ?? 20028, message: 'rate limited', headers };
    }
    case 'rejectEmbed':
      return { status: fault.status ?? 400, code: fault.code ?? 304011, message: 'embed is not permitted' };
    case 'html':
    case 'empty':
      return { status: fault.status ?? 200 };
    case 'noContent':
      return { status: 204 };
    default:
      return { status: fault.status ?? 500, code: fault.code ?? 304016, message: 'internal error' };
  }
}
