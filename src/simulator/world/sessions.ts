import type { Random } from '../kit/random.js';
import type { Bot } from './bots.js';

/** The wire of one connected bot, as far as a session needs it. */
export interface Wire {
  send(frame: object): void;
}
export interface PlatformEvent {
  readonly id: string;
  readonly t: string;
  /** The same for every bot, or made for the one that hears it. */
  readonly d: object | ((bot: Bot) => object);
  /** Only sessions with this intent bit get it. */
  readonly intent: number;
  /** Decides the shard; null: the first one (groups, c2c, direct messages). */
  readonly guildId?: string | null;
  /** App id of the only bot that hears it. */
  readonly only?: string;
  readonly wanted?: (bot: Bot) => boolean;
}
interface Logged {
  readonly id: string;
  readonly t: string;
  readonly d: object;
  readonly s: number;
  readonly at: number;
}

/** Events a session keeps for RESUME, and for how long. */
export const REPLAY_MAX = 10_000;
export const REPLAY_MS = 600_000;
/** Sessions kept; the oldest without a connection goes first. */
export const SESSIONS_MAX = 1_000;
/** Log entries that may be stale before the log is cut. */
const SLACK = 1_000;

/** One session: it lives longer than its connection, and `s` belongs to it. */
export class Session {
  s = 1;
  wire: Wire | null = null;
  private log: Logged[] = [];
  private start = 0;
  private trimmedTo = 0;

  constructor(
    readonly id: string,
    readonly bot: Bot,
    readonly intents: number,
    readonly shard: readonly [index: number, count: number],
    private readonly now: () => number,
  ) {}

  publish({ id, t, d }: Pick<PlatformEvent, 'id' | 't' | 'd'>): void {
    this.s += 1;
    const logged = { id, t, d: typeof d === 'function' ? d(this.bot) : d, s: this.s, at: this.now() };
    this.log.push(logged);
    this.trim();
    if (this.wire) this.send(logged);
  }
  /** Sends again what came after `seq`. False: that is not to be had. */
  replay(seq: number): boolean {
    this.trim();
    if (seq > this.s || seq < this.trimmedTo) return false;
    for (const event of this.log.slice(this.start)) if (event.s > seq) this.send(event);
    return true;
  }
  /** The last `count` events up to `seq` come again, under a new `s`. */
  redeliver(seq: number, count: number): void {
    const before = this.log.slice(this.start).filter(({ s }) => s <= seq);
    for (const event of before.slice(-count)) this.publish(event);
  }
  private send({ id, t, d, s }: Logged): void {
    this.wire?.send({ op: 0, s, t, id, d });
  }
  private trim(): void {
    const oldest = this.now() - REPLAY_MS;
    for (let first = this.log[this.start]; first; first = this.log[this.start]) {
      if (this.log.length - this.start <= REPLAY_MAX && first.at >= oldest) break;
      this.trimmedTo = first.s;
      this.start += 1;
    }
    if (this.start < SLACK) return;
    this.log = this.log.slice(this.start);
    this.start = 0;
  }
}

/** All sessions of the platform. */
export class Sessions {
  private readonly list = new Map<string, Session>();
  /** Lenient runs only: what came while nobody was connected. */
  private waiting: PlatformEvent[] = [];

  constructor(
    private readonly random: Random,
    private readonly now: () => number,
    private readonly isLenient: boolean,
    /** The bot as it is now: a permission that was withdrawn silences its events. */
    private readonly botNow: (bot: Bot) => Bot = (bot) => bot,
  ) {}

  begin(bot: Bot, intents: number, shard: readonly [number, number], wire: Wire): Session {
    const session = new Session(this.random.uuid(), bot, intents, shard, this.now);
    session.wire = wire;
    this.list.set(session.id, session);
    if (this.list.size > SESSIONS_MAX) {
      const idle = [...this.list.values()].find((old) => old.wire === null) ?? this.list.values().next().value;
      if (idle) this.list.delete(idle.id);
    }
    return session;
  }
  /** Sends to a new session what nobody has had (lenient runs). */
  catchUp(session: Session): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const event of waiting) if (this.hears(session, event)) session.publish(event);
  }
  find(id: string): Session | undefined {
    return this.list.get(id);
  }
  /** The session was resumed: its own log has what it missed. */
  resumed(): void {
    this.waiting = [];
  }
  forget(session: Session): void {
    session.wire = null;
    this.list.delete(session.id);
  }
  publish(event: PlatformEvent): void {
    let isHeard = false;
    for (const session of this.list.values()) {
      if (!this.hears(session, event)) continue;
      isHeard ||= session.wire !== null;
      session.publish(event);
    }
    if (this.isLenient && !isHeard) this.waiting = [...this.waiting.slice(1 - REPLAY_MAX), event];
  }
  private hears({ bot, intents, shard }: Session, event: PlatformEvent): boolean {
    const { intent, guildId = null, only, wanted } = event;
    if (!(intents & intent) || (only !== undefined && only !== bot.appId)) return false;
    const now = this.botNow(bot);
    if (!(now.permittedIntents & intent) || wanted?.(now) === false) return false;
    return shard[1] === 1 || shardOf(guildId, shard[1]) === shard[0];
  }
  get connected(): readonly Session[] {
    return [...this.list.values()].filter((session) => session.wire !== null);
  }
  /** Whether this bot has a connection. */
  isConnected(appId: string): boolean {
    for (const session of this.list.values()) if (session.wire !== null && session.bot.appId === appId) return true;
    return false;
  }
  get size(): number {
    return this.list.size;
  }
}

/** `(guild_id >> 22) % count`; what has no guild, or one whose id is no number, goes to the first shard. */
export function shardOf(guildId: string | null, count: number): number {
  return guildId !== null && /^\d{1,20}$/.test(guildId) ? Number((BigInt(guildId) >> 22n) % BigInt(count)) : 0;
}
