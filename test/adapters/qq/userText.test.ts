import { expect, test } from '@jest/globals';
import { escapeText, stripMentions, unescapeEntities } from '../../../src/adapters/qq/userText.js';

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
