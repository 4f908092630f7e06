import { assign, emit, setup } from 'xstate';
import { closePolicyOf, GIVEN_UP, INTENTS_REFUSED } from './closeCodes.js';
import type { EffectRequest, FactOf, Signal } from './facts.js';
import { backOffOf, type Closed, clampHeartbeat, emptyContext, type GatewayContext, type GatewayEvent, type GatewayInput, highest, reasonOf, type SocketEvent } from './gatewayContext.js';

/**
 * The life of one gateway connection and its session: whether to RESUME or IDENTIFY, when the server is gone, when to try
 * again and when never to. It outlives the process: session id and last `s` are state, so a new process RESUMES.
 * It refuses to know what a message means, and it never touches a socket.
 * Rules: W1 to W55 (docs/SPEC.md).
 */
export const gatewayEventTypes = [
  'token.changed',
  'caches.cleared',
  'reconnect.advised',
  'drain.started',
  'run.started',
  'effect.failed',
  'gateway.discovered',
  'gateway.discoveryFailed',
  'socket.opened',
  'socket.closed',
  'hello.received',
  'session.started',
  'session.resumed',
  'session.invalidated',
  'reconnect.requested',
  'heartbeat.acknowledged',
  'heartbeat.requested',
  'frame.rejected',
  'event.unrecognised',
  'message.received',
  'message.duplicated',
] as const satisfies readonly GatewayEvent['type'][];

export const gatewayMachine = setup({
  types: {} as {
    context: GatewayContext;
    input: GatewayInput;
    events: GatewayEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isPresent: ({ context, event }) => (event as SocketEvent).socket === context.socket,
    hasAddress: ({ context }) => (context.url ?? context.options.url) !== null,
    canResume: ({ context, event }) => (event as SocketEvent).socket === context.socket && context.session !== null && context.failedResumes < context.options.resumesMax,
    isFatal: ({ event }) => (event as { class?: string }).class === 'fatal',
    isOld: ({ context, event }) => (event as SocketEvent).socket !== context.socket,
    wantsBaseIntents: ({ context, event }) => (event as unknown as Closed).code === INTENTS_REFUSED && context.intents !== context.options.baseIntents,
    wantsStop: ({ event }) => closePolicyOf((event as unknown as Closed).code) === 'stop',
    wantsToken: ({ event }) => closePolicyOf((event as unknown as Closed).code) === 'renewToken',
    wantsIdentify: ({ event }) => closePolicyOf((event as unknown as Closed).code) === 'identify',
    isSilent: ({ context }) => context.missedAcks + 1 >= context.options.missedAcksMax,
  },
  actions: {
    rememberToken: assign({ tokenRef: ({ event }) => (event as Extract<Signal, { type: 'token.changed' }>).ref }),
    rememberUrl: assign({ url: ({ event }) => (event as FactOf<'gateway.discovered'>).url }),
    rememberSocket: assign({ socket: ({ event }) => (event as SocketEvent).socket }),
    rememberHeartbeat: assign({
      heartbeatMs: ({ event }) => clampHeartbeat((event as FactOf<'hello.received'>).heartbeatMs),
    }),
    rememberSession: assign(({ event }) => {
      const { session, s, user } = event as FactOf<'session.started'>;
      return { session, s, user: user.id, refusals: 0, failedResumes: 0, reason: null };
    }),
    rememberResumed: assign({
      failedResumes: 0,
      refusals: 0,
      reason: null,
      s: ({ context, event }) => highest(context, event),
    }),
    rememberS: assign({ s: ({ context, event }) => highest(context, event) }),
    forgetSession: assign({ session: null, s: null, failedResumes: 0 }),
    forgetSocket: assign({ socket: null }),
    forgetUrl: assign({ url: null }),
    countRefusal: assign({ session: null, s: null, failedResumes: 0, refusals: ({ context }) => context.refusals + 1 }),
    countResume: assign({ failedResumes: ({ context }) => context.failedResumes + 1 }),
    countMissedAck: assign({ missedAcks: ({ context }) => context.missedAcks + 1 }),
    clearMissedAcks: assign({ missedAcks: 0 }),
    clearTries: assign({ tries: 0 }),
    useBaseIntents: assign({ intents: ({ context }) => context.options.baseIntents, refusals: 0 }),
    rememberReason: assign({ reason: ({ event }) => reasonOf(event) }),
    beginLife: assign(({ event }) => {
      const options = (event as FactOf<'run.started'>).options.gateway;
      const fresh = { socket: null, tokenRef: null, missedAcks: 0, tries: 0, refusals: 0, failedResumes: 0 };
      return { ...fresh, options, intents: options.intents, url: null };
    }),
    chooseBackOff: assign(({ context, event }) => ({
      tries: context.tries + 1,
      backOffMs: backOffOf(context, event.id),
    })),
    discover: emit({ type: 'gateway.discover' }),
    openSocket: emit(({ context }) => ({
      type: 'socket.open' as const,
      url: (context.options.url ?? context.url) as string,
    })),
    identify: emit(({ context }) => ({
      type: 'socket.send' as const,
      socket: context.socket as string,
      tokenRef: context.tokenRef,
      frame: { op: 2 as const, intents: context.intents, shard: [0, 1] as const },
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
  },
}).createMachine({
  id: 'gateway',
  context: ({ input }) => ({ ...emptyContext, options: input.options, intents: input.options.intents }),
  initial: { target: 'disconnected', description: 'W1 a gateway waits for a token first' },
  on: {
    'run.started': { target: '.disconnected', actions: ['beginLife', 'announceLost'], description: 'W20 in a new process life the socket is closed; session and s are kept' },
    'drain.started': { target: '.stopped', actions: 'giveUpSocket', description: 'W21 a drain drops the socket and keeps the session for the next life' },
    'token.changed': { actions: 'rememberToken', description: 'W22 a newer token is used from the next handshake on' },
    'caches.cleared': { actions: 'forgetUrl', description: 'W53 caches are cleared: the address is asked for again before the next connection' },
    'socket.closed': [
      { guard: 'isOld', description: 'W23 the end of an older socket changes nothing' },
      { guard: 'wantsBaseIntents', target: '.backingOff', actions: ['useBaseIntents', 'forgetSession', 'rememberReason', 'announceLost'], description: 'W24 refused intents (4014): once more with the base intents' },
      { guard: 'wantsStop', target: '.stopped', actions: ['rememberReason', 'announceStopped'], description: 'W25 a final close code is never answered by a reconnect' },
      { guard: 'wantsToken', target: '.disconnected', actions: ['forgetSession', 'rememberReason', 'announceLost', 'rejectToken'], description: 'W26 4004: a new token first' },
      { guard: 'wantsIdentify', target: '.backingOff', actions: ['forgetSession', 'rememberReason', 'announceLost'], description: 'W27 the session is gone: IDENTIFY next' },
      { target: '.backingOff', actions: ['rememberReason', 'announceLost'], description: 'W28 the session lives: RESUME next' },
    ],
    'message.received': { guard: 'isPresent', actions: 'rememberS', description: 'W12 s is stored with the record of its event' },
    'message.duplicated': { guard: 'isPresent', actions: 'rememberS', description: 'W13 a duplicate moves s too' },
    'event.unrecognised': { guard: 'isPresent', actions: 'rememberS', description: 'W14 an event without a use moves s too' },
    'frame.rejected': { guard: 'isPresent', actions: 'rememberS', description: 'W15 a malformed frame is counted; its s counts where it can be read' },
  },
  states: {
    disconnected: {
      entry: 'forgetSocket',
      on: {
        'token.changed': [
          { guard: 'hasAddress', target: 'connecting', actions: 'rememberToken', description: 'W2 token there, address known: connect' },
          { target: 'discovering', actions: 'rememberToken', description: 'W3 token there: ask for the address' },
        ],
        'socket.closed': { description: 'W29 no socket is expected here' },
      },
    },
    discovering: {
      entry: 'discover',
      on: {
        'gateway.discovered': { target: 'connecting', actions: 'rememberUrl', description: 'W4 address known: connect' },
        'gateway.discoveryFailed': [
          { guard: 'isFatal', target: 'stopped', actions: ['rememberReason', 'announceStopped'], description: 'W5 QQ refuses this bot: stop' },
          { target: 'backingOff', actions: 'rememberReason', description: 'W6 no address: back off' },
        ],
        'effect.failed': { target: 'backingOff', actions: 'rememberReason', description: 'W7 the adapter failed: back off' },
      },
      after: { discoverMs: { target: 'backingOff', description: 'W8 no answer in time: back off' } },
    },
    connecting: {
      entry: ['forgetSocket', 'openSocket'],
      on: {
        'socket.opened': { target: 'greeting', actions: 'rememberSocket', description: 'W9 the socket is open: wait for HELLO' },
        'socket.closed': { target: 'backingOff', actions: 'rememberReason', description: 'W10 no connection: back off' },
      },
      after: {
        connectMs: { target: 'backingOff', actions: 'giveUpSocket', description: 'W11 no connection in time: back off' },
      },
    },
    greeting: {
      on: {
        'hello.received': [
          { guard: 'canResume', target: 'resuming', actions: 'rememberHeartbeat', description: 'W16 HELLO, session known: RESUME' },
          { guard: 'isPresent', target: 'identifying', actions: 'rememberHeartbeat', description: 'W17 HELLO, no session: IDENTIFY' },
        ],
      },
      after: {
        helloMs: { target: 'backingOff', actions: ['giveUpSocket', 'announceLost'], description: 'W18 no HELLO in time: back off' },
      },
    },
    identifying: {
      entry: 'identify',
      on: {
        'session.started': { guard: 'isPresent', target: 'ready', actions: 'rememberSession', description: 'W19 READY: a new session' },
        'session.invalidated': { guard: 'isPresent', target: 'closing', actions: 'countRefusal', description: 'W30 op 9: wait for the close code that tells why' },
      },
      after: {
        identifyMs: { target: 'backingOff', actions: ['giveUpSocket', 'announceLost'], description: 'W31 no READY in time: back off' },
      },
    },
    resuming: {
      entry: ['countResume', 'resume'],
      on: {
        'session.resumed': { guard: 'isPresent', target: 'ready', actions: 'rememberResumed', description: 'W32 RESUMED: the session goes on' },
        'session.invalidated': { guard: 'isPresent', target: 'closing', actions: 'countRefusal', description: 'W33 op 9: the session is gone; wait for the close code' },
      },
      after: {
        resumeMs: { target: 'backingOff', actions: ['giveUpSocket', 'announceLost'], description: 'W34 no RESUMED in time: back off' },
      },
    },
    ready: {
      entry: ['clearMissedAcks', 'announceReady'],
      initial: 'alive',
      on: {
        'reconnect.requested': { guard: 'isPresent', target: 'closing', description: 'W36 op 7: wait for the close, then RESUME' },
        'session.invalidated': { guard: 'isPresent', target: 'closing', actions: 'countRefusal', description: 'W37 op 9: the session is gone; wait for the close code' },
        'drain.started': { target: 'resting', actions: 'pauseSocket', description: 'W51 a drain: nothing more is read, but the session stays while replies go out' },
        'heartbeat.requested': { guard: 'isPresent', actions: 'sendHeartbeat', description: 'W38 op 1 from the server: answer at once' },
      },
      after: {
        steadyMs: { actions: 'clearTries', description: 'W39 steady for a while: back off from the base again' },
      },
      states: {
        alive: {
          after: { heartbeatMs: { target: 'awaitingAck', description: 'W40 time for a heartbeat' } },
        },
        awaitingAck: {
          entry: 'sendHeartbeat',
          on: {
            'heartbeat.acknowledged': { guard: 'isPresent', target: 'alive', actions: 'clearMissedAcks', description: 'W41 the server is there' },
            'reconnect.advised': { target: '#gateway.backingOff', actions: ['giveUpSocket', 'announceLost'], description: 'W54 in doubt, and the recovery loop says reconnect: RESUME' },
          },
          after: {
            ackMs: [
              { guard: 'isSilent', target: '#gateway.backingOff', actions: ['giveUpSocket', 'announceLost'], description: 'W42 too many heartbeats unanswered: the socket is dead, RESUME' },
              { target: 'awaitingAck', reenter: true, actions: 'countMissedAck', description: 'W43 one heartbeat unanswered: send another' },
            ],
          },
        },
      },
    },
    closing: {
      after: {
        closeGraceMs: { target: 'backingOff', actions: ['giveUpSocket', 'announceLost'], description: 'W44 the server did not close: do it' },
      },
    },
    backingOff: {
      entry: ['forgetSocket', 'chooseBackOff'],
      on: {
        'socket.closed': { description: 'W45 no socket is expected here' },
        'socket.opened': { description: 'W46 a socket given up opened late' },
        'reconnect.advised': { target: 'discovering', description: 'W55 the recovery loop says reconnect: no longer wait' },
      },
      after: {
        backOffMs: [
          { guard: 'hasAddress', target: 'connecting', description: 'W47 try again' },
          { target: 'discovering', description: 'W48 try again, the address first' },
        ],
      },
    },
    resting: {
      on: {
        'socket.closed': { guard: 'isPresent', target: 'stopped', actions: ['rememberReason', 'announceLost'], description: 'W52 the connection ended during the drain' },
      },
    },
    stopped: {
      entry: 'forgetSocket',
      on: {
        'socket.closed': { description: 'W49 stopped is stopped' },
        'drain.started': { description: 'W50 stopped is stopped' },
      },
    },
  },
});
