import type { Random } from './random.js';

/** The wire of one connected bot, as far as a session needs it. */
export interface Wire {
  send(frame: object): void;
}
export interface PlatformEvent {
  readonly id: string;
  readonly t: string;
  readonly d: object;
  /** Only sessions with this intent bit get it. */
  readonly intent: number;
}
interface Logged extends PlatformEvent {
  readonly s: number;
  readonly at: number;
}

/** Events a session keeps for RESUME, and for how long. */
export const REPLAY_MAX = 10_000;
export const REPLAY_MS = 600_000;
/** Sessions kept; the oldest without a connection goes first. */
export const SESSIONS_MAX = 100;

/** One session: it lives longer than its connection, and `s` belongs to it. */
export class Session {
  s = 1;
  wire: Wire | null = null;
  private log: Logged[] = [];
  private trimmedTo = 0;

  constructor(
    readonly id: string,
    readonly intents: number,
    readonly shard: readonly number[],
    private readonly now: () => number,
  ) {}

  publish(event: PlatformEvent): void {
    this.s += 1;
    const logged = { ...event, s: this.s, at: this.now() };
    this.log.push(logged);
    this.trim();
    if (this.wire) this.send(logged);
  }
  /** Sends again what came after `seq`. False: that is not to be had. */
  replay(seq: number): boolean {
    this.trim();
    if (seq > this.s || seq < this.trimmedTo) return false;
    for (const event of this.log) if (event.s > seq) this.send(event);
    return true;
  }
  private send({ id, t, d, s }: Logged): void {
    this.wire?.send({ op: 0, s, t, id, d });
  }
  private trim(): void {
    while (this.log.length > REPLAY_MAX || (this.log[0] && this.now() - this.log[0].at > REPLAY_MS)) {
      this.trimmedTo = this.log.shift()!.s;
    }
  }
}

/** All sessions of the platform. */
export class Sessions {
  private list: Session[] = [];
  /** Lenient runs only: what came while nobody was connected. */
  private waiting: PlatformEvent[] = [];

  constructor(
    private readonly random: Random,
    private readonly now: () => number,
    private readonly isLenient: boolean,
  ) {}

  begin(intents: number, shard: readonly number[], wire: Wire): Session {
    const session = new Session(this.random.uuid(), intents, shard, this.now);
    session.wire = wire;
    this.list.push(session);
    if (this.list.length > SESSIONS_MAX)
      this.list.splice(
        Math.max(
          0,
          this.list.findIndex((old) => old.wire === null),
        ),
        1,
      );
    return session;
  }
  /** Sends to a new session what nobody has had (lenient runs). */
  catchUp(session: Session): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const event of waiting) session.publish(event);
  }
  find(id: string): Session | undefined {
    return this.list.find((session) => session.id === id);
  }
  /** The session was resumed: its own log has what it missed. */
  resumed(): void {
    this.waiting = [];
  }
  forget(session: Session): void {
    session.wire = null;
    this.list = this.list.filter((other) => other !== session);
  }
  publish(event: PlatformEvent): void {
    for (const session of this.list) if (session.intents & event.intent) session.publish(event);
    const isHeard = this.list.some((session) => session.wire && session.intents & event.intent);
    if (this.isLenient && !isHeard) this.waiting = [...this.waiting.slice(1 - REPLAY_MAX), event];
  }
  get connected(): readonly Session[] {
    return this.list.filter((session) => session.wire !== null);
  }
  get size(): number {
    return this.list.length;
  }
}
