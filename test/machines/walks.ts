import type { AnyMachineSnapshot } from 'xstate';
import { topology } from '../../src/actors/wiring/topology.js';
import { deadLettersOf } from '../../src/machines/intake/deadLetters.js';
import { RETRIES_MAX } from '../../src/machines/intake/words.js';
import { defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { statePath } from './machineDriver.js';
import { type CoverEvent, type TransitionCover, transitionCover } from './transitionCover.js';

/**
 * For every chart (the two breakers have files of their own): a walk made from the chart itself takes each transition and
 * gives each event to each state; what is ignored leaves no trace.
 */
export interface Walk {
  readonly inputs: readonly object[];
  readonly events: readonly CoverEvent[] | ((snapshot: AnyMachineSnapshot) => readonly CoverEvent[]);
  /** What of the context tells two states apart. */
  readonly sees: (context: Record<string, unknown>) => unknown;
}

const run: CoverEvent = { type: 'run.started', epoch: 2, options: defaultOptions, machineVersions: {} };
const undeliverable: CoverEvent = { type: 'signal.undeliverable', actor: 'x', event: 'y' };
const failed = (kind: string, more: object = {}): CoverEvent => ({
  type: 'call.failed',
  effectId: 'x',
  class: kind,
  status: 500,
  code: null,
  latencyMs: 1,
  retryAfterMs: null,
  traceId: null,
  breakerOpen: false,
  ...more,
});
const socketEvents = (socket: string): CoverEvent[] => [
  { type: 'socket.opened', socket },
  ...[1006, 4004, 4006, 4009, 4014, 4903, 4915].map((code) => ({ type: 'socket.closed', socket, code, reason: '' })),
  { type: 'hello.received', socket, heartbeatMs: 40_000 },
  { type: 'session.started', socket, s: 1, session: 'x', user: { id: 'b', username: 'bot' } },
  { type: 'session.resumed', socket, s: 2 },
  { type: 'session.invalidated', socket },
  { type: 'reconnect.requested', socket },
  { type: 'heartbeat.acknowledged', socket },
  { type: 'heartbeat.requested', socket },
  { type: 'message.received', socket, s: 3, eventId: null, message: {} },
  ...['message.received', 'message.duplicated', 'event.received', 'event.unrecognised', 'frame.rejected'].map(
    (type) => ({ type, socket, s: 4, afterMs: 20_000 }),
  ),
  { type: 'message.duplicated', socket, s: 3, message: 'm' },
  { type: 'event.received', socket, s: 3 },
  { type: 'event.unrecognised', socket, s: 3, name: 'X', eventId: null },
  { type: 'frame.rejected', socket, s: null, reason: 'r', bytes: 1 },
];
const inbound = {
  id: 'm',
  place: { kind: 'guild', guildId: 'g', channelId: 'c' },
  author: { id: 'u', username: 'u', bot: false, roles: [] },
  content: '',
  mentionsBot: true,
};
const overheard = { ...inbound, place: { kind: 'group', guildId: '', channelId: 'g' }, mentionsBot: false };
const replies = (...ordinals: number[]) => ordinals.map((ordinal) => ({ ordinal, form: { text: 't', embed: true } }));
const atMostOnce = { ...defaultOptions.delivery, uncertainReplies: 'atMostOnce' as const };
const deliveryInput = (delivery: object) => ({
  id: 'd',
  message: 'message:m',
  messageId: 'm',
  ordinal: 0,
  place: inbound.place,
  lane: 'l',
  author: 'u',
  receivedAt: 0,
  at: 0,
  form: { text: 't', embed: true },
  operator: false,
  options: { retry: { ...defaultOptions.retry, retriesMax: 1 }, delivery, lane: defaultOptions.lane, timeoutMs: 1_000 },
  locale: 'en',
});
const longDelivery = {
  ...deliveryInput({ ...defaultOptions.delivery, textMax: 150 }),
  form: { text: 'x'.repeat(200), embed: true },
};
const groupPicture = {
  ...deliveryInput(defaultOptions.delivery),
  place: { kind: 'group', guildId: '', channelId: 'g' },
  form: { text: 't', embed: true, image: 'https://p.example/a.png' },
};

const external = {
  id: 'external:r.0',
  run: 'r',
  ordinal: 0,
  breaker: 'b',
  isFeatureOn: true,
  isBreakerOpen: false,
  timeoutMs: 9,
  permitMs: 9,
  at: 0,
};

export const walks: { readonly [name: string]: Walk } = {
  bot: {
    inputs: [{ options: defaultOptions.bot }],
    events: [
      run,
      { type: 'stop.requested', signal: 'SIGTERM' },
      { type: 'gateway.readied', resumed: false },
      { type: 'gateway.stopped', code: 4915, reason: 'r' },
      { type: 'token.refused', code: 100016 },
      { type: 'intake.drained' },
      { type: 'recovery.stuck' },
    ],
    sees: () => null,
  },
  accessToken: {
    inputs: [{ options: defaultOptions.token }],
    events: (snapshot) => [
      run,
      { type: 'token.fetched', effectId: 'x', ref: 'r', expiresAt: 10_000_000 },
      { type: 'token.fetched', effectId: 'x', ref: 'r', expiresAt: 1 },
      { type: 'token.fetchFailed', effectId: 'x', class: 'fatal', code: 1, status: 200 },
      { type: 'token.fetchFailed', effectId: 'x', class: 'transient', code: null, status: null },
      { type: 'token.lost', ref: (snapshot.context as { ref: string | null }).ref ?? 'none' },
      { type: 'token.lost', ref: 'another' },
      { type: 'token.rejected' },
      { type: 'token.rejected', afterMs: 60_000 },
      failed('auth', { afterMs: 60_000 }),
      failed('auth', { latencyMs: 90_000, afterMs: 1 }),
      failed('auth'),
      { type: 'effect.failed', effectId: 'x', error: 'e' },
    ],
    sees: ({ ref, expiresAt }) => [ref === null, Number(expiresAt) > 5_000_000],
  },
  gateway: {
    inputs: [
      { options: defaultOptions.gateway },
      { options: { ...defaultOptions.gateway, url: 'ws://fixed' } },
      { options: { ...defaultOptions.gateway, source: 'webhook' } },
    ],
    events: (snapshot) => [
      run,
      { type: 'token.changed', ref: 'r' },
      { type: 'caches.cleared' },
      { type: 'reconnect.advised' },
      { type: 'sources.paused' },
      { type: 'sources.resumed' },
      { type: 'drain.started' },
      { type: 'effect.failed', effectId: 'x', error: 'e' },
      { type: 'gateway.discovered', url: 'ws://g', shards: 1, sessionsRemaining: 1 },
      { type: 'gateway.discovered', url: 'ws://g', shards: 1, sessionsRemaining: 0, resetAfterMs: 9 },
      { type: 'webhook.opened', socket: 'hook' },
      { type: 'gateway.discoveryFailed', class: 'fatal', code: 1, status: 401 },
      { type: 'gateway.discoveryFailed', class: 'transient', code: null, status: null },
      ...socketEvents((snapshot.context as { socket: string | null }).socket ?? 's'),
      ...socketEvents('an older one').slice(1, 2),
    ],
    sees: ({
      url,
      socket,
      session,
      intents,
      missedAcks,
      failedResumes,
      sessionsLeft,
      refusals,
      refusedBy,
      options,
      isPaused,
    }) => [
      isPaused === true && refusals === 0 && missedAcks === 0 && Number(failedResumes) < 2,
      sessionsLeft,
      Math.min(Number(refusals), 2),
      refusedBy === socket,
      (options as { source: string }).source,
      url === null,
      socket === null,
      session === null,
      intents,
      Math.min(Number(missedAcks), 1),
      Math.min(Number(failedResumes), 3),
    ],
  },
  intake: {
    inputs: [
      {
        options: { ...defaultOptions.handlers, concurrencyMax: 2, queueMax: 2 },
        commands: { perUserMax: 1, windowMs: 10_000 },
        intake: { ...defaultOptions.intake, aheadMin: 3, unlinkedMax: 3 },
        deadLettersMax: 2,
      },
      {
        left: { isStillFull: true },
        options: { ...defaultOptions.handlers, concurrencyMax: 2, queueMax: 2 },
        commands: { perUserMax: 1, windowMs: 10_000 },
        intake: { ...defaultOptions.intake, aheadMin: 3, unlinkedMax: 3 },
        deadLettersMax: 2,
      },
    ],
    events: [
      {
        ...run,
        options: {
          ...defaultOptions,
          handlers: { ...defaultOptions.handlers, concurrencyMax: 2, queueMax: 2 },
          intake: { ...defaultOptions.intake, aheadMin: 3, unlinkedMax: 3 },
        },
      },
      { type: 'gateway.readied', resumed: false },
      { type: 'gateway.lost', code: 1006 },
      { type: 'memory.tightened', heapShare: 0.9 },
      { type: 'memory.eased', heapShare: 0.5 },
      { type: 'message.received', socket: 's', s: 1, eventId: null, message: {} },
      { type: 'message.duplicated', socket: 's', s: 1, message: 'm' },
      { type: 'slot.requested', message: 'm', author: 'u', work: 'normal' },
      { type: 'slot.requested', message: 'l', author: 'u', work: 'low' },
      { type: 'slot.requested', message: 'c', author: 'u', work: 'command' },
      { type: 'load.reduced' },
      { type: 'load.restored' },
      { type: 'slot.released', message: 'm' },
      { type: 'message.ended', message: 'm', verdict: 'answered', reason: null },
      { type: 'message.ended', message: 'm', verdict: 'deadLettered', reason: 'poison' },
      { type: 'message.ended', message: 'm', retry: RETRIES_MAX, verdict: 'deadLettered', reason: 'poison' },
      { type: 'operator.retried', message: { id: 'm' }, receivedAt: 0, deadline: 1e9 },
      { type: 'operator.retried', message: { id: 'm' }, receivedAt: 0, deadline: 0 },
      { type: 'drain.started' },
      { type: 'message.setAside', message: 'm' },
      { type: 'slot.cancelled', message: 'm' },
      undeliverable,
    ],
    sees: ({ handling, waiting, inHand, held, isReduced, isTight, isLinked, told, usage, ...kept }) => [
      // Of dead letters only what a bot at rest has of them: they change nothing else.
      Number(inHand) > 0 || isReduced ? null : (deadLettersOf(kept).at(0)?.retries ?? deadLettersOf(kept).length > 0),
      Math.max(-1, Math.min(2, Number(handling))),
      (waiting as unknown[]).flat().length,
      [isTight, isLinked, (told as unknown[]).length > 0],
      (held as unknown[]).length,
      isReduced,
      Object.values(usage as { [user: string]: { isTold: boolean } }).map(({ isTold }) => isTold),
      Math.max(-1, Math.min(3, Number(inHand))),
    ],
  },
  lane: {
    inputs: [{}, { holders: { a: 'a' } }].map((left) => ({
      options: { ...defaultOptions.lane, paceMax: 2, queueMax: 2, asideAfter: 1 },
      ...left,
    })),
    events: [
      ...['a', 'b', 'c', 'd'].map((delivery) => ({
        type: 'turn.requested',
        delivery,
        lane: 'l',
        key: delivery,
        afterMs: 1,
      })),
      ...['a', 'b', 'c', 'd'].flatMap((delivery) => [
        { type: 'turn.returned', delivery, lane: 'l', key: delivery, startedAt: 0, blockedMs: null, afterMs: 1 },
        { type: 'turn.returned', delivery, lane: 'l', key: delivery, startedAt: null, blockedMs: null, afterMs: 1 },
      ]),
      {
        type: 'turn.returned',
        delivery: 'a',
        lane: 'l',
        key: 'a',
        startedAt: 0,
        blockedMs: null,
        answered: false,
        afterMs: 1,
      },
      { type: 'turn.returned', delivery: 'a', lane: 'l', key: 'a', startedAt: null, blockedMs: 500, afterMs: 1 },
      run,
    ],
    sees: ({ holders, ready, behind, sentAt, failures = 0 }) => [
      Math.min(1, failures as number),
      Object.keys(holders as object).sort(),
      ready,
      Object.keys(behind as object).sort(),
      Math.min(2, (sentAt as unknown[]).length),
    ],
  },
  message: {
    inputs: [
      { message: inbound, options: { ...defaultOptions.handlers, runsMax: 3 }, locale: 'en' },
      { message: overheard, options: { ...defaultOptions.handlers, runsMax: 3 }, locale: 'en' },
    ],
    events: [
      { type: 'mention.told', content: 'x' },
      { type: 'slot.granted', message: 'm' },
      { type: 'slot.denied', message: 'm', reason: 'busy' },
      { type: 'slot.denied', message: 'm', reason: 'muted' },
      { type: 'reply.requested', effectId: 'x', replies: replies(0) },
      ...[[], [0], [0, 1]].map((ordinals) => ({
        type: 'handler.completed',
        effectId: 'x',
        replies: replies(...ordinals),
        operator: false,
      })),
      { type: 'handler.failed', effectId: 'x', reason: 'threw', error: 'e' },
      { type: 'effect.interrupted', effectId: 'x' },
      { type: 'effect.failed', effectId: 'x', error: 'e' },
      ...['delivered', 'uncertain', 'deadLettered'].map((verdict) => ({
        type: 'delivery.ended',
        delivery: 'd',
        message: 'm',
        ordinal: 0,
        verdict,
        reason: null,
      })),
      { type: 'external.requested', effectId: 'x', ordinal: 0, name: 'n', timeoutMs: 1 },
      { type: 'audit.awaited', delivery: 'd', message: 'm' },
    ],
    sees: ({ ordinals, ended, refused, dead, uncertain, runs, isAlone = false, isAside = false, inbound: told }) => [
      isAlone,
      isAside,
      (told as typeof inbound).mentionsBot,
      (ordinals as unknown[]).length,
      Math.min(4, Number(ended)),
      refused,
      dead !== null,
      uncertain,
      runs,
    ],
  },
  delivery: {
    inputs: [
      deliveryInput(defaultOptions.delivery),
      deliveryInput(atMostOnce),
      longDelivery,
      groupPicture,
      { ...deliveryInput(defaultOptions.delivery), readsBack: true },
      { ...deliveryInput(atMostOnce), readsBack: true },
      { ...longDelivery, readsBack: true },
    ],
    events: [
      { type: 'turn.granted', deliveries: ['d'] },
      { type: 'turn.denied', delivery: 'd' },
      { type: 'turn.granted', deliveries: ['d'], afterMs: 400_000 },
      { type: 'permit.denied', delivery: 'd', afterMs: 400_000 },
      { type: 'permit.granted', delivery: 'd', breaker: 'b', permit: { id: 'p', generation: 1 }, probe: false },
      { type: 'permit.denied', delivery: 'd' },
      ...['ok', 'underAudit', 'duplicate'].map((kind) => ({
        type: 'call.succeeded',
        effectId: 'x',
        class: kind,
        status: 200,
        code: null,
        latencyMs: 1,
        messageId: null,
        breakerOpen: false,
      })),
      ...['transient', 'ambiguous', 'throttled', 'auth', 'rejectedForm', 'rejectedTarget', 'local'].map((kind) =>
        failed(kind),
      ),
      failed('transient', { breakerOpen: true }),
      failed('local', { upload: true }),
      failed('throttled', { code: 22009 }),
      { type: 'budget.spent', delivery: 'e', message: 'message:m', pauseMs: 60_000 },
      ...[304003, 304019, 40054007, 304082, 11298].map((code) => failed('local', { code })),
      ...['there', 'absent', 'again', 'unknown'].map((verdict) => ({ type: 'doubt.settled', delivery: 'd', verdict })),
      ...['there', 'absent', 'again', 'unknown'].map((verdict) => ({
        type: 'doubt.settled',
        delivery: 'd',
        verdict,
        afterMs: 400_000,
      })),
      {
        type: 'permit.granted',
        delivery: 'd',
        breaker: 'b',
        permit: { id: 'p', generation: 1 },
        probe: false,
        afterMs: 400_000,
      },
      {
        type: 'call.succeeded',
        effectId: 'x',
        class: 'ok',
        status: 200,
        code: null,
        latencyMs: 1,
        messageId: null,
        breakerOpen: false,
        afterMs: 400_000,
      },
      ...[true, false].map((passed) => ({ type: 'audit.ended', delivery: 'd', passed, message: null })),
      failed('rejectedForm', { code: 304005 }),
      failed('transient', { afterMs: 400_000 }),
      failed('ambiguous', { afterMs: 400_000 }),
      { type: 'effect.interrupted', effectId: 'x' },
      { type: 'effect.interrupted', effectId: 'x', afterMs: 400_000 },
      { type: 'effect.failed', effectId: 'x', error: 'e' },
      undeliverable,
    ],
    sees: ({ rungs, attempt, isOut, uncertain, options, part, without, textMax, place, readsBack, uploads }) => [
      Math.min(2, (uploads as { tries: number } | undefined)?.tries ?? 0),
      part,
      readsBack ?? false,
      without,
      textMax,
      (place as { kind: string }).kind,
      rungs,
      Math.max(-1, Math.min(3, Number(attempt))),
      isOut,
      uncertain,
      (options as { delivery: { uncertainReplies: string } }).delivery.uncertainReplies,
    ],
  },
  ownMessages: {
    inputs: [{ epoch: 1, permissionMs: 1_000 }],
    events: [
      ...[1, 2, 9].map((epoch) => ({ ...run, epoch })),
      ...['a', null].map((message) => ({ type: 'message.sent', message })),
      ...[
        {},
        { class: 'rejectedTarget' },
        { class: 'auth' },
        { class: 'transient' },
        { matches: ['a'] },
        { isWhole: false },
      ].map((more) => ({
        type: 'channel.checked',
        effectId: 'x',
        class: 'ok',
        code: null,
        matches: [],
        isWhole: true,
        delivery: 'd',
        receivedAt: 1e15,
        isAlone: true,
        ...more,
      })),
      undeliverable,
    ],
    sees: ({ known, epoch }) => [(known as unknown[]).length > 0, Number(epoch) > 3],
  },
  audits: {
    inputs: [{}],
    events: [
      ...['a', 'b'].flatMap((auditId) => [
        { type: 'audit.begun', auditId, delivery: 'd' },
        { type: 'audit.passed', socket: 's', s: 1, eventId: null, auditId, message: 'm' },
        { type: 'audit.rejected', socket: 's', s: 1, eventId: null, auditId },
      ]),
      undeliverable,
      { type: 'nothing.known' },
    ],
    sees: ({ waiting, early }) => [
      [...new Set((waiting as { auditId: string }[]).map(({ auditId }) => auditId))].sort(),
      [...new Set((early as { auditId: string }[]).map(({ auditId }) => auditId))].sort(),
    ],
  },
  interaction: {
    inputs: [{ interaction: 'i', options: defaultOptions.interactions }],
    events: [
      { type: 'call.succeeded', effectId: 'x', class: 'ok', status: 204, code: null, latencyMs: 1, messageId: null },
      failed('transient'),
      failed('local'),
      { type: 'effect.interrupted', effectId: 'x' },
      { type: 'effect.failed', effectId: 'x', error: 'e' },
    ],
    sees: ({ tries }) => Math.min(2, Number(tries)),
  },
  externalCall: {
    inputs: [external, { ...external, isFeatureOn: false }, { ...external, isBreakerOpen: true }],
    events: [
      { type: 'permit.granted', delivery: 'x', breaker: 'b', permit: { id: 'p', generation: 1 }, probe: false },
      { type: 'permit.denied', delivery: 'x' },
      { type: 'external.succeeded', effectId: 'e', latencyMs: 1 },
      { type: 'external.failed', effectId: 'e', class: 'transient', latencyMs: 1, error: 'E' },
      { type: 'effect.interrupted', effectId: 'e' },
      { type: 'effect.failed', effectId: 'e', error: 'E' },
      { type: 'run.ended' },
    ],
    sees: ({ refusal }) => refusal,
  },
  feature: {
    inputs: [{ id: 'feature:x', options: defaultOptions.features }],
    events: [
      run,
      ...[304011, 304005, 304036].flatMap((code) =>
        ['a', 'b'].map((content) => ({
          type: 'form.refused',
          delivery: content,
          feature: 'richEmbeds',
          content,
          code,
        })),
      ),
      ...['form.accepted', 'form.wanted', 'form.undecided'].map((type) => ({ type, delivery: 'a' })),
      { type: 'call.throttled', code: 1100100, channel: 'l', retryAfterMs: 1_000 },
      { type: 'call.throttled', code: 22009, channel: 'l', retryAfterMs: null },
      { type: 'network.failed' },
      { type: 'api.answered' },
      { type: 'recovery.forced' },
      ...[true, false].map((on) => ({ type: 'operator.forced', feature: 'x', on, reason: 'r', forMs: 1_000 })),
      { type: 'operator.unforced', feature: 'x' },
    ],
    sees: ({ reason, refusals, throttles, isDue, canary, accepted }) => [
      reason,
      (refusals as unknown[]).length,
      Math.min(1, (throttles as unknown[]).length),
      isDue,
      canary,
      accepted,
    ],
  },
  health: {
    inputs: [{}, { degradedStreak: 99, unhealthyStreak: 2 }, { longMs: 500 }].map((more) => ({
      id: 'health:send',
      options: { ...defaultOptions.health, unhealthyStreak: 4, ...more },
    })),
    events: [
      run,
      { type: 'outcome.good' },
      { type: 'outcome.good', afterMs: 70_000 },
      { type: 'outcome.bad', class: 'transient' },
      { type: 'outcome.noted', class: 'local' },
      { type: 'part.lost' },
      { type: 'part.found' },
      { type: 'recovery.forced' },
    ],
    sees: ({ streak, isDown, short, lastError, options }) => [
      options,
      Math.min(4, Number(streak)),
      isDown,
      (short as { failures: number }[]).some(({ failures }) => failures > 0),
      lastError === null,
    ],
  },
  recovery: {
    inputs: [false, true].map((exitWhenStuck) => ({
      options: { ...defaultOptions.recovery, samplesMax: 1, exitWhenStuck },
    })),
    events: [
      run,
      { type: 'gateway.readied', resumed: false },
      { type: 'drain.started' },
      { type: 'health.changed', part: 'send', to: 'degraded' },
      { type: 'health.changed', part: 'send', to: 'healthy' },
      ...[true, false].map((force) => ({ type: 'recovery.requested', by: 'm', force, breakers: [] })),
      ...[true, false].map((ok) => ({ type: 'network.checked', effectId: 'x', ok, code: null, latencyMs: 1 })),
      ...['ok', 'auth', 'transient'].map((kind) => ({
        type: 'api.checked',
        effectId: 'x',
        class: kind,
        status: 200,
        code: null,
        latencyMs: 1,
      })),
      ...[0.1, 0.9].map((heapShare) => ({
        type: 'process.sampled',
        effectId: 'x',
        heapShare,
        loopP99Ms: 1,
        appendFailures: 0,
        appendMaxMs: 1,
      })),
      { type: 'action.completed', effectId: 'x', action: 'clearCaches' },
      { type: 'effect.failed', effectId: 'x', error: 'e' },
      { type: 'effect.interrupted', effectId: 'x' },
    ],
    sees: ({ network, memory, api, verdict, tried, isReduced, isAlerted, options }) => [
      (network as { ok: boolean } | null)?.ok,
      (memory as { ok: boolean } | null)?.ok,
      api !== null,
      verdict === 'network',
      (tried as unknown[]).length,
      isReduced,
      isAlerted,
      (options as { exitWhenStuck: boolean }).exitWhenStuck,
    ],
  },
};

const covers = new Map<string, TransitionCover>();
/** A walk is large: whoever has many forgets each when its tests are done. */
export function forget(name: string): void {
  covers.delete(name);
}
/** Walked once for all its tests. */
export function cover(name: string): TransitionCover {
  const walked = covers.get(name) ?? walk(name);
  covers.set(name, walked);
  return walked;
}
function walk(name: string): TransitionCover {
  const { inputs, events, sees } = walks[name]!;
  const key = (snapshot: AnyMachineSnapshot): string =>
    JSON.stringify([statePath(snapshot.value), sees(snapshot.context)]);
  return transitionCover(topology.machines[name]!.machine, { inputs, events, key, limit: 20_000 });
}
