import type { Divergence } from '../fold/difference.js';
import { fold } from '../fold/fold.js';
import type { Journal, Record } from '../ports.js';
import type { Topology } from '../step/routes.js';
import { SystemState } from '../step/state.js';
import { type Counts, Course, type FirstDifference } from './whatIfCourse.js';
import { forkOf, giveOptions, type OptionChanges, withChanges } from './whatIfOptions.js';
import { type Outage, RecordedStretch } from './whatIfRecorded.js';
import { type RunSummary, type Series, Tally } from './whatIfTally.js';

export type { FirstDifference } from './whatIfCourse.js';
export type { OptionChanges } from './whatIfOptions.js';
export type { Outage } from './whatIfRecorded.js';
export type { Mark, RunSummary, Series } from './whatIfTally.js';

/** Records of one what-if: it holds their facts in memory. */
export const WHAT_IF_RECORDS_MAX = 500_000;
/** Parts of the line of time in a result. */
export const BUCKETS_MAX = 120;
const READ_BATCH = 1_000;

export interface WhatIfOptions {
  /** Options by dotted name; their values must be ones that the options may have. */
  readonly set: OptionChanges;
  /** First and last record (default: the whole journal). */
  readonly from?: number;
  readonly to?: number;
  /** Told about every thousand records: how much of the work is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}
export interface WhatIfResult {
  readonly set: OptionChanges;
  readonly from: { readonly seq: number; readonly at: number };
  readonly to: { readonly seq: number; readonly at: number };
  readonly records: number;
  readonly recorded: RunSummary;
  readonly whatIf: RunSummary;
  readonly firstDifference: FirstDifference | null;
  /** How much of the what-if's outcomes is taken from the nearest recorded call instead of the call itself. */
  readonly inferred: {
    readonly calls: number;
    readonly ofCalls: number;
    readonly callShare: number;
    readonly messages: number;
    readonly ofMessages: number;
    readonly messageShare: number;
  };
  readonly effects: Pick<Counts, 'matched' | 'moved' | 'inferred' | 'dropped'>;
  /** By the record: times in which the API was down. */
  readonly outages: readonly Outage[];
  /** Not null: the record does not replay under this version, so the comparison says little. */
  readonly divergence: Divergence | null;
  readonly series: {
    readonly from: number;
    readonly bucketMs: number;
    readonly recorded: Series;
    readonly whatIf: Series;
  };
}

/**
 * The same inputs under other options: what the bot would have done. Reads the stretch twice, never writes.
 *
 * What comes from outside comes as recorded and when recorded; deadlines are the other run's own; calls that both make
 * keep their recorded outcome, calls that only the other makes get that of the nearest recorded call of their route,
 * and are counted as inferred (docs/REPLAY.md has the table). Without a change the two runs are the same, record by
 * record. Throws RangeError for an unknown option or a stretch that is empty or longer than WHAT_IF_RECORDS_MAX, and
 * the signal's reason when aborted.
 */
export async function whatIf(journal: Journal, topology: Topology, options: WhatIfOptions): Promise<WhatIfResult> {
  const { seq: last } = await journal.position();
  const [first] = await journal.read(0, 1);
  const from = options.from ?? first?.seq ?? 1;
  const to = Math.min(options.to ?? last, last);
  if (from < 1 || from > to)
    throw new RangeError(`there are no records from ${from} to ${to}; the journal ends at ${last}`);
  if (to - from >= WHAT_IF_RECORDS_MAX)
    throw new RangeError(
      `records ${from} to ${to} are more than ${WHAT_IF_RECORDS_MAX}; choose a stretch with "from" and "to"`,
    );
  const recorded = from === 1 ? new SystemState() : (await fold(journal, topology, { upTo: from - 1 })).state;
  const stretch = new RecordedStretch(
    [...recorded.openEffects.entries()].map(([, effect]) => effect),
    recorded.at,
  );
  const times = { first: 0, last: 0 };
  await eachRecord(journal, from, to, options, 0, (record) => {
    if (record.seq === from) times.first = record.at;
    times.last = record.at;
    stretch.add(record);
  });
  const own = forkOf(recorded);
  if (recorded.options && Object.keys(options.set).length > 0)
    giveOptions(own, topology, withChanges(recorded.options, options.set));
  return new Comparison(journal, topology, options, { from, to, times, recorded, own, stretch }).run();
}

interface Prepared {
  readonly from: number;
  readonly to: number;
  readonly times: { readonly first: number; readonly last: number };
  readonly recorded: SystemState;
  readonly own: SystemState;
  readonly stretch: RecordedStretch;
}

class Comparison {
  constructor(
    private readonly journal: Journal,
    private readonly topology: Topology,
    private readonly options: WhatIfOptions,
    private readonly prepared: Prepared,
  ) {}

  async run(): Promise<WhatIfResult> {
    const { from, to, times, recorded, own, stretch } = this.prepared;
    const outages = stretch.outages();
    const bucketMs = Math.max(1_000, Math.ceil((times.last - times.first + 1) / BUCKETS_MAX));
    const buckets = {
      from: times.first,
      bucketMs,
      count: Math.max(1, Math.ceil((times.last - times.first + 1) / bucketMs)),
    };
    const was = new Tally(recorded, outages, buckets);
    const is = new Tally(own, outages, buckets);
    const course = new Course({
      topology: this.topology,
      stretch,
      changes: this.options.set,
      recorded,
      own,
      onRecorded: (record) => was.observe(record),
      onOwn: (record) => is.observe(record),
    });
    await eachRecord(this.journal, from, to, this.options, 0.5, (record) => {
      course.take(record);
      if (record.seq % READ_BATCH === 0) course.settle(null);
    });
    course.settle(times.last);
    return {
      set: this.options.set,
      from: { seq: from, at: times.first },
      to: { seq: to, at: times.last },
      records: to - from + 1,
      recorded: was.summary(),
      whatIf: is.summary(),
      firstDifference: course.firstDifference,
      inferred: inferredOf(course, is.summary()),
      effects: pick(course.counts),
      outages,
      divergence: course.divergence,
      series: { from: times.first, bucketMs, recorded: was.series(), whatIf: is.series() },
    };
  }
}

function inferredOf({ counts, touched }: Course, summary: RunSummary): WhatIfResult['inferred'] {
  const { answered, silent, refused, deadLettered, uncertain, inHand } = summary;
  const ofMessages = answered + silent + refused + deadLettered + uncertain + inHand;
  const share = (part: number, whole: number): number =>
    whole === 0 ? 0 : Math.round((10_000 * part) / whole) / 10_000;
  return {
    calls: counts.inferredCalls,
    ofCalls: counts.calls,
    callShare: share(counts.inferredCalls, counts.calls),
    messages: touched.size,
    ofMessages,
    messageShare: share(touched.size, ofMessages),
  };
}
function pick({ matched, moved, inferred, dropped }: Counts): WhatIfResult['effects'] {
  return { matched, moved, inferred, dropped };
}

async function eachRecord(
  journal: Journal,
  from: number,
  to: number,
  { onProgress, signal }: WhatIfOptions,
  done: 0 | 0.5,
  take: (record: Record) => void,
): Promise<void> {
  for (let after = from - 1; after < to; ) {
    signal?.throwIfAborted();
    const batch = await journal.read(after, Math.min(READ_BATCH, to - after));
    if (batch.length === 0) throw new RangeError(`record ${after + 1} is not in the journal`);
    for (const record of batch) take(record);
    after = batch.at(-1)!.seq;
    onProgress?.(done + (0.5 * (after - from + 1)) / (to - from + 1));
  }
}
