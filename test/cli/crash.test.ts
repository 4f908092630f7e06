import { expect, test } from '@jest/globals';
import { brokenPromises, type CrashResult } from '../../src/cli/crash/verdict.js';
import type { JournalFindings } from '../../src/cli/world/judge.js';

const COUNTS = ['pagesAtKills', 'operationsAtKills', 'readingsAtKills', 'externalsAtKills', 'uploadsAtKills'] as const;
const findings = { deadlinesMoved: 0, divergence: null, killsWhileOpen: 1 } as unknown as JournalFindings;
const zero = { lost: 0, duplicates: 0, duplicatesKeyed: 0, uncertain: 0, uncertainKeyed: 0, inFlightAtKills: 0 };
const good = {
  ...zero,
  ...Object.fromEntries(COUNTS.map((count) => [count, 1])),
  ...{ killed: 20, restartMsP99: 0, restartMaxMs: 1, readingsFailed: 0, pageInVain: 0 },
} as unknown as CrashResult;

test('[case J1] kills that never came upon an open page, an operator, a reader, an external call or an upload prove too little', () => {
  expect(brokenPromises(good, findings)).toEqual([]);
  for (const count of COUNTS) {
    expect(brokenPromises({ ...good, [count]: 0 }, findings)).toEqual([expect.stringMatching(/^no kill came /)]);
    expect(brokenPromises({ ...good, [count]: 0, killed: 19 }, findings)).toEqual([]);
  }
  expect(brokenPromises({ ...good, pageInVain: 2, readingsFailed: 1 }, findings)).toHaveLength(2);
});
