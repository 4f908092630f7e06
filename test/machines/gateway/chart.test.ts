import { describe, expect, test } from '@jest/globals';
import type { Fold } from '../../../src/actors/charts/foldTypes.js';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { contextOf } from '../../../src/actors/step/reading.js';
import { gatewayMachine } from '../../../src/machines/gateway/chart.js';
import { closePolicyOf } from '../../../src/machines/gateway/closeCodes.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { closeRows } from '../../fixtures/protocolRows.js';
import { type Event, elapsed, testRows } from '../rows.js';

const socketOf = ({ snapshot }: Fold): string | undefined => contextOf({ machine: 'gateway', snapshot }, 'gateway')?.socket ?? undefined;
const token: Event = { type: 'token.changed', ref: 'r1' };
const found: Event = { type: 'gateway.discovered', url: 'ws://g', shards: 1, sessionsRemaining: 9 };
const opened: Event = { type: 'socket.opened', socket: 's1' };
const hello: Event = { type: 'hello.received', socket: 's1', heartbeatMs: 40_000 };
const started: Event = {
  type: 'session.started',
  socket: 's1',
  s: 1,
  session: 'x',
  user: { id: 'b', username: 'bot' },
};
const resumed: Event = { type: 'session.resumed', socket: 's2', s: 7 };
const message: Event = { type: 'message.received', socket: 's1', s: 6, eventId: 'e', message: {} };
const closed = (code: number, socket = 's1'): Event => ({ type: 'socket.closed', socket, code, reason: '' });
const invalid = (socket = 's1'): Event => ({ type: 'session.invalidated', socket });
const timer = (name: string): Event => elapsed(gatewayMachine, name);

const pushed = { options: { ...defaultOptions.gateway, source: 'webhook' } };
const toGreeting = [token, found, opened];
const toIdentifying = [...toGreeting, hello];
const toReady = [...toIdentifying, started];
const again = [timer('backOffMs'), { ...opened, socket: 's2' }];
const toResuming = [...toReady, message, closed(4009), ...again, { ...hello, socket: 's2' }];
const paused: Event = { type: 'sources.paused' };
const run: Event = { type: 'run.started', epoch: 2, options: defaultOptions, machineVersions: {} };

describe(gatewayMachine.id, () => {
  testRows(gatewayMachine, { options: defaultOptions.gateway }, [
    { rule: 'W1', does: 'waits for a token first', when: 'start', to: 'disconnected', emits: [] },
    {
      rule: 'W2',
      does: 'connects at once when the address is configured',
      input: { options: { ...defaultOptions.gateway, url: 'ws://fixed' } },
      when: token,
      to: 'connecting',
      says: { type: 'socket.open', url: 'ws://fixed' },
    },
    { rule: 'W3', does: 'asks for the address when it has none', when: token, to: 'discovering', emits: ['gateway.discover'] },
    {
      rule: 'W4',
      does: 'connects once the address is known',
      given: [token],
      when: found,
      to: 'connecting',
      says: { type: 'socket.open', url: 'ws://g' },
    },
    {
      rule: 'W5',
      does: 'stops when discovery is refused for good',
      given: [token],
      when: { type: 'gateway.discoveryFailed', class: 'fatal', code: 11298, status: 401 },
      to: 'stopped',
      says: { type: 'gateway.stopped', code: 11298 },
    },
    {
      rule: 'W6',
      does: 'backs off when discovery fails',
      given: [token],
      when: { type: 'gateway.discoveryFailed', class: 'transient', code: null, status: 503 },
      to: 'backingOff',
    },
    {
      rule: 'W7',
      does: 'backs off when the adapter fails',
      given: [token],
      when: { type: 'effect.failed', effectId: 'x', error: 'boom' },
      to: 'backingOff',
    },
    { rule: 'W8', does: 'backs off when discovery does not answer', given: [token], when: timer('discoverMs'), to: 'backingOff' },
    {
      rule: 'W9',
      does: 'waits for HELLO on an open socket',
      given: [token, found],
      when: opened,
      to: 'greeting',
      context: { socket: 's1' },
    },
    { rule: 'W10', does: 'backs off when the connection fails', given: [token, found], when: closed(1006), to: 'backingOff' },
    { rule: 'W11', does: 'gives the socket up when it does not open in time', given: [token, found], when: timer('connectMs'), to: 'backingOff', emits: ['socket.close'] },
    {
      rule: 'W12',
      does: 'keeps s of a message',
      given: toReady,
      when: message,
      to: { ready: 'alive' },
      context: { s: 6 },
    },
    {
      rule: 'W13',
      does: 'keeps s of a duplicate',
      given: toReady,
      when: { type: 'message.duplicated', socket: 's1', s: 8, message: 'm' },
      to: { ready: 'alive' },
      context: { s: 8 },
    },
    {
      rule: 'W14',
      does: 'keeps s of an event without a use',
      given: toReady,
      when: { type: 'event.unrecognised', socket: 's1', s: 9, name: 'X', eventId: null },
      to: { ready: 'alive' },
      context: { s: 9 },
    },
    {
      rule: 'W15',
      does: 'keeps s of a malformed frame where it can be read',
      given: toReady,
      when: { type: 'frame.rejected', socket: 's1', s: 4, reason: 'x', bytes: 1 },
      to: { ready: 'alive' },
      context: { s: 4 },
    },
    {
      rule: 'W16',
      does: 'RESUMEs with the last s when it has a session',
      given: toResuming.slice(0, -1),
      when: { ...hello, socket: 's2' },
      to: 'resuming',
      says: { type: 'socket.send', socket: 's2', tokenRef: 'r1', frame: { op: 6, session: 'x', s: 6 } },
    },
    {
      rule: 'W17',
      does: 'IDENTIFYs without a session',
      given: toGreeting,
      when: hello,
      to: 'identifying',
      says: { type: 'socket.send', frame: { op: 2, intents: defaultOptions.gateway.intents, shard: [0, 1] } },
    },
    { rule: 'W18', does: 'gives the socket up without HELLO', given: toGreeting, when: timer('helloMs'), to: 'backingOff', emits: ['socket.close', 'gateway.lost'] },
    {
      rule: 'W19',
      does: 'is ready with a new session',
      given: toIdentifying,
      when: started,
      to: { ready: 'alive' },
      emits: ['gateway.readied'],
      context: { session: 'x', s: 1, user: 'b' },
    },
    {
      rule: 'W20',
      does: 'keeps session and s into a new process life',
      given: [...toReady, message],
      when: run,
      to: 'disconnected',
      context: { session: 'x', s: 6, socket: null, tokenRef: null },
    },
    {
      rule: 'W21',
      does: 'stops on a drain before it is ready',
      given: toGreeting,
      when: { type: 'drain.started' },
      to: 'stopped',
      emits: ['socket.close'],
    },
    {
      rule: 'W51',
      does: 'reads no more on a drain and keeps the session',
      given: toReady,
      when: { type: 'drain.started' },
      to: 'resting',
      emits: ['socket.pause'],
      context: { session: 'x' },
    },
    {
      rule: 'W52',
      does: 'stops when the connection ends during a drain',
      given: [...toReady, { type: 'drain.started' }],
      when: closed(4915),
      to: 'stopped',
      emits: ['gateway.lost'],
    },
    {
      rule: 'W22',
      does: 'takes a newer token while connected',
      given: toReady,
      when: { ...token, ref: 'r2' },
      to: { ready: 'alive' },
      context: { tokenRef: 'r2' },
    },
    {
      rule: 'W23',
      does: 'ignores the end of an older socket',
      given: toReady,
      when: closed(1006, 's0'),
      to: { ready: 'alive' },
      emits: [],
    },
    {
      rule: 'W24',
      does: 'tries once more with the base intents after 4014',
      given: [...toIdentifying, invalid()],
      when: closed(4014),
      to: 'backingOff',
      context: { intents: defaultOptions.gateway.baseIntents, session: null },
    },
    {
      rule: 'W25',
      does: 'stops on 4915',
      given: toReady,
      when: closed(4915),
      to: 'stopped',
      says: { type: 'gateway.stopped', code: 4915 },
    },
    {
      rule: 'W25',
      does: 'stops on the second 4014',
      given: [...toIdentifying, closed(4014), ...again, { ...hello, socket: 's2' }],
      when: closed(4014, 's2'),
      to: 'stopped',
    },
    { rule: 'W26', does: 'asks for a new token on 4004', given: toIdentifying, when: closed(4004), to: 'disconnected', emits: ['gateway.lost', 'token.rejected'] },
    {
      rule: 'W27',
      does: 'gives the session up on 4006',
      given: toReady,
      when: closed(4006),
      to: 'backingOff',
      context: { session: null, s: null },
    },
    {
      rule: 'W28',
      does: 'keeps the session on 4009',
      given: [...toReady, message],
      when: closed(4009),
      to: 'backingOff',
      emits: ['gateway.lost'],
      context: { session: 'x', s: 6 },
    },
    { rule: 'W29', does: 'expects no close while disconnected', when: closed(1006), to: 'disconnected' },
    {
      rule: 'W30',
      does: 'waits for the close code after op 9 to IDENTIFY',
      given: toIdentifying,
      when: invalid(),
      to: 'closing',
      context: { refusals: 1 },
    },
    { rule: 'W31', does: 'gives the socket up without READY', given: toIdentifying, when: timer('identifyMs'), to: 'backingOff', emits: ['socket.close', 'gateway.lost'] },
    {
      rule: 'W32',
      does: 'is ready with the old session after RESUMED',
      given: toResuming,
      when: resumed,
      to: { ready: 'alive' },
      says: { type: 'gateway.readied', resumed: true },
      context: { session: 'x', s: 7, failedResumes: 1 },
    },
    {
      rule: 'W33',
      does: 'gives the session up after op 9 to RESUME',
      given: toResuming,
      when: invalid('s2'),
      to: 'closing',
      context: { session: null },
    },
    {
      rule: 'W34',
      does: 'gives the socket up without RESUMED',
      given: toResuming,
      when: timer('resumeMs'),
      to: 'backingOff',
      context: { session: 'x', failedResumes: 1 },
    },
    {
      rule: 'W36',
      does: 'waits for the close after op 7 and keeps the session',
      given: toReady,
      when: { type: 'reconnect.requested', socket: 's1' },
      to: 'closing',
      context: { session: 'x' },
    },
    {
      rule: 'W37',
      does: 'gives the session up after op 9 while ready',
      given: toReady,
      when: invalid(),
      to: 'closing',
      context: { session: null },
    },
    {
      rule: 'W38',
      does: 'answers a heartbeat request at once',
      given: toReady,
      when: { type: 'heartbeat.requested', socket: 's1' },
      to: { ready: 'alive' },
      says: { type: 'socket.send', frame: { op: 1, s: 1 } },
    },
    {
      rule: 'W39',
      does: 'backs off from the base again once steady',
      given: [token, found, closed(1006), timer('backOffMs'), opened, hello, started],
      when: timer('steadyMs'),
      to: { ready: 'alive' },
      context: { tries: 0 },
    },
    {
      rule: 'W40',
      does: 'sends a heartbeat when it is time',
      given: toReady,
      when: timer('heartbeatMs'),
      to: { ready: 'awaitingAck' },
      says: { type: 'socket.send', frame: { op: 1, s: 1 } },
    },
    {
      rule: 'W41',
      does: 'is alive after the ACK',
      given: [...toReady, timer('heartbeatMs')],
      when: { type: 'heartbeat.acknowledged', socket: 's1' },
      to: { ready: 'alive' },
      context: { missedAcks: 0 },
    },
    { rule: 'W54', does: 'reconnects in doubt when the recovery loop says so', given: [...toReady, timer('heartbeatMs')], when: { type: 'reconnect.advised' }, to: 'backingOff', emits: ['socket.close', 'gateway.lost'], context: { session: 'x' } },
    {
      rule: 'W42',
      does: 'takes the socket for dead after two missed ACKs',
      given: [...toReady, timer('heartbeatMs'), timer('ackMs')],
      when: timer('ackMs'),
      to: 'backingOff',
      emits: ['socket.close', 'gateway.lost'],
      context: { session: 'x' },
    },
    {
      rule: 'W43',
      does: 'sends another heartbeat after one missed ACK',
      given: [...toReady, timer('heartbeatMs')],
      when: timer('ackMs'),
      to: { ready: 'awaitingAck' },
      emits: ['socket.send'],
      context: { missedAcks: 1 },
    },
    { rule: 'W44', does: 'closes itself when the server does not', given: [...toReady, invalid()], when: timer('closeGraceMs'), to: 'backingOff', emits: ['socket.close', 'gateway.lost'] },
    { rule: 'W45', does: 'expects no close while backing off', given: [token, found, closed(1006)], when: closed(4915), to: 'backingOff' },
    {
      rule: 'W46',
      does: 'ignores a socket that opens late',
      given: [token, found, closed(1006)],
      when: opened,
      to: 'backingOff',
      context: { socket: null },
    },
    { rule: 'W53', does: 'asks for the address again after caches are cleared', given: [token, found, closed(1006)], when: { type: 'caches.cleared' }, to: 'backingOff', context: { url: null } },
    { rule: 'W56', does: 'moves s with any other event', given: toReady, when: { type: 'event.received', socket: 's1', s: 9 }, to: { ready: 'alive' }, context: { s: 9 } },
    { rule: 'W57', does: 'waits when no session is left to start', given: [token], when: { ...found, sessionsRemaining: 0, resetAfterMs: 5_000 }, to: 'exhausted', emits: [], context: { backOffMs: 6_000 } },
    { rule: 'W4', does: 'connects all the same when it has a session to resume', given: [...toReady, closed(1006), { type: 'caches.cleared' }, timer('backOffMs')], when: { ...found, sessionsRemaining: 0 }, to: 'connecting' },
    { rule: 'W58', does: 'asks again when new sessions may be started', given: [token, { ...found, sessionsRemaining: 0, resetAfterMs: 5_000 }], when: timer('limitMs'), to: 'discovering', emits: ['gateway.discover'] },
    { rule: 'W59', does: 'asks how many sessions are left when it has counted the last', given: [token, { ...found, sessionsRemaining: 1 }, opened, hello, closed(4900)], when: timer('backOffMs'), to: 'discovering', emits: ['gateway.discover'] },
    { rule: 'W60', does: 'takes a new token and asks for the sessions left when QQ makes none', given: [...toIdentifying, invalid()], when: closed(4903), to: 'backingOff', emits: ['gateway.lost', 'token.rejected'], context: { url: null, refusals: 1 } },
    { rule: 'W61', does: 'backs off when QQ makes none again', given: [...toIdentifying, closed(4903), timer('backOffMs'), found, { ...opened, socket: 's2' }, { ...hello, socket: 's2' }], when: closed(4903, 's2'), to: 'backingOff', emits: ['gateway.lost'], context: { refusals: 2 } },
    { rule: 'W62', does: 'listens when QQ pushes', input: pushed, when: token, to: 'opening', emits: ['webhook.listen'] },
    { rule: 'W63', does: 'is ready when the webhook listens', input: pushed, given: [token], when: { type: 'webhook.opened', socket: 'h' }, to: 'listening', emits: ['gateway.readied'], context: { socket: 'h' } },
    { rule: 'W64', does: 'asks again for a webhook that says nothing', input: pushed, given: [token], when: timer('openMs'), to: 'opening', emits: ['webhook.listen'] },
    { rule: 'W65', does: 'takes nothing more in a drain', input: pushed, given: [token, { type: 'webhook.opened', socket: 'h' }], when: { type: 'drain.started' }, to: 'stopped', emits: ['socket.pause'] },
    { rule: 'W17', does: 'identifies as its shard', input: { options: { ...defaultOptions.gateway, shard: [1, 3] } }, given: toGreeting, when: hello, to: 'identifying', says: { type: 'socket.send', frame: { op: 2, intents: defaultOptions.gateway.intents, shard: [1, 3] } } },
    { rule: 'W55', does: 'no longer waits when the recovery loop says reconnect', given: [token, found, closed(1006)], when: { type: 'reconnect.advised' }, to: 'discovering', emits: ['gateway.discover'] },
    { rule: 'W47', does: 'connects again after the pause, with the cached address', given: [token, found, closed(1006)], when: timer('backOffMs'), to: 'connecting', emits: ['socket.open'] },
    {
      rule: 'W48',
      does: 'asks for the address again when it never got one',
      given: [token, { type: 'gateway.discoveryFailed', class: 'transient', code: null, status: null }],
      when: timer('backOffMs'),
      to: 'discovering',
      emits: ['gateway.discover'],
    },
    { rule: 'W66', does: 'keeps s of what is replayed, and waits on', given: toResuming, when: { ...message, socket: 's2', s: 9 }, to: 'resuming', context: { s: 9, failedResumes: 1 } },
    { rule: 'W67', does: 'sends heartbeats during a long replay', given: toResuming, when: { ...message, socket: 's2', s: 9, at: 20_000 }, to: 'resuming', says: { type: 'socket.send', socket: 's2', frame: { op: 1, s: 9 } } },
    { rule: 'W68', does: 'answers a heartbeat request during a replay', given: toResuming, when: { type: 'heartbeat.requested', socket: 's2' }, to: 'resuming', emits: ['socket.send'] },
    { rule: 'W69', does: 'knows that its socket is not read', given: toReady, when: paused, to: { ready: 'alive' }, context: { isPaused: true } },
    { rule: 'W70', does: 'knows that its socket is read again', given: [...toReady, paused], when: { type: 'sources.resumed' }, to: { ready: 'alive' }, context: { isPaused: false } },
    { rule: 'W71', does: '[core 38] sends heartbeats and misses no ACK while it does not read', given: [...toReady, paused, timer('heartbeatMs'), timer('ackMs'), timer('ackMs')], when: timer('ackMs'), to: { ready: 'awaitingAck' }, emits: ['socket.send'], context: { missedAcks: 0 } },
    { rule: 'W43', does: 'counts again once it reads again', given: [...toReady, paused, timer('heartbeatMs'), timer('ackMs'), { type: 'sources.resumed' }], when: timer('ackMs'), to: { ready: 'awaitingAck' }, context: { missedAcks: 1 } },
    { rule: 'W43', does: 'takes an event for a sign of life, as an ACK is', given: [...toReady, timer('heartbeatMs'), timer('ackMs'), message], when: timer('ackMs'), to: { ready: 'awaitingAck' }, context: { missedAcks: 1 } },
    { rule: 'W49', does: 'stays stopped whatever closes', given: [...toReady, closed(4915)], when: closed(1006), to: 'stopped' },
    {
      rule: 'W50',
      does: 'stays stopped on a drain',
      given: [...toReady, closed(4915)],
      when: { type: 'drain.started' },
      to: 'stopped',
      emits: [],
    },
  ]);

  test('[W16] IDENTIFYs after three RESUMEs that were not answered', () => {
    const folder = folderOf(gatewayMachine);
    let fold = folder.start({ options: defaultOptions.gateway });
    const give = (event: Event) => {
      fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    };
    toReady.forEach(give);
    const handshakes: unknown[] = [];
    for (let i = 0; i < 4; i += 1) {
      for (const event of [closed(1006, socketOf(fold)), timer('backOffMs'), { ...opened, socket: `n${i}` }]) give(event);
      give({ ...hello, socket: `n${i}` });
      handshakes.push(fold.snapshot.value);
    }
    expect(handshakes).toEqual(['resuming', 'resuming', 'resuming', 'identifying']);
  });

  test('[case S4] [core 35] a session that is RESUMED and closed at once, every time, is given up after three; one that stays is not', () => {
    const folder = folderOf(gatewayMachine);
    const handshakesOf = (stays: readonly Event[], times: number): unknown[] => {
      let fold = folder.start({ options: defaultOptions.gateway });
      const give = (event: Event) => {
        fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
      };
      toReady.forEach(give);
      return Array.from({ length: times }, (_, i) => {
        const socket = `n${i}`;
        give(closed(4009, socketOf(fold)));
        give(timer('backOffMs'));
        give({ ...opened, socket });
        give({ ...hello, socket });
        const handshake = fold.snapshot.value;
        give({ ...resumed, socket });
        for (const event of stays) give({ ...event, socket });
        return handshake;
      });
    };
    expect(handshakesOf([], 4)).toEqual(['resuming', 'resuming', 'resuming', 'identifying']);
    expect(handshakesOf([message], 6)).toEqual(Array(6).fill('resuming'));
    expect(handshakesOf([timer('heartbeatMs'), { type: 'heartbeat.acknowledged' }], 6)).toEqual(Array(6).fill('resuming'));
  });

  test('[case S3] [core 35] 600 missed events at ten a second after one RESUME: none is late, and the session is kept alive', () => {
    const folder = folderOf(gatewayMachine);
    let fold = folder.start({ options: defaultOptions.gateway });
    const due = new Map<string, number>();
    const sent: unknown[] = [];
    let now = 0;
    const give = (event: Event) => {
      fold = folder.transition(fold.snapshot, { at: now, id: 'e', ...event } as never);
      for (const change of fold.timers) {
        if (change.armed) due.set(change.timer, now + change.delayMs);
        else due.delete(change.timer);
      }
      sent.push(...fold.emitted.filter(({ type }) => type === 'socket.send'));
    };
    toResuming.forEach(give);
    sent.length = 0;
    const { handshakeMs } = defaultOptions.gateway;
    for (let s = 10; s < 610; s += 1) {
      now += 100;
      for (const name of [...due].filter(([, at]) => at <= now).map(([name]) => name)) give(timer(name));
      give({ ...message, socket: 's2', s });
    }
    expect(fold.snapshot.value).toEqual('resuming');
    expect(fold.snapshot.context).toMatchObject({ s: 609, failedResumes: 1 });
    expect(sent).toHaveLength(60_000 / 20_000);
    expect(due.get('resumeMs')).toBe(now + handshakeMs);
    give({ ...resumed, s: 610 });
    expect(fold.snapshot.value).toEqual({ ready: 'alive' });
  });

  test('[W61] after 4903 no pause is shorter than the time in which other shards may start, in lives that know it', () => {
    const folder = folderOf(gatewayMachine);
    const { sessionPauseMs, ...older } = defaultOptions.gateway;
    const pausesOf = (options: object, refusals: number): number[] =>
      Array.from({ length: 200 }, (_, i) => {
        let fold = folder.start({ options });
        let pause = 0;
        for (const event of [token, found]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
        for (let n = 0; n < refusals; n += 1) {
          const socket = `s${n}`;
          for (const event of [timer('backOffMs'), found, { ...opened, socket }, { ...hello, socket }, invalid(socket), closed(4903, socket)]) {
            fold = folder.transition(fold.snapshot, { at: 0, id: `e${i}-${n}`, ...event });
            const armed = fold.timers.find((change) => change.armed && change.timer === 'backOffMs');
            if (armed?.armed) pause = armed.delayMs;
          }
        }
        return pause;
      });
    for (const refusals of [1, 3]) {
      const pauses = pausesOf(defaultOptions.gateway, refusals);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(sessionPauseMs);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(sessionPauseMs * (1 + refusals));
      expect(new Set(pauses).size).toBeGreaterThan(100);
    }
    expect(Math.min(...pausesOf(older, 1))).toBeLessThan(500);
  });

  test('[W30] pauses for minutes after five refused IDENTIFYs in a row', () => {
    const folder = folderOf(gatewayMachine);
    let fold = folder.start({ options: defaultOptions.gateway });
    const pauses: number[] = [];
    for (const event of [token, found]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    for (let i = 0; i < 5; i += 1) {
      const socket = `s${i}`;
      for (const event of [{ ...opened, socket }, { ...hello, socket }, invalid(socket), closed(4903, socket), timer('backOffMs'), found]) {
        fold = folder.transition(fold.snapshot, { at: 0, id: `e${i}`, ...event });
        const pause = fold.timers.find((change) => change.armed && change.timer === 'backOffMs');
        if (pause?.armed) pauses.push(pause.delayMs);
      }
    }
    expect(pauses.slice(0, 4).every((ms) => ms <= 30_000)).toBe(true);
    expect(pauses[4]).toBe(defaultOptions.gateway.refusedMs);
  });

  test.each(closeRows)('[W25] close code %i means %s', (code, policy) => {
    expect(closePolicyOf(code)).toBe(policy);
  });
});
