import { assign, emit, setup } from 'xstate';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf } from '../vocabulary/facts.js';
import type { Signal } from '../vocabulary/signals.js';
import { closePolicyOf, GIVEN_UP, INTENTS_REFUSED, SESSION_REFUSED } from './closeCodes.js';
import {
  backOffOf,
  type Closed,
  clampHeartbeat,
  type GatewayContext,
  type GatewayEvent,
  type GatewayInput,
  highest,
  isSpent,
  limitOf,
  reasonOf,
  refused,
  type SocketEvent,
  withOptions,
} from './context.js';

/** What comes over a session that stands: the server is there, and the session stays. */
const STAYING = { missedAcks: 0, failedResumes: 0 } as const;

/** What the gateway's chart can ask and do; the chart itself is in gatewayMachine.ts. */
export const gatewaySetup = setup({
  types: {} as {
    context: GatewayContext;
    input: GatewayInput;
    events: GatewayEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isPresent: ({ context, event }) => (event as SocketEvent).socket === context.socket,
    hasAddress: ({ context }) => (context.url ?? context.options.url) !== null,
    isPushed: ({ context }) => context.options.source === 'webhook',
    isExhausted: ({ context, event }) =>
      context.session === null && (event as FactOf<'gateway.discovered'>).sessionsRemaining === 0,
    isSpent: ({ context }) => isSpent(context),
    isSessionRefusal: ({ event }) => (event as unknown as Closed).code === SESSION_REFUSED,
    isFirstSessionRefusal: ({ context, event }) =>
      (event as unknown as Closed).code === SESSION_REFUSED && refused(context, event as SocketEvent).refusals === 1,
    canResume: ({ context, event }) =>
      (event as SocketEvent).socket === context.socket &&
      context.session !== null &&
      context.failedResumes < context.options.resumesMax,
    isFatal: ({ event }) => (event as { class?: string }).class === 'fatal',
    isOld: ({ context, event }) => (event as SocketEvent).socket !== context.socket,
    wantsBaseIntents: ({ context, event }) =>
      (event as unknown as Closed).code === INTENTS_REFUSED && context.intents !== context.options.baseIntents,
    wantsStop: ({ event }) => closePolicyOf((event as unknown as Closed).code) === 'stop',
    wantsToken: ({ event }) => closePolicyOf((event as unknown as Closed).code) === 'renewToken',
    wantsIdentify: ({ event }) => closePolicyOf((event as unknown as Closed).code) === 'identify',
    isBeatDue: ({ context, event }) =>
      (event as SocketEvent).socket === context.socket &&
      event.at - (context.beatAt ?? event.at) >= context.heartbeatMs / 2,
    // Lives that did not know pauses had none.
    isPaused: ({ context }) => context.isPaused === true,
    isSilent: ({ context }) => context.missedAcks + 1 >= context.options.missedAcksMax,
  },
  actions: {
    rememberToken: assign({ tokenRef: ({ event }) => (event as Extract<Signal, { type: 'token.changed' }>).ref }),
    rememberUrl: assign(({ event }) => {
      const { url, sessionsRemaining } = event as FactOf<'gateway.discovered'>;
      return { url, sessionsLeft: sessionsRemaining };
    }),
    chooseLimit: assign({ backOffMs: ({ event }) => limitOf(event as FactOf<'gateway.discovered'>) }),
    countSession: assign({
      sessionsLeft: ({ context }) => (context.sessionsLeft === null ? null : Math.max(0, context.sessionsLeft - 1)),
    }),
    rememberSocket: assign({ socket: ({ event }) => (event as SocketEvent).socket }),
    rememberHeartbeat: assign({
      beatAt: ({ event }) => event.at,
      heartbeatMs: ({ event }) => clampHeartbeat((event as FactOf<'hello.received'>).heartbeatMs),
    }),
    rememberSession: assign(({ event }) => {
      const { session, s, user } = event as FactOf<'session.started'>;
      return { session, s, user: user.id, refusals: 0, failedResumes: 0, reason: null };
    }),
    rememberResumed: assign({
      refusals: 0,
      reason: null,
      s: ({ context, event }) => highest(context, event),
    }),
    rememberS: assign({ s: ({ context, event }) => highest(context, event), ...STAYING }),
    rememberReplayed: assign({ s: ({ context, event }) => highest(context, event) }),
    countStay: assign(STAYING),
    noteBeat: assign({ beatAt: ({ event }) => event.at }),
    markPaused: assign({ isPaused: true }),
    markReading: assign({ isPaused: false }),
    forgetSession: assign({ session: null, s: null, failedResumes: 0 }),
    forgetSocket: assign({ socket: null }),
    forgetUrl: assign({ url: null }),
    countRefusal: assign(({ context, event }) => refused(context, event as SocketEvent)),
    countResume: assign({ failedResumes: ({ context }) => context.failedResumes + 1 }),
    countMissedAck: assign({ missedAcks: ({ context }) => context.missedAcks + 1 }),
    clearMissedAcks: assign({ missedAcks: 0 }),
    clearTries: assign({ tries: 0 }),
    useBaseIntents: assign({ intents: ({ context }) => context.options.baseIntents, refusals: 0 }),
    rememberReason: assign({ reason: ({ event }) => reasonOf(event) }),
    beginLife: assign(({ event }) => {
      const given = withOptions((event as FactOf<'run.started'>).options);
      const fresh = {
        socket: null,
        isPaused: false,
        tokenRef: null,
        missedAcks: 0,
        tries: 0,
        refusals: 0,
        failedResumes: 0,
        sessionsLeft: null,
      };
      return { ...fresh, ...given, intents: given.options.intents, url: null };
    }),
    chooseBackOff: assign(({ context, event }) => ({
      tries: context.tries + 1,
      backOffMs: backOffOf(context, event as { readonly id: string; readonly code?: unknown }),
    })),
    openWebhook: emit({ type: 'webhook.listen' }),
    discover: emit({ type: 'gateway.discover' }),
    openSocket: emit(({ context }) => ({
      type: 'socket.open' as const,
      url: (context.options.url ?? context.url) as string,
    })),
    identify: emit(({ context }) => ({
      type: 'socket.send' as const,
      socket: context.socket as string,
      tokenRef: context.tokenRef,
      frame: { op: 2 as const, intents: context.intents, shard: context.options.shard },
    })),
    resume: emit(({ context }) => ({
      type: 'socket.send' as const,
      socket: context.socket as string,
      tokenRef: context.tokenRef,
      frame: { op: 6 as const, session: context.session as string, s: context.s ?? 0 },
    })),
    sendHeartbeat: emit(({ context }) => ({
      type: 'socket.send' as const,
      socket: context.socket as string,
      tokenRef: null,
      frame: { op: 1 as const, s: context.s },
    })),
    giveUpSocket: emit(({ context }) => ({
      type: 'socket.close' as const,
      socket: context.socket,
      code: GIVEN_UP,
      reason: 'given up',
      terminate: true,
    })),
    pauseSocket: emit(({ context }) => ({ type: 'socket.pause' as const, socket: context.socket as string })),
    announceReady: emit(({ event }) => ({
      type: 'gateway.readied' as const,
      resumed: event.type === 'session.resumed',
    })),
    announceLost: emit(({ event }) => ({
      type: 'gateway.lost' as const,
      code: (event as { code?: number }).code ?? GIVEN_UP,
    })),
    announceStopped: emit(({ event }) => ({
      type: 'gateway.stopped' as const,
      code: (event as { code?: number | string | null }).code ?? 0,
      reason: reasonOf(event),
    })),
    rejectToken: emit({ type: 'token.rejected' }),
  },
  delays: {
    discoverMs: ({ context }) => context.options.handshakeMs * 4,
    connectMs: ({ context }) => context.options.handshakeMs,
    helloMs: ({ context }) => context.options.handshakeMs,
    identifyMs: ({ context }) => context.options.handshakeMs,
    resumeMs: ({ context }) => context.options.handshakeMs,
    heartbeatMs: ({ context }) => context.heartbeatMs,
    ackMs: ({ context }) => context.heartbeatMs,
    steadyMs: ({ context }) => context.options.steadyMs,
    closeGraceMs: ({ context }) => context.options.closeGraceMs,
    backOffMs: ({ context }) => context.backOffMs,
    limitMs: ({ context }) => context.backOffMs,
    openMs: ({ context }) => context.options.handshakeMs,
  },
});
