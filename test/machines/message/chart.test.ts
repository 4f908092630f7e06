import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { messageMachine } from '../../../src/machines/message/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { refOf } from '../../../src/machines/vocabulary/replies/words.js';
import { type Event, elapsed, testRows } from '../rows.js';

const inbound = {
  id: 'm7',
  place: { kind: 'guild', guildId: 'g', channelId: 'c3' },
  author: { id: 'u1', username: 'u', bot: false, roles: [] },
  content: '!ping',
  mentionsBot: true,
};
const input = { message: inbound, options: defaultOptions.handlers, locale: 'en' };
const overheard = { message: { ...inbound, place: { kind: 'group', guildId: '', channelId: 'G' }, mentionsBot: false } };
const { twinMs: _unknown, ...withoutTwins } = defaultOptions.handlers;
const reply = (ordinal: number) => ({ ordinal, form: { text: `r${ordinal}`, embed: true } });
const granted: Event = { type: 'slot.granted', message: 'm7' };
const completed = (...ordinals: number[]): Event => ({
  type: 'handler.completed',
  effectId: 'x',
  replies: ordinals.map(reply),
  operator: false,
});
const said = (...ordinals: number[]): Event => ({
  type: 'reply.requested',
  effectId: 'x',
  replies: ordinals.map(reply),
});
const ended = (verdict: string, ordinal = 0): Event => ({
  type: 'delivery.ended',
  delivery: 'd',
  message: 'message:m7',
  ordinal,
  verdict,
  reason: verdict === 'delivered' ? null : 'why',
});
const interrupted: Event = { type: 'effect.interrupted', effectId: 'x' };
const notice = { text: `⚠️ Something went wrong (ref ${refOf('m7')})`, embed: false };
const failureSays = { type: 'deliveries.requested', replies: [{ ordinal: 0, form: notice }] };

describe(messageMachine.id, () => {
  testRows(messageMachine, input, [
    { rule: 'M1', does: 'waits for a handler slot', when: 'start', to: 'received' },
    { rule: 'M24', does: 'holds what was overheard in a group for its twin, without a slot', input: overheard, when: 'start', to: 'pairing', emits: [] },
    {
      rule: 'M25',
      does: 'learns from its twin that it mentions the bot, and what it says then',
      input: overheard,
      when: { type: 'mention.told', content: 'ping' },
      to: 'received',
      says: { type: 'slot.requested', message: 'm7' },
      context: { inbound: { ...overheard.message, mentionsBot: true, content: 'ping' } },
    },
    {
      rule: 'M25',
      does: 'has the work and the time of the command that its twin tells',
      input: { message: { ...overheard.message, work: 'low', timeoutMs: 5 } },
      when: { type: 'mention.told', content: '!ask', timeoutMs: 600_000 },
      to: 'received',
      says: { type: 'slot.requested', message: 'm7', work: 'normal' },
      context: { inbound: { ...overheard.message, mentionsBot: true, content: '!ask', timeoutMs: 600_000 } },
    },
    {
      rule: 'M26',
      does: 'is only overheard when no twin comes',
      input: overheard,
      when: elapsed(messageMachine, 'twinMs'),
      to: 'received',
      says: { type: 'slot.requested', message: 'm7' },
      context: { inbound: overheard.message },
    },
    { rule: 'M1', does: 'an overheard message is not held in lives that knew no twins', input: { ...overheard, options: withoutTwins }, when: 'start', to: 'received', emits: ['slot.requested'] },
    { rule: 'M1', does: 'an overheard message is not held when it is handled again', input: { ...overheard, message: { ...overheard.message, retry: 1 } }, when: 'start', to: 'received', emits: ['slot.requested'] },
    { rule: 'M1', does: 'a message of a group is not held when it mentions the bot itself', input: { message: { ...overheard.message, mentionsBot: true } }, when: 'start', to: 'received', emits: ['slot.requested'] },
    {
      rule: 'M2',
      does: 'runs the handler with its slot',
      when: granted,
      to: 'handling',
      says: { type: 'handler.run', runId: 'm7', attempt: 1 },
    },
    {
      rule: 'M3',
      does: 'gives a busy reply without a slot',
      when: { type: 'slot.denied', message: 'm7', reason: 'busy' },
      to: 'replying',
      emits: ['deliveries.requested'],
      context: { refused: true },
    },
    { rule: 'M18', does: 'is refused in silence when the user floods and has been told', when: { type: 'slot.denied', message: 'm7', reason: 'muted' }, to: 'refused', says: { type: 'message.ended', verdict: 'refused', reason: 'muted' } },
    { rule: 'M3', does: 'tells a flooding user once', when: { type: 'slot.denied', message: 'm7', reason: 'flooded' }, to: 'replying', emits: ['deliveries.requested'] },
    {
      rule: 'M4',
      does: 'sends a reply before the handler ends',
      given: [granted],
      when: said(0),
      to: 'handling',
      says: { type: 'deliveries.requested', replies: [reply(0)] },
    },
    { rule: 'M27', does: 'counts the calls of foreign APIs that its run asks for', given: [granted], when: { type: 'external.requested', effectId: 'x', ordinal: 0, name: 'n', timeoutMs: 1 }, to: 'handling', context: { externals: 1 } },
    {
      rule: 'M5',
      does: 'counts the end of such a reply',
      given: [granted, said(0)],
      when: ended('delivered'),
      to: 'handling',
      context: { ended: 1 },
    },
    { rule: 'M6', does: 'sends what the handler said', given: [granted], when: completed(0, 1), to: 'replying', emits: ['slot.released', 'deliveries.requested'] },
    {
      rule: 'M7',
      does: 'tells the user a reference when the handler threw',
      given: [granted],
      when: { type: 'handler.failed', effectId: 'x', reason: 'threw', error: 'E' },
      to: 'replying',
      says: failureSays,
    },
    {
      rule: 'M8',
      does: 'tells the user a reference when the handler could not run',
      given: [granted],
      when: { type: 'effect.failed', effectId: 'x', error: 'E' },
      to: 'replying',
      says: failureSays,
    },
    {
      rule: 'M9',
      does: 'runs an interrupted handler again, same run id, next attempt',
      given: [granted],
      when: interrupted,
      to: 'handling',
      says: { type: 'handler.run', runId: 'm7', attempt: 2 },
    },
    {
      rule: 'M10',
      does: 'dead-letters a message that killed three lives',
      given: [granted, interrupted, interrupted, elapsed(messageMachine, 'rerunMs')],
      when: interrupted,
      to: 'deadLettered',
      says: { type: 'message.ended', verdict: 'deadLettered', reason: 'poison' },
    },
    {
      rule: 'M32',
      does: '[core 28] and ends no earlier than a reply that it has said',
      given: [granted, said(0), interrupted, interrupted, elapsed(messageMachine, 'rerunMs')],
      when: interrupted,
      to: 'replying',
      emits: ['slot.released'],
    },
    {
      rule: 'M13',
      does: 'ends as poison whatever became of that reply',
      given: [granted, said(0), interrupted, interrupted, elapsed(messageMachine, 'rerunMs'), interrupted],
      when: ended('deadLettered'),
      to: 'deadLettered',
      says: { type: 'message.ended', verdict: 'deadLettered', reason: 'poison' },
    },
    {
      rule: 'M21',
      does: 'waits before the last run of a handler that died twice with its process',
      given: [granted, interrupted],
      when: interrupted,
      to: 'pausing',
      context: { runs: 2 },
      emits: [],
    },
    { rule: 'M22', does: 'counts the end of a reply while it waits', given: [granted, said(0), interrupted, interrupted], when: ended('delivered'), to: 'pausing', context: { ended: 1 } },
    {
      rule: 'M23',
      does: 'runs the handler once more after the pause',
      given: [granted, interrupted, interrupted],
      when: elapsed(messageMachine, 'rerunMs'),
      to: 'handling',
      says: { type: 'handler.run', runId: 'm7', attempt: 3 },
    },
    { rule: 'M29', does: '[core 38] sets itself aside when a reply is under audit', given: [granted, completed(0)], when: { type: 'audit.awaited', delivery: 'd', message: 'm' }, to: 'replying', says: { type: 'message.setAside', message: 'm7' }, context: { isAside: true } },
    { rule: 'M30', does: 'does so once', given: [granted, completed(0, 1), { type: 'audit.awaited', delivery: 'd', message: 'm' }], when: { type: 'audit.awaited', delivery: 'e', message: 'm' }, to: 'replying', emits: [] },
    {
      rule: 'M16',
      does: 'and says so at its end',
      given: [granted, completed(0), { type: 'audit.awaited', delivery: 'd', message: 'm' }],
      when: { type: 'delivery.ended', delivery: 'd', message: 'm', ordinal: 0, verdict: 'delivered', reason: null },
      to: 'answered',
      says: { type: 'message.ended', verdict: 'answered', aside: true },
    },
    {
      rule: 'M31',
      does: 'learns from a late twin, while it waits for a slot, that it mentions the bot',
      input: overheard,
      given: [elapsed(messageMachine, 'twinMs')],
      when: { type: 'mention.told', content: 'ping' },
      to: 'received',
      emits: [],
      context: { inbound: { mentionsBot: true, content: 'ping' } },
    },
    { rule: 'M11', does: 'tells the user a reference when the handler takes too long', given: [granted], when: elapsed(messageMachine, 'handlerMs'), to: 'replying', says: failureSays },
    {
      rule: 'M12',
      does: 'ends silent when the handler says nothing',
      given: [granted],
      when: completed(),
      to: 'silent',
      says: { type: 'message.ended', verdict: 'silent' },
    },
    {
      rule: 'M13',
      does: 'ends dead when a reply is dead',
      given: [granted, completed(0, 1), ended('deadLettered')],
      when: ended('uncertain', 1),
      to: 'deadLettered',
      says: { type: 'message.ended', verdict: 'deadLettered', reason: 'why' },
    },
    {
      rule: 'M14',
      does: 'ends uncertain when a reply is uncertain',
      given: [granted, completed(0, 1), ended('uncertain')],
      when: ended('delivered', 1),
      to: 'uncertain',
      says: { type: 'message.ended', verdict: 'uncertain' },
    },
    {
      rule: 'M15',
      does: 'ends refused after the busy reply',
      given: [{ type: 'slot.denied', message: 'm7', reason: 'busy' }],
      when: ended('delivered'),
      to: 'refused',
      says: { type: 'message.ended', verdict: 'refused', reason: 'busy' },
    },
    {
      rule: 'M16',
      does: 'ends answered when all replies are delivered',
      given: [granted, completed(0)],
      when: ended('delivered'),
      to: 'answered',
      says: { type: 'message.ended', verdict: 'answered' },
    },
    { rule: 'M17', does: 'waits for the other replies', given: [granted, completed(0, 1)], when: ended('delivered'), to: 'replying', emits: [] },
  ]);

  test('[M6] does not send twice what a first run has already sent', () => {
    const folder = folderOf(messageMachine);
    let fold = folder.start({ ...input, at: 0 });
    for (const event of [granted, said(0), interrupted, completed(0, 1)]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    expect(fold.emitted.find((e) => e.type === 'deliveries.requested')).toMatchObject({ replies: [reply(1)] });
  });

  test('[M11] ignores a handler that ends after its time', () => {
    const folder = folderOf(messageMachine);
    let fold = folder.start({ ...input, at: 0 });
    for (const event of [granted, elapsed(messageMachine, 'handlerMs'), completed(0)]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    expect([fold.microsteps[0]?.rules, fold.emitted]).toEqual([[], []]);
  });
});
