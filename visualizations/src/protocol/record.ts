import type { Step } from '../../../src/actors/ports.js';
import type { ActorView, BoundedJson, Hop } from './moment.js';
import type { RecordSummary } from './summary.js';

export type { Step };

/** A window of the journal, ascending. */
export interface RecordsPage {
  readonly records: readonly RecordSummary[];
}

/** One record with its causes and consequences. */
export interface RecordDetail {
  readonly summary: RecordSummary;
  /** Id of the fact. */
  readonly id: string;
  readonly fact: BoundedJson;
  /** At most `DETAIL_STEPS_MAX`. */
  readonly steps: readonly Step[];
  /** For a sequence diagram; at most `DETAIL_STEPS_MAX`. */
  readonly hops: readonly Hop[];
  /** At most 200. */
  readonly effects: readonly EffectView[];
  /** Why this fact came; null: from outside, or the cause is older than what is kept. */
  readonly cause: Cause | null;
  /** What each touched actor was and became; at most 100. */
  readonly changes: readonly ActorChange[];
  /** Timers that it armed, and what became of them; at most 100. */
  readonly timers: readonly ArmedTimer[];
  /** The recomputed past is not the recorded one: this is the first difference, at this very record. */
  readonly divergence: { readonly actor: string; readonly recorded: string; readonly recomputed: string } | null;
}
export interface EffectView {
  readonly id: string;
  readonly type: string;
  /** Who asked for it. */
  readonly actor: string;
  readonly request: BoundedJson;
  /** Records that told of it, ascending: answers before the end, and its end; at most 20. */
  readonly outcomes: readonly Link[];
  /** No end of it is in the journal yet although one is awaited. */
  readonly isOpen: boolean;
}
/** Another record, and how long it was away. */
export interface Link {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly text: string;
}
/**
 * `effect`: the fact is the outcome of an effect of that record. `timer`: that record armed the timer. `message`: it
 * brought the message.
 */
export interface Cause extends Link {
  readonly kind: 'effect' | 'timer' | 'message';
  /** Id of the effect, name of the timer. */
  readonly name: string;
}
export interface ArmedTimer {
  readonly actor: string;
  readonly timer: string;
  readonly dueAt: number;
  /** The record in which it fired; null: not yet, or never. */
  readonly fired: Link | null;
}
export interface ActorChange {
  readonly actor: string;
  /** null: born in this record. */
  readonly before: ActorView | null;
  /** null: ended in this record. */
  readonly after: ActorView | null;
  /** Of its context; at most `DIFF_MAX`. */
  readonly diff: readonly Difference[];
  readonly diffTotal: number;
}
/** One place of a context. Left out: it was not there. Values are cut like a `BoundedJson`, to 2,000 bytes each. */
export interface Difference {
  /** `window.2.failures` */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export const DETAIL_STEPS_MAX = 1_000;
export const DIFF_MAX = 200;
