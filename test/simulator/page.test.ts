import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readInput } from '../../src/simulator/control/readInput.js';
import { ROUTES } from '../../src/simulator/control/routes.js';
import { faultSchema } from '../../src/simulator/faults/faultSchema.js';
import { FIELDS } from '../../src/simulator/faults/fields.js';
import { FAULT_KINDS, KINDS } from '../../src/simulator/faults/kinds.js';
import { renderPage } from '../../src/simulator/page.js';

const page = readFileSync('docs/SIMULATOR.md', 'utf8');

describe('docs/SIMULATOR.md', () => {
  test('has the tables of today', () => {
    expect(renderPage(page)).toBe(page);
  });
  test.each(FAULT_KINDS)('has one row for the kind %s, whose example is taken', (kind) => {
    expect(page.split('\n').filter((line) => line.startsWith(`| \`${kind}\` |`))).toHaveLength(1);
    readInput(faultSchema, { kind, ...KINDS[kind].example });
  });
  test.each(ROUTES.map(({ method, path }) => [method, path] as const))('has one row for %s %s', (method, path) => {
    const rows = page.split('\n').filter((line) => new RegExp(`^\\| \`${method} ${path}[?\`]`).test(line));
    expect(rows).toHaveLength(1);
  });
  test('says what every field means', () => {
    for (const field of Object.keys(FIELDS)) expect(page).toMatch(new RegExp(`^\\| \`${field}\` \\| \\S`, 'm'));
  });
  test('without a mark is an error', () => {
    expect(() => renderPage('# nothing')).toThrow('marks');
  });
});
