import type { EventObject } from 'xstate';
import { accessTokenMachine } from '../../machines/accessToken/chart.js';
import { auditsMachine } from '../../machines/audits/chart.js';
import { botMachine } from '../../machines/bot/chart.js';
import { circuitBreakerMachine } from '../../machines/circuitBreaker/chart.js';
import { deliveryMachine } from '../../machines/delivery/chart.js';
import { externalCallMachine } from '../../machines/externalCall/chart.js';
import { featureMachine } from '../../machines/feature/chart.js';
import { gatewayMachine } from '../../machines/gateway/chart.js';
import { healthMachine } from '../../machines/health/chart.js';
import { intakeMachine } from '../../machines/intake/chart.js';
import { interactionMachine } from '../../machines/interaction/chart.js';
import { laneMachine } from '../../machines/lane/chart.js';
import { messageMachine } from '../../machines/message/chart.js';
import { operatorBreakerMachine } from '../../machines/operatorBreaker/chart.js';
import { ownMessagesMachine } from '../../machines/ownMessages/chart.js';
import { recoveryMachine } from '../../machines/recovery/chart.js';
import type { Stamped } from '../../machines/vocabulary/base.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts.js';
import type { Signal } from '../../machines/vocabulary/signals.js';
import type { Effect } from '../ports.js';
import type { Route, Topology } from '../step/routes.js';
import type { StateView } from '../step/state.js';
import { canaryOf, healthOfSample, offFor, onceReached, resetRoutes, throttleRoutes } from './degradation.js';
import { checkedRoutes, isToRead, knownRoutes } from './readingBack.js';
import {
  acknowledgement,
  afterCrash,
  bornAnew,
  bornAtStart,
  breakerInput,
  type CallEffect,
  callEnded,
  externalEnded,
  isAdmitting,
  isPlatformEvent,
  laneFor,
  MESSAGES,
  mentionTold,
  newDelivery,
  newExternalCall,
  newMessage,
  OPERATOR,
  optionsOf,
  retried,
  siblingsOf,
  toGateway,
  UNHEARD,
} from './routing.js';

type ExternalEffect = EffectOf<'external.run'> & Effect;
const handlerWentBad: Route = { to: 'health:handlers', event: { type: 'outcome.bad', class: 'local' } as EventObject };

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
    feature: { machine: featureMachine, ephemeral: false },
    health: { machine: healthMachine, ephemeral: false },
    recovery: { machine: recoveryMachine, ephemeral: false },
    message: { machine: messageMachine, ephemeral: true },
    delivery: { machine: deliveryMachine, ephemeral: true },
    externalCall: { machine: externalCallMachine, ephemeral: true },
    audits: { machine: auditsMachine, ephemeral: false },
    ownMessages: { machine: ownMessagesMachine, ephemeral: false },
    interaction: { machine: interactionMachine, ephemeral: true },
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
    'external.run': { awaited: true },
    'external.refuse': { awaited: false },
    'channel.check': { awaited: true },
    'interaction.acknowledge': { awaited: true },
    'webhook.listen': { awaited: false },
    'check.run': { awaited: true },
    'action.run': { awaited: true },
    'socket.open': { awaited: false },
    'socket.send': { awaited: false },
    'socket.close': { awaited: false },
    'socket.pause': { awaited: false },
    'sources.pause': { awaited: false },
    'sources.resume': { awaited: false },
    'module.notify': { awaited: false },
    'process.exit': { awaited: false },
  },

  routeFact(fact, effect, view) {
    switch (fact.type) {
      case 'run.started':
        return bornAtStart(fact);
      case 'actor.quarantined':
        return bornAnew(fact.actor, view);
      case 'stop.requested':
        return [{ to: 'bot' }];
      case 'token.fetched':
      case 'token.fetchFailed':
      case 'token.lost':
        return [{ to: 'token' }];
      case 'gateway.discoveryFailed':
        return [
          { to: 'gateway' },
          ...(fact.class === 'auth' ? [{ to: 'token', event: { type: 'token.rejected' } }] : []),
          ...throttleRoutes(fact, null),
        ];
      case 'message.received':
        return fact.message.author.bot
          ? [{ to: 'gateway' }, { to: 'intake' }]
          : [{ to: 'gateway' }, ...acknowledgement(fact, view), newMessage(fact.message, view)];
      case 'interaction.created':
        return [toGateway(fact), ...acknowledgement(fact, view)];
      case 'audit.passed':
      case 'audit.rejected':
        return [
          toGateway(fact),
          { to: 'audits' },
          ...(fact.type === 'audit.passed' ? knownRoutes(fact.message, view) : []),
        ];
      case 'message.duplicated':
        return [{ to: 'gateway' }, { to: 'intake' }, ...mentionTold(fact, view)];
      case 'call.succeeded':
      case 'call.failed':
        return effect?.type === 'interaction.acknowledge'
          ? [{ to: effect.actor }]
          : callEnded(fact, effect as CallEffect | undefined, view);
      case 'effect.failed':
      case 'effect.interrupted':
      case 'reply.requested':
        return effect ? [{ to: effect.actor }] : [];
      case 'handler.completed':
        return effect ? [{ to: effect.actor }, { to: 'health:handlers', event: { type: 'outcome.good' } }] : [];
      case 'handler.failed':
        return effect ? [{ to: effect.actor }, handlerWentBad] : [];
      default:
        if (UNHEARD.has(fact.type)) return [];
        return healingFact(fact, effect, view) ?? [isPlatformEvent(fact) ? toGateway(fact) : { to: 'gateway' }];
    }
  },

  routeSignal(event, from, view) {
    const signal = event as Signal;
    switch (signal.type) {
      case 'token.changed':
        return [{ to: 'gateway' }, { to: MESSAGES }];
      case 'token.rejected':
        return [{ to: 'token' }];
      case 'token.refused':
      case 'gateway.stopped':
      case 'intake.drained':
        return [{ to: 'bot' }];
      case 'gateway.readied':
        return [
          { to: 'bot' },
          ...[MESSAGES, 'intake'].map((to) => ({ to })),
          { to: 'health:gateway', event: { type: 'part.found' } },
          { to: 'recovery' },
        ];
      case 'drain.started':
        return [{ to: 'gateway' }, { to: 'intake' }, { to: 'recovery' }];
      case 'slot.requested':
      case 'slot.released':
      case 'message.ended':
        return [{ to: 'intake' }];
      case 'message.retried':
        return [newMessage(signal.message, view, signal.receivedAt)];
      case 'slot.granted':
      case 'slot.denied':
        return [{ to: `message:${signal.message}` }];
      case 'deliveries.requested':
        return signal.replies.map((_, i) => newDelivery(signal, i, view));
      case 'delivery.ended':
        return [{ to: signal.message }];
      case 'budget.spent':
        return siblingsOf(signal, view);
      case 'turn.requested':
        return [laneFor(signal.lane, view)];
      case 'turn.returned':
        return [{ to: signal.lane }];
      case 'turn.granted':
        return signal.deliveries.map((to) => ({ to }));
      case 'turn.denied':
      case 'permit.denied':
      case 'audit.ended':
        return [{ to: signal.delivery }];
      case 'permit.granted':
        return [
          ...(isToRead(signal.delivery, view) ? [] : canaryOf(signal.delivery, view)),
          { to: signal.delivery, event: (now) => ({ ...signal, ...offFor(signal.delivery, now) }) as EventObject },
        ];
      case 'permit.requested':
        return signal.breaker === undefined
          ? [{ to: signal.operator && !isAdmitting(view) ? OPERATOR : MESSAGES }]
          : [
              {
                to: signal.breaker,
                spawn: { machine: 'circuitBreaker', input: breakerInput(optionsOf(view)), deliver: true },
              },
            ];
      case 'permit.cancelled':
        // Where it waits is known only to the breakers; the other one records an event it ignores.
        return signal.breaker ? [{ to: signal.breaker }] : [{ to: MESSAGES }, { to: OPERATOR }];
      case 'actor.crashed':
        return afterCrash(signal);
      case 'signal.undeliverable':
        return [{ to: from }];
      default:
        return healingSignal(signal);
    }
  },
};

/** Facts of the recovery loop, of external calls and of an operator's hand; null: none of them. */
function healingFact(fact: Stamped<Fact>, effect: Effect | undefined, view: StateView): readonly Route[] | null {
  switch (fact.type) {
    case 'external.requested':
      return effect ? [newExternalCall(fact, effect, view)] : [];
    case 'external.succeeded':
    case 'external.failed':
      return externalEnded(fact, effect as ExternalEffect | undefined);
    case 'channel.checked':
      return checkedRoutes(fact, effect as (EffectOf<'channel.check'> & Effect) | undefined, view);
    case 'memory.tightened':
    case 'memory.eased':
      return [{ to: 'intake' }];
    case 'network.checked':
    case 'action.completed':
      return [{ to: 'recovery' }];
    case 'api.checked':
      return [
        { to: 'recovery' },
        ...(fact.class === 'ok' ? [{ to: MESSAGES, event: { type: 'evidence.gathered' } }, ...onceReached(view)] : []),
        ...throttleRoutes({ ...fact, retryAfterMs: null }, null),
      ];
    case 'process.sampled':
      return [{ to: 'recovery' }, ...healthOfSample(fact, optionsOf(view))];
    case 'recovery.requested':
      return [...(fact.force ? resetRoutes([MESSAGES, ...fact.breakers]) : []), { to: 'recovery' }];
    case 'operator.forced':
    case 'operator.unforced':
      return [{ to: `feature:${fact.feature}` }];
    case 'operator.retried':
      return [retried(fact, view)];
    default:
      return 'breaker' in fact ? [{ to: fact.breaker }] : null;
  }
}

/** Signals by which things degrade and heal. */
function healingSignal(signal: Signal): readonly Route[] {
  switch (signal.type) {
    case 'gateway.lost':
      return [{ to: MESSAGES }, { to: 'intake' }, { to: 'health:gateway', event: { type: 'part.lost' } }];
    case 'breaker.opened':
      return signal.breaker === MESSAGES ? [{ to: 'health:send', event: { type: 'part.lost' } }] : [];
    case 'breaker.closed':
      return signal.breaker === MESSAGES ? [{ to: 'health:send', event: { type: 'part.found' } }] : [];
    case 'doubt.settled':
      return [{ to: signal.delivery }];
    case 'recovery.stuck':
      return [{ to: 'bot' }];
    case 'handler.overdue':
      return [handlerWentBad];
    case 'health.changed':
      return signal.to === 'degraded' || signal.to === 'unhealthy' ? [{ to: 'recovery' }] : [];
    case 'network.failed':
      return [{ to: 'feature:fileUploads' }, { to: 'feature:richEmbeds' }];
    case 'caches.cleared':
    case 'reconnect.advised':
    case 'sources.paused':
    case 'sources.resumed':
      return [{ to: 'gateway' }];
    case 'load.reduced':
    case 'load.restored':
      return [{ to: 'intake' }, { to: MESSAGES }];
    case 'form.refused':
      return [{ to: `feature:${signal.feature}` }];
    case 'permit.released':
    case 'evidence.gathered':
    case 'probe.requested':
      return [{ to: signal.breaker }];
    default:
      return [];
  }
}
