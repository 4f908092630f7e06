import { expect, test } from '@jest/globals';
import { chartTable } from '../../../src/actors/charts/chartTable.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { sentenceOf } from '../../../src/cli/journal/telling/facts.js';
import { journalTextsFor } from '../../../src/cli/journal/texts/texts.js';

type Tree = { readonly [key: string]: unknown };
/** Every text by its path; functions called with marks. */
function flat(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    if (typeof value === 'object' && value !== null) return flat(value as Tree, `${path}${key}.`);
    if (typeof value !== 'function') return [[path + key, String(value)]];
    const found = { records: '«r»', first: '«f»', last: '«l»', segments: '«s»', checkpoints: '«c»', rate: '«t»' };
    const isObject = key === 'verifyOk';
    const run = value as (...args: unknown[]) => string;
    return [
      [path + key, isObject ? run(found) : run(markOf(1, key), markOf(2, key), markOf(3, key), markOf(4, key), 5)],
    ];
  });
}
/** A list where a list is wanted. */
const markOf = (n: number, key: string): unknown => (key === 'severalMeant' && n === 2 ? ['«2»'] : `«${n}»`);
const marks = (text: string): string[] => (text.match(/«\w»/g) ?? []).sort();

test('both languages have the same texts with the same parameters, and differ', () => {
  const [en, zh] = [flat(journalTextsFor('en') as unknown as Tree), flat(journalTextsFor('zh') as unknown as Tree)];
  expect(zh.map(([key, text]) => [key, marks(text)])).toEqual(en.map(([key, text]) => [key, marks(text)]));
  for (const [i, [key, text]] of en.entries()) expect([key, zh[i]![1]]).not.toEqual([key, text]);
});

test('a rule id means one rule, of whichever machine', () => {
  for (const { machine } of Object.values(topology.machines))
    for (const { rule, what } of chartTable(machine)) expect([rule, sentenceOf(rule)]).toEqual([rule, what]);
});
