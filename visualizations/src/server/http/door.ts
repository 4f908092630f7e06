import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { GuardedServer } from '../../../../src/base/servers/guardedServer.js';
import { serverTexts } from '../serverTexts.js';

/** ms for an upload to arrive while it flows. */
const UPLOAD_MS = 120_000;

/** Who answers what the guard has let in. */
export interface Answerer {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/**
 * The guard of all our servers, for the inspector: an upload is passed on as it comes, and may take its time while it
 * flows.
 */
export function openDoor(host: string, answerer: Answerer): GuardedServer {
  const server = new GuardedServer({
    host,
    streamMs: UPLOAD_MS,
    isStreamed: ({ method, url = '' }) => method === 'POST' && /^\/api\/journals(\?|$)/.test(url),
    isFeed: (path) => path === '/api/live',
    say(why, { headers }) {
      const texts = serverTexts(headers['accept-language']);
      return 'host' in why ? texts.notThisHost(why.host) : texts.notThisOrigin(why.origin, why.own);
    },
  });
  server.on('request', (request, response) => answerer.request(request, response));
  server.on('upgrade', (request, socket, head) => answerer.upgrade(request, socket, head));
  return server;
}
