import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * As much of QQ as a flood needs, in a process of its own, so lean that it is never what limits: a gateway that sends
 * messages at a rate, and an API that takes every reply. What a paused bot does not read waits here as a number, not as
 * bytes.
 */
export type Order =
  /** `rate` messages a second; the rest of those that were due is sent as the bot reads, or with `drops` never. */
  | {
      readonly type: 'offer';
      readonly rate: number;
      readonly ms: number;
      readonly channels?: number;
      readonly drops?: true;
    }
  /** So many messages unanswered at any moment. */
  | { readonly type: 'keep'; readonly count: number; readonly ms: number };
export interface Told {
  readonly type: 'ready' | 'done';
  readonly url: string;
  readonly flood: Flood | null;
  readonly identifies: number;
  readonly resumes: number;
  readonly closes: number;
}
export interface Flood {
  /** When its first tenth began, ms since 1970. */
  readonly startedAt: number;
  readonly due: number;
  readonly sent: number;
  readonly answered: number;
  readonly twice: number;
  /** Replies in each tenth of a second. */
  readonly tenths: readonly number[];
  /** From frame out to reply in, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const TENTH_MS = 100;
const TICK_MS = 2;
/** Unread bytes at which nothing more is written. */
const UNREAD_MAX = 256 * 1024;
const CHANNELS = 1_000;
/** After the offer, how long answers are waited for. */
const AFTER_MS = 120_000;

class Platform {
  private channels = CHANNELS;
  private socket: WebSocket | null = null;
  private s = 0;
  private messages = 0;
  private readonly sentAt = new Map<string, number>();
  /** What is not answered, by its `s`: a RESUME gets again what its `s` does not cover. */
  private readonly frames = new Map<string, { readonly s: number; readonly text: string }>();
  private latencies: number[] = [];
  private tenths: number[] = [];
  private startedAt = 0;
  private answered = 0;
  private twice = 0;
  readonly counts = { identifies: 0, resumes: 0, closes: 0 };
  url = '';
  onReady: () => void = () => undefined;

  async listen(): Promise<void> {
    const http = createServer((request, response) => this.answer(request, response));
    const gateway = new WebSocketServer({ server: http, perMessageDeflate: false });
    gateway.on('connection', (socket) => this.meet(socket));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  async run(order: Order): Promise<Flood> {
    const before = this.messages;
    this.latencies = [];
    this.tenths = [];
    [this.answered, this.twice] = [0, 0];
    this.startedAt = performance.now();
    this.channels = (order.type === 'offer' && order.channels) || CHANNELS;
    let due = 0;
    const passed = (): number => performance.now() - this.startedAt;
    while (passed() < order.ms + AFTER_MS) {
      const sent = this.messages - before;
      const isOpen = passed() < order.ms;
      if (order.type === 'keep') due = isOpen ? this.answered + order.count : sent;
      else due = Math.floor((Math.min(passed(), order.ms) / 1_000) * order.rate);
      const wanted = !isOpen && order.type === 'offer' && order.drops ? sent : due;
      for (let n = sent; n < wanted && this.hasRoom(); n += 1) this.send();
      if (!isOpen && this.messages - before >= wanted && this.sentAt.size === 0) break;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    this.latencies.sort((a, b) => a - b);
    const at = (share: number): number => this.latencies[Math.floor(share * (this.latencies.length - 1))] ?? 0;
    const { answered, twice, tenths } = this;
    return {
      startedAt: performance.timeOrigin + this.startedAt,
      due,
      sent: this.messages - before,
      answered,
      twice,
      tenths: tenths.map((n) => n ?? 0),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
    };
  }

  private hasRoom(): boolean {
    return this.socket !== null && this.socket.bufferedAmount < UNREAD_MAX;
  }

  private send(): void {
    this.messages += 1;
    const n = this.messages;
    const channel = n % this.channels;
    const id = `08e7e49ea9f0f0efd74810e7d84338d471488fc1faa4${String(n).padStart(9, '0')}`;
    const author = {
      avatar: 'https://thirdqq.qlogo.cn/g?s=0',
      bot: false,
      id: `7000000000${channel}`,
      username: 'someone',
    };
    const member = { joined_at: '2022-01-01T00:00:00+08:00', roles: ['1'] };
    const d = {
      author,
      channel_id: `1${channel}`,
      content: `<@!1000001> hello bot ${n}`,
      guild_id: '5000000000000000001',
      id,
      member,
      mentions: [{ bot: true, id: '1000001', username: 'bot' }],
      seq_in_channel: String(n),
      timestamp: '2026-01-01T00:00:00+08:00',
    };
    this.sentAt.set(id, performance.now());
    this.push(`AT_MESSAGE_CREATE`, d, id);
  }

  private push(t: string, d: unknown, id: string): void {
    this.s += 1;
    const text = JSON.stringify({ op: 0, s: this.s, t, id: `${t}:${id}`, d });
    if (this.sentAt.has(id)) this.frames.set(id, { s: this.s, text });
    this.socket?.send(text);
  }

  /** Nothing is sent on a socket before its session stands. */
  private resume(socket: WebSocket, s: number): void {
    this.counts.resumes += 1;
    for (const frame of this.frames.values()) if (frame.s > s) socket.send(frame.text);
    this.socket = socket;
    this.push('RESUMED', '', 'r');
  }

  private meet(socket: WebSocket): void {
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 2_000 } }));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.counts.closes += 1;
      if (this.socket === socket) this.socket = null;
    });
    socket.on('message', (data) => {
      const { op, d } = JSON.parse(String(data)) as { op: number; d: { seq?: number } | null };
      if (op === 1) socket.send('{"op":11}');
      if (op === 2) {
        this.counts.identifies += 1;
        this.socket = socket;
        this.push(
          'READY',
          {
            version: 1,
            session_id: 'bench-session',
            user: { id: '1000001', username: 'bot', bot: true },
            shard: [0, 1],
          },
          'r',
        );
        setTimeout(() => this.onReady(), 200);
      }
      if (op === 6) this.resume(socket, d?.seq ?? 0);
    });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.stringify(this.answerTo(request.url ?? '', Buffer.concat(chunks).toString()));
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body);
    });
  }

  private answerTo(url: string, body: string): object {
    if (url.startsWith('/app/getAppAccessToken')) return { access_token: 'token-of-the-bench', expires_in: '7200' };
    if (url.startsWith('/gateway')) {
      const session_start_limit = { total: 1_000, remaining: 999, reset_after: 1, max_concurrency: 1 };
      return { url: this.url.replace('http', 'ws'), shards: 1, session_start_limit };
    }
    if (!url.startsWith('/channels/'))
      return url.endsWith('/guilds') ? [] : { id: '1000001', username: 'bot', bot: true };
    const { msg_id: id = '' } = JSON.parse(body) as { msg_id?: string };
    const now = performance.now();
    const sentAt = this.sentAt.get(id);
    if (sentAt === undefined) this.twice += 1;
    else {
      this.sentAt.delete(id);
      this.frames.delete(id);
      this.answered += 1;
      this.latencies.push(now - sentAt);
      const tenth = Math.floor((now - this.startedAt) / TENTH_MS);
      while (this.tenths.length <= tenth) this.tenths.push(0);
      this.tenths[tenth]! += 1;
    }
    return { id: `r${this.answered}-${now}`, channel_id: '1', timestamp: '2026-01-01T00:00:00+08:00' };
  }
}

const platform = new Platform();
const tell = (type: Told['type'], flood: Flood | null): void =>
  void process.send?.({ type, url: platform.url, flood, ...platform.counts } satisfies Told);
await platform.listen();
tell('done', null);
platform.onReady = () => tell('ready', null);
process.on('message', (order: Order) => void platform.run(order).then((flood) => tell('done', flood)));
