import { CARDS, cardOf, type MachineName } from '../../../machines/cards.js';
import { runOf } from '../../../machines/message/words.js';
import type { InboundMessage } from '../../../machines/vocabulary/base.js';
import { HEALTH_PARTS } from '../../../machines/vocabulary/base.js';
import type { FactOf } from '../../../machines/vocabulary/facts/facts.js';
import type { BotOptions } from '../../../machines/vocabulary/options/options.js';
import { FEATURES } from '../../../machines/vocabulary/replies/features.js';
import type { Signal } from '../../../machines/vocabulary/signals.js';
import type { Effect } from '../../ports.js';
import type { Route } from '../../step/routes.js';
import type { StateView } from '../../step/state.js';
import type { FactWord, SignalWord } from '../rows/rows.js';
import { isOn } from './degradation.js';
import { externalId, laneOf, MESSAGES, OPERATOR, optionsOf } from './places.js';
import { OWN_MESSAGES, readsBack } from './readingBack.js';

/** Who is born of what, and with which input. */
/** The actors that always live, in the order in which they hear of a new process life. */
const ALWAYS: readonly (readonly [id: string, machine: MachineName])[] = [
  ['bot', 'bot'],
  ['intake', 'intake'],
  [MESSAGES, 'circuitBreaker'],
  [OPERATOR, 'operatorBreaker'],
  ...FEATURES.map((name) => [`feature:${name}`, 'feature'] as const),
  ...HEALTH_PARTS.map((part) => [`health:${part}`, 'health'] as const),
  ['recovery', 'recovery'],
  ['audits', 'audits'],
  ['gateway', 'gateway'],
  ['token', 'accessToken'],
];
export const singletonIds = ALWAYS.map(([id]) => id);

/** What is born, or hears of it, when a process life begins. */
export const alwaysLiving: FactWord<'run.started', readonly Route[]> = ({ options }) =>
  ALWAYS.map(([id, machine]) => birth(id, machine, options, false));

export const ownMessagesBorn: FactWord<'run.started', readonly Route[]> = ({ options, epoch }) => [
  birth(OWN_MESSAGES, 'ownMessages', options, false, { epoch }),
];

/** `deliver`: what it is born of is also its first event. `more`: of its input what the options do not say. */
function birth(to: string, machine: MachineName, options: BotOptions, deliver: boolean, more: object = {}): Route {
  return { to, spawn: { machine, input: { ...CARDS[machine].options(options), ...more }, deliver } };
}

/**
 * With what an actor begins anew when it is taken out: all but those that live for one message, reply or call; null: it
 * does not.
 */
export function anew(machine: string, view: StateView): object | null {
  const card = cardOf(machine);
  return card && card.lives !== 'once' ? card.options(optionsOf(view)) : null;
}

/** `receivedAt`: when it came, where that is not now. */
export function newMessage(message: InboundMessage, view: StateView, receivedAt?: number): Route {
  const more = { message, ...(receivedAt === undefined ? {} : { receivedAt }) };
  return birth(`message:${runOf(message)}`, 'message', optionsOf(view), false, more);
}

/** An interaction is acknowledged beside its handling. */
export function acknowledgement(interaction: string, view: StateView): Route {
  return birth(`interaction:${interaction}`, 'interaction', optionsOf(view), false, { interaction });
}

export function newDelivery(
  signal: Extract<Signal, { type: 'deliveries.requested' }>,
  index: number,
  view: StateView,
): Route {
  const { id, place, author, event, index: quoted, retry } = signal.message;
  const run = runOf(signal.message);
  const { ordinal, form } = signal.replies[index]!;
  const more = {
    message: `message:${run}`,
    messageId: id,
    ...(event === undefined ? {} : { event }),
    ...(quoted === undefined ? {} : { index: quoted }),
    ...(retry === undefined ? {} : { retry }),
    ...readsBack(place, view),
    ordinal,
    place,
    lane: laneOf(place),
    author: author.id,
    receivedAt: signal.receivedAt,
    form,
    operator: signal.operator,
  };
  return birth(`delivery:${run}.${ordinal}`, 'delivery', optionsOf(view), false, more);
}

export function newExternalCall(fact: FactOf<'external.requested'>, run: Effect, view: StateView): Route {
  const breaker = `breaker:external:${fact.name}`;
  const value = view.actor(breaker)?.snapshot.value;
  const more = {
    run: run.id,
    ordinal: fact.ordinal,
    breaker,
    isFeatureOn: isOn(view, 'externalApiCalls'),
    isBreakerOpen: value === 'open' || value === 'isolated',
    timeoutMs: fact.timeoutMs,
  };
  return birth(externalId(run.id, fact.ordinal), 'externalCall', optionsOf(view), false, more);
}
/** A lane is made when its channel first needs it. */
export const laneOnDemand: SignalWord<'turn.requested', readonly Route[]> = ({ lane }, view) => [
  birth(lane, 'lane', optionsOf(view), true),
];
/** The breakers of foreign APIs, of readings and of uploads are made when they are first asked. */
export const breakerOnDemand: SignalWord<'permit.requested', readonly Route[]> = ({ breaker = '' }, view) => [
  birth(breaker, 'circuitBreaker', optionsOf(view), true),
];
