import type { WebSocket } from 'ws';

/** How often a WebSocket is asked whether it is there; one that does not answer until the next time is ended. */
export const ASK_MS = 20_000;
/** Unsent bytes after which no ping is answered: whoever pings and does not read has its connection ended. */
export const UNREAD_PINGS_MAX = 64 * 1024;

/** For all WebSocket servers: nothing is unpacked, and who does not say goodbye is not waited for. */
export const WEB_SOCKETS = { perMessageDeflate: false, closeTimeout: 1_000 } as const;

/**
 * Every WebSocket that a server of ours takes in, before anything else: a broken frame ends it and nothing more, one
 * that is not there any more is found out, and pings that it sends without reading what comes back do not pile up.
 */
export function superviseWebSocket(socket: WebSocket, unsentMax = 0): void {
  let isThere = true;
  const asking = setInterval(() => {
    if (!isThere) return socket.terminate();
    isThere = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, ASK_MS);
  asking.unref();
  const heard = (): void => {
    isThere = true;
  };
  socket.on('pong', heard);
  socket.on('message', heard);
  socket.on('ping', () => {
    isThere = true;
    if (socket.bufferedAmount > unsentMax + UNREAD_PINGS_MAX) socket.terminate();
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => clearInterval(asking));
}
