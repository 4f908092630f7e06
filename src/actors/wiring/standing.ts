import type { EventObject } from 'xstate';
import type { AccessTokenContext } from '../../machines/accessToken/chart.js';
import type { BotContext } from '../../machines/bot/chart.js';
import type { CircuitBreakerContext } from '../../machines/circuitBreaker/context.js';
import type { FeatureContext } from '../../machines/feature/context.js';
import { GIVEN_UP } from '../../machines/gateway/closeCodes.js';
import type { IntakeContext } from '../../machines/intake/context.js';
import type { RecoveryContext } from '../../machines/recovery/context.js';
import type { Fact } from '../../machines/vocabulary/facts.js';
import type { Feature } from '../../machines/vocabulary/features.js';
import type { Signal } from '../../machines/vocabulary/signals.js';
import type { Lending, Topology } from '../step/routes.js';
import type { ActorState, StateView } from '../step/state.js';

/**
 * What was said once and holds until something else is said. An actor that begins anew has not heard it, and is told again
 * (core rule 34): first what came from outside, then what others say.
 */
export const standingOf =
  (routeSignal: Topology['routeSignal']): Lending['standing'] =>
  (id, before, view) => [
    ...toldBefore(id, before, view.at).map((event) => ({ event, from: null })),
    ...standingSignals(view).flatMap(([signal, from]) =>
      routeSignal(signal, from, view)
        .filter(({ to }) => to === id)
        .map(({ event = signal }) => ({ event: event as EventObject, from })),
    ),
  ];

/** What one that is taken out had said and holds no more: nobody waits for what it would have said at its end. */
export function takenBack(id: string, { machine, snapshot }: ActorState): readonly Signal[] {
  if (machine === 'gateway')
    return snapshot.hasTag('linked') || snapshot.value === 'closing' ? [{ type: 'gateway.lost', code: GIVEN_UP }] : [];
  if (machine === 'recovery') return (snapshot.context as RecoveryContext).isReduced ? [{ type: 'load.restored' }] : [];
  if (machine !== 'circuitBreaker') return [];
  const { firstOpenedAt } = snapshot.context as CircuitBreakerContext;
  return firstOpenedAt === null ? [] : [{ type: 'breaker.closed', breaker: id }];
}

function toldBefore(id: string, { machine, snapshot, timers }: ActorState, at: number): readonly Fact[] {
  const { value, context } = snapshot;
  if (machine === 'bot')
    return value === 'draining' ? [{ type: 'stop.requested', signal: (context as BotContext).reason ?? '' }] : [];
  if (machine === 'intake')
    return (context as IntakeContext).isTight ? [{ type: 'memory.tightened', heapShare: 1 }] : [];
  if (machine === 'circuitBreaker')
    return value in MODES ? [{ type: MODES[value as keyof typeof MODES], breaker: id }] : [];
  const forced = timers.forcedOnMs ?? timers.forcedOffMs;
  if (machine !== 'feature' || !forced) return [];
  const feature = id.slice('feature:'.length) as Feature;
  const { note } = context as FeatureContext;
  const forMs = Math.max(0, forced.dueAt - at);
  return [{ type: 'operator.forced', feature, on: value === 'forcedOn', reason: note ?? '', forMs }];
}
const MODES = { isolated: 'operator.isolated', disabled: 'operator.disabled', observing: 'operator.observed' } as const;

function standingSignals(view: StateView): readonly (readonly [signal: Signal, from: string])[] {
  const said: [Signal, string][] = [];
  const { ref = null } = contextOf<AccessTokenContext>(view, 'token');
  if (ref !== null) said.push([{ type: 'token.changed', ref }, 'token']);
  if (view.actor('gateway')?.snapshot.hasTag('linked'))
    said.push([{ type: 'gateway.readied', resumed: true }, 'gateway']);
  if (contextOf<RecoveryContext>(view, 'recovery').isReduced) said.push([{ type: 'load.reduced' }, 'recovery']);
  if (view.actor('bot')?.snapshot.value === 'draining') said.push([{ type: 'drain.started' }, 'bot']);
  return said;
}

function contextOf<C>(view: StateView, id: string): Partial<C> {
  return (view.actor(id)?.snapshot.context ?? {}) as Partial<C>;
}
