import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { ASIDE_MAX } from '../../../src/machines/intake/ahead.js';
import { intakeMachine } from '../../../src/machines/intake/chart.js';
import type { IntakeContext } from '../../../src/machines/intake/context.js';
import { PLACE_MAX } from '../../../src/machines/intake/crowd.js';
import { deadLettersOf } from '../../../src/machines/intake/deadLetters.js';
import { RETRIES_MAX, TOLD_MAX, TOLD_MS } from '../../../src/machines/intake/words.js';
import { chunked, flattened, pushed, shifted, sizeOf, trimmed } from '../../../src/machines/kit/chunks.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, testRows } from '../rows.js';

const options = { ...defaultOptions.handlers, concurrencyMax: 1, queueMax: 1 };
const ask = (message: string, work = 'normal', at = 0): Event => ({ type: 'slot.requested', message, author: 'u', work, at });
const askIn = (place: string, message: string): Event => ({ ...ask(message), place });
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
const many = (count: number, at = 0): Event[] => Array.from({ length: count }, (_, i) => ask(`m${i}`, 'normal', at));
/** Messages that came and ended. */
const round = (count: number, at: number): Event[] => Array.from({ length: count }, (_, i) => [ask(`r${i}`, 'normal', at), free(`r${i}`), { ...ended(`r${i}`), at }]).flat();
const ahead = (aheadMin: number) => ({ intake: { ...defaultOptions.intake, aheadMin }, left: { isLinked: true } });
const unlinked = (unlinkedMax: number) => ({ options: defaultOptions.handlers, intake: { ...defaultOptions.intake, unlinkedMax } });
const dead = (retry?: number): Event => ({ ...ended('a', 'deadLettered'), ...(retry === undefined ? {} : { retry }) });
const again = (message = 'a', deadline = 100): Event => ({ type: 'operator.retried', message: { id: message, content: 'c' }, receivedAt: 3, deadline, at: 50 });
const drain: Event = { type: 'drain.started' };
const linked: Event = { type: 'gateway.readied', resumed: false, at: 0 };

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
      context: { waiting: [['b']] },
    },
    { rule: 'I34', does: 'forgets one that no longer waits', given: [ask('a'), ask('b')], when: { type: 'slot.cancelled', message: 'b' }, to: 'open', emits: [], context: { waiting: [], handling: 1 } },
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
    { rule: 'I6', does: 'halves the handlers', input: roomy, given: [{ type: 'load.reduced' }, ...many(32)], when: ask('x'), to: 'open', emits: [], context: { handling: 32, waiting: [['x']] } },
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
      context: { inHand: 0, ended: { deadLettered: 1 }, deadLetters: [[{ message: 'a', reason: 'poison', at: 7 }]] },
    },
    { rule: 'I21', does: 'does not handle again what is no dead letter', given: [ask('a')], when: again(), to: 'open', emits: [], context: { received: 1, inHand: 1 } },
    { rule: 'I22', does: 'does not handle again what can no longer be answered', given: [ask('a'), dead()], when: again('a', 50), to: 'open', emits: [], context: { ended: { deadLettered: 1 }, deadLetters: [[{ message: 'a' }]] } },
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
    { rule: 'I25', does: 'takes nothing in during a drain', given: [ask('a'), ask('b'), dead(), drain], when: again(), to: 'draining', emits: [], context: { deadLetters: [[{ message: 'a' }]] } },
    { rule: 'I26', does: '[core 38] [limit ahead] reads no more once as much is in hand as may be', input: ahead(2), given: [ask('a')], when: ask('b'), to: 'full', says: { type: 'sources.pause' }, emits: ['sources.pause', 'sources.paused'] },
    { rule: 'I5', does: '[core 38] keeps on reading while a handler is free and little is elsewhere', input: { ...ahead(2), ...roomy }, given: many(40), when: ask('b'), to: 'open', emits: ['slot.granted'] },
    {
      rule: 'I26',
      does: '[core 38] lets as much be in hand as ended in the last two seconds',
      input: { ...ahead(1), options: { ...options, queueMax: 100 } },
      given: [...round(5, 1_000), ...many(4, 2_000)],
      when: ask('x', 'normal', 2_000),
      to: 'full',
      emits: ['sources.pause', 'sources.paused'],
      context: { inHand: 5 },
    },
    { rule: 'I26', does: '[core 38] forgets what ended before', input: { ...ahead(1), options: { ...options, queueMax: 100 } }, given: [...round(5, 1_000)], when: ask('x', 'normal', 4_000), to: 'full', emits: ['slot.granted', 'sources.pause', 'sources.paused'] },
    { rule: 'I27', does: 'reads on when half of it has ended', input: ahead(2), given: [ask('a'), ask('b')], when: ended('a'), to: 'open', emits: ['sources.resume', 'sources.resumed'] },
    { rule: 'I4', does: '[core 38] does not read on before half of it has ended', input: ahead(4), given: [...many(4), ended('a')], when: { type: 'message.duplicated', at: 7 }, to: 'full', emits: [] },
    { rule: 'I32', does: '[core 38] stops reading when the session is back and much is in hand', input: { ...ahead(2), left: {} }, given: [ask('a'), ask('b')], when: linked, to: 'full', emits: ['sources.pause', 'sources.paused'] },
    { rule: 'I5', does: '[I37] lives that did not know the bound have none', input: { options: defaultOptions.handlers, intake: { aheadMs: 2_000, aheadMin: 1, heapMax: 0.85 } }, given: many(60), when: ask('x'), to: 'open', emits: ['slot.granted'] },
    { rule: 'I33', does: '[core 38] reads on while no session stands: the one that comes back tells so behind what it replays', input: ahead(2), given: [ask('a'), ask('b')], when: { type: 'gateway.lost', code: 1006 }, to: 'open', emits: ['sources.resume', 'sources.resumed'] },
    {
      rule: 'I37',
      does: '[core 38] [limit unlinked] refuses what comes in silence while no session stands and much is in hand',
      input: unlinked(2),
      given: many(2),
      when: ask('x'),
      to: 'open',
      emits: ['slot.denied'],
      says: { type: 'slot.denied', message: 'x', reason: 'unlinked' },
      context: { received: 3, inHand: 3 },
    },
    { rule: 'I37', does: '[core 38] refuses a command as silently', input: unlinked(1), given: [ask('a')], when: ask('c', 'command'), to: 'open', emits: ['slot.denied'] },
    { rule: 'I5', does: '[core 38] takes what comes below that', input: unlinked(2), given: [ask('a')], when: ask('b'), to: 'open', emits: ['slot.granted'] },
    { rule: 'I5', does: '[core 38] takes it again once something has ended', input: unlinked(2), given: [...many(2), ask('x'), ended('x', 'refused'), free('m0'), ended('m0')], when: ask('y'), to: 'open', emits: ['slot.granted'] },
    { rule: 'I37', does: '[case S5] refuses the earlier while the heap is nearly full', input: unlinked(16), given: [...many(2), { type: 'memory.tightened', heapShare: 0.9, at: 1 }], when: ask('x'), to: 'open', emits: ['slot.denied'] },
    {
      rule: 'I36',
      does: '[core 38] reads on: what is set aside waits for what only its source brings',
      input: ahead(4),
      given: [...many(4), { type: 'message.setAside', message: 'm0' }],
      when: { type: 'message.setAside', message: 'm1' },
      to: 'open',
      emits: ['sources.resume', 'sources.resumed'],
      context: { aside: 2, inHand: 4 },
    },
    { rule: 'I36', does: '[core 38] not before little else is in hand', input: ahead(4), given: many(4), when: { type: 'message.setAside', message: 'm0' }, to: 'full', emits: [] },
    { rule: 'I12', does: 'counts one that was set aside no more once it has ended', input: ahead(2), given: [ask('a'), { type: 'message.setAside', message: 'a' }], when: { ...ended('a'), aside: true }, to: 'open', context: { aside: 0, inHand: 0 } },
    {
      rule: 'I26',
      does: '[limit aside] sets no more aside than so many',
      input: { ...ahead(2), options: { ...options, queueMax: 5_000 } },
      given: Array.from({ length: ASIDE_MAX + 1 }, (_, i) => [ask(`s${i}`), { type: 'message.setAside', message: `s${i}` }]).flat(),
      when: ask('x'),
      to: 'full',
      emits: ['sources.pause', 'sources.paused'],
    },
    {
      rule: 'I6',
      does: '[core 38] [limit place] reads on when many of one place are in hand: others are not kept out for it',
      input: { ...ahead(6), options: { ...options, queueMax: 5_000 } },
      given: Array.from({ length: 20 }, (_, i) => askIn('guild:c', `c${i}`)),
      when: askIn('guild:c', 'x'),
      to: 'open',
      context: { inHand: 21 },
    },
    {
      rule: 'I26',
      does: '[core 38] [limit place] but not of more places than may be in hand',
      input: { ...ahead(6), options: { ...options, queueMax: 5_000 } },
      given: Array.from({ length: 20 }, (_, i) => askIn('guild:c', `c${i}`)),
      when: askIn('c2c:c', 'x'),
      to: 'full',
      emits: ['sources.pause', 'sources.paused'],
    },
    {
      rule: 'I12',
      does: '[core 38] counts by place what is in hand no more',
      input: { ...roomy, ...ahead(64) },
      given: Array.from({ length: PLACE_MAX + 1 }, (_, i) => askIn('guild:c', `c${i}`)),
      when: { ...ended('c0'), place: 'guild:c' },
      to: 'open',
      context: { crowd: expect.objectContaining({ beside: 0 }) },
    },
    {
      rule: 'I30',
      does: '[case S5] [core 38] counts all of one place while the heap is nearly full',
      input: { ...roomy, ...ahead(64) },
      given: Array.from({ length: 20 }, (_, i) => askIn('guild:c', `c${i}`)),
      when: { type: 'memory.tightened', heapShare: 0.9, at: 1 },
      to: 'full',
      emits: ['sources.pause', 'sources.paused'],
    },
    { rule: 'I28', does: 'is told twice to drain', given: [ask('a'), drain], when: drain, to: 'draining', emits: [] },
    { rule: 'I29', does: '[core 38] tells a writer once a minute that the bot is busy', given: [ask('a'), ask('b'), ask('c')], when: ask('d', 'normal', TOLD_MS - 1), to: 'open', says: { type: 'slot.denied', message: 'd', reason: 'busyAgain' }, context: { received: 4, inHand: 4 } },
    { rule: 'I7', does: 'tells a writer again after a minute', given: [ask('a'), ask('b'), ask('c')], when: ask('d', 'normal', TOLD_MS), to: 'open', says: { type: 'slot.denied', message: 'd', reason: 'busy' } },
    { rule: 'I30', does: '[case S5] has only a few in hand while the heap is nearly full', input: { ...roomy, ...ahead(64) }, given: [...many(7)], when: { type: 'memory.tightened', heapShare: 0.9, at: 1 }, to: 'open', context: { isTight: true } },
    {
      rule: 'I26',
      does: '[case S5] reads no more while the heap is nearly full and eight are in hand',
      input: { ...roomy, ...ahead(64) },
      given: [...many(7), { type: 'memory.tightened', heapShare: 0.9, at: 1 }],
      when: ask('x'),
      to: 'full',
      emits: ['slot.granted', 'sources.pause', 'sources.paused'],
    },
    {
      rule: 'I31',
      does: '[case S5] reads on when there is room in the heap again',
      input: { ...roomy, ...ahead(64) },
      given: [...many(8), { type: 'memory.tightened', heapShare: 0.9, at: 1 }],
      when: { type: 'memory.eased', heapShare: 0.7, at: 2 },
      to: 'open',
      emits: ['sources.resume', 'sources.resumed'],
    },
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
    expect(deadLettersOf(fold.snapshot.context).map(({ message }) => message)).toEqual(['b', 'c']);
  });

  test('[limit busyTold] remembers so many writers who were told that the bot is busy', () => {
    const folder = folderOf(intakeMachine);
    let fold = folder.start({ options, deadLettersMax: 2 });
    for (let i = 0; i < TOLD_MAX + 5; i += 1) fold = folder.transition(fold.snapshot, { id: 'e', ...ask(`m${i}`), author: `u${i}` });
    expect((fold.snapshot.context as IntakeContext).told).toHaveLength(TOLD_MAX);
  });

  test.each([10, 1_000, 100_000])('[core 38] a dead letter costs the same with %d kept, well under 100 us', (kept) => {
    const folder = folderOf(intakeMachine);
    const { snapshot } = folder.start({ options: { ...options, concurrencyMax: 64 }, deadLettersMax: kept });
    const letters = Array.from({ length: kept }, (_, i) => ({ message: `m${i}`, reason: 'poison', at: 1 }));
    let fold = folder.transition(folder.restore({ status: 'active', value: 'open', context: { ...snapshot.context, deadLetters: chunked(letters) } }), { id: 'e', ...ask('a') });
    const costs: number[] = [];
    for (let i = 0; i < 500; i += 1) {
      const startedAt = performance.now();
      fold = folder.transition(fold.snapshot, { id: 'e', ...ended(`d${i}`, 'deadLettered') });
      costs.push((performance.now() - startedAt) * 1_000);
    }
    costs.sort((a, b) => a - b);
    expect(costs[250]).toBeLessThan(100);
    expect(deadLettersOf(fold.snapshot.context as IntakeContext)).toHaveLength(kept);
  });

  test('[core 39] goes on from a flat list of letters and a flat line, as they were kept before', () => {
    const folder = folderOf(intakeMachine);
    const { snapshot } = folder.start({ options, deadLettersMax: 2 });
    const context = { ...snapshot.context, handling: 1, waiting: ['b', 'c'], inHand: 3, deadLetters: [{ message: 'x', reason: 'poison', at: 1 }] };
    const old = folder.restore({ status: 'active', value: 'open', context });
    expect(deadLettersOf(context as unknown as IntakeContext).map(({ message }) => message)).toEqual(['x']);
    let fold = folder.transition(old, { id: 'e', ...free('a') });
    expect(fold).toMatchObject({ emitted: [{ type: 'slot.granted', message: 'b' }], snapshot: { context: { waiting: [['c']] } } });
    fold = folder.transition(old, { id: 'e', ...ended('a', 'deadLettered') });
    expect(deadLettersOf(fold.snapshot.context as IntakeContext).map(({ message }) => message)).toEqual(['x', 'a']);
  });
});

test('a list in chunks keeps order and size, and leaves the list before it as it was', () => {
  const list = Array.from({ length: 200 }, (_, i) => i);
  const before = chunked(list);
  const after = shifted(pushed(before, 200));
  expect([flattened(before), flattened(after), sizeOf(after)]).toEqual([list, [...list.slice(1), 200], 200]);
  expect(sizeOf(trimmed(before, 100))).toBe(136);
  expect(flattened(shifted(chunked([1])))).toEqual([]);
});
