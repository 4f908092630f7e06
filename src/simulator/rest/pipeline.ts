import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerOf } from '../faults/answers.js';
import { breakAnswer, breaksAnswer, dripAnswer } from '../faults/brokenAnswers.js';
import type { Fault, Request, Strike } from '../faults/faults.js';
import type { Platform } from '../platform.js';
import type { Bot } from '../world/bots.js';
import type { PlaceKind } from '../world/messages.js';
import { type Answer, BAD_REQUEST, bodyOf, type Exchange, NOT_JSON, type Outcome } from './exchange.js';
import type { Sending } from './sending.js';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  readonly path: string;
  /** A route that sends a message: to what kind of place. */
  readonly sends?: PlaceKind;
  /** Needs no token. */
  readonly isOpen?: boolean;
  readonly handle: (exchange: Exchange, expiresIn?: string | number) => Outcome;
}

const UNREADABLE: Answer = { status: 400, code: BAD_REQUEST, message: 'request body is no JSON' };

/** The way of every request: who asks, what strikes it, what it comes to, and what is noted of it. */
export class Pipeline {
  constructor(
    private readonly platform: Platform,
    private readonly sending: Sending,
  ) {}

  async serve(request: FastifyRequest, reply: FastifyReply, route: Route): Promise<unknown> {
    const name = `${route.method} ${route.path}`;
    const asking = route.isOpen ? this.openBot(request) : this.authorise(request);
    if ('status' in asking) return this.send(reply, name, asking, null);
    if ((request.body as unknown) === NOT_JSON && !route.isOpen) return this.send(reply, name, UNREADABLE, null);
    const exchange = exchangeOf(request, asking);
    const appId = route.isOpen ? textOr(exchange.body.appId, null) : asking.appId;
    const path = `${route.method} ${request.url.split('?')[0]}`;
    const asked = { route: name, path, channelId: exchange.path.id ?? null, appId, body: exchange.body };
    const strike = this.platform.faults.strike(asked);
    const { decided, latencyMs, isAcceptedFirst } = strike;
    if (decided) return this.fail(reply, route, exchange, asked, strike, decided);
    const early = isAcceptedFirst ? this.take(route.handle(exchange, strike.expiresIn)) : null;
    if (latencyMs > 0) await this.wait(latencyMs);
    return this.deliver(reply, name, early ?? this.take(route.handle(exchange, strike.expiresIn)), strike);
  }

  /** What went wrong before a route was reached: a body too large, a type that is none. */
  sendError(reply: FastifyReply, name: string, error: { statusCode?: number; message?: string }): FastifyReply {
    const status = error.statusCode ?? 500;
    const code = status < 500 ? BAD_REQUEST : 304016;
    return this.send(reply, name, { status, code, message: error.message ?? 'internal error' }, null);
  }

  send(reply: FastifyReply, name: string, answer: Answer, fault: string | null): FastifyReply {
    const trace = this.prepare(reply, name, answer, fault);
    if (answer.text !== undefined) {
      reply.type(answer.type ?? 'application/json');
      return reply.send(answer.text || undefined);
    }
    return reply.send(bodyFor(answer, trace));
  }

  /** A fault decides the answer, or that there is none. */
  private async fail(
    reply: FastifyReply,
    route: Route,
    exchange: Exchange,
    asked: Request,
    strike: Strike,
    fault: Fault,
  ): Promise<unknown> {
    const name = asked.route;
    const answer = this.decide(route, exchange, asked, strike, fault);
    if (strike.latencyMs > 0) await this.wait(strike.latencyMs);
    if (!breaksAnswer(fault.kind)) return this.deliver(reply, name, answer, strike);
    this.note(name, fault.kind === 'truncate' ? 200 : 0, null, fault.kind);
    reply.hijack();
    breakAnswer(reply.raw, fault, () => this.platform.faults.isHeld(fault), this.platform.options.timers);
    return reply;
  }

  /** With `afterAccept` the message stands in the channel all the same. */
  private decide(route: Route, exchange: Exchange, asked: Request, strike: Strike, fault: Fault): Answer {
    if (fault.kind === 'audit') return this.audit(route, exchange, fault);
    const answer = answerOf(fault, asked);
    if (strike.isAcceptedFirst) this.enter(route.handle(exchange).entry, answer);
    else if (route.sends) {
      const place = this.sending.placeOf(route.sends, exchange.path.id ?? '');
      this.enter(this.sending.entryOf(place, exchange, null), answer);
    }
    return answer;
  }

  /** What passes the checks is accepted, and looked at by people first. */
  private audit({ sends = 'guild' }: Route, exchange: Exchange, fault: Fault): Answer {
    const place = this.sending.placeOf(sends, exchange.path.id ?? '');
    const { outcome = 'pass', auditMs = 1_000, beforeAnswer = false, status = 202 } = fault;
    const entry = this.sending.entryOf(place, exchange, null);
    const refusal = this.sending.admit(place, exchange);
    if (refusal) return this.take({ answer: refusal, entry });
    const isReply = entry.msgId !== null || entry.eventId !== null;
    const code = fault.code ?? (isReply ? 304024 : 304023);
    const how = { outcome, afterMs: auditMs, beforeAnswer, status };
    const auditId = this.platform.startAudit(how, { ...place, bot: exchange.bot }, (id) => {
      const messageId = this.platform.accept(exchange.bot, place, entry.content, Boolean(exchange.body.keyboard), id);
      this.enter({ ...entry, accepted: true, messageId }, { status, code });
    });
    const what = sends === 'group' ? 'group push message' : isReply ? 'reply message' : 'push message';
    const message = `${what} is waiting for audit now`;
    const body = { code, message, data: { message_audit: { audit_id: auditId } } };
    return this.take({ answer: { status, code, body }, entry });
  }

  private deliver(reply: FastifyReply, name: string, answer: Answer, { dripMs, kind }: Strike): FastifyReply {
    if (dripMs <= 0 || answer.status === 204) return this.send(reply, name, answer, kind);
    const trace = this.prepare(reply, name, answer, kind);
    const text = answer.text ?? JSON.stringify(bodyFor(answer, trace));
    const type = answer.type ?? 'application/json; charset=utf-8';
    reply.hijack();
    const headers = { ...(reply.getHeaders() as Record<string, string>), 'content-type': type };
    dripAnswer(reply.raw, { status: answer.status, headers, text }, dripMs, this.platform.options.timers);
    return reply;
  }
  private prepare(reply: FastifyReply, name: string, answer: Answer, fault: string | null): string {
    const trace = this.note(name, answer.status, answer.code ?? null, fault);
    for (const [header, value] of Object.entries(answer.headers ?? {})) reply.header(header, value);
    reply.code(answer.status).header('X-Tps-trace-ID', trace);
    return trace;
  }

  private take({ answer, entry }: Outcome): Answer {
    this.enter(entry, answer);
    return answer;
  }
  private enter(entry: Outcome['entry'], { status, code }: Pick<Answer, 'status' | 'code'>): void {
    if (entry)
      this.platform.ledger.addReply({ at: this.platform.now(), ...entry, httpStatus: status, code: code ?? null });
  }
  private note(route: string, status: number, code: number | null, fault: string | null): string {
    this.platform.ledger.addCall({ at: this.platform.now(), route, status, code, fault });
    return this.platform.traces.hex(32);
  }
  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.platform.options.timers.after(ms, resolve));
  }

  /** The token endpoint knows nobody yet. */
  private openBot(_request: FastifyRequest): Bot {
    return this.platform.bots.first;
  }
  private authorise(request: FastifyRequest): Bot | Answer {
    const { tokens, options } = this.platform;
    const header = request.headers.authorization ?? '';
    if (header === '') return { status: 401, code: 11241, message: 'token is missing' };
    if (header.startsWith('Bot ')) {
      const owner = options.policies.legacyAuth ? tokens.legacyOwnerOf(header.slice(4)) : null;
      return owner ?? { status: 500, code: 11245, message: 'fixed token is disabled' };
    }
    if (!header.startsWith('QQBot ')) return { status: 401, code: 11243, message: 'token check not passed' };
    const owner = tokens.ownerOf(header.slice(6).trim());
    if (!owner) return { status: 401, code: 11244, message: 'token not exist or expire' };
    return owner.state === 'banned' ? { status: 403, code: 11265, message: 'bot is banned' } : owner;
  }
}

function bodyFor({ body, message, code, errCode }: Answer, trace: string): object {
  return body ?? { message, code, err_code: errCode ?? code, trace_id: trace };
}

function exchangeOf(request: FastifyRequest, bot: Bot): Exchange {
  const path = request.params as Exchange['path'];
  return { request, bot, body: bodyOf(request), query: request.query as Exchange['query'], path };
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' ? value : otherwise;
}
