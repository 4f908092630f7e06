import type { WhatIfResult } from '../../../src/actors/whatIf/whatIf.js';
import type { ChartLayout, MapLayout } from '../chart/chartLayout.js';
import type { SeqAt, StateValue } from './moment.js';
import type { Mark, MarkKind, RecordSummary } from './summary.js';

/** The steps of one actor, ascending; at most `limit` (default 100, at most 500). */
export interface LifePage {
  readonly actor: string;
  readonly steps: readonly LifeStep[];
  /** Ask again with it as `before` / `after` for what lies that way; null: nothing does. */
  readonly before: number | null;
  readonly after: number | null;
}
export interface LifeStep {
  readonly seq: number;
  readonly at: number;
  readonly event: string;
  /** null: born; ended outside its chart. */
  readonly from: StateValue | null;
  readonly to: StateValue | null;
  /** Empty: the event was ignored. */
  readonly rules: readonly string[];
}

/** A stretch in equal parts of seqs. */
export interface Timeline {
  readonly from: SeqAt;
  readonly to: SeqAt;
  /** As many as asked for (default 200, 1 to 2,000), fewer when there are fewer records. */
  readonly buckets: readonly Bucket[];
  /** At most `MARKS_MAX`, spread over the stretch: of a kind that comes too often the first of each bucket is kept. */
  readonly marks: readonly Mark[];
  readonly marksTotal: number;
}
export interface Bucket {
  /** First seq, and its time; about its time where that is not indexed yet. */
  readonly seq: number;
  readonly at: number;
  readonly records: number;
  /** Messages that came, calls that failed, timers that fired. null: not indexed yet. */
  readonly messages: number | null;
  readonly failures: number | null;
  readonly timers: number | null;
}

/** Ascending for `after`, descending for `before`. */
export interface MarksPage {
  readonly marks: readonly Mark[];
  /** Whether the whole way was indexed; false: there may be more. */
  readonly isComplete: boolean;
}

/** All that is given must hold. At least nothing: then it is every record. */
export interface SearchQuery {
  /** Id of an actor, whole. */
  readonly actor?: string | undefined;
  /** Type of a fact or of a signal that some actor heard. `call.*`: all that begin so. */
  readonly event?: string | undefined;
  /** Id of a message: also what its deliveries and calls did. */
  readonly message?: string | undefined;
  /** Id of a user. */
  readonly user?: string | undefined;
  /** Class of error. */
  readonly class?: string | undefined;
  /** A rule id, as a transition that was taken. */
  readonly rule?: string | undefined;
  readonly mark?: MarkKind | undefined;
  /** Anywhere in the record, in any case; at most 200 characters. */
  readonly text?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Default `desc`: newest first. */
  readonly order?: 'asc' | 'desc' | undefined;
  /** Of the page before. */
  readonly cursor?: string | undefined;
  /** Default 50, 1 to 200. */
  readonly limit?: number | undefined;
}
export interface SearchPage {
  readonly records: readonly RecordSummary[];
  /**
   * Go on with it; null: the end. A page may be empty and have one: the server gives up after some 100 ms and answers
   * what it has.
   */
  readonly cursor: string | null;
  /** The seq that the search has come to. */
  readonly reached: number;
}

/** A chart to draw. */
export interface ChartAnswer {
  readonly machine: string;
  /** `renderChartSvg` draws it. */
  readonly layout: ChartLayout;
  readonly table: readonly ChartRow[];
}
/** One transition. `state` is the dotted path (`any`: at the root, `born`: the first). */
export interface ChartRow {
  readonly rule: string;
  readonly state: string;
  readonly event: string;
  readonly guard: string;
  readonly target: string;
  readonly actions: readonly string[];
  readonly what: string;
}
export interface MapAnswer {
  /** `renderMapSvg` draws it. */
  readonly layout: MapLayout;
}

/** How often and how long, over a stretch. */
export interface Heat {
  readonly scope: string;
  readonly from: number;
  readonly to: number;
  /** Transitions taken. An edge of a chart is (rule, state in which it was taken). */
  readonly edges: readonly EdgeHeat[];
  /** Rows of the chart that were never taken in the stretch. */
  readonly never: readonly { readonly rule: string; readonly state: string }[];
  /** Time spent in states that were left in the stretch. */
  readonly states: readonly StateHeat[];
  /** Events that were ignored: state → event → times; at most 200. */
  readonly ignored: readonly { readonly state: string; readonly event: string; readonly count: number }[];
  /** Whether the whole stretch was indexed; false: counts are too low still. */
  readonly isComplete: boolean;
}
export interface EdgeHeat {
  readonly rule: string;
  /** `pathOf` the state before; null: born. */
  readonly from: string | null;
  readonly count: number;
}
export interface StateHeat {
  /** `pathOf` */
  readonly state: string;
  readonly times: number;
  readonly totalMs: number;
  readonly longestMs: number;
}

export interface WhatIfRequest {
  /** Options to change, by the names of the configuration: `{'circuitBreaker.failureThreshold': 3}`. */
  readonly set: Readonly<Record<string, string | number | boolean>>;
  readonly from?: number;
  readonly to?: number;
  readonly journal?: string;
}
/** A what-if under way or done. At most one at a time a journal; a new one cancels it. */
export interface WhatIfJob {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  /** Records folded so far, and in all. */
  readonly done: number;
  readonly of: number;
  /** When `done`. */
  readonly result: WhatIfResult | null;
  /** When `failed`. */
  readonly message: string | null;
}

/** Marks in one `Timeline`. */
export const MARKS_MAX = 500;
