import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from './parameters.js';

/** Nothing from elsewhere, no script or style but our files, no frame around it. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
].join('; ');

/**
 * Keeps other pages out: only requests to a loopback name or the server's own address are answered (a name that resolves to
 * loopback is no way in), and none that a page of another origin makes.
 */
export function addGuard(app: FastifyInstance, ownHost: string): void {
  const own = new Set(['127.0.0.1', 'localhost', '[::1]', '::1', ownHost]);
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    const host = request.hostname.replace(/:\d+$/, '');
    if (!own.has(host)) throw new RequestError(403, (texts) => texts.notThisHost(host));
    const { origin } = request.headers;
    if (origin !== undefined && !isOwnOrigin(request))
      throw new RequestError(403, (texts) => texts.notThisOrigin(origin, ownOrigin(request)));
  });
}

/** For what changes something: the request must come from our own page, not merely from no page at all. */
export function fromOwnPage(request: FastifyRequest): void {
  if (!isOwnOrigin(request)) throw new RequestError(403, (texts) => texts.ownPageOnly);
}

function isOwnOrigin(request: FastifyRequest): boolean {
  return request.headers.origin === ownOrigin(request);
}
function ownOrigin(request: FastifyRequest): string {
  return `http://${request.headers.host}`;
}
