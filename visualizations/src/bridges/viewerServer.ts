import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { jsonObject } from '../../../src/base/jsonObject.js';
import { GuardedServer } from '../../../src/base/servers/guardedServer.js';
import { superviseWebSocket, WEB_SOCKETS } from '../../../src/base/servers/webSockets.js';
import { VIEWER_BUFFER_MAX, VIEWER_MESSAGE_MAX, VIEWERS_MAX } from './bridgeLimits.js';

/** One viewer's connection. */
export interface Viewer {
  readonly isOpen: boolean;
  /** A viewer that does not take what it is sent is closed. */
  send(text: string): void;
  close(code: number, reason: string): void;
}
/** What a bridge says to one viewer. */
export interface ViewerSession {
  /** What the viewer sent: a JSON object. */
  message(message: { readonly [key: string]: unknown }): void;
  close(): void;
}
export interface ViewerServerOptions {
  /** 0: any. */
  readonly port: number;
  readonly open: (viewer: Viewer) => ViewerSession;
  /** Pages that may connect besides those on loopback: `https://stately.ai`. Programs send no origin. */
  readonly origins: readonly string[];
  readonly page?: (request: IncomingMessage, response: ServerResponse) => void;
}
export interface ViewerServer {
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const NO_JSON = 1003;
const TRY_LATER = 1013;
const LOOPBACK = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * A WebSocket server on loopback for viewers. Pages of other origins are refused: contexts hold what users wrote.
 * Whatever a viewer sends, the others and the process go on. Fails with the error of `listen` (EADDRINUSE, EACCES).
 */
export async function createViewerServer(options: ViewerServerOptions): Promise<ViewerServer> {
  // A viewer that someone runs on this machine is a page of its own; it gets in, as programs do.
  const isWelcome = (origin: string): boolean => LOOPBACK.test(origin) || options.origins.includes(origin);
  const page = options.page ?? ((_request, response) => void response.writeHead(426).end());
  const http = new GuardedServer({ host: HOST, isWelcome, isFeed: () => true }, page);
  const sockets = new WebSocketServer({ ...WEB_SOCKETS, noServer: true, maxPayload: VIEWER_MESSAGE_MAX });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    sockets.handleUpgrade(request, socket, head, (client) => {
      superviseWebSocket(client, VIEWER_BUFFER_MAX);
      if (sockets.clients.size > VIEWERS_MAX) client.close(TRY_LATER, `at most ${VIEWERS_MAX} viewers`);
      else attach(client, options.open);
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('listening', resolve);
    http.once('error', reject);
    http.listen(options.port, HOST);
  });
  return {
    url: `ws://${HOST}:${(http.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

function attach(client: WebSocket, open: ViewerServerOptions['open']): void {
  const viewer: Viewer = {
    get isOpen() {
      return client.readyState === WebSocket.OPEN;
    },
    send(text) {
      if (client.readyState !== WebSocket.OPEN) return;
      if (client.bufferedAmount > VIEWER_BUFFER_MAX) client.close(TRY_LATER, 'too slow');
      else client.send(text);
    },
    close: (code, reason) => client.close(code, reason),
  };
  const session = open(viewer);
  client.on('close', () => session.close());
  client.on('message', (data, isBinary) => {
    const message = isBinary ? null : jsonObject(String(data));
    if (message) session.message(message);
    else client.close(NO_JSON, 'JSON objects only');
  });
}
