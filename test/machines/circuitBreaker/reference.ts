import { randomFrom } from '../../../src/machines/kit/randomness.js';

/**
 * What a breaker should do, written a second time as a plain program with variables and `if`: sorted arrays, a list of all
 * calls, a set of permits. Slow and simple on purpose; shares nothing with the chart but the hash for jitter.
 */
export interface ReferenceOptions {
  failureThreshold: number;
  failureRate: number;
  minimumCalls: number;
  windowMs: number;
  slowRate: number;
  openMs: number;
  openFactor: number;
  openEarlyMaxMs: number;
  openLateMs: number;
  earlyMs: number;
  leaseMs: number;
  rampMs: number;
  rampShares: readonly number[];
  waitingMax: number;
  mode: 'enabled' | 'observing' | 'disabled';
  targetFailures: 'once' | 'each';
}

/** Any event, with whatever fields it has; `timer` is a delay's firing, `what` its name. */
export interface Heard {
  type: string;
  at: number;
  id: string;
  what?: string;
  delivery?: string;
  deadline?: number;
  target?: string;
  permit?: { id: string; generation: number };
  class?: string;
  status?: number | null;
  latencyMs?: number;
  retryAfterMs?: number | null;
  options?: { circuitBreaker: ReferenceOptions; calls: { inFlightMax: number; slowMs: number } };
}
export type Told = Record<string, unknown>;

export function createCircuitBreakerReference(
  id: string,
  first: { options: ReferenceOptions; inFlightMax: number; slowMs: number },
) {
  let { options, inFlightMax, slowMs } = first;
  let state = { enabled: 'closed', observing: 'observing', disabled: 'disabled' }[options.mode];
  let generation = 1;
  let out = new Set<string>();
  let line: { delivery: string; deadline: number; target: string }[] = [];
  let ill: { target: string; times: number; at: number; began: number; pardoned?: boolean }[] = [];
  let answers: { target: string; at: number }[] = [];
  let tokenless = false;
  let culprit = '';
  let probed = '';
  let calls: { at: number; bad: boolean; slow: boolean }[] = [];
  let streak = 0;
  let wouldOpen = 0;
  let probe = '';
  let stage = 0;
  let outage: { since: number; opens: number; evidence: boolean } | null = null;
  let notBefore = 0;
  let timer: { dueAt: number; what: string } | null = null;
  let told: Told[] = [];
  let now = 0;
  let eventId = '';
  let grants = 0;

  const arm = (what: string, ms: number) => {
    timer = { dueAt: now + ms, what };
  };
  const go = (to: string) => {
    state = to;
    timer = null;
    if (to === 'halfOpen.probing') arm('leaseMs', options.leaseMs);
    if (to === 'halfOpen.ramping') arm('rampStageMs', Math.round(options.rampMs / options.rampShares.length));
  };
  const places = () =>
    state === 'halfOpen.ramping' ? Math.max(1, Math.ceil(inFlightMax * (options.rampShares[stage] ?? 1))) : inFlightMax;
  const apart = (target = '') => (options.targetFailures === 'once' ? target : '');
  const fails = (target: string) => {
    if (target === '') return;
    const { times, began } = ill.find((one) => one.target === target) ?? { times: 0, began: now };
    ill = [...ill.filter((one) => one.target !== target), { target, times: times + 1, at: now, began }];
  };
  const answer = (target: string) => {
    if (target === '') return;
    ill = ill.filter((one) => one.target !== target);
    answers.push({ target, at: now });
  };
  const isOldNews = (target: string) => {
    const one = ill.find((one) => one.target === target);
    const began = one && !one.pardoned ? one.began : Number.POSITIVE_INFINITY;
    return answers.some((one) => one.target !== target && one.at > now - options.windowMs && one.at >= began);
  };
  const soleOne = () => {
    const late = ill.filter(({ at }) => at > now - options.windowMs);
    return late.length === 1 ? late[0]!.target : '';
  };
  const grant = (delivery: string, isProbe: boolean) => {
    grants += 1;
    const permit = { id: `${eventId}.p${grants}`, generation };
    out.add(permit.id);
    if (isProbe) probe = permit.id;
    told.push({ type: 'permit.granted', delivery, breaker: id, permit, probe: isProbe });
  };
  const serve = () => {
    while (!tokenless && line.length > 0 && out.size < places()) grant(line.shift()!.delivery, false);
  };
  const tryProbe = () => {
    probe = '';
    if (line.length === 0) return go('halfOpen.awaitingProbe');
    go('halfOpen.probing');
    const turn = ({ target }: { target: string }) => ill.findIndex((one) => one.target === target);
    const next = [...line].sort((a, b) => turn(a) - turn(b) || line.indexOf(a) - line.indexOf(b))[0]!;
    line = line.filter((one) => one !== next);
    probed = apart(next.target);
    grant(next.delivery, true);
  };
  const forget = () => {
    if (outage) told.push({ type: 'breaker.closed', breaker: id });
    outage = null;
    notBefore = 0;
    streak = 0;
    calls = [];
    probe = '';
    ill = [];
    answers = [];
    culprit = '';
    probed = '';
  };
  const newGeneration = () => {
    generation += 1;
    out = new Set();
    probe = '';
  };
  const open = (reason: string, retryAfterMs: number, longer = true) => {
    outage ??= { since: now, opens: 0, evidence: false };
    const power = longer ? outage.opens : Math.max(0, outage.opens - 1);
    const early = now - outage.since < options.earlyMs;
    const whole = early
      ? Math.min(options.openMs * options.openFactor ** power, Math.max(options.openEarlyMaxMs, options.openMs))
      : Math.max(options.openLateMs, options.openMs);
    const floor = retryAfterMs > 300_000 ? 300_000 : retryAfterMs;
    const openMs = Math.max(Math.round(whole * 0.5 * (1 + randomFrom(eventId))), floor);
    if (longer) outage.opens += 1;
    notBefore = now + floor;
    calls = [];
    probe = '';
    go('open');
    arm('openMs', openMs);
    told.push({ type: 'breaker.opened', breaker: id, reason, openMs, failures: streak });
  };
  const remember = (bad: boolean, latencyMs: number) => {
    streak = bad ? streak + 1 : 0;
    calls.push({ at: now, bad, slow: latencyMs > slowMs });
  };
  const verdict = () => {
    if (streak >= options.failureThreshold) return 'consecutiveFailures';
    const part = Math.ceil(options.windowMs / 10);
    const live = calls.filter(({ at }) => Math.floor(at / part) * part > now - options.windowMs);
    if (live.length < options.minimumCalls) return '';
    const share = (which: 'bad' | 'slow') => live.filter((call) => call[which]).length / live.length;
    if (share('bad') > 0 && share('bad') >= options.failureRate) return 'failureRate';
    return share('slow') > 0 && share('slow') >= options.slowRate ? 'slowRate' : '';
  };

  const onEnd = (event: Heard): void => {
    const permit = event.permit!;
    if (permit.generation !== generation) return;
    out.delete(permit.id);
    const released = event.type === 'permit.released';
    const bad = event.type === 'call.failed' && ['transient', 'ambiguous'].includes(event.class!);
    const good = event.type === 'call.succeeded';
    const pause = event.type === 'call.failed' ? (event.retryAfterMs ?? 0) : 0;
    const target = apart(event.target);
    const ownFault = bad && target !== '' && isOldNews(target);
    if (state === 'halfOpen.probing' && permit.id === probe) {
      const refused =
        ['rejectedForm', 'rejectedTarget'].includes(event.class!) || (event.class === 'local' && event.status !== null);
      if (released) tryProbe();
      else if (ownFault) {
        fails(target);
        probed = '';
        tryProbe();
      } else if (bad) {
        streak += 1;
        fails(probed);
        if (probed !== culprit) culprit = '';
        open('probeFailed', pause);
      } else if (good || refused) {
        answer(probed);
        ill = ill.map((one) => (one.times > 1 ? one : { ...one, pardoned: true }));
        culprit = '';
        newGeneration();
        stage = 0;
        streak = 0;
        go('halfOpen.ramping');
        serve();
      } else {
        if (probed !== culprit) culprit = '';
        open('probeUndecided', pause, false);
      }
    } else if (event.class === 'auth' && ['closed', 'observing', 'disabled', 'halfOpen.ramping'].includes(state)) {
      tokenless = true;
    } else if (ownFault && ['closed', 'observing', 'halfOpen.ramping'].includes(state)) {
      fails(target);
      serve();
    } else if (state === 'halfOpen.ramping' && bad) {
      streak += 1;
      fails(target);
      culprit = soleOne();
      open('rampFailed', pause);
    } else if (['closed', 'observing', 'halfOpen.ramping'].includes(state)) {
      if (good || bad) remember(bad, event.latencyMs!);
      if (bad) fails(target);
      if (good) answer(target);
      const why = good || bad ? verdict() : '';
      if (why !== '' && state === 'observing') {
        wouldOpen += 1;
        streak = 0;
        calls = [];
      }
      if (why !== '' && state !== 'observing') {
        culprit = bad ? soleOne() : '';
        open(why, pause);
      } else serve();
    } else if (state === 'disabled') serve();
  };

  const isOfCulprit = ({ target }: { target: string }) => target === culprit;
  const onRequest = (event: Heard) => {
    const delivery = event.delivery!;
    const deadline = event.deadline!;
    const admits = ['closed', 'observing', 'disabled', 'halfOpen.ramping'].includes(state);
    if (state === 'halfOpen.awaitingProbe') {
      go('halfOpen.probing');
      probed = apart(event.target);
      grant(delivery, true);
    } else if (admits && !tokenless && line.length === 0 && out.size < places()) grant(delivery, false);
    else {
      if (line.length >= options.waitingMax) {
        const last = culprit === '' || event.target === culprit ? undefined : line.findLast(isOfCulprit);
        told.push({ type: 'permit.denied', delivery: last?.delivery ?? delivery });
        if (!last) return;
        line = line.filter((one) => one !== last);
      }
      line.push({ delivery, deadline, target: event.target ?? '' });
      line.sort((a, b) => a.deadline - b.deadline || (a.delivery < b.delivery ? -1 : 1));
    }
  };

  const onNewLife = (event: Heard) => {
    const before = options.mode;
    options = event.options!.circuitBreaker;
    ({ inFlightMax, slowMs } = event.options!.calls);
    const wasProbing = state === 'halfOpen.probing';
    newGeneration();
    if (options.mode !== before) {
      forget();
      go({ enabled: 'closed', observing: 'observing', disabled: 'disabled' }[options.mode]);
      serve();
    } else if (wasProbing) tryProbe();
    else if (['closed', 'observing', 'disabled', 'halfOpen.ramping'].includes(state)) serve();
  };

  const onTimer = (what: string) => {
    if (what === 'openMs') tryProbe();
    else if (what === 'leaseMs') {
      newGeneration();
      streak += 1;
      fails(probed);
      if (probed !== culprit) culprit = '';
      open('leaseExpired', 0);
    } else if (stage + 1 < options.rampShares.length) {
      stage += 1;
      go('halfOpen.ramping');
      serve();
    } else {
      outage = null;
      notBefore = 0;
      go('closed');
      told.push({ type: 'breaker.closed', breaker: id });
      serve();
    }
  };

  const onOperator = (what: string) => {
    if (what === 'isolated') {
      probe = '';
      go('isolated');
    } else if (what === 'released') {
      if (state === 'isolated') tryProbe();
    } else if (what === 'disabled' || what === 'observed') {
      forget();
      go(what === 'disabled' ? 'disabled' : 'observing');
      serve();
    } else if (what === 'enabled') {
      if (state !== 'disabled' && state !== 'observing') return;
      forget();
      go('closed');
    } else if (what === 'reset') {
      newGeneration();
      forget();
      wouldOpen = 0;
      go('closed');
      serve();
    }
  };

  return {
    /** Tells it what happened; returns what it would have emitted. */
    hear(event: Heard): Told[] {
      told = [];
      grants = 0;
      now = event.at;
      eventId = event.id;
      const [subject, verb] = event.type.split('.');
      if (event.type === 'timer') onTimer(event.what!);
      else if (event.type === 'permit.requested') onRequest(event);
      else if (event.type === 'permit.cancelled') line = line.filter(({ delivery }) => delivery !== event.delivery);
      else if (event.type === 'permit.released' || subject === 'call') onEnd(event);
      else if (event.type === 'run.started') onNewLife(event);
      else if (subject === 'operator') onOperator(verb!);
      else if (event.type === 'token.changed') {
        tokenless = false;
        if (['closed', 'observing', 'disabled', 'halfOpen.ramping'].includes(state)) serve();
      } else if (state === 'open' && outage && !outage.evidence && now >= notBefore) {
        outage.evidence = true;
        tryProbe();
      }
      if (state === 'open' && culprit !== '' && now >= notBefore && line.some(({ target }) => target !== culprit))
        tryProbe();
      return told;
    },
    timer: () => timer,
    seen: () => ({
      state,
      inFlight: out.size,
      waiting: line.map(({ delivery }) => delivery),
      generation,
      wouldOpen,
      dueAt: timer?.dueAt ?? null,
    }),
  };
}
