import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeText, stripMentions, unescapeEntities } from '../../../src/adapters/qq/wire/userText.js';

test('an escaped text comes back from unescaping as it was', () => {
  for (const text of ['<@!1> & &lt;', 'a<b>c', '&amp;', '']) expect(unescapeEntities(escapeText(text))).toBe(text);
});
test('escaping leaves no tag and no call to everyone', () => {
  expect(escapeText('<@!7> @everyone @全体成员 a@b')).toBe('&lt;@!7&gt; @\u200beveryone @\u200b全体成员 a@b');
});
test('unescaping goes once over the text', () => {
  expect(unescapeEntities('&amp;lt; &quot;')).toBe('&lt; &quot;');
});
test('an id with signs of a pattern is taken as it is', () => {
  expect(stripMentions('<@!1.2> x <@!1a2>', ['1.2'])).toBe('x <@!1a2>');
});
test('blanks around mentions go with them, next to each other too; between words one stays', () => {
  expect(stripMentions('a \u00a0<@!1> \u00a0<@1><@!1>  b', ['1'])).toBe('a b');
  expect(stripMentions('<@!1><@!2> a  b', ['1', '2'])).toBe('a  b');
});
test('a long run of blanks costs no more than its length', () => {
  const text = `a${' '.repeat(100_000)}b`;
  const start = performance.now();
  expect(stripMentions(text, ['1'])).toBe(text);
  expect(performance.now() - start).toBeLessThan(1_000);
});

/** Texts made of what matters here; fast-check prints seed and counterexample of a failure. */
const pieces = [
  '&',
  '<',
  '>',
  '&lt;',
  '&amp;',
  'amp;',
  '<@!1>',
  '<@1>',
  '<@!2>',
  ' ',
  '\u00a0',
  'x',
  '全',
  '@everyone',
];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(''));

test('any text comes back from unescaping, but for the mark in calls to everyone', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (original) => {
      const back = unescapeEntities(escapeText(original));
      expect(back.replaceAll('@\u200beveryone', '@everyone').replaceAll('@\u200ball', '@all')).toBe(original);
    }),
  );
});
test('no escaped text holds a tag, a bare & or a call to everyone', () => {
  fc.assert(
    fc.property(text, (original) => {
      expect(escapeText(original)).not.toMatch(/[<>]|&(?!(amp|lt|gt);)|@everyone/);
    }),
  );
});
test('no mention of the id is left, and those of others all are', () => {
  const count = (inside: string, tag: RegExp) => inside.match(tag)?.length ?? 0;
  fc.assert(
    fc.property(text, (original) => {
      const stripped = stripMentions(original, ['1']);
      expect(stripped).not.toMatch(/<@!?1>/);
      expect(count(stripped, /<@!2>/g)).toBe(count(original, /<@!2>/g));
      expect(stripped.replace(/\s/g, '')).toBe(original.replace(/<@!?1>|\s/g, ''));
    }),
  );
});
