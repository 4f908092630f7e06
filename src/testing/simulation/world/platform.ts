import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import type { EffectOfType, Outside } from './outside.js';

/** An event as it is sent: on a socket under its number, by webhook without one. */
export type PlatformEvent = (socket: string, s: number | null) => Fact;

interface Session {
  readonly id: string;
  s: number;
  /** What a RESUME gets again. */
  readonly sent: { readonly s: number; readonly event: PlatformEvent }[];
}
/** Events that QQ keeps for a RESUME. */
const KEPT_MAX = 10_000;
const HEARTBEAT_MS = 41_250;

/** QQ's gateway, webhook and token endpoint: sessions with what was missed, closes, refusals. */
export class Platform {
  private session: Session | null = null;
  private sessions = 0;
  private tokens = 0;
  /** The socket that events go out on; null: nobody listens. */
  private socket: string | null = null;
  private isWebhook = false;
  /** Held for a webhook that does not answer: QQ sends it again. */
  private held: PlatformEvent[] = [];
  /** What stands unread in the connection of a bot that has enough in hand; null: it reads. */
  private unread: Fact[] | null = null;

  constructor(
    private readonly outside: Outside,
    private readonly post: (fact: Fact) => void,
  ) {}

  get isConnected(): boolean {
    return this.socket !== null;
  }
  get presentSocket(): string | null {
    return this.socket;
  }

  /** What has been sent and not read. */
  get unreadCount(): number {
    return this.held.length + (this.unread?.length ?? 0);
  }

  /** The bot reads no more, or again. */
  pauseReading(): void {
    this.unread ??= [];
  }
  resumeReading(): void {
    const unread = this.unread ?? [];
    this.unread = null;
    for (const fact of unread) this.tell(fact);
  }

  /** Something happens on the platform. Without a session, and without a webhook, nobody will ever be told. */
  push(event: PlatformEvent): void {
    if (this.isWebhook) {
      if (this.socket === null) this.held.push(event);
      else this.tell(event(this.socket, null));
      return;
    }
    const { session } = this;
    if (!session) return;
    session.s += 1;
    session.sent.push({ s: session.s, event });
    if (session.sent.length > KEPT_MAX) session.sent.shift();
    if (this.socket !== null) this.tell(event(this.socket, session.s));
  }

  /** The event is sent, and the process dies before it has journaled it. */
  pushUnread(event: PlatformEvent): void {
    const { socket } = this;
    this.socket = null;
    this.push(event);
    this.socket = socket;
  }

  /** The process has died, or its connection. */
  drop(): void {
    this.socket = null;
    this.unread = null;
  }

  close(code: number): void {
    if (this.socket === null || this.isWebhook) return;
    const { socket } = this;
    this.socket = null;
    if (code === 4006 || code === 4009) this.session = code === 4006 ? null : this.session;
    this.tell({ type: 'socket.closed', socket, code, reason: '' });
  }
  /** Op 7; the close follows, or is left to the bot. */
  askToReconnect(): void {
    if (this.socket === null || this.isWebhook) return;
    this.tell({ type: 'reconnect.requested', socket: this.socket });
    if (this.outside.bad(0.6, 'close after op 7')) this.outside.laterRun(300, () => this.close(4009));
  }
  /** Op 9 in the middle of a session. */
  invalidate(): void {
    if (this.socket === null || this.isWebhook) return;
    this.session = null;
    this.tell({ type: 'session.invalidated', socket: this.socket });
    if (this.outside.bad(0.7, 'close after op 9')) this.outside.laterRun(300, () => this.close(4006));
  }

  fetchToken({ id: effectId }: EffectOfType<'token.fetch'>): void {
    const { outside } = this;
    if (outside.weather.auth && outside.bad(0.5, 'token'))
      return outside.later(30, { type: 'token.fetchFailed', effectId, class: 'transient', code: null, status: 503 });
    if (outside.bad(0.002, 'token adapter')) return outside.later(1, { type: 'effect.failed', effectId, error: 'E' });
    this.tokens += 1;
    const lifeMs = outside.bad(0.1, 'token life') ? outside.dice.pick([1, 30_000, 70_000], 'short') : 7_200_000;
    outside.later(20, { type: 'token.fetched', effectId, ref: `r${this.tokens}`, expiresAt: outside.now() + lifeMs });
  }

  discover({ id: effectId }: EffectOfType<'gateway.discover'>): void {
    const { outside } = this;
    if (outside.weather.gateway && outside.bad(0.5, 'discovery')) {
      const kind = outside.dice.pick(['transient', 'auth', 'throttled'] as const, 'discovery class');
      return outside.later(30, { type: 'gateway.discoveryFailed', effectId, class: kind, code: null, status: 503 });
    }
    if (outside.bad(0.004, 'discovery adapter'))
      return outside.later(1, { type: 'effect.failed', effectId, error: 'E' });
    const sessionsRemaining = outside.bad(0.03, 'sessions left') ? 0 : 900;
    const resetAfterMs = outside.bad(0.5, 'sessions reset') ? 20_000 : 0;
    outside.later(15, {
      type: 'gateway.discovered',
      effectId,
      url: 'ws://gateway',
      shards: 1,
      sessionsRemaining,
      resetAfterMs,
    });
  }

  openSocket({ id: socket }: EffectOfType<'socket.open'>): void {
    const { outside } = this;
    // What stood unread in the one before is gone with it.
    if (this.unread) this.unread = [];
    if (outside.weather.gateway && outside.bad(0.4, 'connection')) {
      if (outside.dice.chance(0.7, 'refused'))
        outside.later(30, { type: 'socket.closed', socket, code: 1006, reason: '' });
      return;
    }
    outside.laterRun(30, () => this.tell({ type: 'socket.opened', socket }));
    outside.laterRun(35, () => this.tell({ type: 'hello.received', socket, heartbeatMs: HEARTBEAT_MS }));
  }

  receive({ socket, frame }: EffectOfType<'socket.send'>): void {
    const { outside } = this;
    if (frame.op === 1) {
      if (!outside.bad(outside.weather.gateway ? 0.3 : 0.001, 'heartbeat'))
        outside.laterRun(8, () => this.tell({ type: 'heartbeat.acknowledged', socket }));
      return;
    }
    if (outside.bad(outside.weather.gateway ? 0.3 : 0.01, 'handshake')) return this.refuse(socket);
    if (frame.op === 2) return outside.laterRun(25, () => this.identify(socket));
    if (this.session?.id !== frame.session) return this.refuse(socket);
    outside.laterRun(25, () => this.resume(socket, frame.s));
  }

  listen({ id: socket }: EffectOfType<'webhook.listen'>): void {
    const { outside } = this;
    this.isWebhook = true;
    if (outside.bad(0.2, 'listening')) return;
    outside.laterRun(5, () => {
      this.post({ type: 'webhook.opened', socket });
      this.socket = socket;
      for (const event of this.held.splice(0)) this.push(event);
    });
  }

  closedByBot({ socket }: EffectOfType<'socket.close'>): void {
    if (socket === null || socket === this.socket) this.socket = null;
    if (socket !== null && this.outside.bad(0.5, 'close answered'))
      this.outside.later(10, { type: 'socket.closed', socket, code: 1000, reason: '' });
  }
  pausedByBot({ socket }: EffectOfType<'socket.pause'>): void {
    if (socket === this.socket) this.socket = null;
  }

  private tell(fact: Fact): void {
    if (this.unread) this.unread.push(fact);
    else this.post(fact);
  }

  private refuse(socket: string): void {
    const { outside } = this;
    this.session = null;
    outside.laterRun(20, () => this.tell({ type: 'session.invalidated', socket }));
    const code = outside.dice.pick([4006, 4009, 4903, 1006], 'refusal code');
    outside.laterRun(25, () => this.tell({ type: 'socket.closed', socket, code, reason: '' }));
  }

  private identify(socket: string): void {
    this.sessions += 1;
    this.session = { id: `session${this.sessions}`, s: 1, sent: [] };
    this.socket = socket;
    this.tell({ type: 'session.started', socket, s: 1, session: this.session.id, user: { id: 'b', username: 'bot' } });
  }

  /** What was missed comes first, then RESUMED. */
  private resume(socket: string, after: number): void {
    const { session } = this;
    if (!session) return;
    for (const { s, event } of [...session.sent]) if (s > after) this.tell(event(socket, s));
    this.socket = socket;
    this.tell({ type: 'session.resumed', socket, s: session.s });
  }
}
