import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher, errors } from 'undici';
import type { ProcessClock } from '../../../actors/ports.js';
import { Patience } from '../../process/patience.js';
import { type ReadBody, readBody, readCutBody } from './answerBody.js';

/** Connections to one host at a time; further requests wait for one that becomes free. */
export const CONNECTIONS_MAX = 64;
/** Requests under way or waiting; past it a request ends at once as `unsent` with code `PENDING_MAX`. */
export const PENDING_MAX = 1_024;
/** Bytes of one answer that are read; a longer one ends as `oversized` and its connection is closed. */
export const BODY_MAX = 1_048_576;
/** How long TCP and TLS may take. */
export const CONNECT_MS = 5_000;
/** A body that flows renews its time; a request ends after this many times `timeoutMs` all the same. */
export const BODY_TIMES_MAX = 10;
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
  /** Of a body that was cut off, what can be read. */
  readonly form: ReadBody['form'];
  readonly body: unknown;
  /** Node's or undici's code (`ECONNREFUSED`), or our own (`HEAD_TIMEOUT`, `BODY_TIMEOUT`); null when answered. */
  readonly errorCode: string | null;
  readonly traceId: string | null;
  /**
   * Whole ms of the time that this process had, from the request to the head of its answer, or to its end without one.
   */
  readonly latencyMs: number;
}

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly origin: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** Time for the head, and for each pause in the body, ms of the time that this process has. */
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
  readonly clock: ProcessClock;
  /** Default `CONNECT_MS`. */
  readonly connectMs?: number;
  /** Default: an agent of our own with the limits above. A given one is not closed by `close`. */
  readonly dispatcher?: Dispatcher;
  /** Default `PENDING_MAX`. */
  readonly pendingMax?: number;
}

/**
 * HTTP over undici with kept connections and every end as data. No retry, no redirect, no cookies. undici's own timers
 * are off: they run before what has arrived is read.
 */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { clock, connectMs = CONNECT_MS, pendingMax = PENDING_MAX } = options;
  let own = options.dispatcher ? null : createAgent(clock, connectMs);
  let pending = 0;
  let lostMs = clock.now() - clock.livedMs();
  /** After a standstill the other side may have closed what looks open: that is read first. */
  async function readFirst(): Promise<void> {
    const lost = clock.now() - clock.livedMs();
    if (lost === lostMs) return;
    lostMs = lost;
    await new Promise<void>((resolve) => clock.schedule(clock.now(), resolve));
  }
  return {
    async send(request) {
      if (pending >= pendingMax) return unsent('PENDING_MAX');
      pending += 1;
      try {
        await readFirst();
        return await exchange(options.dispatcher ?? own!, request, clock);
      } finally {
        pending -= 1;
      }
    },
    reset() {
      const old = own;
      if (!old) return;
      own = createAgent(clock, connectMs);
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

/** Connections of our own, as all requests of a bot use them. */
export function createAgent(clock: ProcessClock, connectMs: number): Agent {
  return new Agent({
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    connect: patientConnector(clock, connectMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  });
}

function patientConnector(clock: ProcessClock, connectMs: number): buildConnector.connector {
  // It gives the socket back, which its type leaves out.
  const connect = buildConnector({ timeout: 0 }) as unknown as (
    options: buildConnector.Options,
    done: (...ended: Parameters<buildConnector.Callback>) => void,
  ) => Socket;
  return (options, callback) => {
    const socket = connect(options, (...ended) => {
      patience.end();
      callback(...ended);
    });
    const patience = new Patience(clock, connectMs, () => {
      socket.destroy(new errors.ConnectTimeoutError('no connection in time'));
    });
  };
}

function exchange(dispatcher: Dispatcher, request: HttpRequest, clock: ProcessClock): Promise<HttpOutcome> {
  return new Promise((resolve) => {
    const answer = new Answer(clock, request.timeoutMs, resolve);
    const { timeoutMs: _ours, ...rest } = request;
    try {
      dispatcher.dispatch({ ...rest, headersTimeout: 0, bodyTimeout: 0 }, answer);
    } catch (error) {
      answer.onResponseError(null, error);
    }
  });
}

/** Gathers one answer. undici calls `onRequestStart` with a live connection, right before it writes. */
class Answer implements Dispatcher.DispatchHandler {
  private patience: Patience | null = null;
  private status: number | null = null;
  private headers: Record<string, string> = {};
  private chunks: Buffer[] = [];
  private bytes = 0;
  private latencyMs: number | null = null;
  private cutOff: { readonly ending: HttpEnding; readonly code: string } | null = null;
  private settled = false;
  private readonly startedAt: number;

  constructor(
    private readonly clock: ProcessClock,
    private readonly timeoutMs: number,
    private readonly resolve: (outcome: HttpOutcome) => void,
  ) {
    this.startedAt = clock.livedMs();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.patience = new Patience(this.clock, this.timeoutMs, () => {
      this.abort(controller, 'timedOut', this.status === null ? 'HEAD_TIMEOUT' : 'BODY_TIMEOUT');
    });
  }
  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: NodeJS.Dict<string | string[]>): void {
    if (status < 200) return;
    this.latencyMs = this.spentMs();
    this.status = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
    }
    this.patience?.renew();
  }
  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > BODY_MAX) return this.abort(controller, 'oversized', 'OVERSIZED');
    this.chunks.push(chunk);
    if (this.spentMs() > BODY_TIMES_MAX * this.timeoutMs) this.abort(controller, 'timedOut', 'BODY_TIMEOUT');
    else this.patience?.renew();
  }
  onResponseEnd(): void {
    this.settle('answered', null);
  }
  onResponseError(_: Dispatcher.DispatchController | null, error: unknown): void {
    const code = codeOf(error);
    this.settle(this.cutOff?.ending ?? this.endingOf(code), this.cutOff?.code ?? code);
  }

  private abort(controller: Dispatcher.DispatchController, ending: HttpEnding, code: string): void {
    this.cutOff = { ending, code };
    controller.abort(new Error(code));
  }

  private endingOf(code: string): HttpEnding {
    if (code === 'UND_ERR_INVALID_ARG') return 'unsent';
    if (this.patience === null) return 'unreachable';
    if (this.status !== null) return 'truncated';
    return NOT_HTTP.test(code) ? 'malformed' : 'lost';
  }

  private spentMs(): number {
    return Math.max(0, Math.round(this.clock.livedMs() - this.startedAt));
  }

  private settle(ending: HttpEnding, errorCode: string | null): void {
    if (this.settled) return;
    this.settled = true;
    this.patience?.end();
    const { status, headers, latencyMs } = this;
    const { form, body } = (ending === 'answered' ? readBody : readCutBody)(this.chunks, headers);
    const outcome = { ending, errorCode, status, headers, form, body, traceId: traceIdOf(headers, body) };
    this.resolve({ ...outcome, latencyMs: latencyMs ?? this.spentMs() });
  }
}

/** undici's parser gives a code only now and then. */
const NOT_HTTP = /^(HPE_.*|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)$/;

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
