import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export interface LocalServer {
  readonly url: string;
  readonly heard: Heard[];
  /** TCP connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
}
export type Answer = (response: ServerResponse, request: Heard, socket: Socket) => void;

/** A server on loopback that hears every request whole and then answers as told. */
export async function startLocalServer(answer: Answer): Promise<LocalServer> {
  const heard: Heard[] = [];
  let accepted = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const whole = { method, path, headers, body: Buffer.concat(parts).toString() };
      heard.push(whole);
      answer(response, whole, request.socket);
    });
  });
  server.on('connection', () => {
    accepted += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    connections: () => accepted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A port where nothing listens. */
export async function closedPort(): Promise<string> {
  const server = await startLocalServer(() => {});
  await server.close();
  return server.url;
}

export function answerJson(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}
