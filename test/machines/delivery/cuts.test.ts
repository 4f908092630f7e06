import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partsOf } from '../../../src/machines/delivery/replyText.js';

const piece = fc.constantFrom('word', ' ', '\n', '<@123456>', '&lt;', '😀', '\u{10ffff}', 'a', '，', 'longerword');
const texts = fc.array(piece, { maxLength: 120, size: 'medium' }).map((pieces) => pieces.join(''));

test('[D26] parts joined are the text; none is too long, empty or much shorter than it might be, and none ends inside a character, a mention or an entity', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 50, max: 90 }), (text, limit) => {
      const parts = partsOf(text, limit);
      expect(parts.join('')).toBe(text);
      expect(parts.slice(0, -1).every((part) => part.length <= limit && part.length >= Math.floor(limit * 0.75))).toBe(
        true,
      );
      if (text.length > limit) expect(parts.every((part) => part.length > 0)).toBe(true);
      for (const part of parts.slice(0, -1)) {
        const last = part.charCodeAt(part.length - 1);
        expect([part, last >= 0xd800 && last <= 0xdbff]).toEqual([part, false]);
        expect([part, /<[^<>\s]*$|&[a-z]*$/.test(part)]).toEqual([part, false]);
      }
      expect(parts.at(-1)!.length).toBeLessThanOrEqual(limit);
    }),
    { numRuns: 300 },
  );
});

test('[D26] a line is a better place to cut than a word, the nearest to the end is the best, and one too far back is none', () => {
  expect(partsOf(`${'a'.repeat(80)}\nbb cc${'d'.repeat(40)}`, 100)).toEqual([
    `${'a'.repeat(80)}\n`,
    `bb cc${'d'.repeat(40)}`,
  ]);
  expect(partsOf(`${'a'.repeat(80)} bb cc${'d'.repeat(40)}`, 100)).toEqual([
    `${'a'.repeat(80)} bb `,
    `cc${'d'.repeat(40)}`,
  ]);
  expect(partsOf(`${'a'.repeat(74)} ${'d'.repeat(50)}`, 100)).toEqual([
    `${'a'.repeat(74)} ${'d'.repeat(25)}`,
    'd'.repeat(25),
  ]);
  expect(partsOf(`${'a'.repeat(75)} ${'d'.repeat(50)}`, 100)).toEqual([`${'a'.repeat(75)} `, 'd'.repeat(50)]);
  expect(partsOf('a'.repeat(100), 100)).toEqual(['a'.repeat(100)]);
});
