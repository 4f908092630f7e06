import { expect, test } from '@jest/globals';
import { inspectTexts } from '../../visualizations/src/inspectTexts.js';

const [en, zh] = [inspectTexts('en'), inspectTexts('zh')] as unknown as { readonly [key: string]: unknown }[];
/** What a text gives, called with marks where it takes parameters. */
const shown = (text: unknown): string =>
  typeof text === 'function' ? String(text('«1»', '«2»', '«3»')) : String(text);

test('both languages have the same texts with the same parameters, and are not the same', () => {
  expect(Object.keys(zh!).sort()).toEqual(Object.keys(en!).sort());
  for (const key of Object.keys(en!)) {
    const marks = (text: unknown) => (shown(text).match(/«\d»/g) ?? []).sort();
    expect([key, marks(zh![key])]).toEqual([key, marks(en![key])]);
    expect([key, shown(zh![key])]).not.toEqual([key, shown(en![key])]);
  }
});
