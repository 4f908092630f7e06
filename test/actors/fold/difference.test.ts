import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { difference, isSameJson } from '../../../src/actors/fold/difference.js';
import type { Record } from '../../../src/actors/ports.js';
import type { Changes } from '../../../src/actors/step/state.js';
import { toyTopology } from '../toyTopology.js';

const written = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Values of a step: JSON, and what JSON leaves out or cannot say. */
const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(
    null,
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    0,
    '',
    'null',
    '\ud800',
    Symbol('s'),
    Math.abs,
  ),
);
const key = fc.constantFrom('a', 'b', 'c', '1', '0', '__proto__', 'toString', 'é');
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.array(fc.tuple(key, tie('any')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
})).any;

describe('[core 20] the comparison of recorded and recomputed', () => {
  test('agrees with JSON text on random values', () => {
    fc.assert(
      fc.property(value, value, (a, b) => isSameJson(a, b) === written(a, b)),
      { numRuns: 3_000 },
    );
  });

  test('agrees with JSON text on a value, what comes back from a journal, and that with one thing changed', () => {
    const back = (whole: unknown): unknown => JSON.parse(JSON.stringify(whole) ?? 'null');
    const changed = fc
      .tuple(value, value, fc.array(key, { maxLength: 3 }))
      .map(([whole, part, path]) => [whole, withPart(back(whole), part, path)] as const);
    fc.assert(
      fc.property(value, (whole) => isSameJson(whole, back(whole)) === written(whole, back(whole))),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(changed, ([a, b]) => isSameJson(a, b) === written(a, b)),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ['another order of keys is a difference', { a: 1, b: 2 }, { b: 2, a: 1 }, false],
    ['undefined in an object is absent', { a: undefined, b: 2, c: undefined }, { b: 2 }, true],
    ['undefined in a list is null', [undefined, 1], [null, 1], true],
    ['NaN is null', { a: Number.NaN }, { a: null }, true],
    ['a list is no object', [], {}, false],
    ['a text is no number', { a: '1' }, { a: 1 }, false],
    ['a date is its text', { a: new Date(0) }, { a: '1970-01-01T00:00:00.000Z' }, true],
  ])('%s', (_what, a, b, same) => {
    expect([isSameJson(a, b), isSameJson(b, a), written(a, b)]).toEqual([same, same, same]);
  });

  test('names the seq, the actor and both sides of the first difference; a missing step is null', () => {
    const step = (actor: string, to: string) => ({ actor, event: 'e', from: 'x', to, rules: ['B1'] });
    const record = { seq: 7, steps: [step('a', 'y'), step('b', 'y')], effects: [] } as unknown as Record;
    const changes = (steps: readonly object[], effects: readonly object[] = []) => ({ steps, effects }) as Changes;
    expect(difference(toyTopology, record, changes([step('a', 'y'), step('b', 'y')]))).toBeNull();
    expect(difference(toyTopology, record, changes([step('a', 'y'), step('b', 'z')]))).toEqual({
      seq: 7,
      actor: 'b',
      recorded: JSON.stringify(step('b', 'y')),
      recomputed: JSON.stringify(step('b', 'z')),
    });
    expect(difference(toyTopology, record, changes([step('a', 'y')]))).toMatchObject({
      actor: 'b',
      recomputed: 'null',
    });
    const effect = { id: '1.0', actor: 'c', type: 'token.fetch' };
    expect(difference(toyTopology, record, changes(record.steps as object[], [effect]))).toMatchObject({
      actor: 'c',
      recorded: 'null',
    });
  });
});

/** `whole` with `part` somewhere along the path, where there is such a place. */
function withPart(whole: unknown, part: unknown, path: readonly string[]): unknown {
  if (typeof whole !== 'object' || whole === null || path.length === 0) return part;
  const [step = '', ...rest] = path;
  const child = Object.hasOwn(whole, step) ? (whole as { [key: string]: unknown })[step] : undefined;
  const changed = withPart(child, part, rest);
  Object.defineProperty(whole, step, { value: changed, enumerable: true, configurable: true, writable: true });
  return whole;
}
