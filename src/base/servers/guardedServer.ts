import { type IncomingMessage, type RequestListener, Server, type ServerResponse } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { fixed, type Limit } from '../limit.js';
import { Arrivals, type Stream } from './arrivals.js';
import { ConnectionPlaces } from './connectionPlaces.js';
import { HeldBytes } from './heldBytes.js';

/** Connections of one server at once, unless it says otherwise. */
export const CONNECTIONS_MAX = 256;
/** Bytes of all bodies that are in memory at once, unless a server says otherwise. */
export const BODIES_MAX = 16 * 1024 * 1024;
/** Bytes of all answers that are in memory because nobody takes them, unless a server says otherwise. */
export const ANSWERS_MAX = 64 * 1024 * 1024;
/** ms in which the head of a request must have arrived, and unless a server says otherwise its body too. */
export const ARRIVAL_MS = 8_000;
/**
 * ms after which a connection on which nothing moves is closed; one that waits for its next request after `IDLE_MS`.
 */
export const SILENT_MS = 60_000;
const IDLE_MS = 5_000;

export interface GuardOptions {
  /**
   * What it listens on; requests must name it, or loopback. Null: any name (a proxy stands in front, and requests are
   * signed).
   */
  readonly host: string | null;
  /** Pages of other origins that are let in: `https://example.org`; or a rule. Default: none. */
  readonly isWelcome?: (origin: string) => boolean;
  /** Default `CONNECTIONS_MAX`. */
  readonly connectionsMax?: number;
  /** Default `BODIES_MAX`. */
  readonly bodiesMax?: number;
  /** Default `ANSWERS_MAX`. */
  readonly answersMax?: number;
  /** Default `ARRIVAL_MS`. Of a streamed body only the time in which it does not flow counts. */
  readonly arrivalMs?: number;
  /** ms in which a streamed body must have arrived, flowing or not. Default: `arrivalMs`. */
  readonly streamMs?: number;
  /** Default `SILENT_MS`; 0: never. */
  readonly silentMs?: number;
  /** Whose body is passed on as it comes, so that it takes no memory. Default: nobody's. */
  readonly isStreamed?: (request: IncomingMessage) => boolean;
  /** The paths at which WebSockets are opened. Default: none. */
  readonly isFeed?: (path: string) => boolean;
  /** The sentence for who is refused. Default: English. */
  readonly say?: (why: Refused, request: IncomingMessage) => string;
}
/** Who is refused, and by what. */
export type Refused = { readonly host: string } | { readonly origin: string; readonly own: string };

/**
 * The one door of all our servers, before any route, any token and any signature is looked at. Requests and WebSockets
 * under a foreign name (DNS rebinding) or from a page of another origin get 403; a WebSocket anywhere but at a feed
 * gets 404. What arrives, and what is not taken away, is bounded in number, bytes and time (`ConnectionPlaces`,
 * `HeldBytes`); a connection asks one thing at a time. Whoever sends a whole request at once and takes its answer is
 * served however many do not.
 */
export class GuardedServer extends Server {
  private readonly places: ConnectionPlaces;
  private readonly bodies: HeldBytes;
  private readonly answers: HeldBytes;
  private readonly arrivals: Arrivals;
  private readonly asking = new Set<Socket>();

  constructor(
    private readonly guard: GuardOptions,
    listener?: RequestListener,
  ) {
    const arrivalMs = guard.arrivalMs ?? ARRIVAL_MS;
    super({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: IDLE_MS }, listener); // `arrivals` sees to it
    this.timeout = guard.silentMs ?? SILENT_MS;
    this.arrivals = new Arrivals(Math.min(arrivalMs, ARRIVAL_MS), arrivalMs);
    this.places = new ConnectionPlaces(guard.connectionsMax ?? CONNECTIONS_MAX);
    this.bodies = new HeldBytes(guard.bodiesMax ?? BODIES_MAX);
    this.answers = new HeldBytes(guard.answersMax ?? ANSWERS_MAX);
  }

  override emit(event: string, ...args: unknown[]): boolean {
    if (event === 'connection') {
      const [socket] = args as [Socket];
      if (!this.places.takes(socket)) return Boolean(socket.destroy());
      this.arrivals.awaitHead(socket);
    }
    if (event === 'request') {
      const [request, response] = args as [IncomingMessage, ServerResponse];
      const why = refusalOf(request, this.guard);
      if (why) return this.refuse(response, this.tell(why, request));
      if (this.asking.has(request.socket)) return Boolean(request.socket.destroy());
      this.attend(request, response);
    }
    if (event === 'upgrade') {
      const [request, socket] = args as [IncomingMessage, Socket];
      const why = refusalOf(request, this.guard);
      if (why) return this.refuseUpgrade(socket, '403 Forbidden', this.tell(why, request));
      if (!this.guard.isFeed?.((request.url ?? '').split('?', 1)[0]!))
        return this.refuseUpgrade(socket, '404 Not Found', JSON.stringify({ message: 'no WebSocket here' }));
      this.places.isUpgraded(socket);
      this.arrivals.isHere(socket);
    }
    return super.emit(event, ...args);
  }
  /** WebSockets too. */
  destroyAllConnections(): void {
    this.places.destroyAll();
  }

  /** Counts the body as it comes, whoever reads it and whenever, and the answer until it is taken. */
  private attend(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.asking.add(socket);
    const body = this.bodies.begin(socket);
    const answer = this.answers.begin(socket);
    const isCounted = this.guard.isStreamed?.(request) !== true;
    this.arrivals.awaitBody(socket, isCounted ? null : this.streamOf(request));
    const push = request.push.bind(request);
    request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      if (chunk === null) {
        body.isSafe = true;
        this.arrivals.isHere(socket);
        if (!response.writableEnded) this.places.isBusy(socket);
      } else if (isCounted) this.bodies.add(body, chunk.length);
      return push(chunk, encoding);
    };
    // All of it is handed over; what is left has not been taken.
    response.once('prefinish', () => {
      this.places.isWaiting(socket);
      this.answers.add(answer, socket.writableLength);
    });
    response.once('close', () => {
      this.asking.delete(socket);
      this.arrivals.awaitHead(socket);
      this.bodies.end(body);
      this.answers.end(answer);
      this.places.isWaiting(socket);
    });
  }

  private streamOf(request: IncomingMessage): Stream {
    const { socket } = request;
    const before = socket.bytesRead;
    return {
      ms: this.guard.streamMs ?? this.guard.arrivalMs ?? ARRIVAL_MS,
      came: () => socket.bytesRead - before,
      isHeldUp: () => request.readableLength >= request.readableHighWaterMark,
    };
  }

  private tell(why: Refused, request: IncomingMessage): string {
    const say = this.guard.say ?? inEnglish;
    return JSON.stringify({ message: say(why, request) });
  }
  private refuse(response: ServerResponse, body: string): boolean {
    response.writeHead(403, { 'content-type': 'application/json; charset=utf-8', connection: 'close' }).end(body);
    return true;
  }
  private refuseUpgrade(socket: Socket, status: string, body: string): boolean {
    socket.on('error', () => socket.destroy());
    const head = [`HTTP/1.1 ${status}`, 'Content-Type: application/json; charset=utf-8', 'Connection: close'];
    socket.end(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () =>
      socket.destroy(),
    );
    return true;
  }
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
 * A server that listens everywhere has many names: then any address in numbers, and any name that is none of the
 * internet's (without a dot), is its own; neither can be bound to another machine by who owns a domain.
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
  fixed(
    'serverConnections',
    'connections of a server at once (of the simulator: 4096)',
    CONNECTIONS_MAX,
    'the one that has waited longest without a whole request, or with an answer that it does not take, is closed; with none such one worked on for 10 s, or the newcomer',
  ),
  fixed(
    'serverBodies',
    'bytes of all bodies that a server holds at once (the simulator: 256 MiB)',
    BODIES_MAX,
    'the body that has been under way longest is given up and its connection closed',
  ),
  fixed(
    'serverAnswers',
    'bytes of all answers that a server holds because nobody takes them',
    ANSWERS_MAX,
    'the connection that has left its answer longest is closed',
  ),
  fixed(
    'serverArrival',
    'ms for a request to arrive (an upload to the inspector, while 16 KiB of it come in each second: 120,000)',
    ARRIVAL_MS,
    'its connection is closed within a second',
  ),
  fixed(
    'serverSilence',
    'ms of a connection on which nothing moves (a WebSocket is asked every 20,000)',
    SILENT_MS,
    'it is closed; one that waits for its next request after 5,000',
  ),
];
