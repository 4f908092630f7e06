import { type Journal, JournalError, type Record } from '../../../actors/ports.js';
import { progressBar } from '../../words/progressBar.js';
import type { Session } from '../environment.js';

const BATCH = 500;

/** A request that cannot be answered: the user's to put right (exit 64). */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Opens the journal, does the work, closes it. */
export async function withJournal<T>({ store }: Session, work: (journal: Journal) => Promise<T>): Promise<T> {
  const journal = await store.openReader();
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

/** First and last record. Throws UsageError for a journal without records. */
export async function rangeOf(journal: Journal, { texts, path }: Session): Promise<{ first: Record; last: Record }> {
  const [first] = await journal.read(0, 1);
  const { seq } = await journal.position();
  const [last] = await journal.read(seq - 1, 1);
  if (!first || !last) throw new UsageError(texts.empty(path));
  return { first, last };
}

/** Records `from` to `to`, ascending, with a bar for long ways. */
export async function* forwards(journal: Journal, from: number, to: number, label: string): AsyncGenerator<Record> {
  const bar = progressBar(label);
  try {
    for (let after = from - 1; after < to; ) {
      const batch = await journal.read(after, Math.min(BATCH, to - after));
      if (batch.length === 0) throw new JournalError('JOURNAL_CORRUPT', `record ${after + 1} is missing`);
      for (const record of batch) if (record.seq <= to) yield record;
      after = batch.at(-1)!.seq;
      bar.update((after - from + 1) / (to - from + 1));
    }
  } finally {
    bar.end();
  }
}

/** Records `from` down to `to`. */
export async function* backwards(journal: Journal, from: number, to: number, label: string): AsyncGenerator<Record> {
  const bar = progressBar(label);
  try {
    for (let upTo = from; upTo >= to; ) {
      const after = Math.max(to - 1, upTo - BATCH);
      const batch = await journal.read(after, upTo - after);
      if (batch.length === 0) throw new JournalError('JOURNAL_CORRUPT', `record ${after + 1} is missing`);
      for (const record of [...batch].reverse()) yield record;
      upTo = after;
      bar.update((from - after) / (from - to + 1));
    }
  } finally {
    bar.end();
  }
}

/** A bar over seqs, for what reports them. */
export function seqBar(label: string, last: number): { onProgress: (seq: number) => void; end: () => void } {
  const bar = progressBar(label);
  return { onProgress: (seq) => bar.update(last > 0 ? seq / last : 1), end: () => bar.end() };
}
