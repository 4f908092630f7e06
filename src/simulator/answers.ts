import type { FastifyReply } from 'fastify';
import type { Fault } from './faults.js';

export interface Answer {
  readonly status: number;
  readonly code?: number;
  readonly message?: string;
  readonly body?: object;
  readonly headers?: { readonly [name: string]: string };
  /** Instead of a JSON body; empty: none. */
  readonly text?: string;
  readonly type?: string;
}

/** How long a hanging request is kept before the server gives it up. */
export const HANG_MAX_MS = 600_000;
/** How often a hanging request looks whether its fault has ended. */
const HANG_CHECK_MS = 100;

/** What a fault that answers answers. */
export function answerOf(fault: Fault): Answer {
  const { status, code, retryAfterSec } = fault;
  switch (fault.kind) {
    case 'outage':
      return { status: status ?? 503, message: 'service unavailable', ...(code === undefined ? {} : { code }) };
    case 'rateLimit':
      return {
        status: status ?? 429,
        code: code ?? 20028,
        message: 'rate limited',
        headers: retryAfterSec === undefined ? {} : { 'Retry-After': String(retryAfterSec) },
      };
    case 'rejectEmbed':
      return { status: status ?? 400, code: code ?? 304011, message: 'embed is not permitted' };
    case 'rejectKeyboard':
      return { status: status ?? 400, code: code ?? 304040, message: 'keyboard content is refused' };
    case 'rejectImage':
      return { status: status ?? 400, code: code ?? 304010, message: 'image cannot be re-hosted' };
    case 'html':
      return {
        status: status ?? 200,
        text: '<html><body>Welcome to the captive portal</body></html>',
        type: 'text/html',
      };
    case 'empty':
      return { status: status ?? 200, text: '' };
    case 'noContent':
      return { status: 204, text: '' };
    default:
      return { status: status ?? 500, code: code ?? 304016, message: 'internal error' };
  }
}

/** Faults that break the connection: no answer until the fault ends, none at all, or half of one. */
export function misbehave(
  reply: FastifyReply,
  fault: Fault,
  isInForce: () => boolean,
  now: () => number,
): FastifyReply {
  const { raw } = reply;
  reply.hijack();
  if (fault.kind === 'hang') {
    const startedAt = now();
    const timer = setInterval(() => {
      if (isInForce() && now() - startedAt < HANG_MAX_MS) return;
      clearInterval(timer);
      raw.destroy();
    }, HANG_CHECK_MS);
    raw.on('close', () => clearInterval(timer));
    return reply;
  }
  if (fault.kind === 'truncate') {
    raw.writeHead(200, { 'content-type': 'application/json', 'content-length': '400' });
    raw.write('{"id":"08');
  }
  setImmediate(() => raw.destroy());
  return reply;
}
