import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../src/actors/inertScope.js';
import { deliveryMachine } from '../../src/machines/deliveryMachine.js';
import { defaultOptions } from '../../src/machines/options.js';
import { type Event, elapsed, testRows } from './rows.js';

const options = {
  retry: defaultOptions.retry,
  delivery: defaultOptions.delivery,
  lane: defaultOptions.lane,
  timeoutMs: 30_000,
};
const atMostOnce = { ...options, delivery: { ...options.delivery, uncertainReplies: 'atMostOnce' } };
const input = {
  id: 'delivery:m7.0',
  message: 'message:m7',
  messageId: 'm7',
  ordinal: 0,
  place: { kind: 'guild', guildId: 'g', channelId: 'c3' },
  lane: 'lane:c3',
  author: 'u1',
  receivedAt: 0,
  form: { text: 'pong', embed: true },
  operator: false,
  options,
  at: 0,
};
const LATE = 300_000;
const turn: Event = { type: 'turn.granted', deliveries: ['delivery:m7.0'] };
const permit: Event = {
  type: 'permit.granted',
  delivery: 'delivery:m7.0',
  breaker: 'breaker:messages',
  permit: { id: 'p', generation: 3 },
  probe: false,
};
const succeeded = (kind = 'ok'): Event => ({
  type: 'call.succeeded',
  effectId: 'x',
  class: kind,
  status: 200,
  code: null,
  latencyMs: 9,
  messageId: 'r',
  breakerOpen: false,
});
const failed = (kind: string, more: object = {}): Event => ({
  type: 'call.failed',
  effectId: 'x',
  class: kind,
  status: 500,
  code: null,
  latencyMs: 9,
  retryAfterMs: null,
  traceId: null,
  breakerOpen: false,
  ...more,
});
const interrupted: Event = { type: 'effect.interrupted', effectId: 'x' };
const timer = (name: string, at = 0): Event => elapsed(deliveryMachine, name, at);
const sending = [turn, permit];
const retry = [failed('transient'), timer('backOffMs'), turn, permit];

describe(deliveryMachine.id, () => {
  testRows(deliveryMachine, input, [
    { rule: 'D1', does: 'asks its lane for a turn', when: 'start', to: 'queued' },
    {
      rule: 'D2',
      does: 'asks the breaker for a permit on its turn',
      when: turn,
      to: 'awaitingPermit',
      says: { type: 'permit.requested', delivery: 'delivery:m7.0', deadline: LATE },
    },
    {
      rule: 'D3',
      does: 'sends the best form with its permit',
      given: [turn],
      when: permit,
      to: 'sending',
      says: {
        type: 'call.start',
        rung: 'embed',
        msgId: 'm7',
        attempt: 1,
        permit: { id: 'p', generation: 3 },
        late: false,
      },
    },
    {
      rule: 'D4',
      does: 'comes again later when the breaker has no room, without spending an attempt',
      given: [turn],
      when: { type: 'permit.denied', delivery: 'd' },
      to: 'backingOff',
      emits: ['turn.returned'],
      context: { attempt: 0 },
    },
    {
      rule: 'D5',
      does: 'backs off after a transient failure and gives its turn back',
      given: sending,
      when: failed('transient'),
      to: 'backingOff',
      emits: ['turn.returned'],
      context: { permit: null, attempt: 1 },
    },
    {
      rule: 'D6',
      does: 'waits at the breaker when it is open',
      given: sending,
      when: failed('transient', { breakerOpen: true }),
      to: 'awaitingPermit',
      emits: ['permit.requested'],
    },
    {
      rule: 'D7',
      does: 'goes on by the slow schedule when the quick retries are spent',
      given: [...sending, ...retry, ...retry, ...retry],
      when: failed('transient'),
      to: 'backingOff',
      context: { attempt: 4 },
    },
    { rule: 'D8', does: 'waits for the audit of an accepted message', given: sending, when: succeeded('underAudit'), to: 'underAudit', emits: ['turn.returned'] },
    {
      rule: 'D9',
      does: 'ends delivered',
      given: sending,
      when: succeeded(),
      to: 'delivered',
      emits: ['turn.returned', 'delivery.ended'],
      says: { type: 'delivery.ended', verdict: 'delivered', reason: null },
    },
    { rule: 'D9', does: 'takes a duplicate for delivered', given: sending, when: succeeded('duplicate'), to: 'delivered' },
    {
      rule: 'D10',
      does: 'ends dead when refused for good',
      given: sending,
      when: failed('rejectedTarget', { code: 304026 }),
      to: 'deadLettered',
      says: { type: 'delivery.ended', verdict: 'deadLettered', reason: 'rejectedTarget 304026' },
    },
    {
      rule: 'D11',
      does: 'steps down to text when the embed is refused',
      given: sending,
      when: failed('rejectedForm', { code: 50037 }),
      to: 'steppingDown',
      context: { rungs: ['text'] },
    },
    {
      rule: 'D11',
      does: 'steps down to the lean embed when the embed is too long',
      given: sending,
      when: failed('rejectedForm', { code: 304005 }),
      to: 'steppingDown',
      context: { rungs: ['leanEmbed', 'text'] },
    },
    {
      rule: 'D12',
      does: 'ends dead when the last form is refused',
      input: { form: { text: 'x', embed: false } },
      given: sending,
      when: failed('rejectedForm'),
      to: 'deadLettered',
    },
    {
      rule: 'D13',
      does: 'ends uncertain after an ambiguous end when at most once is wanted',
      input: { options: atMostOnce },
      given: sending,
      when: failed('ambiguous'),
      to: 'uncertain',
    },
    {
      rule: 'D14',
      does: 'ends uncertain when perhaps sent and the window is over',
      given: sending,
      when: failed('ambiguous', { at: LATE }),
      to: 'uncertain',
    },
    {
      rule: 'D15',
      does: 'ends dead when failed and the window is over',
      given: sending,
      when: failed('transient', { at: LATE }),
      to: 'deadLettered',
    },
    {
      rule: 'D16',
      does: 'pauses its lane when throttled, without spending an attempt',
      given: sending,
      when: failed('throttled', { retryAfterMs: 2_000 }),
      to: 'backingOff',
      says: { type: 'turn.returned', blockedMs: 2_000 },
      context: { attempt: 0, pauseMs: 2_000 },
    },
    {
      rule: 'D17',
      does: 'ends uncertain when cut off and at most once is wanted',
      input: { options: atMostOnce },
      given: sending,
      when: interrupted,
      to: 'uncertain',
      says: { type: 'delivery.ended', verdict: 'uncertain' },
    },
    {
      rule: 'D18',
      does: 'ends uncertain when cut off and the window is over',
      given: sending,
      when: { ...interrupted, at: LATE },
      to: 'uncertain',
    },
    {
      rule: 'D19',
      does: 'sends again when cut off, and counts as uncertain',
      given: sending,
      when: interrupted,
      to: 'awaitingPermit',
      emits: ['permit.requested'],
      context: { uncertain: true },
    },
    {
      rule: 'D20',
      does: 'ends dead when its window ends while it waits',
      given: [turn],
      when: timer('windowMs', LATE),
      to: 'deadLettered',
      emits: ['permit.cancelled', 'turn.returned', 'delivery.ended'],
      says: { type: 'delivery.ended', reason: 'reply window ended' },
    },
    {
      rule: 'D21',
      does: 'ends dead when the lane is full',
      when: { type: 'turn.denied', delivery: 'd' },
      to: 'deadLettered',
      says: { type: 'delivery.ended', reason: 'turn.denied' },
    },
    {
      rule: 'D22',
      does: 'ends dead and releases its permit when the adapter fails',
      given: sending,
      when: { type: 'effect.failed', effectId: 'x', error: 'E' },
      to: 'deadLettered',
      says: { type: 'permit.released', permit: { id: 'p', generation: 3 } },
    },
    { rule: 'D23', does: 'tries the next form after the pause', given: [...sending, failed('rejectedForm')], when: timer('rungPauseMs'), to: 'awaitingPermit' },
    { rule: 'D24', does: 'asks for a turn again after the pause', given: [...sending, failed('transient')], when: timer('backOffMs'), to: 'queued', emits: ['turn.requested'] },
    { rule: 'D25', does: 'takes silence of the audit for acceptance', given: [...sending, succeeded('underAudit')], when: timer('auditMs'), to: 'delivered' },
  ]);

  test('[D20] leaves a call that is out alone when the window ends', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start(input);
    for (const event of [...sending, timer('windowMs', LATE)]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    expect(fold.snapshot.value).toBe('sending');
    fold = folder.transition(fold.snapshot, { id: 'e', ...succeeded(), at: LATE + 5 });
    expect(fold.snapshot.value).toBe('delivered');
  });

  test('[D9] counts a delivery that was cut off and then delivered as uncertain', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start(input);
    for (const event of [...sending, interrupted, permit, succeeded()]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    expect(fold.emitted.find((e) => e.type === 'delivery.ended')).toMatchObject({ verdict: 'uncertain' });
  });

  test('[D3] says that it is late after 10 s', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start(input);
    for (const event of [turn, { ...permit, at: 10_001 }]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    expect(fold.emitted[0]).toMatchObject({ type: 'call.start', late: true });
  });

  test.each([1, 2, 3])('[D5] backs off with full jitter within base x factor^n on retry %i', (retries) => {
    const folder = folderOf(deliveryMachine);
    for (let seed = 0; seed < 50; seed += 1) {
      let fold = folder.start(input);
      const rounds = Array.from({ length: retries - 1 }, () => retry).flat();
      for (const event of [...sending, ...rounds, failed('transient')]) fold = folder.transition(fold.snapshot, { at: 0, id: `${seed}`, ...event });
      const { pauseMs } = fold.snapshot.context as { pauseMs: number };
      expect(pauseMs).toBeGreaterThanOrEqual(0);
      expect(pauseMs).toBeLessThanOrEqual(1_000 * 2 ** (retries - 1));
    }
  });
});
