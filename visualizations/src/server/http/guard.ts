import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isOwnOrigin } from '../../../../src/base/servers/guardedServer.js';
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

/** What a browser is told of every answer. */
export function addHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });
}

/** For what changes something: the request must come from our own page, not merely from no page at all. */
export function fromOwnPage({ headers }: FastifyRequest): void {
  if (!isOwnOrigin(headers.origin, headers.host)) throw new RequestError(403, (texts) => texts.ownPageOnly);
}
