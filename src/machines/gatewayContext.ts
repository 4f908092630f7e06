import type { FactOf, GatewayFact, MessageFact, Signal, Stamp } from './facts.js';
import { type BotOptions, defaultOptions } from './options.js';
import { randomFrom } from './randomness.js';

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
  readonly missedAcks: number;
  /** Failed tries since the connection was last steady. */
  readonly tries: number;
  /** RESUMEs sent since the last RESUMED. */
  readonly failedResumes: number;
  /** Op 9 in a row without READY. */
  readonly refusals: number;
  readonly backOffMs: number;
  readonly reason: string | null;
}
export type GatewayEvent = (
  | GatewayFact
  | MessageFact
  | FactOf<'run.started'>
  | FactOf<'effect.failed'>
  | Extract<Signal, { type: 'token.changed' | 'caches.cleared' | 'reconnect.advised' | 'drain.started' }>
) &
  Stamp;
export type SocketEvent = Extract<GatewayEvent, { socket: string }>;
export type Closed = { code: number; reason: string };

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
  backOffMs: 0,
  reason: null,
};

/** `s` only rises within a session; replays and late frames do not take it back. */
export function highest(context: GatewayContext, event: GatewayEvent): number | null {
  const { s } = event as { s?: number | null };
  return typeof s === 'number' ? Math.max(s, context.s ?? 0) : context.s;
}

/** Full jitter over a growing span; a long pause after refusals in a row, so that the day's sessions are not spent. */
export function backOffOf(context: GatewayContext, id: string): number {
  const { backOffBaseMs, backOffCapMs, refusalsMax, refusedMs } = context.options;
  if (context.refusals >= refusalsMax) return refusedMs;
  const span = Math.min(backOffCapMs, backOffBaseMs * 2 ** Math.min(context.tries, 16));
  return Math.round(span * randomFrom(id));
}

/** A HELLO may ask for anything; 1 s to 5 min is sane. */
export function clampHeartbeat(ms: number): number {
  return Math.min(300_000, Math.max(1_000, ms));
}

export function reasonOf(event: GatewayEvent): string {
  const { code, reason, class: kind } = event as { code?: unknown; reason?: string; class?: string };
  return [event.type, code, kind, reason]
    .filter((part) => part !== undefined && part !== null && part !== '')
    .join(' ');
}
