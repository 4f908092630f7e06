import { setTimeout as wait } from 'node:timers/promises';
import type { Journal, Record } from '../../../../src/actors/ports.js';
import type { Topology } from '../../../../src/actors/step/routes.js';
import { singletonIds } from '../../../../src/actors/wiring/words/births.js';
import type { Hop, Indexing, Life, Pending, SeqAt, SourceState } from '../../protocol.js';
import { KEYFRAME_BYTES_MAX, PACKED_BYTES_MAX, PAGES_MAX } from '../serverLimits.js';
import type { FoldedState, Keyframe } from './foldedState.js';
import { HeatKeys } from './heatCounts.js';
import { keptState, originOf } from './kept/keptStates.js';
import { Keyframes } from './kept/keyframes.js';
import { PackedRecords } from './kept/packedRecords.js';
import { Slices } from './kept/slices.js';
import { PAGE_RECORDS, Page, pageOf, Words } from './page.js';
import { Reading } from './reading.js';
import { Seeker } from './seeker.js';
import type { Traced } from './trace.js';
import { type Shelves, Walker } from './walker.js';

export interface JournalIndexOptions {
  readonly journal: Journal;
  readonly topology: Topology;
  /** Default `KEYFRAME_BYTES_MAX`. */
  readonly keyframeBytesMax?: number;
  /** Default `PAGES_MAX`. */
  readonly pagesMax?: number;
}
export type RecordListener = (record: Record, traced: Traced) => void;

const BATCH = 200;
/** Pause after a reading that failed for a reason that may pass (the file is locked for a moment). */
const RETRY_MS = 200;

/**
 * A journal made quick to look at: its state at any record, and short notes of all records. It begins with the newest
 * checkpoint and the tail, so that the present is there at once; the past follows in slices of some ms, what is asked
 * for first. It never writes to the journal. Bounds: `KEYFRAME_BYTES_MAX` of kept states, some 60 bytes a record of
 * notes.
 */
export class JournalIndex {
  readonly reading: Reading;
  readonly topology: Topology;
  /** What is wrong with its oldest states or checkpoints, for people. */
  readonly notices: readonly string[];
  private readonly seeker: Seeker;
  private readonly listeners = new Set<RecordListener>();
  private focus: number | null = null;
  private focusWalker: Walker | null = null;
  private isTailStuck = false;
  private isClosed = false;
  private wake: () => void = () => undefined;
  private working: Promise<void>;

  private constructor(
    readonly options: JournalIndexOptions,
    readonly first: SeqAt,
    private end: SeqAt,
    private readonly shelves: Shelves,
    private readonly tail: Walker,
    private past: Walker | null,
    packed: PackedRecords,
    notices: readonly (string | null)[],
  ) {
    this.topology = options.topology;
    this.reading = new Reading(options.journal, packed);
    this.seeker = new Seeker(options.journal, options.topology, shelves.keyframes, this.reading);
    this.notices = notices.filter((notice) => notice !== null);
    this.working = this.work();
  }

  /** Fails with JournalError when not even the position of the journal can be read. */
  static async open(options: JournalIndexOptions): Promise<JournalIndex> {
    const { journal, topology, keyframeBytesMax = KEYFRAME_BYTES_MAX, pagesMax = PAGES_MAX } = options;
    const { seq, at } = await journal.position();
    const [oldest] = await journal.read(0, 1).catch(() => []);
    const first = { seq: oldest?.seq ?? Math.min(1, seq), at: oldest?.at ?? 0 };
    const origin = await originOf(journal, topology, first.seq);
    const newest = await keptState(journal, topology, seq);
    const shelves: Shelves = {
      words: new Words(),
      heatKeys: new HeatKeys(isLasting),
      pages: new Map(),
      pagesMax,
      keyframes: new Keyframes(origin.keyframe!, keyframeBytesMax),
      lives: new Map(),
      divergence: null,
    };
    const start = newest.keyframe && newest.keyframe.seq > origin.keyframe!.seq ? newest.keyframe : origin.keyframe!;
    if (start !== origin.keyframe) shelves.keyframes.add(start, 0);
    const tail = new Walker(shelves, start, topology);
    const packed = new PackedRecords(PACKED_BYTES_MAX);
    const past = start === origin.keyframe ? null : new Walker(shelves, origin.keyframe!, topology, true, packed);
    return new JournalIndex(options, first, { seq, at }, shelves, tail, past, packed, [origin.failure, newest.failure]);
  }

  get last(): SeqAt {
    return this.end;
  }
  /** The newest record that is taken in. */
  get taken(): SeqAt {
    return { seq: this.tail.seq, at: this.tail.state.at };
  }
  get heatKeys(): HeatKeys {
    return this.shelves.heatKeys;
  }
  get words(): Words {
    return this.shelves.words;
  }
  get keyframeCount(): number {
    return this.shelves.keyframes.size;
  }
  get indexing(): Indexing {
    const { first, end, tail, past, shelves } = this;
    const left = Math.max(0, end.seq - tail.seq) + (past ? Math.max(0, this.pastTarget - past.seq) : 0);
    const of = first.seq === 0 ? 0 : end.seq - first.seq + 1;
    return { done: this.isTailStuck ? of : Math.max(0, of - left), of, every: shelves.keyframes.every };
  }
  /** What of the journal cannot be shown as it is. */
  get state(): SourceState {
    const { damage } = this.reading;
    if (damage)
      return { state: 'damaged', seq: damage.seq, message: `from record ${damage.seq} on: ${damage.message}` };
    return { state: 'ok', message: this.notices[0] ?? null };
  }
  get divergence(): Shelves['divergence'] {
    return this.shelves.divergence;
  }
  /** Oldest first. */
  get lives(): readonly Life[] {
    return [...this.shelves.lives].map(([seq, life]) => ({ seq, ...life })).sort((a, b) => a.seq - b.seq);
  }
  /** The record that was taken in last, and how it travelled; null: none was yet. */
  get newest(): { readonly record: Record; readonly hops: readonly Hop[] } | null {
    return this.newestTaken;
  }
  private newestTaken: { readonly record: Record; readonly hops: readonly Hop[] } | null = null;

  /** Notes of a page of records; undefined: not indexed yet, or not any more. */
  page(number: number): Page | undefined {
    return this.shelves.pages.get(number);
  }
  /**
   * Notes of a page, read for the purpose where the index has none. `first` and `count` 0: there is nothing to read.
   */
  async notes(number: number): Promise<Page> {
    const wanted = Math.min(this.end.seq, (number + 1) * PAGE_RECORDS);
    const kept = this.shelves.pages.get(number);
    if (kept && kept.first <= Math.max(this.first.seq, number * PAGE_RECORDS + 1) && kept.last >= wanted) return kept;
    const page = new Page(number, this.shelves.words);
    const from = Math.max(number * PAGE_RECORDS, this.first.seq - 1);
    for (const record of await this.reading.read(from, wanted - from)) {
      if (record.seq > wanted) break;
      page.add(record, []);
    }
    return page;
  }
  /** Whether all notes between two records are there. */
  isIndexed(from: number, to: number): boolean {
    if (this.indexing.done === this.indexing.of) return true;
    for (let number = pageOf(Math.max(1, from)); number <= pageOf(to); number += 1) {
      const page = this.shelves.pages.get(number);
      const [wantedFirst, wantedLast] = [
        Math.max(from, number * PAGE_RECORDS + 1),
        Math.min(to, (number + 1) * PAGE_RECORDS),
      ];
      if (!page || page.count === 0 || page.first > wantedFirst || page.last < wantedLast) return false;
    }
    return true;
  }

  /** Every record that is taken in at the end from now on, in order. */
  subscribe(listener: RecordListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The journal goes on to `seq`; where that is not told it is looked up. */
  async advance(to?: SeqAt): Promise<void> {
    const { seq, at } = to ?? (await this.options.journal.position());
    if (seq > this.end.seq) this.end = { seq, at };
    this.wake();
  }

  /** The state that is kept of exactly this record; null: none is. */
  keptAt(seq: number): Keyframe | null {
    const kept = this.shelves.keyframes.before(seq);
    return kept.seq === seq ? kept : null;
  }

  /** Resolves when the newest record is taken in, or cannot be, or `ms` have passed. */
  async caughtUp(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (!this.isTailStuck && !this.isClosed && this.tail.seq < this.end.seq && performance.now() < until)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /**
   * Gives the state after record `seq` to `use`, which may fold it on (not the newest one: of that it must only read),
   * and gives back what that gives. Pending: the state lies far from those kept so far, and is being worked at. Throws
   * DamagedError.
   */
  async at<T>(seq: number, use: (state: FoldedState) => T): Promise<T | Pending> {
    if (seq === this.tail.seq) return use(this.tail.state);
    const left = await this.seeker.distance(seq, this.tail.seq);
    if (left > this.seeker.direct || (seq > this.tail.seq && !this.isTailStuck)) {
      this.focus = seq;
      this.wake();
      return { pending: true, left, of: this.end.seq };
    }
    return this.seeker.at(seq, use);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.wake();
    await this.working;
  }

  /** The past ends with the page in which the tail began; it has that one whole. */
  private get pastTarget(): number {
    return Math.min(this.pastEnd, this.tail.seq);
  }
  private pastEnd = 0;

  private async work(): Promise<void> {
    const slices = new Slices();
    this.pastEnd = (pageOf(this.tail.seq + 1) + 1) * PAGE_RECORDS;
    while (!this.isClosed) {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      const isBusy = await this.piece().catch(() => wait(RETRY_MS, true, { ref: false }));
      if (!isBusy) await woken;
      await slices.pause();
    }
  }

  /** A piece of the work that is to be done, most urgent first; false: there is none. */
  private async piece(): Promise<boolean> {
    if (!this.isTailStuck && this.tail.seq < this.end.seq) {
      this.isTailStuck = !(await this.walk(this.tail, this.end.seq, (record, traced) => this.tell(record, traced)));
      return true;
    }
    if (this.focus !== null) {
      await this.walkToFocus(this.focus);
      return true;
    }
    const { past } = this;
    if (!past) return false;
    if (past.seq < this.pastTarget && (await this.walk(past, this.pastTarget))) return true;
    past.replacePage(this.tail);
    this.past = null;
    return false;
  }

  private async walkToFocus(focus: number): Promise<void> {
    const from = this.shelves.keyframes.before(focus);
    const isFar = focus - from.seq >= this.seeker.direct && focus <= this.tail.seq;
    if (isFar && (!this.focusWalker || this.focusWalker.seq > focus || this.focusWalker.seq < from.seq))
      this.focusWalker = new Walker(this.shelves, from, this.topology, false);
    if (isFar && (await this.walk(this.focusWalker!, focus))) return;
    if (this.focus === focus) this.focus = null;
    this.focusWalker = null;
  }

  /** Some records further; false: there is nothing more that can be read. */
  private async walk(walker: Walker, to: number, tell?: RecordListener): Promise<boolean> {
    const batch = await this.reading.read(walker.seq, Math.min(BATCH, to - walker.seq));
    try {
      for (const record of batch) {
        const traced = walker.take(record);
        tell?.(record, traced);
      }
    } catch (error) {
      this.reading.note(walker.seq + 1, (error as Error).message);
      return false;
    }
    return batch.length > 0;
  }

  private tell(record: Record, traced: Traced): void {
    this.newestTaken = { record, hops: traced.hops };
    for (const listener of this.listeners) listener(record, traced);
  }
}

const lasting = new Set(singletonIds);

/** Actors of which there is a count of their own; the others are counted by their machine. */
export function isLasting(actor: string): boolean {
  return lasting.has(actor) || actor.startsWith('breaker:');
}
