import { expect, test } from '@jest/globals';
import { forgetOldest } from '../../src/base/forgetting.js';

test('[core 38] the newest are kept, at most an eighth more, and the oldest go first', () => {
  const kept = new Set<number>();
  for (let i = 0; i < 1_000; i += 1) {
    kept.add(i);
    forgetOldest(kept, 80);
    expect(kept.size).toBeLessThanOrEqual(90);
    expect([...kept].slice(-80)).toEqual(
      Array.from({ length: Math.min(80, i + 1) }, (_, j) => Math.max(0, i - 79) + j),
    );
  }
});

test('[core 38] what one more costs does not depend on how many are kept', () => {
  const costOf = (max: number): number => {
    const kept = new Map<string, number>();
    let i = 0;
    const add = (count: number): void => {
      for (const end = i + count; i < end; i += 1) {
        kept.set(`delivery:${i}`, i);
        forgetOldest(kept, max);
      }
    };
    add(2 * max);
    const before = process.cpuUsage();
    add(100_000);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  costOf(100);
  expect(costOf(40_000) / costOf(400)).toBeLessThan(10); // with the first one searched each time: hundreds
});
