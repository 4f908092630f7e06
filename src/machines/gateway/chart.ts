import { emptyContext, type GatewayEvent } from './context.js';
import { gatewaySetup } from './words.js';

/**
 * The life of one gateway connection and its session: whether to RESUME or IDENTIFY, when the server is gone, when to
 * try again and when never to. It outlives the process: session id and last `s` are state, so a new process RESUMES. It
 * refuses to know what a message means, and it never touches a socket. Rules: W1 to W71 (docs/SPEC.md).
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
  'event.received',
  'sources.paused',
  'sources.resumed',
  'webhook.opened',
  'message.received',
  'message.duplicated',
] as const satisfies readonly GatewayEvent['type'][];

const replayed = [
  {
    guard: 'isBeatDue',
    target: 'resuming',
    reenter: true,
    actions: ['rememberReplayed', 'sendHeartbeat', 'noteBeat'],
    description: 'W67 a long replay: a heartbeat now and then keeps the session',
  },
  {
    guard: 'isPresent',
    target: 'resuming',
    reenter: true,
    actions: 'rememberReplayed',
    description: 'W66 a missed event comes: the replay goes on, and its deadline begins anew',
  },
] as const;

// biome-ignore format: one transition a row
export const gatewayMachine = gatewaySetup.createMachine({
  id: 'gateway',
  context: ({ input }) => ({ ...emptyContext, options: input.options, intents: input.options.intents }),
  initial: { target: 'disconnected', description: 'W1 a gateway waits for a token first' },
  on: {
    'run.started': { target: '.disconnected', actions: ['beginLife', 'announceLost'],
      description: 'W20 in a new process life the socket is closed; session and s are kept' },
    'drain.started': { target: '.stopped', actions: 'giveUpSocket',
      description: 'W21 a drain drops the socket and keeps the session for the next life' },
    'token.changed': { actions: 'rememberToken', description: 'W22 a newer token is used from the next handshake on' },
    'caches.cleared': { actions: 'forgetUrl',
      description: 'W53 caches are cleared: the address is asked for again before the next connection' },
    'socket.closed': [
      { guard: 'isOld', description: 'W23 the end of an older socket changes nothing' },
      { guard: 'wantsBaseIntents', target: '.backingOff',
        actions: ['useBaseIntents', 'forgetSession', 'rememberReason', 'announceLost'],
        description: 'W24 refused intents (4014): once more with the base intents' },
      { guard: 'wantsStop', target: '.stopped', actions: ['rememberReason', 'announceStopped'],
        description: 'W25 a final close code is never answered by a reconnect' },
      { guard: 'isFirstSessionRefusal', target: '.backingOff',
        actions: ['countRefusal', 'forgetUrl', 'rememberReason', 'announceLost', 'rejectToken'],
        description: 'W60 4903: no session to be had; a new token, and the sessions left are asked for' },
      { guard: 'isSessionRefusal', target: '.backingOff',
        actions: ['countRefusal', 'forgetUrl', 'rememberReason', 'announceLost'],
        description: 'W61 4903 again: back off, longer each time' },
      { guard: 'wantsToken', target: '.disconnected',
        actions: ['forgetSession', 'rememberReason', 'announceLost', 'rejectToken'],
        description: 'W26 4004: a new token first' },
      { guard: 'wantsIdentify', target: '.backingOff', actions: ['forgetSession', 'rememberReason', 'announceLost'],
        description: 'W27 the session is gone: IDENTIFY next' },
      { target: '.backingOff', actions: ['rememberReason', 'announceLost'],
        description: 'W28 the session lives: RESUME next' },
    ],
    'message.received': { guard: 'isPresent', actions: 'rememberS',
      description: 'W12 s is stored with the record of its event' },
    'message.duplicated': { guard: 'isPresent', actions: 'rememberS', description: 'W13 a duplicate moves s too' },
    'event.received': { guard: 'isPresent', actions: 'rememberS', description: 'W56 any other event moves s too' },
    'event.unrecognised': { guard: 'isPresent', actions: 'rememberS',
      description: 'W14 an event without a use moves s too' },
    'frame.rejected': { guard: 'isPresent', actions: 'rememberS',
      description: 'W15 a malformed frame is counted; its s counts where it can be read' },
    'sources.paused': { actions: 'markPaused',
      description: 'W69 too much in hand, nothing is read: what stands in the socket is not missed' },
    'sources.resumed': { actions: 'markReading', description: 'W70 the socket is read again' },
  },
  states: {
    disconnected: {
      entry: 'forgetSocket',
      on: {
        'token.changed': [
          { guard: 'isPushed', target: 'opening', actions: 'rememberToken',
            description: 'W62 token there, and QQ pushes: listen' },
          { guard: 'hasAddress', target: 'connecting', actions: 'rememberToken',
            description: 'W2 token there, address known: connect' },
          { target: 'discovering', actions: 'rememberToken', description: 'W3 token there: ask for the address' },
        ],
        'socket.closed': { description: 'W29 no socket is expected here' },
      },
    },
    discovering: {
      entry: 'discover',
      on: {
        'gateway.discovered': [
          { guard: 'isExhausted', target: 'exhausted', actions: ['rememberUrl', 'chooseLimit'],
            description: 'W57 no session left to start today: wait until there is' },
          { target: 'connecting', actions: 'rememberUrl', description: 'W4 address known: connect' },
        ],
        'gateway.discoveryFailed': [
          { guard: 'isFatal', target: 'stopped', actions: ['rememberReason', 'announceStopped'],
            description: 'W5 QQ refuses this bot: stop' },
          { target: 'backingOff', actions: 'rememberReason', description: 'W6 no address: back off' },
        ],
        'effect.failed': { target: 'backingOff', actions: 'rememberReason',
          description: 'W7 the adapter failed: back off' },
      },
      after: { discoverMs: { target: 'backingOff', description: 'W8 no answer in time: back off' } },
    },
    connecting: {
      entry: ['forgetSocket', 'openSocket'],
      on: {
        'socket.opened': { target: 'greeting', actions: 'rememberSocket',
          description: 'W9 the socket is open: wait for HELLO' },
        'socket.closed': { target: 'backingOff', actions: 'rememberReason',
          description: 'W10 no connection: back off' },
      },
      after: {
        connectMs: { target: 'backingOff', actions: 'giveUpSocket',
          description: 'W11 no connection in time: back off' },
      },
    },
    greeting: {
      on: {
        'hello.received': [
          { guard: 'canResume', target: 'resuming', actions: ['rememberHeartbeat', 'countResume', 'resume'],
            description: 'W16 HELLO, session known: RESUME' },
          { guard: 'isPresent', target: 'identifying', actions: ['rememberHeartbeat', 'countSession', 'identify'],
            description: 'W17 HELLO, no session: IDENTIFY' },
        ],
      },
      after: {
        helloMs: { target: 'backingOff', actions: ['giveUpSocket', 'announceLost'],
          description: 'W18 no HELLO in time: back off' },
      },
    },
    identifying: {
      on: {
        'session.started': { guard: 'isPresent', target: 'ready', actions: 'rememberSession',
          description: 'W19 READY: a new session' },
        'session.invalidated': { guard: 'isPresent', target: 'closing', actions: 'countRefusal',
          description: 'W30 op 9: wait for the close code that tells why' },
      },
      after: {
        identifyMs: { target: 'backingOff', actions: ['giveUpSocket', 'announceLost'],
          description: 'W31 no READY in time: back off' },
      },
    },
    resuming: {
      on: {
        'session.resumed': { guard: 'isPresent', target: 'ready', actions: 'rememberResumed',
          description: 'W32 RESUMED: the session goes on; whether it stays has to be seen' },
        'session.invalidated': { guard: 'isPresent', target: 'closing', actions: 'countRefusal',
          description: 'W33 op 9: the session is gone; wait for the close code' },
        'heartbeat.requested': { guard: 'isPresent', actions: 'sendHeartbeat',
          description: 'W68 op 1 from the server during the replay: answer at once' },
        'message.received': replayed,
        'message.duplicated': replayed,
        'event.received': replayed,
        'event.unrecognised': replayed,
        'frame.rejected': replayed,
      },
      after: {
        resumeMs: { target: 'backingOff', actions: ['giveUpSocket', 'announceLost'],
          description: 'W34 no RESUMED in time, nor anything missed: back off' },
      },
    },
    ready: {
      tags: 'linked',
      entry: ['clearMissedAcks', 'announceReady'],
      initial: 'alive',
      on: {
        'reconnect.requested': { guard: 'isPresent', target: 'closing',
          description: 'W36 op 7: wait for the close, then RESUME' },
        'session.invalidated': { guard: 'isPresent', target: 'closing', actions: 'countRefusal',
          description: 'W37 op 9: the session is gone; wait for the close code' },
        'drain.started': { target: 'resting', actions: 'pauseSocket',
          description: 'W51 a drain: nothing more is read, but the session stays while replies go out' },
        'heartbeat.requested': { guard: 'isPresent', actions: 'sendHeartbeat',
          description: 'W38 op 1 from the server: answer at once' },
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
            'heartbeat.acknowledged': { guard: 'isPresent', target: 'alive', actions: 'countStay',
              description: 'W41 the server is there' },
            'reconnect.advised': { target: '#gateway.backingOff', actions: ['giveUpSocket', 'announceLost'],
              description: 'W54 in doubt, and the recovery loop says reconnect: RESUME' },
          },
          after: {
            ackMs: [
              { guard: 'isPaused', target: 'awaitingAck', reenter: true,
                description: 'W71 the socket is not read: the ACK may stand in it; another heartbeat' },
              { guard: 'isSilent', target: '#gateway.backingOff', actions: ['giveUpSocket', 'announceLost'],
                description: 'W42 too many heartbeats unanswered: the socket is dead, RESUME' },
              { target: 'awaitingAck', reenter: true, actions: 'countMissedAck',
                description: 'W43 one heartbeat unanswered: send another' },
            ],
          },
        },
      },
    },
    closing: {
      after: {
        closeGraceMs: { target: 'backingOff', actions: ['giveUpSocket', 'announceLost'],
          description: 'W44 the server did not close: do it' },
      },
    },
    backingOff: {
      entry: ['forgetSocket', 'chooseBackOff'],
      on: {
        'socket.closed': { description: 'W45 no socket is expected here' },
        'socket.opened': { description: 'W46 a socket given up opened late' },
        'reconnect.advised': { target: 'discovering',
          description: 'W55 the recovery loop says reconnect: no longer wait' },
      },
      after: {
        backOffMs: [
          { guard: 'isSpent', target: 'discovering', description: 'W59 no session left as far as we counted: ask' },
          { guard: 'hasAddress', target: 'connecting', description: 'W47 try again' },
          { target: 'discovering', description: 'W48 try again, the address first' },
        ],
      },
    },
    exhausted: {
      after: { limitMs: { target: 'discovering',
        description: 'W58 new sessions may be started: ask for the address' } },
    },
    opening: {
      entry: 'openWebhook',
      on: {
        'webhook.opened': { target: 'listening', actions: 'rememberSocket',
          description: 'W63 the webhook listens: QQ can reach us' },
      },
      after: { openMs: { target: 'opening', reenter: true, description: 'W64 no word of it: ask again' } },
    },
    listening: {
      tags: 'linked',
      entry: 'announceReady',
      on: {
        'drain.started': { target: 'stopped', actions: 'pauseSocket',
          description: 'W65 a drain: QQ is told to come again later' },
      },
    },
    resting: {
      tags: 'linked',
      on: {
        'socket.closed': { guard: 'isPresent', target: 'stopped', actions: ['rememberReason', 'announceLost'],
          description: 'W52 the connection ended during the drain' },
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
