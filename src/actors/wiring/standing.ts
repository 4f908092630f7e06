import { GIVEN_UP } from '../../machines/gateway/closeCodes.js';
import { rowOf } from '../../machines/kit/byKey.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import { FEATURES } from '../../machines/vocabulary/replies/features.js';
import type { Signal } from '../../machines/vocabulary/signals.js';
import { contextOf } from '../step/reading.js';
import type { Lending, Topology } from '../step/routes.js';
import type { ActorState, StateView } from '../step/state.js';

/**
 * What was said once and holds until something else is said. An actor that begins anew has not heard it, and is told
 * again (core rule 34): first what came from outside, then what others say.
 */
export const standingOf =
  (routeSignal: Topology['routeSignal']): Lending['standing'] =>
  (id, before, view) => [
    ...toldBefore(id, before, view.at).map((event) => ({ event, from: null })),
    ...standingSignals(view).flatMap(([signal, from]) =>
      routeSignal(signal, from, view)
        .filter(({ to }) => to === id)
        .map(({ event = signal }) => ({ event: typeof event === 'function' ? event(view) : event, from })),
    ),
  ];

/** What one that is taken out had said and holds no more: nobody waits for what it would have said at its end. */
export function takenBack(id: string, before: ActorState): readonly Signal[] {
  const { machine, snapshot } = before;
  if (machine === 'gateway')
    return snapshot.hasTag('linked') || snapshot.value === 'closing' ? [{ type: 'gateway.lost', code: GIVEN_UP }] : [];
  if (contextOf(before, 'recovery')?.isReduced) return [{ type: 'load.restored' }];
  const firstOpenedAt = contextOf(before, 'circuitBreaker')?.firstOpenedAt ?? null;
  return firstOpenedAt === null ? [] : [{ type: 'breaker.closed', breaker: id }];
}

function toldBefore(id: string, before: ActorState, at: number): readonly Fact[] {
  const { value } = before.snapshot;
  const bot = contextOf(before, 'bot');
  if (bot) return value === 'draining' ? [{ type: 'stop.requested', signal: bot.reason ?? '' }] : [];
  if (contextOf(before, 'intake')?.isTight) return [{ type: 'memory.tightened', heapShare: 1 }];
  const mode = before.machine === 'circuitBreaker' && typeof value === 'string' && rowOf(MODES, value);
  if (mode) return [{ type: mode, breaker: id }];
  const forced = before.timers.forcedOnMs ?? before.timers.forcedOffMs;
  const feature = FEATURES.find((name) => id === `feature:${name}`);
  const note = contextOf(before, 'feature')?.note;
  if (!feature || note === undefined || !forced) return [];
  const forMs = Math.max(0, forced.dueAt - at);
  return [{ type: 'operator.forced', feature, on: value === 'forcedOn', reason: note ?? '', forMs }];
}
const MODES = { isolated: 'operator.isolated', disabled: 'operator.disabled', observing: 'operator.observed' } as const;

function standingSignals(view: StateView): readonly (readonly [signal: Signal, from: string])[] {
  const said: [Signal, string][] = [];
  const ref = contextOf(view.actor('token'), 'accessToken')?.ref ?? null;
  if (ref !== null) said.push([{ type: 'token.changed', ref }, 'token']);
  if (view.actor('gateway')?.snapshot.hasTag('linked'))
    said.push([{ type: 'gateway.readied', resumed: true }, 'gateway']);
  if (contextOf(view.actor('recovery'), 'recovery')?.isReduced) said.push([{ type: 'load.reduced' }, 'recovery']);
  if (view.actor('bot')?.snapshot.value === 'draining') said.push([{ type: 'drain.started' }, 'bot']);
  return said;
}
