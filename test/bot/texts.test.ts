import { expect, test } from '@jest/globals';
import { textsFor } from '../../src/bot/texts.js';

const [en, zh] = [
  textsFor('en') as unknown as { [key: string]: unknown },
  textsFor('zh') as unknown as { [key: string]: unknown },
];
/** What a text gives, called with marks where it takes parameters. */
const shown = (text: unknown): string =>
  typeof text === 'function' ? String((text as (...args: unknown[]) => string)('«1»', '«2»')) : String(text);
const marks = (text: unknown): string[] => (shown(text).match(/«\d»|\{\w+\}/g) ?? []).sort();

test('both languages have the same texts with the same parameters', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const key of Object.keys(en)) expect([key, marks(zh[key])]).toEqual([key, marks(en[key])]);
});

test('the other language is another one', () => {
  for (const key of Object.keys(en))
    if (key !== 'helpLine') expect([key, shown(zh[key])]).not.toEqual([key, shown(en[key])]);
});

test('texts that are promised are exact', () => {
  expect(textsFor('en').fallback).toBe('Command processed with recovery protection');
  expect(textsFor('en').demoBanner).toContain('DEMO WORLD, not QQ');
  expect(textsFor('en').failure).toBe('⚠️ Something went wrong (ref {ref})');
});
