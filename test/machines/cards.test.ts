import { describe, expect, test } from '@jest/globals';
import type { AnyStateNode } from 'xstate';
import { chartTable } from '../../src/actors/charts/chartTable.js';
import { bornContext } from '../../src/actors/fold/contexts.js';
import { ACTORS, machineOf } from '../../src/actors/wiring/rows/rows.js';
import { ownLimits } from '../../src/cli/pages/limitsPage.js';
import { optionDefaults } from '../../src/config/optionValues.js';
import { CARDS, type MachineName } from '../../src/machines/cards.js';
import { type AnyCard, stateCard } from '../../src/machines/vocabulary/card.js';
import { defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { RUNGS, rungRow } from '../../src/machines/vocabulary/replies/rungs.js';

/** [promise 11] What a card says of its machine is held against the chart; what nobody reads or nothing has is not on it. */
const cards = Object.entries<AnyCard>(CARDS);

describe.each(cards)('[promise 11] the card of %s', (name, card) => {
  const { machine, states, log, delays, events, context, limits } = card;
  const rows = chartTable(machine);
  const nodes = nodesIn(machine.root as AnyStateNode);
  const born = bornContext(machine, { ...card.options(defaultOptions), ...inputOf(name) });

  test('is of the machine of that name', () => expect(machine.id).toBe(name));

  test('covers every state, and names none that there is not', () => {
    const paths = nodes.map(pathOf);
    expect(paths.filter((path) => stateCard(card, path) === undefined)).toEqual([]);
    expect(Object.keys(states).filter((path) => !paths.includes(path))).toEqual([]);
  });

  test('says of no end that something is waited for in it, or that all is well in it', () => {
    const ends = nodes.filter(({ type }) => type === 'final').map((node) => stateCard(card, pathOf(node)));
    expect(ends.filter((state) => state?.wait ?? state?.isRest)).toEqual([]);
  });

  test('has a state of rest, unless it lives once', () => {
    const rests = Object.values(states).filter(({ isRest }) => isRest);
    expect(rests.length > 0).toBe(card.lives !== 'once');
  });

  test('has lines of the log for rules and states of this chart only, and their fields stand in context or fact', () => {
    const rules = new Set(rows.map(({ rule }) => rule));
    expect(Object.keys(log).filter((rule) => !rules.has(rule))).toEqual([]);
    const heads = nodes.map(pathOf).filter((path) => !path.includes('.'));
    const entered = Object.entries(states).flatMap(([path, state]) =>
      (state.entered ?? []).map((line) => [path, line] as const),
    );
    expect(entered.map(([path]) => path).filter((path) => path.includes('.'))).toEqual([]);
    expect(
      entered.flatMap(([, { from = [] }]) => from).filter((head) => head !== null && !heads.includes(head)),
    ).toEqual([]);
    for (const { text, fields } of [...Object.values(log), ...entered.map(([, line]) => line)]) {
      const seen = {
        id: `${name}:x`,
        context: born,
        fact: { type: 'call.failed' },
        secondsUntil: () => 1,
        reason: null,
      };
      const told = fields?.(seen as never) ?? {};
      const named = [...text.matchAll(/\{(\w+)\}/g)].map(([, field]) => field as string);
      expect(named.filter((field) => !(field in told))).toEqual([]);
    }
  });

  test('says of each delay of the chart whose time it is, and of no other', () => {
    expect(Object.keys(delays).sort()).toEqual(Object.keys(machine.implementations.delays).sort());
  });

  test('names every event of the chart, and no other', () => {
    const heard = new Set(rows.map(({ event }) => event).filter((event) => /^[\w]+\.\w+$/.test(event)));
    expect([...events].sort()).toEqual([...heard].sort());
  });

  test('names fields of the context only, and all that may be null or left out have been seen', () => {
    const fields = Object.keys(born);
    const named = [context.nullable, context.needed].flatMap((part) => Object.keys(part));
    expect(named.filter((field) => !fields.includes(field))).toEqual([]);
    const nulls = fields.filter((field) => born[field] === null);
    expect(nulls.filter((field) => !(field in context.nullable))).toEqual([]);
  });

  test('[core 33] takes from the options what stands in its context, at birth and in a new life', () => {
    const given = card.options(defaultOptions) as { readonly [field: string]: unknown };
    expect(Object.keys(given).filter((field) => !(field in born))).toEqual([]);
    for (const [field, value] of Object.entries(given)) expect(born[field]).toEqual(value);
    if (card.lives !== 'once' && Object.keys(given).length > 0) expect(events).toContain('run.started');
  });

  test('has limits that are set by options there are, with their defaults', () => {
    for (const { option, max } of limits)
      if (option !== null) expect([option, optionDefaults.get(option)]).toEqual([option, max]);
  });
});

test('[promise 11] every machine has an actor of its own in the topology, found by its id', () => {
  expect([...new Set(Object.values(ACTORS))].sort()).toEqual(Object.keys(CARDS).sort());
  expect(['breaker:external:weather', 'delivery:m:7.0', 'feature:x', 'token', 'nobody'].map(machineOf)).toEqual([
    'circuitBreaker',
    'delivery',
    'feature',
    'accessToken',
    null,
  ] satisfies (MachineName | null)[]);
});

test('[promise 11] one rule has one line of the log, and one limit one id', () => {
  const rules = cards.flatMap(([, { log }]) => Object.keys(log));
  expect(rules.length).toBe(new Set(rules).size);
  const ids = ownLimits.map(({ id }) => id);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});

test('[promise 8] the last form of a reply is its text, which fits all and needs no feature', () => {
  expect(RUNGS.at(-1)).toBe('text');
  expect([rungRow('text').feature, rungRow('text').fits({ text: '', embed: false }, 'c2c')]).toEqual([null, true]);
});

function nodesIn(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child as AnyStateNode, ...nodesIn(child as AnyStateNode)]);
}
function pathOf({ path }: AnyStateNode): string {
  return path.join('.');
}
/** What a birth needs beside the options. */
function inputOf(name: string): object {
  const place = { kind: 'guild', guildId: 'g', channelId: 'c' };
  const author = { id: 'u', username: '', bot: false, roles: [] };
  const message = { id: 'm', place, author, content: '', mentionsBot: false };
  const stamp = { id: `${name}:x`, at: 1, epoch: 1, interaction: 'i', cause: 'f1' };
  const call = { run: 'r', ordinal: 0, breaker: 'b', isFeatureOn: true, isBreakerOpen: false, timeoutMs: 1 };
  const reply = {
    message,
    messageId: 'm',
    place,
    lane: 'lane:c',
    author: 'u',
    receivedAt: 1,
    form: { text: '', embed: false },
  };
  return { ...stamp, ...call, ...reply, operator: false };
}
