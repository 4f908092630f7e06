import type { EventObject } from 'xstate';
import { accessTokenMachine } from '../machines/accessTokenMachine.js';
import { botMachine } from '../machines/botMachine.js';
import { circuitBreakerMachine } from '../machines/circuitBreakerMachine.js';
import { type DeliveryContext, deliveryMachine } from '../machines/deliveryMachine.js';
import type { EffectOf, Fact, FactOf, Place, Signal, Stamped } from '../machines/facts.js';
import { gatewayMachine } from '../machines/gatewayMachine.js';
import { intakeMachine } from '../machines/intakeMachine.js';
import { laneMachine } from '../machines/laneMachine.js';
import { type MessageContext, messageMachine } from '../machines/messageMachine.js';
import { operatorBreakerMachine } from '../machines/operatorBreakerMachine.js';
import { type BotOptions, defaultOptions } from '../machines/options.js';
import type { Effect } from './ports.js';
import type { Route, Topology } from './routes.js';
import type { StateView } from './state.js';

/** Who hears what: the one table. Order in a row is order of delivery. */
export const topology: Topology = {
  machines: {
    bot: { machine: botMachine, ephemeral: false },
    accessToken: { machine: accessTokenMachine, ephemeral: false },
    gateway: { machine: gatewayMachine, ephemeral: false },
    intake: { machine: intakeMachine, ephemeral: false },
    circuitBreaker: { machine: circuitBreakerMachine, ephemeral: false },
    operatorBreaker: { machine: operatorBreakerMachine, ephemeral: false },
    lane: { machine: laneMachine, ephemeral: false },
    message: { machine: messageMachine, ephemeral: true },
    delivery: { machine: deliveryMachine, ephemeral: true },
  },

  /**
   * Kinds of effect. An awaited one stays open until its outcome; when the process dies first, `effect.interrupted` goes
   * to the actor that asked: token, discovery and handlers are repeated, a call becomes uncertain (core rule 21).
   */
  effects: {
    'token.fetch': { awaited: true },
    'gateway.discover': { awaited: true },
    'handler.run': { awaited: true },
    'call.start': { awaited: true },
    'socket.open': { awaited: false },
    'socket.send': { awaited: false },
    'socket.close': { awaited: false },
    'socket.pause': { awaited: false },
    'module.notify': { awaited: false },
    'process.exit': { awaited: false },
  },

  routeFact(fact, effect, view) {
    switch (fact.type) {
      case 'run.started':
        return singletons(fact.options).map(([to, machine, input]) => ({
          to,
          spawn: { machine, input, deliver: false },
        }));
      case 'actor.quarantined':
        return singletons(view.options ?? defaultOptions)
          .filter(([to]) => to === fact.actor)
          .map(([to, machine, input]) => ({ to, spawn: { machine, input, deliver: false } }));
      case 'stop.requested':
        return [{ to: 'bot' }];
      case 'token.fetched':
      case 'token.fetchFailed':
      case 'token.lost':
        return [{ to: 'token' }];
      case 'gateway.discoveryFailed':
        return fact.class === 'auth'
          ? [{ to: 'gateway' }, { to: 'token', event: { type: 'token.rejected' } }]
          : [{ to: 'gateway' }];
      case 'message.received':
        return fact.message.author.bot
          ? [{ to: 'gateway' }, { to: 'intake' }]
          : [{ to: 'gateway' }, newMessage(fact, view)];
      case 'message.duplicated':
        return [{ to: 'gateway' }, { to: 'intake' }];
      case 'call.succeeded':
      case 'call.failed':
        return callEnded(fact, effect as CallEffect | undefined);
      case 'effect.failed':
        return effect ? [{ to: effect.actor }] : [];
      case 'effect.interrupted':
      case 'reply.requested':
      case 'handler.completed':
      case 'handler.failed':
        return effect ? [{ to: effect.actor }] : [];
      case 'timer.elapsed':
        return [];
      case 'operator.isolated':
      case 'operator.released':
      case 'operator.disabled':
      case 'operator.observed':
      case 'operator.enabled':
      case 'operator.reset':
        return [{ to: fact.breaker }];
      default:
        return [{ to: 'gateway' }];
    }
  },

  routeSignal(event, from, view) {
    const signal = event as Signal;
    switch (signal.type) {
      case 'token.changed':
        return [{ to: 'gateway' }];
      case 'token.rejected':
        return [{ to: 'token' }];
      case 'token.refused':
      case 'gateway.stopped':
      case 'intake.drained':
        return [{ to: 'bot' }];
      case 'gateway.readied':
        return [{ to: 'bot' }, { to: MESSAGES }];
      case 'drain.started':
        return [{ to: 'gateway' }, { to: 'intake' }];
      case 'slot.requested':
      case 'slot.released':
      case 'message.ended':
        return [{ to: 'intake' }];
      case 'slot.granted':
      case 'slot.denied':
        return [{ to: `message:${signal.message}` }];
      case 'deliveries.requested':
        return signal.replies.map((_, i) => newDelivery(signal, i, view));
      case 'delivery.ended':
        return [{ to: signal.message }];
      case 'turn.requested':
        return [
          { to: signal.lane, spawn: { machine: 'lane', input: { options: optionsOf(view).lane }, deliver: true } },
        ];
      case 'turn.returned':
        return [{ to: signal.lane }];
      case 'turn.granted':
        return signal.deliveries.map((to) => ({ to }));
      case 'turn.denied':
      case 'permit.granted':
      case 'permit.denied':
        return [{ to: signal.delivery }];
      case 'permit.requested':
        return [{ to: signal.operator && !isAdmitting(view) ? OPERATOR : MESSAGES }];
      case 'permit.cancelled':
        // Where it waits is known only to the breakers; the other one records an event it ignores.
        return signal.breaker ? [{ to: signal.breaker }] : [{ to: MESSAGES }, { to: OPERATOR }];
      case 'permit.released':
      case 'evidence.gathered':
        return [{ to: signal.breaker }];
      case 'actor.crashed':
        return afterCrash(signal);
      case 'signal.undeliverable':
        return [{ to: from }];
      case 'gateway.lost':
        return [{ to: MESSAGES }];
      case 'breaker.opened':
      case 'breaker.closed':
        return []; // for those who read records
    }
  },
};

export const MESSAGES = 'breaker:messages';
export const OPERATOR = 'breaker:operator';
type CallEffect = EffectOf<'call.start'> & Effect;

/** The actors that always live, in the order in which they hear of a new process life. */
function singletons(options: BotOptions): (readonly [id: string, machine: string, input: object])[] {
  const { circuitBreaker, calls, handlers, bot } = options;
  const { inFlightMax, slowMs } = calls;
  return [
    ['bot', 'bot', { options: bot }],
    ['intake', 'intake', { options: handlers, deadLettersMax: bot.deadLettersMax }],
    [MESSAGES, 'circuitBreaker', { options: circuitBreaker, inFlightMax, slowMs }],
    [OPERATOR, 'operatorBreaker', {}],
    ['gateway', 'gateway', { options: options.gateway }],
    ['token', 'accessToken', { options: options.token }],
  ];
}

function optionsOf(view: StateView): BotOptions {
  return view.options ?? defaultOptions;
}

function isAdmitting(view: StateView): boolean {
  return view.actor(MESSAGES)?.snapshot.hasTag('admitting') ?? false;
}

function newMessage(fact: FactOf<'message.received'>, view: StateView): Route {
  const { handlers, locale } = optionsOf(view);
  const input = { message: fact.message, options: handlers, locale };
  return { to: `message:${fact.message.id}`, spawn: { machine: 'message', input, deliver: false } };
}

function newDelivery(signal: Extract<Signal, { type: 'deliveries.requested' }>, index: number, view: StateView): Route {
  const { retry, delivery, lane, calls } = optionsOf(view);
  const { id, place, author } = signal.message;
  const { ordinal, form } = signal.replies[index]!;
  const input = {
    message: `message:${id}`,
    messageId: id,
    ordinal,
    place,
    lane: laneOf(place),
    author: author.id,
    receivedAt: signal.receivedAt,
    form,
    operator: signal.operator,
    options: { retry, delivery, lane, timeoutMs: calls.timeoutMs },
  };
  return { to: `delivery:${id}.${ordinal}`, spawn: { machine: 'delivery', input, deliver: false } };
}

function laneOf(place: Place): string {
  return place.kind === 'direct' ? `lane:dm:${place.guildId}` : `lane:${place.channelId}`;
}

/** The breaker first, so that the delivery is told how the breaker stands after this very outcome. */
function callEnded(
  fact: Stamped<FactOf<'call.succeeded'> | FactOf<'call.failed'>>,
  effect: CallEffect | undefined,
): readonly Route[] {
  if (!effect) return [];
  const { permit, breaker, delivery } = effect;
  const routes: Route[] = [
    { to: breaker, event: { ...fact, permit } as object as EventObject },
    { to: delivery, event: (view) => ({ ...fact, breakerOpen: !isAdmitting(view) }) as object as EventObject },
  ];
  if (fact.type === 'call.failed' && fact.class === 'auth') routes.push({ to: 'token' });
  return routes;
}

/** What a crashed actor held goes back, and whoever waits for it is told. */
function afterCrash(signal: Extract<Signal, { type: 'actor.crashed' }>): readonly Route[] {
  if (signal.machine === 'delivery') {
    const context = signal.context as DeliveryContext;
    const { id: delivery, message, ordinal, lane, author: key, startedAt, breaker, permit, deadline } = context;
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
          key,
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
    const message = inbound?.id ?? signal.actor.slice('message:'.length);
    if (signal.value === null) return [{ to: 'intake', event: { type: 'message.received' } }]; // never born: received and refused
    const ended = { type: 'message.ended', message, verdict: 'deadLettered', reason: `crashed: ${signal.error}` };
    const heldSlot = signal.value === 'handling' || signal.event === 'slot.granted';
    const slot: Route[] = heldSlot ? [{ to: 'intake', event: { type: 'slot.released', message } as EventObject }] : [];
    return [...slot, { to: 'intake', event: ended as EventObject }];
  }
  return [];
}

/** Ids of the actors that always live. */
export const singletonIds = singletons(defaultOptions).map(([id]) => id);
export type { Fact };
