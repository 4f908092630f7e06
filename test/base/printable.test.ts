import { expect, jest, test } from '@jest/globals';
import { onOneLine, onScreen } from '../../src/base/printable.js';
import { complain, tell } from '../../src/base/terminal.js';
import { startErrorText } from '../../src/cli/words/startErrors.js';
import { ConfigError } from '../../src/config/config.js';

const STEERING = [
  ...'\n\r\t\u0000\u0007\b\u001b\u007f\u0085\u009b\u2028\u2029\ufeff',
  ...'\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206f\ufff9\ufffb',
];

test('[case W6] on one line nothing is left that ends it, moves the cursor or turns the text', () => {
  for (const c of STEERING) {
    const shown = onOneLine(`a${c}b`);
    expect([shown, JSON.parse(`"${shown}"`)]).toEqual([expect.stringMatching(/^a\\u[\da-f]{4}b$/), `a${c}b`]);
  }
  expect(onOneLine('名字 👩‍👩‍👧 é ‌ok')).toBe('名字 👩‍👩‍👧 é ‌ok');
});
test('[case W6] on the screen our lines and colours stay, theirs have no power', () => {
  expect(onScreen('\u001b[31mred\u001b[0m\nnext\tcolumn')).toBe('\u001b[31mred\u001b[0m\nnext\tcolumn');
  expect(onScreen('\u001b[2J\u001b]0;title\u0007\u001b[31;1m\r\u009b1A')).toBe(
    '\\u001b[2J\\u001b]0;title\\u0007\\u001b[31;1m\\u000d\\u009b1A',
  );
});
test('[case W6] what commands say goes that way, to both outputs', () => {
  const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  tell('a\u001b[2Jb');
  complain('a\u202eb');
  const said = [out.mock.lastCall?.[0], err.mock.lastCall?.[0]];
  out.mockRestore();
  err.mockRestore();
  expect(said).toEqual(['a\\u001b[2Jb\n', 'a\\u202eb\n']);
});
test.each(['en', 'zh'] as const)('[case W6] a value of the configuration forges no line: %s', (locale) => {
  const error = new ConfigError(['LOG_FORMAT is "x\nok  token\u001b[1A"', 'second'], locale);
  expect(error.problems).toEqual(['LOG_FORMAT is "x\\u000aok  token\\u001b[1A"', 'second']);
  expect(startErrorText(error, locale, '').split('\n')).toHaveLength(2);
});
