import { describe, expect, test } from '@jest/globals';
import { createMemoryWatch, LOOK_MS, oldSpaceShare } from '../../../src/adapters/process/memoryWatch.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';

describe('the memory watch', () => {
  test('[case S5] tells once when the heap is nearly full, and once when there is room again', () => {
    const facts: Fact[] = [];
    let [at, share, looks] = [0, 0.5, 0];
    const heapShare = (): number => {
      looks += 1;
      return share;
    };
    const watch = createMemoryWatch({ heapMax: 0.85, now: () => at, post: (fact) => void facts.push(fact), heapShare });
    for (const next of [0.5, 0.849, 0.85, 0.95, 0.8, 0.76, 0.74, 0.8]) {
      share = next;
      at += LOOK_MS;
      watch.look();
    }
    expect(facts).toEqual([
      { type: 'memory.tightened', heapShare: 0.85 },
      { type: 'memory.eased', heapShare: 0.74 },
    ]);
    for (let i = 0; i < 50; i += 1) {
      at += 1;
      watch.look();
    }
    expect(looks).toBe(8); // less often than something happens
  });

  test('measures the old space against its own limit, not against that of the whole heap', () => {
    expect(oldSpaceShare()).toBeGreaterThan(0);
    expect(oldSpaceShare()).toBeLessThan(1);
  });
});
