import { assign, emit, setup } from 'xstate';
import { heard, said } from '../kit/heard.js';
import { randomFrom } from '../kit/randomness.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf, TokenFact } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';

/**
 * The access token: one fetch at a time, renewed inside QQ's overlap of 60 s, never in a loop.
 * It knows the token only by its `ref`; the secret stays in the adapter. Rules: T1 to T21 (docs/SPEC.md).
 */
export interface AccessTokenInput {
  readonly options: BotOptions['token'];
}
export interface AccessTokenContext {
  readonly options: BotOptions['token'];
  readonly ref: string | null;
  readonly fetchedAt: number;
  readonly expiresAt: number;
  readonly failures: number;
  /** Tokens that were of no use, in a row: refused soon after they came, or given out already expired. */
  readonly useless: number;
  readonly waitMs: number;
  readonly reason: string | null;
}
type AccessTokenEvent = (
  | TokenFact
  | FactOf<'run.started'>
  | FactOf<'effect.failed'>
  | FactOf<'call.failed'>
  | Extract<Signal, { type: 'token.rejected' }>
) &
  Stamp;

export const accessTokenEventTypes = [
  'run.started',
  'effect.failed',
  'call.failed',
  'token.fetched',
  'token.fetchFailed',
  'token.lost',
  'token.rejected',
] as const satisfies readonly AccessTokenEvent['type'][];

/** A token refused this soon after it came is not helped by another fetch at once. */
const RENEW_GAP_MS = 5_000;
/** In its last minute QQ gives out a new token beside the old one. */
const OVERLAP_MS = 60_000;
/** The longest pause before the next token after ones that the gateway refused: a handshake is one of the day's. */
const USELESS_MAX_MS = 300_000;

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ token }: BotOptions): Pick<AccessTokenContext, 'options'> => ({ options: token });

const accessTokenSetup = setup({
  types: {} as {
    context: AccessTokenContext;
    input: AccessTokenInput;
    events: AccessTokenEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isFatal: ({ event }) => heard(event, 'token.fetchFailed').class === 'fatal',
    isStillValid: ({ context, event }) => event.at < context.expiresAt,
    isSettled: ({ context, event }) => event.at - context.fetchedAt >= RENEW_GAP_MS,
    isOfOlder: ({ context, event }) => event.at - heard(event, 'call.failed').latencyMs < context.fetchedAt,
    isOurs: ({ context, event }) => heard(event, 'token.lost').ref === context.ref,
  },
  actions: {
    rememberToken: assign(({ context, event }) => {
      const { ref, expiresAt } = heard(event, 'token.fetched');
      const before = event.at - context.fetchedAt > 2 * USELESS_MAX_MS ? 0 : context.useless;
      const useless = expiresAt <= event.at ? before + 1 : before;
      const waitMs =
        expiresAt <= event.at
          ? pauseOf(useless, context.options.backOffCapMs)
          : refreshAfter(context.options, event.at, expiresAt, event.id);
      return { ref, expiresAt, fetchedAt: event.at, failures: 0, useless, waitMs, reason: null };
    }),
    countFailure: assign(({ context, event }) => ({
      failures: context.failures + 1,
      waitMs: backOffOf(context, event.id),
      reason: reasonOf(event),
    })),
    countUseless: assign(({ context, event }) => counted(context, event, USELESS_MAX_MS)),
    // A reply waits no longer than its window for a token: as short as after any failure.
    countUselessToApi: assign(({ context, event }) => counted(context, event, context.options.backOffCapMs)),
    clearUseless: assign({ useless: 0 }),
    forgetToken: assign({ ref: null }),
    beginLife: assign(({ event }) => ({
      ...withOptions(heard(event, 'run.started').options),
      ref: null,
      failures: 0,
      useless: 0,
    })),
    fetchToken: emit({ type: 'token.fetch' }),
    announce: emit(({ context }) => ({ type: 'token.changed' as const, ref: context.ref as string })),
    announceRefused: emit(({ event }) => ({
      type: 'token.refused' as const,
      code: heard(event, 'token.fetchFailed').code,
    })),
  },
  delays: {
    refreshMs: ({ context }) => context.waitMs,
    retryMs: ({ context }) => context.waitMs,
    uselessMs: ({ context }) => context.waitMs,
  },
});

// biome-ignore format: one transition a row
export const accessTokenMachine = accessTokenSetup.createMachine({
  id: 'accessToken',
  context: ({ input }) => ({ ...emptyContext, options: input.options }),
  initial: { target: 'fetching', description: 'T1 the first thing a bot needs is a token' },
  on: {
    'run.started': { target: '.fetching', actions: 'beginLife', reenter: true,
      description: 'T2 a new process does not hold the old secret' },
  },
  states: {
    absent: {
      after: { retryMs: { target: 'fetching', description: 'T3 try again after the pause' } },
    },
    fetching: {
      entry: ['forgetToken', 'fetchToken'],
      on: {
        'token.fetched': { target: 'valid', actions: ['rememberToken', 'announce'], description: 'T4 a token came' },
        'token.fetchFailed': [
          { guard: 'isFatal', target: 'refused', actions: ['countFailure', 'announceRefused'],
            description: 'T5 QQ refuses these credentials: never again' },
          { target: 'absent', actions: 'countFailure', description: 'T6 no token: pause' },
        ],
        'effect.failed': { target: 'absent', actions: 'countFailure', description: 'T7 the adapter failed: pause' },
      },
    },
    valid: {
      after: { refreshMs: { target: 'refreshing', description: 'T8 renew before it ends' } },
      on: {
        'token.lost': { guard: 'isOurs', target: 'fetching', description: 'T9 the adapter does not hold it: fetch' },
        'token.rejected': [
          { guard: 'isSettled', target: 'refreshing', actions: 'clearUseless',
            description: 'T10 the gateway refuses it: renew' },
          { target: 'doubted', actions: 'countUseless',
            description: 'T17 the gateway refuses a fresh one: renew after a pause that grows' },
        ],
        'call.failed': [
          { guard: 'isOfOlder', actions: 'announce',
            description: 'T20 it was called under the token before: this one serves' },
          { guard: 'isSettled', target: 'refreshing', description: 'T11 the API refuses it: renew' },
          { target: 'doubted', actions: 'countUselessToApi',
            description: 'T21 the API refuses a fresh one: renew after a pause that grows' },
        ],
      },
    },
    doubted: {
      on: {
        'token.lost': { guard: 'isOurs', target: 'fetching', description: 'T18 the adapter does not hold it: fetch' },
      },
      after: { uselessMs: { target: 'refreshing', description: 'T19 the pause is over: another token' } },
    },
    refreshing: {
      entry: 'fetchToken',
      on: {
        'token.fetched': { target: 'valid', actions: ['rememberToken', 'announce'],
          description: 'T12 a newer token came' },
        'token.fetchFailed': [
          { guard: 'isFatal', target: 'refused', actions: ['countFailure', 'announceRefused'],
            description: 'T13 QQ refuses these credentials: never again' },
          { guard: 'isStillValid', target: 'valid', actions: 'countFailure',
            description: 'T14 the old one still serves: try again after the pause' },
          { target: 'absent', actions: 'countFailure', description: 'T15 the old one has ended: pause' },
        ],
        'effect.failed': { target: 'absent', actions: 'countFailure', description: 'T16 the adapter failed: pause' },
      },
    },
    refused: {},
  },
});

const emptyContext: AccessTokenContext = {
  options: defaultOptions.token,
  ref: null,
  fetchedAt: 0,
  expiresAt: 0,
  failures: 0,
  useless: 0,
  waitMs: 0,
  reason: null,
};

/**
 * Inside the overlap of 60 s, with up to 5 s of jitter: then QQ gives a new token. One that comes with less than that
 * left is the old one again, and is renewed 5 s before its end; not more often than each second.
 */
function refreshAfter(options: BotOptions['token'], at: number, expiresAt: number, id: string): number {
  const lifeMs = Math.max(0, expiresAt - at);
  const early = lifeMs - options.marginMs + Math.round(5_000 * randomFrom(id));
  return Math.max(1_000, lifeMs > OVERLAP_MS ? early : lifeMs - 5_000);
}

function counted(context: AccessTokenContext, event: AccessTokenEvent, maxMs: number): Partial<AccessTokenContext> {
  const useless = context.useless + 1;
  return { useless, waitMs: pauseOf(useless, maxMs), reason: reasonOf(event) };
}

/** 5 s, doubled for each further one. */
function pauseOf(useless: number, maxMs: number): number {
  return Math.min(maxMs, RENEW_GAP_MS * 2 ** Math.min(16, useless - 1));
}

function backOffOf(context: AccessTokenContext, id: string): number {
  const { backOffBaseMs, backOffCapMs } = context.options;
  const span = Math.min(backOffCapMs, backOffBaseMs * 2 ** Math.min(context.failures, 16));
  return Math.round(span / 2 + (span / 2) * randomFrom(id));
}

function reasonOf(event: AccessTokenEvent): string {
  return [event.type, said(event, 'class'), said(event, 'code')]
    .filter((part) => part !== undefined && part !== null)
    .join(' ');
}
