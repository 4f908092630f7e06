import { expect, test } from '@jest/globals';
import { REFUSALS, refusalOf } from '../../../src/adapters/qq/http/refusals.js';

const codes = [100016, 100007, 11298, 11245, 4014, 4914, 4915, 304018, 10004, 11265, 11251, 4004];
/** Put right on our side. */
const ours = [4010, 4011, 4013];

test.each([...codes, ...ours])('%i is one sentence in each language that says where it is put right', (code) => {
  const { en, zh } = refusalOf(code)!;
  for (const text of [en, zh]) expect(text).toMatch(ours.includes(code) ? /gateway\./ : /q\.qq\.com/);
  expect(en).toMatch(/^[A-Z][^\n]*\.$/);
  expect(en.replaceAll(/q\.qq\.com|gateway\.\w+/g, '').match(/\.(\s|$)/g)).toHaveLength(1);
  expect(zh).toMatch(/[\u4e00-\u9fff][^\n]*。$/);
  expect(zh.match(/。/g)).toHaveLength(1);
});
test('there are no others', () => {
  expect(Object.keys(REFUSALS).map(Number).sort()).toEqual([...codes, ...ours].sort());
  expect([11261, 11275].map(refusalOf)).toEqual([refusalOf(11251), refusalOf(11251)]);
  for (const code of [0, 4009, 'ECONNREFUSED', 'constructor', Number.NaN, null]) expect(refusalOf(code)).toBeNull();
});
test('the whitelist says what to add', () => {
  expect(refusalOf(11298)!.en).toContain('add this IP to the whitelist');
});
