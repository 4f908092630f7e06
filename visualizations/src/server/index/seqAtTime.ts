import type { JournalIndex } from './journalIndex.js';

/**
 * The last record at or before a time; the one before the first when all are later. Times never decrease in a journal.
 */
export async function seqAtTime(index: JournalIndex, at: number): Promise<number> {
  const { first, last } = index;
  if (first.seq === 0) return 0;
  let [low, high] = [first.seq - 1, last.seq];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const record = await index.reading.one(middle);
    if (record && record.at <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
