import type { EventObject } from 'xstate';
import { bestRung, type DeliveryContext, featureOf } from '../../machines/delivery/context.js';
import type { FeatureContext } from '../../machines/feature/context.js';
import { isFailureClass } from '../../machines/kit/callOutcome.js';
import { isHeapWell, isLoopWell } from '../../machines/recovery/context.js';
import type { ErrorClass, Feature } from '../../machines/vocabulary/base.js';
import { FEATURES, HEALTH_PARTS } from '../../machines/vocabulary/base.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { FactOf } from '../../machines/vocabulary/facts.js';
import type { BotOptions } from '../../machines/vocabulary/options.js';
import type { Route } from '../step/routes.js';
import type { StateView } from '../step/state.js';

/**
 * The part of the topology that degrades and heals: what features and health hear of calls. Features hear of the course of
 * things only while something is wrong with them, so that a healthy bot pays nothing for them.
 */
const FORMS = ['richEmbeds', 'fileUploads', 'interactiveButtons'] as const;
type CallEnd = FactOf<'call.succeeded'> | FactOf<'call.failed'>;

const contextOf = (view: StateView, feature: Feature): FeatureContext | undefined =>
  view.actor(`feature:${feature}`)?.snapshot.context as FeatureContext | undefined;
/** A feature that is not there yet (an older journal) counts as on. */
export const isOn = (view: StateView, feature: Feature): boolean =>
  view.actor(`feature:${feature}`)?.snapshot.hasTag('on') ?? true;
const asEvent = (event: object): EventObject => event as EventObject;

/** Features whose form this delivery must not use now; nothing when all are on. It may use the one whose canary it is. */
export function offFor(delivery: string, view: StateView): { readonly off?: readonly Feature[] } {
  const off = FORMS.filter((name) => !isOn(view, name) && contextOf(view, name)?.canary !== delivery);
  return off.length === 0 ? {} : { off };
}

/** A feature that waits for a reply to try it is told of this delivery, when that is the form it would use. */
export function canaryOf(delivery: string, view: StateView): readonly Route[] {
  if (FORMS.every((name) => isOn(view, name))) return [];
  const context = view.actor(delivery)?.snapshot.context as DeliveryContext | undefined;
  if (!context?.rungs) return [];
  const off = offFor(delivery, view).off ?? [];
  const due = off.filter((name) => contextOf(view, name)?.isDue);
  const wanted = due.find(
    (name) =>
      featureOf[
        bestRung(
          context,
          off.filter((other) => other !== name),
        )
      ] === name,
  );
  return wanted ? [{ to: `feature:${wanted}`, event: asEvent({ type: 'form.wanted', delivery }) }] : [];
}

/** What a call's end says about the form that it used, and about the way to the host. */
export function featureRoutes(
  fact: CallEnd,
  { rung, delivery }: EffectOf<'call.start'>,
  view: StateView,
): readonly Route[] {
  const feature = featureOf[rung];
  const routes = fact.type === 'call.succeeded' ? [...onceReached(view)] : [];
  if (feature === null || !isOfInterest(view, feature)) return routes;
  if (fact.type === 'call.succeeded')
    routes.push({ to: `feature:${feature}`, event: asEvent({ type: 'form.accepted', delivery }) });
  // A refusal comes from the delivery itself, which knows the content.
  else if (fact.class !== 'rejectedForm')
    routes.push({ to: `feature:${feature}`, event: asEvent({ type: 'form.undecided', delivery }) });
  return routes;
}

function isOfInterest(view: StateView, feature: Feature): boolean {
  const actor = view.actor(`feature:${feature}`);
  if (!actor) return false;
  if (actor.snapshot.value === 'enabled') return (actor.snapshot.context as FeatureContext).refusals.length > 0;
  return actor.snapshot.value === 'probing' || actor.snapshot.value === 'restoring';
}

/** A call has reached the host: features that were off for the network are on again in this very step. */
export function onceReached(view: StateView): readonly Route[] {
  return (['fileUploads', 'richEmbeds'] as const)
    .filter((name) => contextOf(view, name)?.reason === 'network')
    .map((name) => ({ to: `feature:${name}`, event: asEvent({ type: 'api.answered' }) }));
}

/** `channel` null: the call was for none. */
export function throttleRoutes(
  fact: {
    readonly class: 'ok' | ErrorClass;
    readonly code: number | string | null;
    readonly retryAfterMs?: number | null;
  },
  channel: string | null,
): readonly Route[] {
  if (fact.class !== 'throttled') return [];
  const { code, retryAfterMs = null } = fact;
  return [{ to: 'feature:externalApiCalls', event: asEvent({ type: 'call.throttled', code, channel, retryAfterMs }) }];
}

export function healthOfCall(fact: CallEnd): Route {
  if (fact.type === 'call.succeeded') return { to: 'health:send', event: asEvent({ type: 'outcome.good' }) };
  const type = isFailureClass(fact.class) ? 'outcome.bad' : 'outcome.noted';
  return { to: 'health:send', event: asEvent({ type, class: fact.class }) };
}

/** An append slower than this is a bad outcome for the journal. */
const APPEND_SLOW_MS = 1_000;

export function healthOfSample(fact: FactOf<'process.sampled'>, { recovery }: BotOptions): readonly Route[] {
  const outcome = (part: string, isGood: boolean): Route => ({
    to: `health:${part}`,
    event: asEvent(isGood ? { type: 'outcome.good' } : { type: 'outcome.bad', class: part }),
  });
  return [
    outcome('memory', isHeapWell(fact, recovery)),
    outcome('eventLoop', isLoopWell(fact, recovery)),
    outcome('journal', fact.appendFailures === 0 && fact.appendMaxMs <= APPEND_SLOW_MS),
  ];
}

/** A forced recovery: every feature on, breakers and windows begin anew. */
export function resetRoutes(breakers: readonly string[]): readonly Route[] {
  return [
    ...breakers.map((to) => ({ to, event: asEvent({ type: 'operator.reset', breaker: to }) })),
    ...FEATURES.map((name) => ({ to: `feature:${name}`, event: asEvent({ type: 'recovery.forced' }) })),
    ...HEALTH_PARTS.map((part) => ({ to: `health:${part}`, event: asEvent({ type: 'recovery.forced' }) })),
  ];
}
