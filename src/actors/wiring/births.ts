import { runOf } from '../../machines/message/chart.js';
import type { InboundMessage } from '../../machines/vocabulary/base.js';
import { FEATURES, HEALTH_PARTS } from '../../machines/vocabulary/base.js';
import type { FactOf } from '../../machines/vocabulary/facts.js';
import { type BotOptions, defaultOptions } from '../../machines/vocabulary/options.js';
import type { Signal } from '../../machines/vocabulary/signals.js';
import type { Effect } from '../ports.js';
import type { Route } from '../step/routes.js';
import type { StateView } from '../step/state.js';
import { isOn } from './degradation.js';
import { externalId, laneOf, MESSAGES, OPERATOR, optionsOf } from './places.js';
import { ownMessagesInput, readsBack } from './readingBack.js';
import type { FactWord, SignalWord } from './rows.js';

/** Who is born of what, and with which input. */
/** The actors that always live, in the order in which they hear of a new process life. */
export function singletons(options: BotOptions): (readonly [id: string, machine: string, input: object])[] {
  const { handlers, commands, intake, bot } = options;
  return [
    ['bot', 'bot', { options: bot }],
    ['intake', 'intake', { options: handlers, commands, intake, deadLettersMax: bot.deadLettersMax }],
    [MESSAGES, 'circuitBreaker', breakerInput(options)],
    [OPERATOR, 'operatorBreaker', {}],
    ...FEATURES.map((name) => [`feature:${name}`, 'feature', { options: options.features }] as const),
    ...HEALTH_PARTS.map((part) => [`health:${part}`, 'health', { part, options: options.health }] as const),
    ['recovery', 'recovery', { options: options.recovery }],
    ['audits', 'audits', {}],
    ['gateway', 'gateway', { options: options.gateway }],
    ['token', 'accessToken', { options: options.token }],
  ];
}

/** Ids of the actors that always live. */
export const singletonIds = singletons(defaultOptions).map(([id]) => id);

/** What is born, or hears of it, when a process life begins. */
export const alwaysLiving: FactWord<'run.started', readonly Route[]> = ({ options }) =>
  singletons(options).map(([id, machine, input]) => ({ to: id, spawn: { machine, input, deliver: false } }));

/** With what an actor begins anew when it is taken out: all but those that live for one message, reply or call; null: it does not. */
export function anew(actor: string, machine: string, view: StateView): object | null {
  const options = optionsOf(view);
  const always = singletons(options).find(([id]) => id === actor);
  if (always) return always[2];
  if (machine === 'lane') return { options: options.lane };
  if (machine === 'circuitBreaker') return breakerInput(options);
  return machine === 'ownMessages' ? ownMessagesInput(view.epoch, options) : null;
}

export function breakerInput({ circuitBreaker, calls }: BotOptions): object {
  return { options: circuitBreaker, inFlightMax: calls.inFlightMax, slowMs: calls.slowMs };
}

/** `receivedAt`: when it came, where that is not now. */
export function newMessage(message: InboundMessage, view: StateView, receivedAt?: number): Route {
  const { handlers, locale } = optionsOf(view);
  const input = { message, options: handlers, locale, ...(receivedAt === undefined ? {} : { receivedAt }) };
  return { to: `message:${runOf(message)}`, spawn: { machine: 'message', input, deliver: false } };
}

/** An interaction is acknowledged beside its handling. */
export function acknowledgement(interaction: string, view: StateView): Route {
  const input = { interaction, options: optionsOf(view).interactions };
  return { to: `interaction:${interaction}`, spawn: { machine: 'interaction', input, deliver: false } };
}

export function newDelivery(
  signal: Extract<Signal, { type: 'deliveries.requested' }>,
  index: number,
  view: StateView,
): Route {
  const { retry: policy, delivery, lane, calls, locale } = optionsOf(view);
  const { id, place, author, event, index: quoted, retry } = signal.message;
  const run = runOf(signal.message);
  const { ordinal, form } = signal.replies[index]!;
  const input = {
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
    options: { retry: policy, delivery, lane, timeoutMs: calls.timeoutMs },
    locale,
  };
  return { to: `delivery:${run}.${ordinal}`, spawn: { machine: 'delivery', input, deliver: false } };
}

export function newExternalCall(fact: FactOf<'external.requested'>, run: Effect, view: StateView): Route {
  const breaker = `breaker:external:${fact.name}`;
  const value = view.actor(breaker)?.snapshot.value;
  const input = {
    run: run.id,
    ordinal: fact.ordinal,
    breaker,
    isFeatureOn: isOn(view, 'externalApiCalls'),
    isBreakerOpen: value === 'open' || value === 'isolated',
    timeoutMs: fact.timeoutMs,
    permitMs: optionsOf(view).externalCalls.permitMs,
  };
  return { to: externalId(run.id, fact.ordinal), spawn: { machine: 'externalCall', input, deliver: false } };
}
/** A lane is made when its channel first needs it. */
export const laneOnDemand: SignalWord<'turn.requested', readonly Route[]> = ({ lane }, view) => [
  { to: lane, spawn: { machine: 'lane', input: { options: optionsOf(view).lane }, deliver: true } },
];
/** The breakers of foreign APIs, of readings and of uploads are made when they are first asked. */
export const breakerOnDemand: SignalWord<'permit.requested', readonly Route[]> = ({ breaker = '' }, view) => [
  { to: breaker, spawn: { machine: 'circuitBreaker', input: breakerInput(optionsOf(view)), deliver: true } },
];
