import { assign, emit, setup } from 'xstate';
import { bearing, heard, said } from '../kit/heard.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { Signal } from '../vocabulary/signals.js';
import { closePolicyOf, GIVEN_UP, INTENTS_REFUSED, SESSION_REFUSED } from './closeCodes.js';
import {
  backOffOf,
  clampHeartbeat,
  type GatewayContext,
  type GatewayEvent,
  type GatewayInput,
  highest,
  isSpent,
  limitOf,
  reasonOf,
  refused,
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
    isPresent: ({ context, event }) => bearing(event, 'socket').socket === context.socket,
    hasAddress: ({ context }) => (context.url ?? context.options.url) !== null,
    isPushed: ({ context }) => context.options.source === 'webhook',
    isExhausted: ({ context, event }) =>
      context.session === null && heard(event, 'gateway.discovered').sessionsRemaining === 0,
    isSpent: ({ context }) => isSpent(context),
    isSessionRefusal: ({ event }) => heard(event, 'socket.closed').code === SESSION_REFUSED,
    isFirstSessionRefusal: ({ context, event }) =>
      heard(event, 'socket.closed').code === SESSION_REFUSED &&
      refused(context, bearing(event, 'socket')).refusals === 1,
    canResume: ({ context, event }) =>
      bearing(event, 'socket').socket === context.socket &&
      context.session !== null &&
      context.failedResumes < context.options.resumesMax,
    isFatal: ({ event }) => heard(event, 'gateway.discoveryFailed').class === 'fatal',
    isOld: ({ context, event }) => bearing(event, 'socket').socket !== context.socket,
    wantsBaseIntents: ({ context, event }) =>
      heard(event, 'socket.closed').code === INTENTS_REFUSED && context.intents !== context.options.baseIntents,
    wantsStop: ({ event }) => closePolicyOf(heard(event, 'socket.closed').code) === 'stop',
    wantsToken: ({ event }) => closePolicyOf(heard(event, 'socket.closed').code) === 'renewToken',
    wantsIdentify: ({ event }) => closePolicyOf(heard(event, 'socket.closed').code) === 'identify',
    isBeatDue: ({ context, event }) =>
      bearing(event, 'socket').socket === context.socket &&
      event.at - (context.beatAt ?? event.at) >= context.heartbeatMs / 2,
    // Lives that did not know pauses had none.
    isPaused: ({ context }) => context.isPaused === true,
    isSilent: ({ context }) => context.missedAcks + 1 >= context.options.missedAcksMax,
  },
  actions: {
    rememberToken: assign({ tokenRef: ({ event }) => heard(event, 'token.changed').ref }),
    rememberUrl: assign(({ event }) => {
      const { url, sessionsRemaining } = heard(event, 'gateway.discovered');
      return { url, sessionsLeft: sessionsRemaining };
    }),
    chooseLimit: assign({ backOffMs: ({ event }) => limitOf(heard(event, 'gateway.discovered')) }),
    countSession: assign({
      sessionsLeft: ({ context }) => (context.sessionsLeft === null ? null : Math.max(0, context.sessionsLeft - 1)),
    }),
    rememberSocket: assign({ socket: ({ event }) => bearing(event, 'socket').socket }),
    rememberHeartbeat: assign({
      beatAt: ({ event }) => event.at,
      heartbeatMs: ({ event }) => clampHeartbeat(heard(event, 'hello.received').heartbeatMs),
    }),
    rememberSession: assign(({ event }) => {
      const { session, s, user } = heard(event, 'session.started');
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
    countRefusal: assign(({ context, event }) => refused(context, bearing(event, 'socket'))),
    countResume: assign({ failedResumes: ({ context }) => context.failedResumes + 1 }),
    countMissedAck: assign({ missedAcks: ({ context }) => context.missedAcks + 1 }),
    clearMissedAcks: assign({ missedAcks: 0 }),
    clearTries: assign({ tries: 0 }),
    useBaseIntents: assign({ intents: ({ context }) => context.options.baseIntents, refusals: 0 }),
    rememberReason: assign({ reason: ({ event }) => reasonOf(event) }),
    beginLife: assign(({ event }) => {
      const given = withOptions(heard(event, 'run.started').options);
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
      backOffMs: backOffOf(context, event.id, said(event, 'code')),
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
      code: event.type === 'socket.closed' ? event.code : GIVEN_UP,
    })),
    announceStopped: emit(({ event }) => ({
      type: 'gateway.stopped' as const,
      code: said(event, 'code') ?? 0,
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
