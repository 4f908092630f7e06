import type { EffectType, Fact, SignalType } from '../../../src/machines/facts.js';

/**
 * Who tells whom, for the map: a way is `from>to`, or `from>to as heard` where the receiver hears it under another name. The routing
 * itself is code (`src/actors/topology.ts`); tests hold this table equal to what that code does and to what the machines emit.
 */
export type Way = `${Place}>${Place}` | `${Place}>${Place} as ${string}`;

/** Actors, by the machine that each is an instance of. */
export const ACTORS = {
  bot: 'bot',
  token: 'accessToken',
  gateway: 'gateway',
  intake: 'intake',
  message: 'message',
  interaction: 'interaction',
  delivery: 'delivery',
  lane: 'lane',
  audits: 'audits',
  external: 'externalCall',
  'breaker:messages': 'circuitBreaker',
  'breaker:operator': 'operatorBreaker',
  'breaker:external': 'circuitBreaker',
  feature: 'feature',
  health: 'health',
  recovery: 'recovery',
} as const;
export type Actor = keyof typeof ACTORS;

/** The world around: what facts come from and effects go to. */
export const OUTSIDE = {
  qqGateway: 'QQ gateway',
  qqApi: 'QQ API',
  author: 'your handlers',
  foreignApi: 'foreign APIs',
  process: 'this process',
  operator: 'operator',
} as const;
export type Outside = keyof typeof OUTSIDE;
export type Place = Actor | Outside;

export const SIGNALS: { readonly [T in SignalType]: readonly Way[] } = {
  'token.changed': ['token>gateway'],
  'token.refused': ['token>bot'],
  'token.rejected': ['gateway>token', 'recovery>token'],
  'gateway.readied': ['gateway>bot', 'gateway>breaker:messages', 'gateway>health as part.found', 'gateway>recovery'],
  'gateway.lost': ['gateway>breaker:messages', 'gateway>health as part.lost'],
  'gateway.stopped': ['gateway>bot'],
  'slot.requested': ['message>intake'],
  'slot.granted': ['intake>message'],
  'slot.denied': ['intake>message'],
  'slot.released': ['message>intake'],
  'message.ended': ['message>intake'],
  'message.retried': ['intake>message'],
  'intake.drained': ['intake>bot'],
  'drain.started': ['bot>gateway', 'bot>intake', 'bot>recovery'],
  'deliveries.requested': ['message>delivery'],
  'delivery.ended': ['delivery>message'],
  'audit.ended': ['audits>delivery'],
  'turn.requested': ['delivery>lane'],
  'turn.granted': ['lane>delivery'],
  'turn.denied': ['lane>delivery'],
  'turn.returned': ['delivery>lane'],
  'permit.requested': ['delivery>breaker:messages', 'delivery>breaker:operator', 'external>breaker:external'],
  'permit.granted': [
    'breaker:messages>delivery',
    'breaker:operator>delivery',
    'breaker:external>external',
    'breaker:messages>feature as form.wanted',
  ],
  'permit.denied': ['breaker:messages>delivery', 'breaker:operator>delivery', 'breaker:external>external'],
  'permit.cancelled': ['delivery>breaker:messages', 'delivery>breaker:operator', 'external>breaker:external'],
  'permit.released': ['delivery>breaker:messages', 'delivery>breaker:operator', 'external>breaker:external'],
  'breaker.opened': ['breaker:messages>health as part.lost'],
  'breaker.closed': ['breaker:messages>health as part.found'],
  'evidence.gathered': ['breaker:operator>breaker:messages'],
  'probe.requested': ['recovery>breaker:messages'],
  'form.refused': ['delivery>feature'],
  'handler.overdue': ['message>health as outcome.bad'],
  'health.changed': ['health>recovery'],
  'network.failed': ['recovery>feature'],
  'caches.cleared': ['recovery>gateway'],
  'reconnect.advised': ['recovery>gateway'],
  'load.reduced': ['recovery>intake', 'recovery>breaker:messages'],
  'load.restored': ['recovery>intake', 'recovery>breaker:messages'],
  'recovery.stuck': ['recovery>bot'],
  // Made by the runtime for whatever actor crashed or was not there: from anywhere to anywhere.
  'actor.crashed': [],
  'signal.undeliverable': [],
};

const CALL_ENDED = ['qqApi>delivery', 'qqApi>breaker:messages', 'qqApi>breaker:operator', 'qqApi>interaction'] as const;
const EVENT = ['qqGateway>gateway as event.received'] as const;
const FRAME = ['qqGateway>gateway'] as const;
const OPERATED = ['operator>breaker:messages', 'operator>breaker:operator', 'operator>breaker:external'] as const;

export const FACTS: { readonly [T in Fact['type']]: readonly Way[] } = {
  // Of the runtime, to whatever actor they concern.
  'run.started': [],
  'timer.elapsed': [],
  'effect.interrupted': [],
  'effect.failed': [],
  'actor.quarantined': [],
  'stop.requested': ['operator>bot'],
  'token.fetched': ['qqApi>token'],
  'token.fetchFailed': ['qqApi>token'],
  'token.lost': ['qqApi>token'],
  'gateway.discovered': ['qqApi>gateway'],
  'gateway.discoveryFailed': ['qqApi>gateway', 'qqApi>token as token.rejected', 'qqApi>feature as call.throttled'],
  'socket.opened': FRAME,
  'socket.closed': FRAME,
  'hello.received': FRAME,
  'session.started': FRAME,
  'session.resumed': FRAME,
  'session.invalidated': FRAME,
  'reconnect.requested': FRAME,
  'webhook.opened': FRAME,
  'heartbeat.acknowledged': FRAME,
  'heartbeat.requested': FRAME,
  'frame.rejected': FRAME,
  'event.unrecognised': FRAME,
  'message.received': ['qqGateway>gateway', 'qqGateway>message', 'qqGateway>interaction', 'qqGateway>intake'],
  'message.duplicated': ['qqGateway>gateway', 'qqGateway>intake'],
  'guild.changed': EVENT,
  'channel.changed': EVENT,
  'member.changed': EVENT,
  'reaction.changed': EVENT,
  'message.deleted': EVENT,
  'contact.changed': EVENT,
  'audioMember.changed': EVENT,
  'audio.changed': EVENT,
  'forum.changed': EVENT,
  'audit.passed': [...EVENT, 'qqGateway>audits'],
  'audit.rejected': [...EVENT, 'qqGateway>audits'],
  'interaction.created': [...EVENT, 'qqGateway>interaction'],
  'reply.requested': ['author>message'],
  'handler.completed': ['author>message', 'author>health as outcome.good'],
  'handler.failed': ['author>message', 'author>health as outcome.bad'],
  'call.succeeded': [
    ...CALL_ENDED,
    'qqApi>feature as form.accepted',
    'qqApi>feature as api.answered',
    'qqApi>health as outcome.good',
    'qqApi>audits as audit.begun',
    // A call that was made to fail, for a rehearsal, gives only its permit back.
    'qqApi>breaker:messages as permit.released',
  ],
  'call.failed': [
    ...CALL_ENDED,
    'qqApi>token',
    'qqApi>feature as form.undecided',
    'qqApi>feature as call.throttled',
    'qqApi>health as outcome.bad',
    'qqApi>health as outcome.noted',
    'qqApi>breaker:messages as permit.released',
  ],
  'external.requested': ['author>external'],
  'external.succeeded': ['foreignApi>external', 'foreignApi>breaker:external as call.succeeded'],
  'external.failed': ['foreignApi>external', 'foreignApi>breaker:external as call.failed'],
  'network.checked': ['process>recovery'],
  'api.checked': [
    'qqApi>recovery',
    'qqApi>breaker:messages as evidence.gathered',
    'qqApi>feature as api.answered',
    'qqApi>feature as call.throttled',
  ],
  'process.sampled': ['process>recovery', 'process>health as outcome.good', 'process>health as outcome.bad'],
  'action.completed': ['process>recovery'],
  'recovery.requested': [
    'operator>recovery',
    'operator>breaker:messages as operator.reset',
    'operator>breaker:external as operator.reset',
    'operator>feature as recovery.forced',
    'operator>health as recovery.forced',
  ],
  'operator.isolated': OPERATED,
  'operator.released': OPERATED,
  'operator.disabled': OPERATED,
  'operator.observed': OPERATED,
  'operator.enabled': OPERATED,
  'operator.reset': OPERATED,
  'operator.forced': ['operator>feature'],
  'operator.unforced': ['operator>feature'],
  'operator.retried': ['operator>intake'],
};

export const EFFECTS: { readonly [T in EffectType]: readonly Way[] } = {
  'token.fetch': ['token>qqApi'],
  'gateway.discover': ['gateway>qqApi'],
  'socket.open': ['gateway>qqGateway'],
  'socket.send': ['gateway>qqGateway'],
  'socket.close': ['gateway>qqGateway'],
  'socket.pause': ['gateway>qqGateway'],
  'webhook.listen': ['gateway>qqGateway'],
  'handler.run': ['message>author'],
  'call.start': ['delivery>qqApi'],
  'interaction.acknowledge': ['interaction>qqApi'],
  'external.run': ['external>foreignApi'],
  'external.refuse': ['external>author'],
  'check.run': ['recovery>process', 'recovery>qqApi'],
  'action.run': ['recovery>process'],
  'module.notify': ['bot>author', 'message>author', 'delivery>author', 'recovery>author'],
  'process.exit': ['bot>process'],
};
