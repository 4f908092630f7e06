import { Agent, type Dispatcher } from 'undici';

/** Connections to one host at a time; further requests wait for one that becomes free. */
export const CONNECTIONS_MAX = 64;
/** Requests under way or waiting; past it a request ends at once as `unsent` with code `PENDING_MAX`. */
export const PENDING_MAX = 1_024;
/** Bytes of one answer that are read; a longer one ends as `oversized` and its connection is closed. */
export const BODY_MAX = 1_048_576;
/** How long TCP and TLS may take. */
export const CONNECT_MS = 5_000;
/** An idle connection is closed after this, before a server's own limit makes a request fail on it. */
export const KEEP_ALIVE_MS = 4_000;

/**
 * How a request ended.
 *
 * - `answered`: the whole answer is here.
 * - `truncated`, `oversized`: a status came, its body did not end, or is longer than `BODY_MAX`.
 * - `malformed`: what came back is not HTTP.
 * - `timedOut`: it was written and no whole answer came in time; `status` is set if the head came.
 * - `lost`: it was written and the connection ended before a status.
 * - `unreachable`: no connection, nothing was written.
 * - `unsent`: not tried (`errorCode` tells why).
 */
export type HttpEnding =
  | 'answered'
  | 'truncated'
  | 'oversized'
  | 'malformed'
  | 'timedOut'
  | 'lost'
  | 'unreachable'
  | 'unsent';

/** What became of a request. Never carries the request, so it cannot leak a secret. */
export interface HttpOutcome {
  readonly ending: HttpEnding;
  readonly status: number | null;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `json`: `body` is the parsed value. `text`: there was a body and it is not JSON; it is not kept. */
  readonly form: 'json' | 'text' | 'empty';
  readonly body: unknown;
  /** Node's or undici's code (`ECONNREFUSED`, `UND_ERR_HEADERS_TIMEOUT`), or our own; null when answered. */
  readonly errorCode: string | null;
  readonly traceId: string | null;
  /** Whole ms from the request to its end. */
  readonly latencyMs: number;
}

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly origin: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** Time for the head, and for each pause in the body; a request ends after twice this at the latest. */
  readonly timeoutMs: number;
}
export interface HttpTransport {
  /** Never rejects: every end is an outcome. */
  send(request: HttpRequest): Promise<HttpOutcome>;
  /** New requests get new connections; what is under way ends on the old ones. */
  reset(): void;
  /** Drops the connections; what is under way ends as `lost` or `unreachable`. */
  close(): Promise<void>;
}
export interface HttpTransportOptions {
  /** Monotonic ms. */
  readonly monotonic: () => number;
  /** Default: an agent of our own with the limits above. A given one is not closed by `close`. */
  readonly dispatcher?: Dispatcher;
  /** Default `PENDING_MAX`. */
  readonly pendingMax?: number;
}

/** HTTP over undici with kept connections and every end as data. No retry, no redirect, no cookies. */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { monotonic, pendingMax = PENDING_MAX } = options;
  let own = options.dispatcher ? null : createAgent();
  let pending = 0;
  return {
    async send(request) {
      const startedAt = monotonic();
      if (pending >= pendingMax) return unsent('PENDING_MAX');
      pending += 1;
      try {
        return await exchange(options.dispatcher ?? own!, request, startedAt, monotonic);
      } finally {
        pending -= 1;
      }
    },
    reset() {
      const old = own;
      if (!old) return;
      own = createAgent();
      void old.close().catch(() => undefined);
    },
    async close() {
      await own?.destroy();
    },
  };
}

/** A request that was not tried. */
export function unsent(errorCode: string): HttpOutcome {
  const nothing = { status: null, headers: {}, form: 'empty', body: null, traceId: null } as const;
  return { ending: 'unsent', errorCode, latencyMs: 0, ...nothing };
}

function createAgent(): Agent {
  return new Agent({
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    connect: { timeout: CONNECT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  });
}

function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  startedAt: number,
  monotonic: () => number,
): Promise<HttpOutcome> {
  return new Promise((resolve) => {
    const answer = new Answer(startedAt, monotonic, request.timeoutMs, resolve);
    const { timeoutMs, ...rest } = request;
    try {
      dispatcher.dispatch({ ...rest, headersTimeout: timeoutMs, bodyTimeout: timeoutMs }, answer);
    } catch (error) {
      answer.onResponseError(null, error);
    }
  });
}

/** Gathers one answer. undici calls `onRequestStart` with a live connection, right before it writes. */
class Answer implements Dispatcher.DispatchHandler {
  private written = false;
  private status: number | null = null;
  private headers: Record<string, string> = {};
  private chunks: Buffer[] = [];
  private bytes = 0;
  private cutOff: HttpEnding | null = null;
  private settled = false;

  constructor(
    private readonly startedAt: number,
    private readonly monotonic: () => number,
    private readonly timeoutMs: number,
    private readonly resolve: (outcome: HttpOutcome) => void,
  ) {}

  onRequestStart(): void {
    this.written = true;
  }
  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: NodeJS.Dict<string | string[]>): void {
    if (status < 200) return;
    this.status = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    // undici limits each pause only: a body that drips would otherwise last for ever.
    if (this.bytes > BODY_MAX) this.cutOff = 'oversized';
    else if (this.monotonic() - this.startedAt > this.timeoutMs) this.cutOff = 'timedOut';
    else this.chunks.push(chunk);
    if (this.cutOff) controller.abort(new Error(this.cutOff));
  }
  onResponseEnd(): void {
    this.settle('answered', null);
  }
  onResponseError(_: Dispatcher.DispatchController | null, error: unknown): void {
    const code = codeOf(error);
    this.settle(this.cutOff ?? this.endingOf(code), this.cutOff ? this.cutOff.toUpperCase() : code);
  }

  private endingOf(code: string): HttpEnding {
    if (code === 'UND_ERR_INVALID_ARG') return 'unsent';
    if (!this.written) return 'unreachable';
    if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timedOut';
    if (this.status !== null) return 'truncated';
    return NOT_HTTP.test(code) ? 'malformed' : 'lost';
  }

  private settle(ending: HttpEnding, errorCode: string | null): void {
    if (this.settled) return;
    this.settled = true;
    const { status, headers } = this;
    const { form, body } = ending === 'answered' ? read(this.chunks, headers) : NOTHING;
    const latencyMs = Math.max(0, Math.round(this.monotonic() - this.startedAt));
    this.resolve({ ending, errorCode, status, headers, form, body, traceId: traceIdOf(headers, body), latencyMs });
  }
}

/** undici's parser gives a code only now and then. */
const NOT_HTTP = /^(HPE_.*|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)$/;
const NOTHING = { form: 'empty', body: null } as const;

/** JSON is what says so or looks so, and parses: proxies answer HTML, QQ may leave the type out. */
function read(
  chunks: readonly Buffer[],
  headers: Readonly<Record<string, string>>,
): Pick<HttpOutcome, 'form' | 'body'> {
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
  if (text === '') return NOTHING;
  if (/^[{[]/.test(text) || /\bjson\b/i.test(headers['content-type'] ?? '')) {
    try {
      return { form: 'json', body: JSON.parse(text) };
    } catch {
      // Falls through: cut short by a proxy, or never JSON.
    }
  }
  return { form: 'text', body: null };
}

function traceIdOf(headers: Readonly<Record<string, string>>, body: unknown): string | null {
  const id = headers['x-tps-trace-id'] ?? (body as { trace_id?: unknown } | null)?.trace_id;
  return typeof id === 'string' && id !== '' ? id.slice(0, 64) : null;
}

/** The code alone: messages of errors may quote what was sent. */
function codeOf(error: unknown): string {
  const { code, errors, name } = (error ?? {}) as { code?: unknown; errors?: unknown[]; name?: unknown };
  if (typeof code === 'string') return code;
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return typeof name === 'string' ? name : 'UNKNOWN';
}
