import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICIES, readPolicy } from '../../src/simulator/world/policies.js';

const page = readFileSync('docs/SIMULATOR.md', 'utf8');

describe('policies', () => {
  test.each(Object.entries(DEFAULT_POLICIES))('%s stands in the document with its default', (name, value) => {
    expect(page).toContain(
      `| \`${name}\` | ${typeof value === 'object' && value !== null ? `\`${JSON.stringify(value)}\`` : typeof value === 'string' ? `\`"${value}"\`` : String(value)} |`,
    );
  });
  test.each([
    ['paceMax=0', { paceMax: 0 }],
    ['activeMessages=quota', { activeMessages: 'quota' }],
    ['linkHosts=["example.com"]', { linkHosts: ['example.com'] }],
    ['repliesMax={"c2c":4}', { repliesMax: { ...DEFAULT_POLICIES.repliesMax, c2c: 4 } }],
  ])('%s', (text, expected) => {
    expect(readPolicy(text)).toEqual(expected);
  });
  test.each([
    ['paceMx=1', 'there is no policy "paceMx"; did you mean "paceMax"?'],
    ['paceMax=many', 'paceMax is many'],
    ['paceMax', 'paceMax is '],
    ['repliesMax={"gild":1}', 'repliesMax is {"gild":1}'],
    ['=1', 'there is no policy "=1"'],
    ['nothingLikeIt=1', `there are ${Object.keys(DEFAULT_POLICIES).join(', ')}`],
  ])('%s is refused, naming it', (text, message) => {
    expect(() => readPolicy(text)).toThrow(message);
  });
});
