import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createRedaction } from '../../../src/adapters/process/redaction.js';
import {
  SHOWN_DEPTH_MAX,
  SHOWN_ENTRIES_MAX,
  SHOWN_SIZE_MAX,
  SHOWN_TEXT_MAX,
} from '../../../visualizations/src/bridges/bridgeLimits.js';
import { createShow, shownText } from '../../../visualizations/src/bridges/shownValue.js';

const shownValue = createShow();

describe('a value as viewers of others get it', () => {
  test('what is small and plain is as it is', () => {
    const value = { a: [1, null, true, 'x', [], {}], b: { c: 'é 中文 👨‍👩‍👧 \n\t' } };
    expect(shownValue(value)).toEqual(value);
  });

  test('[limit shownText] a text that is too long is cut, with how much is left out', () => {
    expect(shownText('x'.repeat(SHOWN_TEXT_MAX))).toBe('x'.repeat(SHOWN_TEXT_MAX));
    expect(shownText('x'.repeat(SHOWN_TEXT_MAX + 7))).toBe(`${'x'.repeat(SHOWN_TEXT_MAX)}✂ 7 more characters`);
    expect(shownText('👍'.repeat(10), 3)).toBe('👍\ufffd✂ 17 more characters'); // never half a character
  });

  test('[limit shownEntries] a list and an object that are too long are cut, with how much is left out', () => {
    const list = shownValue(Array(SHOWN_ENTRIES_MAX + 5).fill(0)) as unknown[];
    expect([list.length, list.at(-1)]).toEqual([SHOWN_ENTRIES_MAX + 1, '✂ 5 more entries']);
    const keys = Array.from({ length: SHOWN_ENTRIES_MAX + 5 }, (_, i) => [`k${i}`, 0]);
    expect(shownValue(Object.fromEntries(keys))).toMatchObject({ k99: 0, '✂': '5 more entries' });
  });

  test('[limit shownDepth] what is nested too deep is named, not followed', () => {
    const nest = (depth: number): unknown => (depth === 0 ? {} : { in: nest(depth - 1) });
    expect(shownValue(nest(SHOWN_DEPTH_MAX))).toEqual(nest(SHOWN_DEPTH_MAX));
    expect(JSON.stringify(shownValue(nest(SHOWN_DEPTH_MAX + 1)))).toContain('"in":"✂ 1 entries, nested too deep"');
  });

  test('[limit shownSize] a context of 5 MB is cut to its bound, with a note', () => {
    const text = 'y'.repeat(SHOWN_TEXT_MAX);
    const big = { first: 1, rows: Array.from({ length: 60 }, () => Array(50).fill(text)), last: 2 };
    expect(JSON.stringify(big).length).toBeGreaterThan(5_000_000);
    const shown = JSON.stringify(shownValue(big));
    expect(shown.length).toBeGreaterThan(SHOWN_SIZE_MAX / 2);
    expect(shown.length).toBeLessThan(SHOWN_SIZE_MAX + SHOWN_TEXT_MAX + 1_000);
    expect(JSON.parse(shown)).toMatchObject({ first: 1, '✂': '1 more entries' });
  });

  test('characters that turn, hide or join the text around them are named; markup is text and stays', () => {
    expect(shownText('abc\u202edef')).toBe('abc⟨U+202E⟩def');
    expect(shownText('\u0000\u001b[31m\u200b\u2066\ufeff\u2028')).toBe(
      '⟨U+0000⟩⟨U+001B⟩[31m⟨U+200B⟩⟨U+2066⟩⟨U+FEFF⟩⟨U+2028⟩',
    );
    expect(shownText('a\u{e0041}b')).toBe('a⟨U+E0041⟩b');
    expect(shownText('\ud800')).toBe('\ufffd');
    expect(shownText('<script>alert(1)</script>')).toBe('<script>alert(1)</script>');
    expect(shownValue({ '\u202ekey': 1 })).toEqual({ '⟨U+202E⟩key': 1 });
  });

  test('secrets that a user wrote are taken out', () => {
    const show = createShow(createRedaction(['hunter2-hunter2']));
    const shown = show({ said: 'it is hunter2-hunter2', password: 'x' });
    expect(shown).toEqual({ said: 'it is ***', password: '***' });
    expect(shownValue('Bearer abcdefghijklmnopqrst')).toBe('Bearer ***');
  });

  test('a key __proto__ is a key', () => {
    const shown = shownValue(JSON.parse('{"__proto__":{"isAdmin":true}}')) as { isAdmin?: boolean };
    expect(shown.isAdmin).toBeUndefined();
    expect(JSON.stringify(shown)).toBe('{"__proto__":{"isAdmin":true}}');
  });

  test('whatever JSON comes, it ends within its bound and is JSON again', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        const shown = JSON.stringify(shownValue(value));
        expect(JSON.stringify(JSON.parse(shown))).toBe(shown);
        expect(shown.length).toBeLessThan(SHOWN_SIZE_MAX * 2);
      }),
    );
  });
});
