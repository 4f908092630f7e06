import type { Effect } from '../../../src/actors/ports.js';
import type { StateView } from '../../../src/actors/step/state.js';
import { machineOf } from '../../../src/actors/wiring/rows/rows.js';
import { emptyDeadlineQueue, enqueue } from '../../../src/machines/kit/deadlineQueue.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import type { SignalType } from '../../../src/machines/vocabulary/signals.js';

const PERMIT = { id: 'p', generation: 1 };

/** Facts, signals and states that together take every branch of the topology. */
const inbound = {
  id: 'm7',
  place: { kind: 'guild', guildId: 'g', channelId: 'c3' },
  author: { id: 'u1', username: 'u1', bot: false, roles: [] },
  content: 'hello',
  mentionsBot: true,
};
const fromBot = { ...inbound, author: { ...inbound.author, bot: true } };
const delivery = { delivery: 'delivery:m7.0' };
const external = { delivery: 'external:f1.0.0' };
const MAIN = { breaker: 'breaker:messages' };
const RESERVED = { breaker: 'breaker:operator' };
const READS = { breaker: 'breaker:reads' };
const UPLOADS = { breaker: 'breaker:uploads' };
const FOREIGN = { breaker: 'breaker:external:weather' };

/** What each signal may say, as far as its way depends on it. */
export const SIGNAL_SAMPLES: { readonly [T in SignalType]: readonly object[] } = {
  'token.changed': [{}],
  'token.refused': [{}],
  'token.rejected': [{}],
  'sources.paused': [{}],
  'sources.resumed': [{}],
  'gateway.readied': [{}],
  'gateway.lost': [{}],
  'gateway.stopped': [{}],
  'slot.requested': [{}],
  'slot.granted': [{ message: 'm7' }],
  'slot.denied': [{ message: 'm7' }],
  'slot.cancelled': [{ message: 'm7' }],
  'slot.released': [{}],
  'message.ended': [{}],
  'message.setAside': [{}],
  'message.retried': [{ message: inbound, receivedAt: 1 }],
  'intake.drained': [{}],
  'drain.started': [{}],
  'deliveries.requested': [{ message: inbound, receivedAt: 1, replies: [{ ordinal: 0, form: { text: 'x' } }] }],
  'delivery.ended': [{ message: 'message:m7' }],
  'budget.spent': [{ message: 'message:m7', delivery: 'delivery:m7.1' }],
  'audit.awaited': [{ message: 'message:m7' }],
  'audit.ended': [delivery],
  'doubt.settled': [delivery],
  'turn.requested': [{ lane: 'lane:c3' }],
  'turn.granted': [{ deliveries: ['delivery:m7.0'] }],
  'turn.denied': [delivery],
  'turn.returned': [{ lane: 'lane:c3' }],
  'permit.requested': [{ operator: false }, { operator: true }, READS, UPLOADS, FOREIGN],
  'permit.granted': [delivery, external],
  'permit.denied': [delivery, external],
  'permit.cancelled': [
    { ...delivery, deadline: 9, breaker: '' },
    { ...external, ...FOREIGN },
  ],
  'permit.released': [MAIN, RESERVED, READS, UPLOADS, FOREIGN],
  'breaker.opened': [MAIN, FOREIGN],
  'breaker.closed': [MAIN, FOREIGN],
  'evidence.gathered': [MAIN],
  'probe.requested': [MAIN],
  'form.refused': [{ feature: 'richEmbeds' }],
  'handler.overdue': [{ message: 'm7' }],
  'health.changed': [{ to: 'degraded' }, { to: 'healthy' }],
  'network.failed': [{}],
  'caches.cleared': [{}],
  'reconnect.advised': [{}],
  'load.reduced': [{}],
  'load.restored': [{}],
  'recovery.stuck': [{}],
  'actor.crashed': [],
  'signal.undeliverable': [],
};

interface FactSample {
  readonly more?: object;
  readonly effect?: object;
}
const call = (breaker: string, more: object = {}): object => ({
  type: 'call.start',
  actor: delivery.delivery,
  delivery: delivery.delivery,
  breaker,
  permit: { id: 'p', generation: 1 },
  rung: 'embed',
  place: inbound.place,
  ...more,
});
const CALLS = [call('breaker:messages'), call('breaker:operator'), call('breaker:messages', { rehearse: true })];
const UPLOAD = call('breaker:uploads', { type: 'picture.upload' });
const HANDLER = { type: 'handler.run', id: 'f1.0', actor: 'message:m7' };
const FOREIGN_CALL = {
  type: 'external.run',
  actor: 'external:f1.0.0',
  call: 'external:f1.0.0',
  permit: { id: 'p', generation: 1 },
  ...FOREIGN,
};
const ACKNOWLEDGED = { type: 'interaction.acknowledge', actor: 'interaction:i1' };
const OPERATED = [{ more: MAIN }, { more: RESERVED }, { more: READS }, { more: UPLOADS }, { more: FOREIGN }];
const failures = ['transient', 'throttled', 'auth', 'rejectedTarget'];
const SAMPLE = { heapUsed: 1, heapLimit: 100, loopP99Ms: 1, appendMaxMs: 1, appendFailures: 0 };

/** What is not named here needs no more than its type. */
export const FACT_SAMPLES: { readonly [T in Fact['type']]?: readonly FactSample[] } = {
  'gateway.discoveryFailed': [{ more: { class: 'auth' } }, { more: { class: 'throttled', code: 1 } }],
  'message.received': [
    { more: { message: inbound } },
    { more: { message: { ...inbound, pressed: true } } },
    { more: { message: fromBot } },
  ],
  'message.duplicated': [{ more: { message: 'm7' } }, { more: { message: 'm7', mention: 'hello' } }],
  'interaction.created': [{ more: { interaction: 'i1' } }],
  'reply.requested': [{ effect: HANDLER }],
  'handler.completed': [{ effect: HANDLER }],
  'handler.failed': [{ effect: HANDLER }],
  'call.succeeded': [
    ...CALLS.map((effect) => ({ effect, more: { auditId: 'a' } })),
    { effect: UPLOAD },
    { effect: ACKNOWLEDGED },
  ],
  'call.failed': [
    ...failures.map((kind) => ({ effect: UPLOAD, more: { class: kind, code: 1 } })),
    ...CALLS.map((effect) => ({ effect, more: { class: 'transient', upload: true, code: 1 } })),
    ...CALLS.flatMap((effect) => failures.map((kind) => ({ effect, more: { class: kind, code: 1 } }))),
    { effect: ACKNOWLEDGED },
  ],
  'external.requested': [{ effect: HANDLER, more: { name: 'weather', ordinal: 0 } }],
  'external.succeeded': [{ effect: FOREIGN_CALL }],
  'external.failed': [{ effect: FOREIGN_CALL }],
  'channel.checked': ['breaker:messages', 'breaker:operator', 'breaker:reads'].flatMap((breaker) =>
    ['ok', 'transient', 'auth'].map((kind) => ({
      effect: {
        type: 'channel.check',
        actor: delivery.delivery,
        ...delivery,
        permit: PERMIT,
        place: inbound.place,
        breaker,
      },
      more: { class: kind },
    })),
  ),
  'audit.passed': [{ more: { message: 'r' } }],
  'api.checked': [{ more: { class: 'ok' } }, { more: { class: 'throttled', code: 1 } }],
  'process.sampled': [{ more: SAMPLE }, { more: { ...SAMPLE, heapUsed: 100, loopP99Ms: 9_999, appendFailures: 1 } }],
  'recovery.requested': [
    { more: { force: true, breakers: ['breaker:external:weather'] } },
    { more: { force: false, breakers: [] } },
  ],
  'operator.isolated': OPERATED,
  'operator.released': OPERATED,
  'operator.disabled': OPERATED,
  'operator.observed': OPERATED,
  'operator.enabled': OPERATED,
  'operator.reset': OPERATED,
  'operator.forced': [{ more: { feature: 'richEmbeds', on: true } }],
  'operator.unforced': [{ more: { feature: 'richEmbeds' } }],
  'operator.retried': [{ more: { message: inbound, receivedAt: 1 } }],
};

/** A private bot may read what stands in channels. */
const { gateway } = defaultOptions;
const PRIVATE = { ...defaultOptions, gateway: { ...gateway, intents: gateway.intents | (1 << 9) } };

/** A bot in which all actors look alike, but for their machines. */
function view(value: string, isOn: boolean, context: object): StateView {
  return {
    seq: 1,
    at: 1,
    epoch: 1,
    behaviour: 1,
    options: PRIVATE,
    actor: (id) => ({
      machine: machineOf(id) ?? '',
      snapshot: { value, hasTag: () => isOn, context } as never,
      timers: {},
      open: ['f1.0'],
      since: 0,
      rule: '',
    }),
    living: () => [],
    openEffect: (id) => ({ id }) as Effect,
    ended: () => undefined,
    hasSeen: () => false,
  };
}
/** The reply of the samples stands in line. */
const IN_LINE = enqueue(emptyDeadlineQueue, { delivery: 'delivery:m7.0', deadline: 9 });
const rungs = ['keyboard', 'embed', 'text'];
export const VIEWS: readonly StateView[] = [
  view('enabled', true, {
    refusals: [],
    reason: null,
    rungs,
    externals: 1,
    waiting: IN_LINE,
    ordinals: [0, 1],
    inbound,
    lane: 'lane:c3',
  }),
  view('restoring', false, {
    refusals: [],
    reason: 'network',
    canary: null,
    isDue: true,
    rungs,
    ordinals: [0, 1],
    inbound,
    lane: 'lane:c3',
    options: defaultOptions,
    form: { text: 'x', embed: true },
  }),
];
