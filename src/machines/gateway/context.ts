import { said } from '../kit/heard.js';
import { randomFrom } from '../kit/randomness.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EventFact } from '../vocabulary/facts/eventFacts.js';
import type { FactOf, GatewayFact, MessageFact } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';
import { SESSION_REFUSED } from './closeCodes.js';

export interface GatewayInput {
  readonly options: BotOptions['gateway'];
}
export interface GatewayContext {
  readonly options: BotOptions['gateway'];
  readonly tokenRef: string | null;
  readonly url: string | null;
  /** The present socket; null while none is open. */
  readonly socket: string | null;
  readonly session: string | null;
  /** Last sequence number of the session, stored with the record of its event. */
  readonly s: number | null;
  readonly user: string | null;
  readonly intents: number;
  readonly heartbeatMs: number;
  /** When this connection said HELLO, or had its last heartbeat during a replay; left out: not known. */
  readonly beatAt?: number;
  readonly missedAcks: number;
  /** Failed tries since the connection was last steady. */
  readonly tries: number;
  /** Nothing is read: too much is in hand. Left out: it is. */
  readonly isPaused?: boolean;
  /** RESUMEs sent since a session last stayed: an event or an answered heartbeat after its RESUMED or READY. */
  readonly failedResumes: number;
  /** IDENTIFYs refused in a row without READY, and the socket of the last one: op 9 and its close are one refusal. */
  readonly refusals: number;
  readonly refusedBy: string | null;
  /** IDENTIFYs left today as far as QQ told and we counted; null: not told. */
  readonly sessionsLeft: number | null;
  readonly backOffMs: number;
  readonly reason: string | null;
}
export type GatewayEvent = (
  | GatewayFact
  | MessageFact
  | ({ readonly type: 'event.received' } & Pick<EventFact, 'socket' | 's'>)
  | FactOf<'run.started'>
  | FactOf<'effect.failed'>
  | Extract<
      Signal,
      {
        type:
          | 'token.changed'
          | 'caches.cleared'
          | 'sources.paused'
          | 'sources.resumed'
          | 'reconnect.advised'
          | 'sources.paused'
          | 'sources.resumed'
          | 'drain.started';
      }
    >
) &
  Stamp;
export type SocketEvent = Extract<GatewayEvent, { socket: string }>;

export const emptyContext: GatewayContext = {
  options: defaultOptions.gateway,
  tokenRef: null,
  url: null,
  socket: null,
  session: null,
  s: null,
  user: null,
  intents: 0,
  heartbeatMs: 45_000,
  missedAcks: 0,
  tries: 0,
  failedResumes: 0,
  refusals: 0,
  refusedBy: null,
  sessionsLeft: null,
  backOffMs: 0,
  reason: null,
};

export function refused(context: GatewayContext, { socket }: SocketEvent): Partial<GatewayContext> {
  const refusals = context.refusals + (context.refusedBy === socket ? 0 : 1);
  return { session: null, s: null, failedResumes: 0, refusals, refusedBy: socket };
}

/** `s` only rises within a session; replays and late frames do not take it back. */
export function highest(context: GatewayContext, event: GatewayEvent): number | null {
  const s = said(event, 's');
  return typeof s === 'number' ? Math.max(s, context.s ?? 0) : context.s;
}

/**
 * Full jitter over a growing span; a long pause after refusals in a row, so that the day's sessions are not spent.
 * After 4903 never less than `sessionPauseMs`: other shards may be starting sessions, and QQ lets a bot start few at
 * once.
 */
export function backOffOf(context: GatewayContext, id: string, code: unknown): number {
  const { backOffBaseMs, backOffCapMs, refusalsMax, refusedMs, sessionPauseMs = 0 } = context.options;
  if (context.refusals >= refusalsMax) return refusedMs;
  if (code === SESSION_REFUSED && sessionPauseMs > 0)
    return Math.round(sessionPauseMs * (1 + context.refusals * randomFrom(id)));
  const span = Math.min(backOffCapMs, backOffBaseMs * 2 ** Math.min(context.tries, 16));
  return Math.round(span * randomFrom(id));
}

/** The next session would have to be a new one, and there is none left to start. */
export function isSpent({ session, sessionsLeft, failedResumes, options }: GatewayContext): boolean {
  return sessionsLeft === 0 && (session === null || failedResumes >= options.resumesMax);
}

/** How long QQ says that no session can be started, a second longer, at most a day; a minute where it does not say. */
export function limitOf({ resetAfterMs = 0 }: FactOf<'gateway.discovered'>): number {
  return resetAfterMs > 0 ? Math.min(86_400_000, resetAfterMs + 1_000) : 60_000;
}

/** A HELLO may ask for anything; 1 s to 5 min is sane. */
export function clampHeartbeat(ms: number): number {
  return Math.min(300_000, Math.max(1_000, ms));
}

export function reasonOf(event: GatewayEvent): string {
  return [event.type, said(event, 'code'), said(event, 'class'), said(event, 'reason')]
    .filter((part) => part !== undefined && part !== null && part !== '')
    .join(' ');
}

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ gateway }: BotOptions): Pick<GatewayContext, 'options'> => ({ options: gateway });
