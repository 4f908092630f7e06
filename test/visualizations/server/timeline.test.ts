import { expect, test } from '@jest/globals';
import { timelineOf } from '../../../visualizations/src/server/answers/timeline.js';
import type { JournalIndex } from '../../../visualizations/src/server/index/journalIndex.js';
import { PAGE_RECORDS } from '../../../visualizations/src/server/index/page.js';

/** Records come one a second, the first page in 1970; the last page is a day later. */
const DAY = 86_400_000;
function pageOf(number: number, from: number) {
  const at = Array.from({ length: PAGE_RECORDS }, (_, i) => from + i * 1_000);
  const first = number * PAGE_RECORDS + 1;
  const last = first + PAGE_RECORDS - 1;
  return { number, first, last, count: PAGE_RECORDS, at, type: at.map(() => 0), marks: [] };
}
function indexOf(known: ReadonlyMap<number, object>): JournalIndex {
  const last = { seq: 4 * PAGE_RECORDS, at: DAY + (PAGE_RECORDS - 1) * 1_000 };
  const index = { first: { seq: 1, at: 0 }, last, page: (number: number) => known.get(number) };
  return { ...index, words: { types: { find: () => undefined } } } as unknown as JournalIndex;
}

test('what is not indexed yet is said to have been between what is: time never runs backwards along the line', () => {
  const known = new Map([
    [0, pageOf(0, 0)],
    [1, pageOf(1, DAY - PAGE_RECORDS * 1_000)],
    [3, pageOf(3, DAY)],
  ]);
  for (const missing of [[], [1], [0], [0, 1], [3], [1, 3], [0, 1, 3]]) {
    const pages = new Map([...known].filter(([number]) => !missing.includes(number)));
    const { buckets } = timelineOf(indexOf(pages), 1, 4 * PAGE_RECORDS, 40);
    const times = buckets.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const { seq, at } of buckets) {
      const page = pages.get(Math.floor((seq - 1) / PAGE_RECORDS));
      if (page) expect(at).toBe(page.at[seq - page.first]);
    }
  }
  const [between] = timelineOf(indexOf(known), 2.5 * PAGE_RECORDS, 2.5 * PAGE_RECORDS, 1).buckets;
  expect(between!.at).toBeGreaterThanOrEqual(DAY - 1_000);
  expect(between!.at).toBeLessThanOrEqual(DAY);
});
