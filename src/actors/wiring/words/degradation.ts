import type { ContextOf } from '../../../machines/cards.js';
import { bestRung } from '../../../machines/delivery/context.js';
import { isFailureClass } from '../../../machines/kit/callOutcome.js';
import { bearing } from '../../../machines/kit/heard.js';
import { isHeapWell, isLoopWell } from '../../../machines/recovery/context.js';
import type { ErrorClass } from '../../../machines/vocabulary/base.js';
import type { Feature } from '../../../machines/vocabulary/replies/features.js';
import { actorsOf, offBy } from '../../../machines/vocabulary/replies/features.js';
import { rungRow } from '../../../machines/vocabulary/replies/rungs.js';
import type { Effect } from '../../ports.js';
import { contextOf } from '../../step/reading.js';
import type { StateView } from '../../step/state.js';
import type { FactWord, SignalWord } from '../rows/rows.js';
import { isAboutHost } from './outcomes.js';
import { laneOf, optionsOf } from './places.js';

/**
 * Words by which things degrade and heal: what features and health hear of calls. Features hear of the course of
 * things only while something is wrong with them, so that a healthy bot pays nothing for them.
 */
const FORMS = offBy('refusal');
type CallEnd<R> = FactWord<'call.succeeded' | 'call.failed', R>;

const stateOf = (view: StateView, feature: Feature): ContextOf<'feature'> | undefined =>
  contextOf(view.actor(`feature:${feature}`), 'feature');
/** A feature that is not there yet (an older journal) counts as on. */
export const isOn = (view: StateView, feature: Feature): boolean =>
  view.actor(`feature:${feature}`)?.snapshot.hasTag('on') ?? true;

/**
 * Features whose form this delivery must not use now; nothing when all are on. It may use the one whose canary it is.
 */
export function offFor(delivery: string, view: StateView): { readonly off?: readonly Feature[] } {
  const off = FORMS.filter((name) => !isOn(view, name) && stateOf(view, name)?.canary !== delivery);
  return off.length === 0 ? {} : { off };
}

/** A feature that waits for a reply to try it is told of this delivery, when that is the form it would use. */
export const featureToTry: SignalWord<'permit.granted', readonly string[]> = ({ delivery }, view) => {
  if (FORMS.every((name) => isOn(view, name))) return [];
  const actor = view.actor(delivery);
  const reply = contextOf(actor, 'delivery');
  // A permit to read is no permit to try a form.
  if (!reply || actor?.snapshot.value === 'awaitingReading') return [];
  const off = offFor(delivery, view).off ?? [];
  const others = (name: Feature): Feature[] => off.filter((other) => other !== name);
  const due = off.filter((name) => stateOf(view, name)?.isDue);
  const wanted = due.find((name) => rungRow(bestRung(reply, others(name))).feature === name);
  return wanted ? [`feature:${wanted}`] : [];
};
export const itsDelivery = ({ delivery }: { readonly delivery: string }): object => ({ type: 'form.wanted', delivery });
export const withFormsThatAreOff: SignalWord<'permit.granted', (now: StateView) => object> = (signal) => (now) => ({
  ...signal,
  ...offFor(signal.delivery, now),
});

/** Features whose canary this actor is. */
export const canariesOf = (delivery: string, view: StateView): readonly string[] =>
  delivery.startsWith('delivery:')
    ? FORMS.filter((name) => stateOf(view, name)?.canary === delivery).map((name) => `feature:${name}`)
    : [];

/** The feature that the form of this call belongs to, while it hears of the course of things. */
export const featureConcerned: CallEnd<readonly string[]> = (_fact, view, effect) => {
  const { feature } = rungRow(bearing(effect!, 'rung').rung);
  return feature !== null && isOfInterest(view, feature) ? [`feature:${feature}`] : [];
};
export const formAccepted: CallEnd<object> = (_fact, _view, effect) => about('form.accepted', effect);
const about = (type: string, effect: Effect | undefined): object => ({
  type,
  delivery: bearing(effect!, 'delivery').delivery,
});

function isOfInterest(view: StateView, feature: Feature): boolean {
  const actor = view.actor(`feature:${feature}`);
  if (!actor) return false;
  if (actor.snapshot.value === 'enabled') return (stateOf(view, feature)?.refusals.length ?? 0) > 0;
  return actor.snapshot.value === 'probing' || actor.snapshot.value === 'restoring';
}

/** Features that are off for the network: a call that has reached the host brings them back in this very step. */
export const offForNetwork = (_fact: unknown, view: StateView): readonly string[] =>
  actorsOf(offBy('network').filter((name) => stateOf(view, name)?.reason === 'network'));

type Answered = { readonly class: 'ok' | ErrorClass; readonly code: number | string | null };
export const isOk = ({ class: kind }: Answered): boolean => kind === 'ok';
export const isAuth = ({ class: kind }: Answered): boolean => kind === 'auth';
export const isThrottled = ({ class: kind }: Answered): boolean => kind === 'throttled';
export const isThrottledCall: FactWord<'call.failed', boolean> = (fact, view, effect) =>
  isAboutHost(fact, view, effect) && isThrottled(fact);
export const isUnauthorised: FactWord<'call.failed', boolean> = (fact, view, effect) =>
  isAboutHost(fact, view, effect) && isAuth(fact);
const throttled = ({ code }: Answered, retryAfterMs: number | null, channel: string | null): object => ({
  type: 'call.throttled',
  code,
  channel,
  retryAfterMs,
});
/** The call was for no channel. */
export const throttledAnywhere = (fact: Answered): object => throttled(fact, null, null);
export const throttledInChannel: FactWord<'call.failed', object> = (fact, _view, effect) =>
  throttled(fact, fact.retryAfterMs, laneOf(bearing(effect!, 'place').place));

/** What says nothing about sending (a refusal, a limit) is noted only. */
export const outcomeOfCall: FactWord<'call.failed', object> = (fact) => ({
  type: isFailureClass(fact.class) ? 'outcome.bad' : 'outcome.noted',
  class: fact.class,
});

/** An append slower than this is a bad outcome for the journal. */
const APPEND_SLOW_MS = 1_000;
type Sampled = FactWord<'process.sampled', object>;
const outcome = (part: string, isGood: boolean): object =>
  isGood ? { type: 'outcome.good' } : { type: 'outcome.bad', class: part };
export const memoryOutcome: Sampled = (fact, view) => outcome('memory', isHeapWell(fact, optionsOf(view).recovery));
export const loopOutcome: Sampled = (fact, view) => outcome('eventLoop', isLoopWell(fact, optionsOf(view).recovery));
export const journalOutcome: Sampled = (fact) =>
  outcome('journal', fact.appendFailures === 0 && fact.appendMaxMs <= APPEND_SLOW_MS);
