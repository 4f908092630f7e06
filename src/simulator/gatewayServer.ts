import type { Server } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { AccessTokens } from './accessTokens.js';
import type { Session, Sessions } from './sessions.js';

export interface GatewayOptions {
  readonly heartbeatMs: number;
  /** Intents that this bot may use; others refuse the IDENTIFY (op 9, then 4014). */
  readonly permittedIntents: number;
  readonly bot: { readonly id: string; readonly username: string };
}
export interface GatewayCounts {
  identifies: number;
  resumes: number;
  heartbeats: number;
  intents: number;
}
interface Frame {
  readonly op?: unknown;
  readonly d?: unknown;
}

/** Bits that exist; any other is an invalid intent (4013). */
const KNOWN_INTENTS = [0, 1, 9, 10, 12, 18, 19, 23, 24, 25, 26, 27, 28, 29, 30].reduce(
  (bits, bit) => bits | (1 << bit),
  0,
);

/** The WebSocket side: HELLO, IDENTIFY, RESUME, heartbeats. */
export class GatewayServer {
  readonly counts: GatewayCounts = { identifies: 0, resumes: 0, heartbeats: 0, intents: 0 };
  private readonly server: WebSocketServer;
  private readonly connections = new Set<Connection>();

  constructor(
    http: Server,
    readonly options: GatewayOptions,
    readonly sessions: Sessions,
    readonly tokens: AccessTokens,
  ) {
    this.server = new WebSocketServer({
      server: http,
      path: '/websocket',
      maxPayload: 1024 * 1024,
      perMessageDeflate: false,
    });
    this.server.on('error', () => undefined); // the HTTP server's own errors (a taken port) are told by it
    this.server.on('connection', (socket) =>
      this.connections.add(new Connection(this, socket, (gone) => this.connections.delete(gone))),
    );
  }
  /** Sends bytes as they are to every connected bot; the number of them. */
  sendRaw(raw: string): number {
    const live = [...this.connections].filter((connection) => connection.session);
    for (const connection of live) connection.sendRaw(raw);
    return live.length;
  }
  /** Ends every connection; 1006 drops it without a close frame. */
  dropAll(code: number): void {
    for (const connection of this.connections) connection.drop(code);
  }
  /** Op 9 to everyone; their sessions are forgotten. */
  invalidateAll(): void {
    for (const connection of this.connections) connection.invalidate(4006);
  }
  close(): void {
    for (const connection of this.connections) connection.drop(1006);
    this.server.close();
  }
}

class Connection {
  session: Session | null = null;
  private heardAt = Date.now();
  private readonly watch: NodeJS.Timeout;

  constructor(
    private readonly gateway: GatewayServer,
    private readonly socket: WebSocket,
    onGone: (connection: Connection) => void,
  ) {
    const { heartbeatMs } = gateway.options;
    socket.on('message', (data) => this.receive(data));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearInterval(this.watch);
      if (this.session?.wire === this) this.session.wire = null;
      onGone(this);
    });
    this.watch = setInterval(() => {
      if (Date.now() - this.heardAt > 2 * heartbeatMs) this.drop(4009);
    }, heartbeatMs);
    this.send({ op: 10, d: { heartbeat_interval: heartbeatMs } });
  }

  send(frame: object): void {
    this.sendRaw(JSON.stringify(frame));
  }
  sendRaw(raw: string): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(raw);
  }
  drop(code: number): void {
    if (code === 1006) this.socket.terminate();
    else this.socket.close(code);
  }
  invalidate(code: number): void {
    if (this.session) this.gateway.sessions.forget(this.session);
    this.session = null;
    this.send({ op: 9, d: false });
    this.drop(code);
  }

  private receive(data: RawData): void {
    let frame: Frame;
    try {
      frame = JSON.parse(String(data)) as Frame;
    } catch {
      this.drop(4002);
      return;
    }
    if (typeof frame !== 'object' || frame === null) this.drop(4002);
    else if (frame.op === 1) this.beat();
    else if (frame.op === 2) this.identify((frame.d ?? {}) as { token?: unknown; intents?: unknown; shard?: unknown });
    else if (frame.op === 6) this.resume((frame.d ?? {}) as { token?: unknown; session_id?: unknown; seq?: unknown });
    else this.drop(4001);
  }

  private beat(): void {
    this.heardAt = Date.now();
    this.gateway.counts.heartbeats += 1;
    this.send({ op: 11 });
  }

  private identify({ token, intents, shard = [0, 1] }: { token?: unknown; intents?: unknown; shard?: unknown }): void {
    const { counts, options, sessions } = this.gateway;
    counts.identifies += 1;
    if (this.session) return this.drop(4005);
    if (!this.isTokenValid(token)) return this.drop(4004);
    if (typeof intents !== 'number' || !Number.isInteger(intents) || intents & ~KNOWN_INTENTS)
      return this.invalidate(4013);
    if (intents & ~options.permittedIntents) return this.invalidate(4014);
    if (!isShard(shard)) return this.invalidate(4010);
    counts.intents = intents;
    this.session = sessions.begin(intents, shard, this);
    const user = { ...options.bot, bot: true, status: 1 };
    this.send({ op: 0, s: 1, t: 'READY', d: { version: 1, session_id: this.session.id, user, shard } });
    sessions.catchUp(this.session);
  }

  private resume({ token, session_id: id, seq }: { token?: unknown; session_id?: unknown; seq?: unknown }): void {
    const { counts, sessions } = this.gateway;
    counts.resumes += 1;
    if (!this.isTokenValid(token)) return this.drop(4004);
    const session = typeof id === 'string' ? sessions.find(id) : undefined;
    if (!session) return this.invalidate(4006);
    if (session.wire instanceof Connection) session.wire.drop(1000);
    session.wire = this;
    this.session = session;
    if (typeof seq !== 'number' || !session.replay(seq)) return this.invalidate(4007);
    sessions.resumed();
    session.s += 1;
    this.send({ op: 0, s: session.s, t: 'RESUMED', d: '' });
  }

  /** `QQBot <token>`; on RESUME clients in the field send the bare token too. */
  private isTokenValid(token: unknown): boolean {
    return typeof token === 'string' && this.gateway.tokens.isValid(token.replace(/^QQBot /, ''));
  }
}

function isShard(shard: unknown): shard is readonly number[] {
  if (!Array.isArray(shard) || shard.length !== 2) return false;
  const [index, count] = shard as unknown[];
  return (
    Number.isInteger(index) &&
    Number.isInteger(count) &&
    (index as number) >= 0 &&
    (index as number) < (count as number)
  );
}
