import type { RawData, WebSocket } from 'ws';
import type { Connected, ConnectionFaults } from '../faults/connectionFaults.js';
import type { FrameFaults } from '../faults/frames/frameFaults.js';
import type { Raw } from '../faults/frames/malformedFrames.js';
import type { Platform } from '../platform.js';
import { type Bot, KNOWN_INTENTS, userOf } from '../world/bots.js';
import type { Session } from '../world/sessions.js';
import type { SessionBudget } from './sessionBudget.js';

/** Close codes that the server gives. */
export const CLOSE = {
  invalidOpcode: 4001,
  invalidPayload: 4002,
  authenticationFailed: 4004,
  alreadyAuthenticated: 4005,
  invalidSession: 4006,
  badSequence: 4007,
  tooFast: 4008,
  expired: 4009,
  invalidShard: 4010,
  invalidIntent: 4013,
  intentNotPermitted: 4014,
  resetByResume: 4902,
  sessionRefused: 4903,
  offline: 4914,
  banned: 4915,
} as const;
const MINUTE_MS = 60_000;
/** Heartbeat intervals without a heartbeat after which a connection is over. */
const SILENT_INTERVALS = 2;

interface Frame {
  readonly op?: unknown;
  readonly d?: unknown;
}
type Fields = { readonly [field: string]: unknown };

/** What a connection needs of the server that took it in. */
interface Gateway {
  readonly platform: Platform;
  readonly heartbeatMs: number;
  readonly frameFaults: FrameFaults;
  readonly counts: GatewayCounts;
  readonly budget: SessionBudget;
  readonly connectionFaults: ConnectionFaults;
}
export interface GatewayCounts {
  identifies: number;
  resumes: number;
  heartbeats: number;
  intents: number;
}

/** One connection: HELLO, IDENTIFY or RESUME, heartbeats. */
export class Connection implements Connected {
  session: Session | null = null;
  private heardAt: number;
  private frames = { since: 0, count: 0 };
  private readonly watch: NodeJS.Timeout;
  private readonly now: () => number;

  constructor(
    private readonly gateway: Gateway,
    private readonly socket: WebSocket,
    onGone: () => void,
  ) {
    const { heartbeatMs } = gateway;
    this.now = gateway.platform.now;
    this.heardAt = this.now();
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearInterval(this.watch);
      if (this.session?.wire === this) this.session.wire = null;
      onGone();
    });
    this.watch = setInterval(() => {
      const isSilent = this.now() - this.heardAt > SILENT_INTERVALS * heartbeatMs;
      if (isSilent && gateway.frameFaults.hears(this, this.appId)) this.close(CLOSE.expired);
    }, heartbeatMs);
    this.watch.unref();
  }
  get appId(): string | null {
    return this.session?.bot.appId ?? null;
  }
  greet(): void {
    this.send({ op: 10, d: { heartbeat_interval: this.gateway.heartbeatMs } });
  }

  send(frame: object): void {
    const { op, t = null, d } = frame as { op: number; t?: string | null; d?: unknown };
    const context = { connection: this, appId: this.appId, op, t, d };
    this.gateway.frameFaults.pass(JSON.stringify(frame), context, (raw) => this.deliver(raw));
  }
  /** Past all faults. */
  deliver(raw: Raw): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(raw);
  }
  /** 1005 sends no code, 1006 no close frame. */
  close(code: number): void {
    if (code === 1006) this.socket.terminate();
    else if (code === 1005) this.socket.close();
    else this.socket.close(code);
  }
  forgetSession(): void {
    if (this.session) this.gateway.platform.sessions.forget(this.session);
    this.session = null;
  }
  /** Op 9, and the close whose code tells why. */
  private refuse(code: number): void {
    this.forgetSession();
    this.send({ op: 9, d: false });
    this.close(code);
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (!this.gateway.frameFaults.hears(this, this.appId)) return;
    if (this.isTooFast()) return this.close(CLOSE.tooFast);
    const frame = isBinary ? null : parse(data);
    if (frame === null) return this.close(CLOSE.invalidPayload);
    if (frame.op === 1) this.beat();
    else if (frame.op === 2) this.identify(fieldsOf(frame.d));
    else if (frame.op === 6) this.resume(fieldsOf(frame.d));
    else if (frame.op !== 11) this.close(CLOSE.invalidOpcode);
  }
  private isTooFast(): boolean {
    const { framesPerMinute } = this.gateway.platform.options.policies;
    if (framesPerMinute === 0) return false;
    const now = this.now();
    if (now - this.frames.since >= MINUTE_MS) this.frames = { since: now, count: 0 };
    this.frames.count += 1;
    return this.frames.count > framesPerMinute;
  }
  /** Some clients send their `s` beside `op`, some send nothing. */
  private beat(): void {
    this.heardAt = this.now();
    this.gateway.counts.heartbeats += 1;
    this.send({ op: 11 });
  }

  private identify(d: Fields | null): void {
    const { counts, platform, budget, connectionFaults } = this.gateway;
    counts.identifies += 1;
    if (d === null) return this.close(CLOSE.invalidPayload);
    if (this.session) return this.close(CLOSE.alreadyAuthenticated);
    const bot = this.ownerOf(d.token, false);
    if (!bot) return this.close(CLOSE.authenticationFailed);
    if (connectionFaults.isUnreachable(bot.appId)) return this.close(1006);
    if (bot.state !== 'online') return this.refuse(bot.state === 'banned' ? CLOSE.banned : CLOSE.offline);
    const { intents } = d;
    const shard = shardFor(d.shard);
    if (
      typeof intents !== 'number' ||
      !Number.isInteger(intents) ||
      intents < 0 ||
      intents >= 2 ** 31 ||
      intents & ~KNOWN_INTENTS
    )
      return this.refuse(CLOSE.invalidIntent);
    if (intents & ~bot.permittedIntents) return this.refuse(CLOSE.intentNotPermitted);
    if (shard === null) return this.refuse(CLOSE.invalidShard);
    if (!budget.take(bot.appId)) return this.refuse(CLOSE.sessionRefused);
    counts.intents = intents;
    this.session = platform.sessions.begin(bot, intents, shard, this);
    const user = { ...userOf(bot), status: 1 };
    this.send({ op: 0, s: 1, t: 'READY', d: { version: 1, session_id: this.session.id, user, shard } });
    platform.sessions.catchUp(this.session);
    connectionFaults.established(this);
  }

  private resume(d: Fields | null): void {
    const { counts, platform, connectionFaults } = this.gateway;
    counts.resumes += 1;
    if (d === null) return this.close(CLOSE.invalidPayload);
    if (this.session) return this.close(CLOSE.alreadyAuthenticated);
    const bot = this.ownerOf(d.token, true);
    if (!bot) return this.close(CLOSE.authenticationFailed);
    if (connectionFaults.isUnreachable(bot.appId)) return this.close(1006);
    if (bot.state !== 'online') return this.refuse(bot.state === 'banned' ? CLOSE.banned : CLOSE.offline);
    const { session_id: id, seq } = d;
    const session = typeof id === 'string' ? platform.sessions.find(id) : undefined;
    const refusal = connectionFaults.resumeRefusal(bot.appId);
    if (refusal) {
      if (session) platform.sessions.forget(session);
      if (refusal.isOp9) this.send({ op: 9, d: false });
      if (refusal.closeCode !== null) this.close(refusal.closeCode);
      return;
    }
    if (!session || session.bot.appId !== bot.appId) return this.refuse(CLOSE.invalidSession);
    this.takeOver(session);
    if (typeof seq !== 'number' || !session.replay(seq)) return this.refuse(CLOSE.badSequence);
    platform.sessions.resumed();
    session.s += 1;
    this.send({ op: 0, s: session.s, t: 'RESUMED', d: '' });
    connectionFaults.resumed(this, (count) => session.redeliver(seq, count));
    connectionFaults.established(this);
  }
  /** A session has one connection: the older one is closed. */
  private takeOver(session: Session): void {
    const old = session.wire;
    session.wire = this;
    this.session = session;
    if (!(old instanceof Connection)) return;
    old.close(this.gateway.platform.options.policies.resetByResume ? CLOSE.resetByResume : 1000);
  }

  /** `QQBot TOKEN`; some clients leave the word out on RESUME. `Bot APPID.TOKEN` where it is allowed. */
  private ownerOf(token: unknown, mayBeBare: boolean): Bot | null {
    const { tokens, options } = this.gateway.platform;
    if (typeof token !== 'string') return null;
    if (token.startsWith('Bot ')) return options.policies.legacyAuth ? tokens.legacyOwnerOf(token.slice(4)) : null;
    const bare = token.replace(/^QQBot\s+/, '');
    return bare === token && !mayBeBare ? null : tokens.ownerOf(bare);
  }
}

function parse(data: RawData): Frame | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === 'object' && frame !== null && !Array.isArray(frame) ? (frame as Frame) : null;
  } catch {
    return null;
  }
}

function fieldsOf(d: unknown): Fields | null {
  return typeof d === 'object' && d !== null && !Array.isArray(d) ? (d as Fields) : null;
}

/** Null: it is none. [0,0] stands for [0,1]: clients send what a READY once told them. */
function shardFor(shard: unknown): readonly [number, number] | null {
  if (shard === undefined || shard === null) return [0, 1];
  if (!Array.isArray(shard) || shard.length !== 2 || !shard.every((part) => Number.isInteger(part) && part >= 0))
    return null;
  const [index, count] = shard as [number, number];
  if (index === 0 && count === 0) return [0, 1];
  return index < count ? [index, count] : null;
}
