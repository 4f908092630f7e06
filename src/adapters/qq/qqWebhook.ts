import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventSource, Log, Performers, ProcessClock } from '../../actors/ports.js';
import { GuardedServer } from '../../base/servers/guardedServer.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import { ListenError } from '../process/listenError.js';
import { withDeadline } from '../process/withDeadline.js';
import { decode } from './wire/decode.js';
import { WebhookKey } from './wire/signature.js';

/** Bytes of one request; a longer one is refused with 413. */
export const REQUEST_MAX = 1_048_576;
/** A request signed longer ago, or so far ahead, is refused: our clock and QQ's may differ by this. */
export const SIGNED_WITHIN_MS = 300_000;
/** Signatures remembered against replays; more than this within `SIGNED_WITHIN_MS` are refused with 503. */
export const SIGNATURES_MAX = 100_000;
/** Time for a record to become durable. */
const DURABLE_MS = 5_000;
/** What may be signed for QQ's check of the address: never something that could pass for an event. */
const PLAIN_TOKEN = /^[\w-]{1,256}$/;
const SIGNATURE = /^[\da-f]{128}$/;
const NOT_SIGNED = 'the signature is not that of this bot';
const EVENT_TS = /^\d{1,16}$/;

export interface QQWebhookOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly secret: string;
  /** Takes a fact and resolves once it is durable; rejects or never settles when it is not. */
  readonly postDurably: (fact: Fact) => Promise<unknown>;
  readonly botId: () => string | null;
  readonly clock: ProcessClock;
  readonly log: Log;
  /** Default `SIGNATURES_MAX`. */
  readonly signaturesMax?: number;
}
export interface QQWebhook extends EventSource {
  /** Where it listens. */
  readonly url: string;
  readonly performers: Performers<'webhook.listen' | 'socket.pause' | 'socket.close'>;
  close(): Promise<void>;
}
/** The address cannot be listened on; the message says what to set. */
export class WebhookListenError extends ListenError {
  override readonly name = 'WebhookListenError';
  constructor(address: string, code: string, options?: { cause?: unknown }) {
    super(address, code, 'set QQ_BOT_WEBHOOK to another host:port/path', options);
  }
}

/**
 * QQ's events as HTTP requests of QQ: the second source beside the gateway socket. Every request must carry QQ's
 * signature, be young, and be new. An event is answered (op 12) when its record is durable, so one that was not is sent
 * again. TLS is left to a proxy in front. Fails with WebhookListenError.
 */
export async function createQQWebhook(options: QQWebhookOptions): Promise<QQWebhook> {
  const webhook = new Webhook(options);
  // By whatever name the proxy in front is reached: what is not signed is refused.
  const server = new GuardedServer({ host: null }, (request, response) => void webhook.serve(request, response));
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}${options.path}`,
    performers: {
      'webhook.listen': (effect, post) => {
        webhook.id = effect.id;
        post({ type: 'webhook.opened', socket: effect.id });
      },
      'socket.pause': () => webhook.rest(),
      'socket.close': () => undefined,
    },
    pause: () => webhook.pause(true),
    resume: () => webhook.pause(false),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: QQWebhookOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error & { code?: string }) => {
      reject(new WebhookListenError(`${host}:${port}`, cause.code ?? cause.message, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

/** An answer without a body. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

class Webhook {
  /** Id of the effect that opened it; null: not yet. */
  id: string | null = null;
  private paused = false;
  private rested = false;
  private readonly key: WebhookKey;
  /** Signatures of what was taken, oldest first: when it was signed, and when it is recorded. */
  private readonly taken = new Map<string, { readonly signedAt: number; readonly recorded: Promise<unknown> }>();

  constructor(private readonly options: QQWebhookOptions) {
    this.key = new WebhookKey(options.secret);
  }
  pause(paused: boolean): void {
    this.paused = paused;
  }
  /** Nothing more is taken; QQ comes again later. */
  rest(): void {
    this.rested = true;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.answer(request);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      const { status, message } = error instanceof Refusal ? error : new Refusal(500, 'internal error');
      this.options.log.warn({ status, reason: message }, 'a webhook request was refused');
      if (!response.headersSent)
        response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify({ message }));
    }
  }

  private async answer(request: IncomingMessage): Promise<object> {
    const { method = '', url = '' } = request;
    if (url.split('?')[0] !== this.options.path) throw new Refusal(404, 'no such path');
    if (method !== 'POST') throw new Refusal(405, 'method not allowed');
    const signature = headerOf(request, 'x-signature-ed25519').toLowerCase();
    const timestamp = headerOf(request, 'x-signature-timestamp');
    this.checkHead(signature, timestamp); // of what is refused no body is read
    const body = await bodyOf(request);
    if (!this.key.isGenuine(signature, timestamp, body)) throw new Refusal(401, NOT_SIGNED);
    const frame = parse(body);
    if (frame?.op === 13) return this.checkAddress(frame.d);
    if (this.id === null || this.paused || this.rested) throw new Refusal(503, 'not taking events now');
    // Again what was taken: acknowledged again, not handled again.
    const { recorded } = this.taken.get(signature) ?? this.take(body, signature, Number(timestamp) * 1_000);
    try {
      await recorded;
    } catch {
      this.taken.delete(signature);
      throw new Refusal(503, 'the event could not be recorded in time');
    }
    return { op: 12, d: 0 };
  }

  private checkHead(signature: string, timestamp: string): void {
    if (!/^\d{1,12}$/.test(timestamp) || !SIGNATURE.test(signature)) throw new Refusal(401, NOT_SIGNED);
    if (Math.abs(this.options.clock.wallNow() - Number(timestamp) * 1_000) > SIGNED_WITHIN_MS)
      throw new Refusal(401, 'signed too long ago, or ahead of this clock');
  }

  private checkAddress(d: unknown): object {
    const { plain_token: token, event_ts: at } = (d ?? {}) as { plain_token?: unknown; event_ts?: unknown };
    if (typeof token !== 'string' || !PLAIN_TOKEN.test(token) || !EVENT_TS.test(String(at)))
      throw new Refusal(400, 'op 13 without a plain_token and event_ts of the usual form');
    return { plain_token: token, signature: this.key.sign(`${String(at)}${token}`) };
  }

  private take(body: Buffer, signature: string, signedAt: number) {
    this.forgetOld();
    if (this.taken.size >= (this.options.signaturesMax ?? SIGNATURES_MAX)) throw new Refusal(503, 'too many events');
    const { postDurably, clock, botId } = this.options;
    const fact = decode(body, { socket: this.id as string, botId: botId(), isWebhook: true });
    const late = (): Error => new Error('late');
    const recorded = withDeadline(clock, DURABLE_MS, () => postDurably(fact), late);
    const taken = { signedAt, recorded };
    this.taken.set(signature, taken);
    return taken;
  }

  private forgetOld(): void {
    const before = this.options.clock.wallNow() - 2 * SIGNED_WITHIN_MS;
    for (const [signature, { signedAt }] of this.taken) {
      if (signedAt > before) return;
      this.taken.delete(signature);
    }
  }
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function parse(body: Buffer): { readonly op?: unknown; readonly d?: unknown } | null {
  try {
    return JSON.parse(body.toString()) as { op?: unknown } | null;
  } catch {
    return null;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > REQUEST_MAX) throw new Refusal(413, `longer than ${REQUEST_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
