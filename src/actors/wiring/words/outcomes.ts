import { bearing, heard } from '../../../machines/kit/heard.js';
import type { Effect } from '../../ports.js';
import { contextOf } from '../../step/reading.js';
import type { StateView } from '../../step/state.js';
import type { FactWord } from '../rows/rows.js';
import { isAdmitting, laneOf, MESSAGES, UPLOADS } from './places.js';

/** Words about the ends of calls: whose they were, under which permit, and what each hears of them. */
type Caused<R> = (fact: unknown, view: unknown, effect: Effect | undefined) => R;
type CallEnd<R> = FactWord<'call.succeeded' | 'call.failed', R>;
/** What was asked of QQ for a reply: a call, an upload, a reading. */
const called = (effect: Effect | undefined) => bearing(effect!, 'place');

/** The effect is still open: this is its first outcome. */
export const isAwaited: Caused<boolean> = (_fact, _view, effect) => effect !== undefined;
export const askerOf: Caused<string> = (_fact, _view, effect) => effect!.actor;

export const isAcknowledgement: Caused<boolean> = (_fact, _view, effect) => effect?.type === 'interaction.acknowledge';
export const isCall: Caused<boolean> = (_fact, _view, effect) => effect?.type === 'call.start';
/** What failed on purpose says nothing about the API. */
export const isRehearsed: Caused<boolean> = (_fact, _view, effect) =>
  effect?.type === 'call.start' && effect.rehearse === true;
export const isCounted: Caused<boolean> = (_fact, _view, effect) =>
  effect?.type === 'call.start' && effect.rehearse !== true;
/** No call was made: the picture is to be uploaded first. */
export const isPictureMissing: FactWord<'call.failed', boolean> = (fact, _view, effect) =>
  effect?.type === 'call.start' && fact.upload === true;
export const isJudged: FactWord<'call.failed', boolean> = (fact, view, effect) =>
  isCounted(fact, view, effect) && !isPictureMissing(fact, view, effect);
export const isUpload: Caused<boolean> = (_fact, _view, effect) => effect?.type === 'picture.upload';
/** It says something of QQ's host or our token. */
export const isAboutHost: FactWord<'call.failed', boolean> = (fact, view, effect) =>
  isJudged(fact, view, effect) || isUpload(fact, view, effect);

export const isPermitted: Caused<boolean> = (_fact, _view, effect) => effect !== undefined && 'permit' in effect;

export const breakerOf: Caused<string> = (_fact, _view, effect) => bearing(effect!, 'permit').breaker;
export const deliveryOf: Caused<string> = (_fact, _view, effect) => called(effect).delivery;
export const callOf: Caused<string> = (_fact, _view, effect) => heard(effect!, 'external.run').call;

export const withPermit: CallEnd<object> = (fact, _view, effect) => {
  const { permit, place } = called(effect);
  return { ...fact, permit, target: laneOf(place) };
};
export const itsPermitUnused: Caused<object> = (_fact, _view, effect) => {
  const { breaker, permit } = bearing(effect!, 'permit');
  return { type: 'permit.released', breaker, permit };
};
/** How long it took is not judged: pictures are of all sizes. */
export const asEndOfUpload: CallEnd<object> = (fact, view, effect) => ({
  ...withPermit(fact, view, effect),
  latencyMs: 0,
});
/**
 * It is told how that breaker stands after this very outcome. A probe that failed and did not open it told of its
 * target only: a failure like any other, after which its reply backs off and gives its turn back.
 */
const withStateOf =
  (breaker: string): CallEnd<(now: StateView) => object> =>
  (fact, view, effect) => {
    const probe = contextOf(view.actor(breaker), 'circuitBreaker')?.probe;
    const isProbe = probe === called(effect).permit.id;
    return (now) => {
      const isOpen = !isProbe || now.actor(breaker)?.snapshot.value === 'open';
      return { ...fact, breakerOpen: isOpen && !isAdmitting(now, breaker) };
    };
  };
export const withBreakersState = withStateOf(MESSAGES);
export const withUploadsState = withStateOf(UPLOADS);

export const isUnderAudit: FactWord<'call.succeeded', boolean> = ({ auditId }, _view, effect) =>
  auditId !== undefined && isCounted(null, null, effect);
export const itsAudit: FactWord<'call.succeeded', object> = ({ auditId }, _view, effect) => ({
  type: 'audit.begun',
  auditId,
  delivery: called(effect).delivery,
});

/** To its breaker as the end of a call like any other. */
export const asEndOfCall: FactWord<'external.succeeded' | 'external.failed', object> = (fact, _view, effect) => {
  const { permit } = heard(effect!, 'external.run');
  const isGood = fact.type === 'external.succeeded';
  const type = isGood ? 'call.succeeded' : 'call.failed';
  const kind = isGood ? 'ok' : fact.class;
  return { type, class: kind, latencyMs: fact.latencyMs, status: 200, retryAfterMs: null, permit };
};
