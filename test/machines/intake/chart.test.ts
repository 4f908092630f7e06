import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { intakeMachine, RETRIES_MAX } from '../../../src/machines/intake/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options.js';
import { type Event, testRows } from '../rows.js';

const options = { ...defaultOptions.handlers, concurrencyMax: 1, queueMax: 1 };
const ask = (message: string, work = 'normal', at = 0): Event => ({ type: 'slot.requested', message, author: 'u', work, at });
const free = (message: string): Event => ({ type: 'slot.released', message });
const ended = (message: string, verdict = 'answered'): Event => ({
  type: 'message.ended',
  message,
  verdict,
  reason: verdict === 'deadLettered' ? 'poison' : null,
  at: 7,
});
const roomy = { options: defaultOptions.handlers };
const commands = (count: number): Event[] => Array.from({ length: count }, (_, i) => ask(`c${i}`, 'command', i));
const many = (count: number): Event[] => Array.from({ length: count }, (_, i) => ask(`m${i}`));
const dead = (retry?: number): Event => ({ ...ended('a', 'deadLettered'), ...(retry === undefined ? {} : { retry }) });
const again = (message = 'a', deadline = 100): Event => ({ type: 'operator.retried', message: { id: message, content: 'c' }, receivedAt: 3, deadline, at: 50 });
const drain: Event = { type: 'drain.started' };

describe(intakeMachine.id, () => {
  testRows(intakeMachine, { options, commands: defaultOptions.commands, deadLettersMax: 2 }, [
    { rule: 'I1', does: 'is open from the start', when: 'start', to: 'open' },
    {
      rule: 'I2',
      does: 'opens again in a new life and keeps its account',
      given: [ask('a'), drain],
      when: { type: 'run.started', epoch: 2, options: defaultOptions, machineVersions: {} },
      to: 'open',
      context: { inHand: 1, received: 1 },
    },
    {
      rule: 'I3',
      does: 'refuses a message by a bot',
      when: { type: 'message.received', socket: 's', s: 1, eventId: null, message: {} },
      to: 'open',
      context: { received: 1, inHand: 0, ended: { refused: 1 } },
    },
    {
      rule: 'I4',
      does: 'counts a duplicate',
      when: { type: 'message.duplicated', socket: 's', s: 1, message: 'a' },
      to: 'open',
      context: { duplicates: 1, received: 0 },
    },
    {
      rule: 'I5',
      does: 'grants a free slot',
      when: ask('a'),
      to: 'open',
      says: { type: 'slot.granted', message: 'a' },
      context: { handling: 1, inHand: 1 },
    },
    {
      rule: 'I6',
      does: '[limit handlersAtOnce] lets a message wait',
      given: [ask('a')],
      when: ask('b'),
      to: 'open',
      emits: [],
      context: { waiting: ['b'] },
    },
    {
      rule: 'I7',
      does: '[limit handlersWaiting] denies a slot when the line is full',
      given: [ask('a'), ask('b')],
      when: ask('c'),
      to: 'open',
      says: { type: 'slot.denied', message: 'c' },
      context: { received: 3, inHand: 3 },
    },
    {
      rule: 'I8',
      does: 'passes a slot on',
      given: [ask('a'), ask('b')],
      when: free('a'),
      to: 'open',
      says: { type: 'slot.granted', message: 'b' },
      context: { handling: 1, waiting: [] },
    },
    {
      rule: 'I9',
      does: 'frees a slot',
      given: [ask('a')],
      when: free('a'),
      to: 'open',
      emits: [],
      context: { handling: 0 },
    },
    { rule: 'I15', does: 'refuses further commands of the same user in silence', input: roomy, given: [...commands(5), ask('f', 'command')], when: ask('g', 'command'), to: 'open', says: { type: 'slot.denied', message: 'g', reason: 'muted' } },
    { rule: 'I16', does: '[limit commands] refuses the sixth command in ten seconds, once', input: roomy, given: commands(5), when: ask('f', 'command'), to: 'open', says: { type: 'slot.denied', message: 'f', reason: 'flooded' } },
    { rule: 'I5', does: 'lets commands through again after ten seconds', input: roomy, given: [...commands(5), ask('f', 'command')], when: ask('g', 'command', 10_000), to: 'open', emits: ['slot.granted'] },
    { rule: 'I5', does: 'never limits ordinary messages', input: roomy, given: [...commands(5), ask('f', 'command')], when: ask('g'), to: 'open', emits: ['slot.granted'] },
    { rule: 'I17', does: 'holds low work back while load is reduced', given: [{ type: 'load.reduced' }], when: ask('a', 'low'), to: 'open', emits: [], context: { held: ['a'], inHand: 1 } },
    { rule: 'I18', does: 'is told that load is reduced', when: { type: 'load.reduced' }, to: 'open', context: { isReduced: true } },
    { rule: 'I6', does: 'halves the handlers', input: roomy, given: [{ type: 'load.reduced' }, ...many(32)], when: ask('x'), to: 'open', emits: [], context: { handling: 32, waiting: ['x'] } },
    { rule: 'I19', does: 'lets held work go', given: [{ type: 'load.reduced' }, ask('a', 'low')], when: { type: 'load.restored' }, to: 'open', says: { type: 'slot.granted', message: 'a' }, context: { held: [], handling: 1, isReduced: false } },
    { rule: 'I20', does: 'does not give a slot on that is one too many', input: roomy, given: [...many(40), { type: 'load.reduced' }], when: free('m0'), to: 'open', emits: [], context: { handling: 39 } },
    { rule: 'I10', does: 'is drained at once with nothing in hand', when: drain, to: 'draining', emits: ['intake.drained'] },
    { rule: 'I11', does: 'waits for what is in hand', given: [ask('a')], when: drain, to: 'draining', emits: [] },
    {
      rule: 'I12',
      does: 'counts an ending',
      given: [ask('a')],
      when: ended('a', 'deadLettered'),
      to: 'open',
      context: { inHand: 0, ended: { deadLettered: 1 }, deadLetters: [{ message: 'a', reason: 'poison', at: 7 }] },
    },
    { rule: 'I21', does: 'does not handle again what is no dead letter', given: [ask('a')], when: again(), to: 'open', emits: [], context: { received: 1, inHand: 1 } },
    { rule: 'I22', does: 'does not handle again what can no longer be answered', given: [ask('a'), dead()], when: again('a', 50), to: 'open', emits: [], context: { ended: { deadLettered: 1 }, deadLetters: [{ message: 'a' }] } },
    { rule: 'I23', does: '[limit retriesOfOne] does not handle the same message again for ever', given: [ask('a'), dead(RETRIES_MAX)], when: again(), to: 'open', emits: [] },
    {
      rule: 'I24',
      does: 'handles a dead letter again; with its request for a slot the account is as if it had just come',
      given: [ask('a'), ask('b'), dead(2)],
      when: again(),
      to: 'open',
      says: { type: 'message.retried', message: { id: 'a', content: 'c', retry: 3 }, receivedAt: 3 },
      context: { received: 1, inHand: 1, ended: { deadLettered: 0 }, deadLetters: [] },
    },
    { rule: 'I25', does: 'takes nothing in during a drain', given: [ask('a'), ask('b'), dead(), drain], when: again(), to: 'draining', emits: [], context: { deadLetters: [{ message: 'a' }] } },
    { rule: 'I13', does: 'is drained with the last ending', given: [ask('a'), drain], when: ended('a'), to: 'draining', emits: ['intake.drained'] },
    {
      rule: 'I14',
      does: 'counts an ending during a drain',
      given: [ask('a'), ask('b'), drain],
      when: ended('a'),
      to: 'draining',
      emits: [],
      context: { inHand: 1 },
    },
  ]);

  test('[I12] [limit deadLetters] keeps the newest dead letters', () => {
    const folder = folderOf(intakeMachine);
    let fold = folder.start({ options, deadLettersMax: 2 });
    for (const id of ['a', 'b', 'c']) {
      for (const event of [ask(id), free(id), ended(id, 'deadLettered')]) fold = folder.transition(fold.snapshot, { id: 'e', ...event });
    }
    expect(fold.snapshot.context.deadLetters.map((letter: { message: string }) => letter.message)).toEqual(['b', 'c']);
  });
});
