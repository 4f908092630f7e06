import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { progressBar } from '../../src/cli/words/progressBar.js';

let drawn: string[] = [];
beforeEach(() => {
  drawn = [];
  jest.useFakeTimers({ now: 0 });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => drawn.push(String(text)) > 0);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});
const at = (ms: number): void => void jest.setSystemTime(ms);

test('a bar shows after a second, tells what is left, and is wiped away', () => {
  const bar = progressBar('Reading', true);
  at(999);
  bar.update(0.2);
  expect(drawn).toEqual([]);
  at(2_000);
  bar.update(0.25);
  expect(drawn).toEqual([`\rReading ${'█'.repeat(6)}${'░'.repeat(18)} 25 %  6 s`]);
  at(2_050);
  bar.update(0.26);
  expect(drawn).toHaveLength(1);
  bar.end();
  expect(drawn.at(-1)).toMatch(/^\r +\r$/);
});

test('what is over within a second, and what is no terminal, shows nothing', () => {
  const quick = progressBar('Reading', true);
  quick.update(1);
  quick.end();
  const piped = progressBar('Reading', false);
  at(5_000);
  piped.update(0.5);
  piped.end();
  expect(drawn).toEqual([]);
});
