import { type IncomingMessage, type RequestListener, Server, type ServerResponse } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Limit } from './limit.js';

/** Connections of one server at once, unless it says otherwise. */
export const CONNECTIONS_MAX = 256;
/** Bytes of all bodies that are in memory at once, unless a server says otherwise. */
export const BODIES_MAX = 16 * 1024 * 1024;
/** ms in which the head of a request must have arrived, and unless a server says otherwise its body too. */
export const ARRIVAL_MS = 8_000;
/** ms after which a connection on which nothing moves is closed; one that waits for its next request after `IDLE_MS`. */
export const SILENT_MS = 60_000;
const IDLE_MS = 5_000;
/** How often node looks for what is late. */
const LOOK_EVERY_MS = 1_000;

export interface GuardOptions {
  /** What it listens on; requests must name it, or loopback. Null: any name (a proxy stands in front, and requests are signed). */
  readonly host: string | null;
  /** Pages of other origins that are let in: `https://example.org`; or a rule. Default: none. */
  readonly isWelcome?: (origin: string) => boolean;
  /** Default `CONNECTIONS_MAX`. */
  readonly connectionsMax?: number;
  /** Default `BODIES_MAX`. */
  readonly bodiesMax?: number;
  /** Default `ARRIVAL_MS`. */
  readonly arrivalMs?: number;
  /** Default `SILENT_MS`; 0: never. */
  readonly silentMs?: number;
  /** Whose body is passed on as it comes, so that it takes no memory. Default: nobody's. */
  readonly isStreamed?: (request: IncomingMessage) => boolean;
  /** The sentence for who is refused. Default: English. */
  readonly say?: (why: Refused, request: IncomingMessage) => string;
}
/** Who is refused, and by what. */
export type Refused = { readonly host: string } | { readonly origin: string; readonly own: string };

/**
 * The one door of all our servers, before any route, any token and any signature is looked at. Requests and WebSockets under a
 * foreign name (DNS rebinding) or from a page of another origin get 403. What arrives is bounded in number, bytes and time: past
 * the connections it takes, the one that has waited longest without a whole request goes; past the bytes, the body that has
 * been under way longest. Whoever sends a whole request at once is served however many do not.
 */
export class GuardedServer extends Server {
  /** In the order in which they began to wait. */
  private readonly waiting = new Set<Socket>();
  private readonly busy = new Set<Socket>();
  /** In the order in which they began. */
  private readonly bodies = new Set<Body>();
  private bytes = 0;

  constructor(
    private readonly guard: GuardOptions,
    listener?: RequestListener,
  ) {
    const arrivalMs = guard.arrivalMs ?? ARRIVAL_MS;
    const times = { requestTimeout: arrivalMs, headersTimeout: Math.min(arrivalMs, ARRIVAL_MS) };
    super({ ...times, keepAliveTimeout: IDLE_MS, connectionsCheckingInterval: LOOK_EVERY_MS }, listener);
    this.timeout = guard.silentMs ?? SILENT_MS;
  }

  override emit(event: string, ...args: unknown[]): boolean {
    if (event === 'connection' && !this.takesIn(args[0] as Socket)) return true;
    if (event === 'request') {
      const [request, response] = args as [IncomingMessage, ServerResponse];
      const why = refusalOf(request, this.guard);
      if (why) return this.refuse(response, this.tell(why, request));
      this.attend(request, response);
    }
    if (event === 'upgrade') {
      const [request, socket] = args as [IncomingMessage, Socket];
      const why = refusalOf(request, this.guard);
      if (why) return this.refuseUpgrade(socket, this.tell(why, request));
      this.isBusy(socket);
    }
    return super.emit(event, ...args);
  }

  /** A connection more; where there is no room the one that has waited longest makes room. */
  private takesIn(socket: Socket): boolean {
    if (this.waiting.size + this.busy.size >= (this.guard.connectionsMax ?? CONNECTIONS_MAX)) {
      const [oldest] = this.waiting;
      if (!oldest) {
        socket.destroy();
        return false;
      }
      this.forget(oldest);
      oldest.destroy();
    }
    this.waiting.add(socket);
    socket.once('close', () => this.forget(socket));
    return true;
  }
  private forget(socket: Socket): void {
    this.waiting.delete(socket);
    this.busy.delete(socket);
  }
  private isBusy(socket: Socket): void {
    if (this.waiting.delete(socket)) this.busy.add(socket);
  }
  private isWaiting(socket: Socket): void {
    if (this.busy.delete(socket)) this.waiting.add(socket);
  }

  /** Counts the body as it comes, whoever reads it and whenever. */
  private attend(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const body: Body = { socket, bytes: 0, isWhole: false };
    const isCounted = this.guard.isStreamed?.(request) !== true;
    this.bodies.add(body);
    const push = request.push.bind(request);
    request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      if (chunk === null) {
        body.isWhole = true;
        if (!response.writableFinished) this.isBusy(socket);
      } else if (isCounted) this.count(body, chunk.length);
      return push(chunk, encoding);
    };
    response.once('close', () => {
      this.release(body);
      this.isWaiting(socket);
    });
  }
  private count(body: Body, bytes: number): void {
    if (!this.bodies.has(body)) return;
    body.bytes += bytes;
    this.bytes += bytes;
    const max = this.guard.bodiesMax ?? BODIES_MAX;
    for (const other of this.bodies) {
      if (this.bytes <= max) return;
      if (other.isWhole || other.bytes === 0) continue;
      this.release(other);
      other.socket.destroy();
    }
  }
  private release(body: Body): void {
    if (this.bodies.delete(body)) this.bytes -= body.bytes;
  }

  private tell(why: Refused, request: IncomingMessage): string {
    const say = this.guard.say ?? inEnglish;
    return JSON.stringify({ message: say(why, request) });
  }
  private refuse(response: ServerResponse, body: string): boolean {
    response.writeHead(403, { 'content-type': 'application/json; charset=utf-8', connection: 'close' }).end(body);
    return true;
  }
  private refuseUpgrade(socket: Socket, body: string): boolean {
    socket.on('error', () => socket.destroy());
    const head = ['HTTP/1.1 403 Forbidden', 'Content-Type: application/json; charset=utf-8', 'Connection: close'];
    socket.end(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () =>
      socket.destroy(),
    );
    return true;
  }
}
interface Body {
  readonly socket: Socket;
  bytes: number;
  isWhole: boolean;
}

/** Why this request is not for us; null: it is. */
export function refusalOf({ headers }: Pick<IncomingMessage, 'headers'>, guard: GuardOptions): Refused | null {
  const address = (headers.host ?? '').toLowerCase();
  const host = address.replace(/:\d*$/, '');
  if (guard.host !== null && !isOwnName(host, guard.host.toLowerCase())) return { host: host.slice(0, 200) };
  const { origin } = headers;
  if (origin === undefined || isOwnOrigin(origin, address) || guard.isWelcome?.(origin)) return null;
  return { origin: origin.slice(0, 200), own: `http://${address}` };
}

/** Programs send no origin; pages do, and only our own may. */
export function isOwnOrigin(origin: string | undefined, address: string | undefined): boolean {
  if (origin === undefined || !address) return false;
  return [`http://${address}`, `https://${address}`].some((own) => own.toLowerCase() === origin.toLowerCase());
}

/**
 * A server that listens everywhere has many names: then any address in numbers, and any name that is none of the internet's
 * (without a dot), is its own; neither can be bound to another machine by who owns a domain.
 */
function isOwnName(host: string, listening: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (['127.0.0.1', 'localhost', '::1', listening].includes(bare)) return true;
  const isEverywhere = listening === '0.0.0.0' || listening === '::';
  return isEverywhere && (isIP(bare) !== 0 || /^[\w-]+$/.test(bare));
}

function inEnglish(why: Refused): string {
  return 'host' in why
    ? `host "${why.host}" is not this server`
    : `origin "${why.origin}" is not this server's own page (${why.own})`;
}

/** For docs/LIMITS.md. */
export const guardLimits: readonly Limit[] = [
  {
    id: 'serverConnections',
    what: 'connections of a server at once (of the simulator: 4096)',
    max: CONNECTIONS_MAX,
    option: null,
    atMax: 'the one that has waited longest without a whole request is closed; with none such the newcomer',
  },
  {
    id: 'serverBodies',
    what: 'bytes of all bodies that a server holds at once (the simulator: 256 MiB)',
    max: BODIES_MAX,
    option: null,
    atMax: 'the body that has been under way longest is given up and its connection closed',
  },
];
