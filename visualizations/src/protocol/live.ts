import type { ActorView, Hop, Indexing, SourceState } from './moment.js';
import type { RecordSummary } from './summary.js';

/**
 * What the server sends on `WS /api/live`. After a break the page comes again with `after` = the last seq that it has;
 * the server then sends what happened since, or `LiveGap` when that is more than `LIVE_BACKLOG_MAX` records.
 */
export type LiveMessage = LiveHello | LiveRecords | LiveGap | LiveIndexing | LiveSource | LiveAlive;

/** First. */
export interface LiveHello {
  readonly type: 'hello';
  readonly seq: number;
  readonly at: number;
  readonly now: number;
}
/** What happened since the message before; at most every `LIVE_EVERY_MS`. */
export interface LiveRecords {
  readonly type: 'records';
  /** First and last seq, and the time of the last. */
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly now: number;
  /** The newest, ascending, at most `LIVE_RECORDS_MAX`; of the older ones only their changes are told. */
  readonly records: readonly RecordSummary[];
  /** Hops of the newest record of these. */
  readonly hops: readonly Hop[];
  /** Actors that are not what they were, as they are now; those that changed last first, at most `LIVE_ACTORS_MAX`. */
  readonly changed: readonly ActorView[];
  /** Ids of those that ended; at most `LIVE_ACTORS_MAX`. */
  readonly ended: readonly string[];
  /** More changed than is told: ask for the moment. */
  readonly isPartial: boolean;
}
/** Too much has happened since `after`: ask for the moment anew; records go on from `seq`. */
export interface LiveGap {
  readonly type: 'gap';
  readonly seq: number;
}
/** The index has grown; at most every 500 ms while it is being built. */
export interface LiveIndexing extends Indexing {
  readonly type: 'indexing';
}
/**
 * Every `LIVE_ALIVE_MS`. A page that hears nothing at all for longer than `LIVE_SILENT_MS` takes the feed for broken.
 */
export interface LiveAlive {
  readonly type: 'alive';
}
/** The source broke off, came back, ended or turned out damaged. */
export interface LiveSource extends SourceState {
  readonly type: 'source';
}

/**
 * What an operator may do: the body of the bot's `POST /operator` (docs/OPERATING.md), journaled as a fact. The
 * inspection server passes it on with the token of the request, and only for a page of its own.
 */
export type OperatorAction =
  | {
      readonly type:
        | 'operator.isolated'
        | 'operator.released'
        | 'operator.disabled'
        | 'operator.observed'
        | 'operator.enabled'
        | 'operator.reset';
      readonly breaker: string;
    }
  | { readonly type: 'operator.forced'; readonly feature: string; readonly to: 'on' | 'off'; readonly forMs: number }
  | { readonly type: 'operator.unforced'; readonly feature: string }
  | { readonly type: 'recovery.requested'; readonly force?: boolean }
  | { readonly type: 'operator.retried'; readonly message: string };

export const LIVE_EVERY_MS = 50;
export const LIVE_ALIVE_MS = 1_500;
export const LIVE_SILENT_MS = 6_000;
export const LIVE_RECORDS_MAX = 100;
export const LIVE_ACTORS_MAX = 500;
export const LIVE_BACKLOG_MAX = 5_000;
