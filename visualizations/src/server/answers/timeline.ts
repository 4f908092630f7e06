import {
  type Bucket,
  MARKS_MAX,
  type Mark,
  type MarkKind,
  type MarksPage,
  type SeqAt,
  type Timeline,
} from '../../protocol.js';
import type { JournalIndex } from '../index/journalIndex.js';
import { PAGE_RECORDS, type Page, pageOf } from '../index/page.js';
import { summaryOf } from '../index/readRecord.js';

const EMPTY: SeqAt = { seq: 0, at: 0 };

/** A stretch in at most `buckets` equal parts, with its marks. */
export function timelineOf(index: JournalIndex, from: number, to: number, buckets: number): Timeline {
  const [first, last] = [Math.max(from, index.first.seq), Math.min(to, index.last.seq)];
  if (index.first.seq === 0 || first > last) return { from: EMPTY, to: EMPTY, buckets: [], marks: [], marksTotal: 0 };
  const size = Math.max(1, Math.ceil((last - first + 1) / buckets));
  const drawn: Bucket[] = [];
  const [counted, times] = [new Counting(index), new Times(index, first)];
  for (let seq = first; seq <= last; seq += size) {
    const end = Math.min(last, seq + size - 1);
    drawn.push({ seq, at: times.of(seq), records: end - seq + 1, ...counted.count(seq, end) });
  }
  const { marks, marksTotal } = marksIn(index, first, last, size);
  return {
    from: { seq: first, at: drawn[0]!.at },
    to: { seq: last, at: times.of(last) },
    buckets: drawn,
    marks,
    marksTotal,
  };
}

/**
 * Times of records, asked for in ascending order. Of one that is not indexed yet: about when, between those that are.
 */
class Times {
  private before: SeqAt;
  private after: SeqAt | null = null;

  constructor(
    private readonly index: JournalIndex,
    from: number,
  ) {
    this.before = index.first;
    for (let number = pageOf(from); number >= pageOf(index.first.seq); number -= 1) {
      const page = index.page(number);
      if (!page || page.count === 0 || page.last > from) continue;
      this.before = { seq: page.last, at: page.at[page.count - 1]! };
      break;
    }
  }

  of(seq: number): number {
    const page = this.index.page(pageOf(seq));
    const i = page ? seq - page.first : -1;
    if (page && i >= 0 && i < page.count) {
      this.before = { seq, at: page.at[i]! };
      return this.before.at;
    }
    // To read it from an archive would take too long.
    if (!this.after || this.after.seq < seq) this.after = this.nextKnown(seq);
    const { before, after } = this;
    const share = (seq - before.seq) / Math.max(1, after.seq - before.seq);
    return Math.round(before.at + share * Math.max(0, after.at - before.at));
  }
  private nextKnown(seq: number): SeqAt {
    const { last } = this.index;
    for (let number = pageOf(seq); number <= pageOf(last.seq); number += 1) {
      const page = this.index.page(number);
      if (!page || page.count === 0) continue;
      if (page.first > seq) return { seq: page.first, at: page.at[0]! };
      this.before = { seq: page.last, at: page.at[page.count - 1]! };
    }
    return last;
  }
}

/** Counts what the notes of a stretch say. */
class Counting {
  private readonly received: number | undefined;
  private readonly failed: number | undefined;
  private readonly elapsed: number | undefined;

  constructor(private readonly index: JournalIndex) {
    const { types } = index.words;
    this.received = types.find('message.received');
    this.failed = types.find('call.failed');
    this.elapsed = types.find('timer.elapsed');
  }

  /** null: not all of it is indexed. */
  count(from: number, to: number): Pick<Bucket, 'messages' | 'failures' | 'timers'> {
    let [messages, failures, timers] = [0, 0, 0];
    for (let number = pageOf(from); number <= pageOf(to); number += 1) {
      const page = this.index.page(number);
      const [begin, end] = page ? placesIn(page, from, to) : [0, -1];
      if (!page || begin > end || !isWhole(page, from, to)) return { messages: null, failures: null, timers: null };
      for (let i = begin; i <= end; i += 1) {
        const type = page.type[i];
        if (type === this.received) messages += 1;
        else if (type === this.failed) failures += 1;
        else if (type === this.elapsed) timers += 1;
      }
    }
    return { messages, failures, timers };
  }
}

function placesIn(page: Page, from: number, to: number): readonly [number, number] {
  return [Math.max(0, from - page.first), Math.min(page.count - 1, to - page.first)];
}
/** Whether it has all of the stretch that belongs to it. */
function isWhole(page: Page, from: number, to: number): boolean {
  const [lowest, highest] = [page.number * PAGE_RECORDS + 1, (page.number + 1) * PAGE_RECORDS];
  return page.first <= Math.max(from, lowest) && page.last >= Math.min(to, highest);
}

/** Marks of a stretch; when there are too many, of each kind the first of each bucket, and then every so manieth. */
function marksIn(index: JournalIndex, from: number, to: number, size: number): Pick<Timeline, 'marks' | 'marksTotal'> {
  const all: Mark[] = [];
  for (let number = pageOf(from); number <= pageOf(to); number += 1)
    for (const mark of index.page(number)?.marks ?? []) if (mark.seq >= from && mark.seq <= to) all.push(mark);
  if (all.length <= MARKS_MAX) return { marks: all, marksTotal: all.length };
  const seen = new Set<string>();
  const spread = all.filter(({ kind, seq }) => {
    const key = `${kind} ${Math.floor((seq - from) / size)}`;
    return !seen.has(key) && seen.add(key);
  });
  const every = Math.ceil(spread.length / MARKS_MAX);
  return { marks: spread.filter((_, i) => i % every === 0), marksTotal: all.length };
}

export interface MarksQuery {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly kinds: ReadonlySet<MarkKind> | null;
  readonly limit: number;
}

/** The next marks that way. */
export async function marksFrom(index: JournalIndex, { after, before, kinds, limit }: MarksQuery): Promise<MarksPage> {
  const [first, last] = [index.first.seq, index.last.seq];
  const isWanted = (mark: Mark): boolean => kinds === null || kinds.has(mark.kind);
  const marks: Mark[] = [];
  if (before === undefined) {
    const from = Math.max(first, (after ?? 0) + 1);
    for (let number = pageOf(from); number <= pageOf(last) && marks.length < limit; number += 1)
      marks.push(...(index.page(number)?.marks ?? []).filter((mark) => mark.seq >= from && isWanted(mark)));
    const reached = marks.length >= limit ? marks[limit - 1]!.seq : last;
    return { marks: marks.slice(0, limit), isComplete: index.isIndexed(from, reached) };
  }
  const to = Math.min(last, before - 1);
  for (let number = pageOf(Math.max(1, to)); number >= pageOf(Math.max(1, first)) && marks.length < limit; number -= 1)
    marks.push(...(index.page(number)?.marks ?? []).filter((mark) => mark.seq <= to && isWanted(mark)).reverse());
  const reached = marks.length >= limit ? marks[limit - 1]!.seq : first;
  return { marks: marks.slice(0, limit), isComplete: index.isIndexed(reached, to) };
}

/** A window of records. */
export async function recordsFrom(index: JournalIndex, after: number, limit: number) {
  return { records: (await index.reading.read(after, limit)).map((record) => summaryOf(record)) };
}
