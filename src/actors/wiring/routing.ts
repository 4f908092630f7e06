import type { EventObject } from 'xstate';
import { type DeliveryContext, keyOf } from '../../machines/delivery/context.js';
import type { ExternalCallContext } from '../../machines/externalCall/chart.js';
import { isFailureClass } from '../../machines/kit/callOutcome.js';
import { type MessageContext, runOf } from '../../machines/message/chart.js';
import type { InboundMessage, Place, Stamped } from '../../machines/vocabulary/base.js';
import { FEATURES, HEALTH_PARTS } from '../../machines/vocabulary/base.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import { EVENT_TYPES, type EventFact } from '../../machines/vocabulary/eventFacts.js';
import type { Fact, FactOf } from '../../machines/vocabulary/facts.js';
import { type BotOptions, defaultOptions } from '../../machines/vocabulary/options.js';
import type { Signal } from '../../machines/vocabulary/signals.js';
import type { Effect } from '../ports.js';
import type { Route } from '../step/routes.js';
import type { StateView } from '../step/state.js';
import { featureRoutes, healthOfCall, isOn, throttleRoutes } from './degradation.js';
import { ownMessagesOf, readsBack, sentRoutes } from './readingBack.js';

/** Births, ends of calls and crashes: the rows of the topology that need more than a line. */

export const MESSAGES = 'breaker:messages';
export const OPERATOR = 'breaker:operator';
export type CallEffect = EffectOf<'call.start'> & Effect;

/** Facts for readers of the journal alone. */
export const UNHEARD: ReadonlySet<string> = new Set([
  'timer.elapsed',
  'time.lost',
  'clock.stepped',
  'machines.upgraded',
  'checkpoint.diverged',
]);

/** The end of the reply window stands in the options; the intake judges by it. */
export function retried(fact: Stamped<FactOf<'operator.retried'>>, view: StateView): Route {
  const deadline = fact.receivedAt + optionsOf(view).delivery.replyWindowMs[fact.message.place.kind];
  return { to: 'intake', event: { ...fact, deadline } as object as EventObject };
}

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
export function bornAtStart(fact: Stamped<FactOf<'run.started'>>): readonly Route[] {
  const always = singletons(fact.options).map(([to, machine, input]) => ({
    to,
    spawn: { machine, input, deliver: false },
  }));
  return [...always, ...ownMessagesOf(fact)];
}

/** An actor that was taken out, when it is one that always lives. */
export function bornAnew(actor: string, view: StateView): readonly Route[] {
  return singletons(optionsOf(view))
    .filter(([to]) => to === actor)
    .map(([to, machine, input]) => ({ to, spawn: { machine, input, deliver: false } }));
}

export function breakerInput({ circuitBreaker, calls }: BotOptions): object {
  return { options: circuitBreaker, inFlightMax: calls.inFlightMax, slowMs: calls.slowMs };
}

export function optionsOf(view: StateView): BotOptions {
  return view.options ?? defaultOptions;
}

export function isAdmitting(view: StateView): boolean {
  return view.actor(MESSAGES)?.snapshot.hasTag('admitting') ?? false;
}

/** `receivedAt`: when it came, where that is not now. */
export function newMessage(message: InboundMessage, view: StateView, receivedAt?: number): Route {
  const { handlers, locale } = optionsOf(view);
  const input = { message, options: handlers, locale, ...(receivedAt === undefined ? {} : { receivedAt }) };
  return { to: `message:${runOf(message)}`, spawn: { machine: 'message', input, deliver: false } };
}

/** An interaction is acknowledged beside its handling. */
export function acknowledgement(
  fact: FactOf<'message.received'> | FactOf<'interaction.created'>,
  view: StateView,
): readonly Route[] {
  const interaction = fact.type === 'interaction.created' ? fact.interaction : fact.message.id;
  if (fact.type === 'message.received' && !fact.message.pressed) return [];
  const input = { interaction, options: optionsOf(view).interactions };
  return [{ to: `interaction:${interaction}`, spawn: { machine: 'interaction', input, deliver: false } }];
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

/** A lane is born when its channel first needs it. */
export function laneFor(to: string, view: StateView): Route {
  return { to, spawn: { machine: 'lane', input: { options: optionsOf(view).lane }, deliver: true } };
}

/** The other replies to the same message that live. */
export function siblingsOf(
  { message, delivery }: Extract<Signal, { type: 'budget.spent' }>,
  view: StateView,
): readonly Route[] {
  const context = view.actor(message)?.snapshot.context as MessageContext | undefined;
  if (!context) return [];
  const ids = context.ordinals.map((ordinal) => `delivery:${runOf(context.inbound)}.${ordinal}`);
  return ids.filter((id) => id !== delivery && view.actor(id)).map((to) => ({ to }));
}

/** That a picture could not be uploaded says nothing about messages. */
function isUploadLost(fact: FactOf<'call.succeeded'> | FactOf<'call.failed'>): boolean {
  return fact.type === 'call.failed' && fact.upload === true && isFailureClass(fact.class);
}

export function laneOf(place: Place): string {
  if (place.kind === 'direct') return `lane:dm:${place.guildId}`;
  return place.kind === 'guild' ? `lane:${place.channelId}` : `lane:${place.kind}:${place.channelId}`;
}

/** The breaker first, so that the delivery is told how the breaker stands after this very outcome. */
export function callEnded(
  fact: Stamped<FactOf<'call.succeeded'> | FactOf<'call.failed'>>,
  effect: CallEffect | undefined,
  view: StateView,
): readonly Route[] {
  if (!effect) return [];
  const { permit, breaker, delivery } = effect;
  const toDelivery: Route = {
    to: delivery,
    event: (now) => ({ ...fact, breakerOpen: !isAdmitting(now) }) as object as EventObject,
  };
  // What failed on purpose says nothing about the API.
  const unused: Route = { to: breaker, event: { type: 'permit.released', breaker, permit } as EventObject };
  if (isUploadLost(fact)) return [unused, ...featureRoutes(fact, effect, view), toDelivery];
  if (effect.rehearse) return [unused, toDelivery];
  const auditId = fact.type === 'call.succeeded' ? fact.auditId : undefined;
  const routes: Route[] = [
    { to: breaker, event: { ...fact, permit, target: laneOf(effect.place) } as object as EventObject },
    ...featureRoutes(fact, effect, view),
    toDelivery,
    ...(fact.type === 'call.succeeded' ? sentRoutes(fact, effect.place, view) : []),
    healthOfCall(fact),
    ...(auditId === undefined
      ? []
      : [{ to: 'audits', event: { type: 'audit.begun', auditId, delivery } as EventObject }]),
    ...(fact.type === 'call.failed' ? throttleRoutes(fact, laneOf(effect.place)) : []),
  ];
  if (fact.type === 'call.failed' && fact.class === 'auth') routes.push({ to: 'token' });
  return routes;
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
  return { to: `external:${run.id}.${fact.ordinal}`, spawn: { machine: 'externalCall', input, deliver: false } };
}

/** To its breaker as the end of a call like any other. */
export function externalEnded(
  fact: Stamped<FactOf<'external.succeeded'> | FactOf<'external.failed'>>,
  effect: (EffectOf<'external.run'> & Effect) | undefined,
): readonly Route[] {
  if (!effect) return [];
  const { permit, breaker, call } = effect;
  const type = fact.type === 'external.succeeded' ? 'call.succeeded' : 'call.failed';
  const kind = fact.type === 'external.succeeded' ? 'ok' : fact.class;
  const outcome = { type, class: kind, latencyMs: fact.latencyMs, status: 200, retryAfterMs: null, permit };
  return [{ to: breaker, event: outcome as object as EventObject }, { to: call }];
}

/** What a crashed actor held goes back, and whoever waits for it is told. */
export function afterCrash(signal: Extract<Signal, { type: 'actor.crashed' }>): readonly Route[] {
  if (signal.machine === 'externalCall') return afterExternalCrash(signal);
  if (signal.machine === 'delivery') {
    const context = signal.context as DeliveryContext;
    const { id: delivery, message, ordinal, lane, startedAt, breaker, permit, deadline } = context;
    const isCallOut = Boolean(permit) && signal.event !== 'call.succeeded' && signal.event !== 'call.failed';
    const verdict = signal.event === 'actor.quarantined' && isCallOut ? 'uncertain' : 'deadLettered';
    const reason = `${signal.event === 'actor.quarantined' ? 'diverged' : 'crashed'}: ${signal.error}`;
    return [
      { to: message, event: { type: 'delivery.ended', delivery, message, ordinal, verdict, reason } as EventObject },
      {
        to: lane,
        event: {
          type: 'turn.returned',
          delivery,
          lane,
          key: keyOf(context),
          startedAt: startedAt ?? null,
          blockedMs: null,
        } as EventObject,
      },
      ...(isCallOut && breaker
        ? [{ to: breaker, event: { type: 'permit.released', breaker, permit } as EventObject }]
        : [MESSAGES, OPERATOR].map((to) => ({
            to,
            event: { type: 'permit.cancelled', delivery, deadline } as EventObject,
          }))),
    ];
  }
  if (signal.machine === 'message') {
    const { inbound } = signal.context as MessageContext;
    const run = signal.actor.slice('message:'.length);
    const retry = inbound?.retry;
    if (signal.value === null) return [{ to: 'intake', event: { type: 'message.received' } }]; // never born: received and refused
    const ended = {
      type: 'message.ended',
      message: inbound?.id ?? run,
      ...(retry === undefined ? {} : { retry }),
      verdict: 'deadLettered',
      reason: `crashed: ${signal.error}`,
    };
    const heldSlot = signal.value === 'handling' || signal.value === 'pausing' || signal.event === 'slot.granted';
    const slot: Route[] = heldSlot
      ? [{ to: 'intake', event: { type: 'slot.released', message: run } as EventObject }]
      : [];
    return [...slot, { to: 'intake', event: ended as EventObject }];
  }
  return [];
}

function afterExternalCrash({ actor, context }: Extract<Signal, { type: 'actor.crashed' }>): readonly Route[] {
  const { breaker, permit, deadline } = context as ExternalCallContext;
  if (!breaker) return [];
  const event = permit
    ? { type: 'permit.released', breaker, permit }
    : { type: 'permit.cancelled', delivery: actor, breaker, deadline };
  return [{ to: breaker, event: event as EventObject }];
}

/** QQ tells some messages of groups twice; only one of the two says that the bot is mentioned, and it may be the second. */
export function mentionTold({ message, mention }: FactOf<'message.duplicated'>, view: StateView): readonly Route[] {
  const to = `message:${message}`;
  if (mention === undefined || !view.actor(to)) return [];
  return [{ to, event: { type: 'mention.told', content: mention } as EventObject }];
}

/** Of what else happens the gateway wants the sequence number. */
export function toGateway({ socket, s }: Pick<EventFact, 'socket' | 's'>): Route {
  return { to: 'gateway', event: { type: 'event.received', socket, s } as EventObject };
}

const eventTypes: ReadonlySet<string> = new Set(EVENT_TYPES);
export function isPlatformEvent(fact: Stamped<Fact>): fact is Stamped<EventFact> {
  return eventTypes.has(fact.type);
}
