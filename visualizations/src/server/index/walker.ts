import { type Divergence, difference } from '../../../../src/actors/fold/difference.js';
import type { Record } from '../../../../src/actors/ports.js';
import type { Topology } from '../../../../src/actors/step/routes.js';
import { FoldedState, type Keyframe } from './foldedState.js';
import { HeatCounts, type HeatKeys } from './heatCounts.js';
import type { Keyframes } from './kept/keyframes.js';
import type { PackedRecords } from './kept/packedRecords.js';
import { PAGE_RECORDS, Page, pageOf, type Words } from './page.js';
import { type Traced, Tracer } from './trace.js';

/** What a kept state weighs by itself, and each actor in it beside its text. */
const OWN_BYTES = 16 * 1024;
const ACTOR_BYTES = 64;

/** What all walks through one journal fill together. */
export interface Shelves {
  readonly words: Words;
  readonly heatKeys: HeatKeys;
  readonly pages: Map<number, Page>;
  /** Pages kept, the newest; what is older is read anew when it is asked for. */
  readonly pagesMax: number;
  readonly keyframes: Keyframes;
  /** First record of each process life → the life. */
  readonly lives: Map<number, { readonly epoch: number; readonly at: number }>;
  divergence: Divergence | null;
}

/** Goes through records in their order, folds them and keeps what the index keeps. */
export class Walker {
  state: FoldedState;
  private page: Page | null = null;
  private records: Record[] = [];
  private readonly tracer: Tracer;

  constructor(
    private readonly shelves: Shelves,
    from: Keyframe,
    private readonly topology: Topology,
    /** False: only states are kept on the way, the pages are another walk's business. */
    private readonly writesPages = true,
    /** Where the records themselves are kept, too; null: nowhere. */
    private readonly packed: PackedRecords | null = null,
  ) {
    this.state = new FoldedState(from);
    this.tracer = new Tracer(topology);
  }

  get seq(): number {
    return this.state.seq;
  }

  /** The next record. Throws when it cannot be folded: of a newer version, or not the next. */
  take(record: Record): Traced {
    const { shelves } = this;
    if (record.seq !== this.seq + 1) throw new Error(`record ${this.seq + 1} is missing; after it comes ${record.seq}`);
    const traced = this.tracer.trace(this.state, record);
    if (this.writesPages) this.write(record, traced);
    if (!shelves.divergence) shelves.divergence = difference(this.topology, record, traced.changes);
    this.state.apply(traced.changes);
    if (record.fact.type === 'run.started') shelves.lives.set(record.seq, { epoch: record.epoch, at: record.at });
    if (shelves.keyframes.isDue(record.seq)) this.keep(traced);
    return traced;
  }

  private write(record: Record, { changes, crashed }: Traced): void {
    const { pages, words, heatKeys } = this.shelves;
    const number = pageOf(record.seq);
    if (this.page?.number !== number) {
      this.page = new Page(number, words);
      this.page.heat = new HeatCounts(heatKeys);
      this.records = [];
      // What another walk began in the middle stays until this one has it whole.
      if (!pages.has(number)) pages.set(number, this.page);
      if (pages.size > this.shelves.pagesMax) pages.delete(Math.min(...pages.keys()));
    }
    this.page.heat!.note(this.state, changes);
    this.page.add(record, crashed);
    if (this.packed) this.records.push(record);
    if (!this.page.isFull) return;
    this.page.pack();
    if (this.records.length === PAGE_RECORDS) this.packed?.add(number, this.records);
    pages.set(number, this.page);
  }

  private keep({ hops }: Traced): void {
    const kept = this.state.keep(hops);
    let bytes = OWN_BYTES;
    for (const id of this.state.changedActors.keys()) bytes += ACTOR_BYTES + lengthOf(kept, id);
    this.shelves.keyframes.add(kept, bytes + (kept.endings === this.state.base.endings ? 0 : kept.endings.bytes));
    this.state = this.state.goOn(kept);
  }

  /** The page that it is at goes in the place of the same page of another walk, which had only its end. */
  replacePage(other: Walker): void {
    if (!this.page || this.seq !== other.seq) return;
    this.shelves.pages.set(this.page.number, this.page);
    other.page = this.page;
  }
}

function lengthOf(kept: Keyframe, id: string): number {
  const actor = kept.actors.get(id);
  return typeof actor === 'string' ? actor.length : 0;
}
