import type { Stamped } from '../machines/vocabulary/base.js';
import type { EffectOf, EffectRequest, EffectType } from '../machines/vocabulary/effects.js';
import type { Fact } from '../machines/vocabulary/facts/facts.js';

/** One microstep of one actor, self-transitions and ignored events included. */
export interface Step {
  readonly actor: string;
  readonly event: string;
  /** null: the actor was born in this step. */
  readonly from: StateValue | null;
  /** null: the actor ended outside its chart (crashed or retired). */
  readonly to: StateValue | null;
  /** Rule ids of the transitions really taken; empty: the event was ignored. */
  readonly rules: readonly string[];
}
export type StateValue = string | { readonly [state: string]: StateValue };

/** An effect as journaled: `id` is `${fact id}.${ordinal}`, `actor` the one that asked for it. */
export type Effect = EffectRequest & { readonly id: string; readonly actor: string };

export interface Record {
  /** Gapless within a journal, from 1. */
  readonly seq: number;
  readonly id: string;
  /** ms since 1970; never decreases within a journal. */
  readonly at: number;
  /** The process life that wrote it. */
  readonly epoch: number;
  readonly fact: Fact & { readonly ver: number };
  readonly steps: readonly Step[];
  readonly effects: readonly Effect[];
}

/**
 * The state at one seq, as named parts of JSON. Read from a journal it has every part. Given to `append` it has the
 * parts that changed since the checkpoint before it (null: the part is gone), unless it is `complete`: then there are
 * no others.
 */
export interface Checkpoint {
  readonly seq: number;
  readonly at: number;
  readonly parts: ReadonlyMap<string, unknown>;
  readonly complete?: boolean;
  /**
   * A piece: others of the same seq follow, and it cannot be read before the one without `more` is durable. Any piece,
   * the last too, may come again, since the answer to an append may be lost: what is there already stays whole.
   */
  readonly more?: boolean;
}

/** Where a journal stands; what an append whose answer was lost is settled by. */
export interface JournalPosition {
  readonly epoch: number;
  readonly seq: number;
  readonly at: number;
}

/**
 * The ordered records of one bot, with one writer.
 *
 * Guarantees: `append` is all or nothing and durable when it resolves; seqs are gapless; a checkpoint is durable with
 * the records of the append that brings it, and can be read with its last piece; a writer whose epoch is no longer the
 * journal's is refused. Readers never block the writer.
 */
export interface Journal {
  /** What an operator should know of what was found on opening. */
  readonly notices: readonly string[];
  /** Highest epoch handed out and last record; {epoch: 0, seq: 0, at: 0} when new. */
  position(): Promise<JournalPosition>;
  /** Takes the next epoch for this process life; any older writer is fenced from here on. */
  beginEpoch(): Promise<number>;
  /** A checkpoint alone in an empty journal is where an imported stretch begins: its records follow from there. */
  append(epoch: number, records: readonly Record[], checkpoint?: Checkpoint): Promise<void>;
  /** Records with seq > `after`, ascending, at most `limit`. */
  read(after: number, limit: number): Promise<readonly Record[]>;
  /**
   * The newest checkpoint with seq <= `upTo` (default: the newest), with every part. `pause` may be waited for between
   * pieces of a large one, so that reading it leaves room for others. Fails with CheckpointDamage too.
   */
  checkpoint(upTo?: number, pause?: () => Promise<void>): Promise<Checkpoint | null>;
  /** Does a bounded piece of the housekeeping that is due: moves records that no restart needs into the archive. */
  tidy(): Promise<void>;
  /**
   * Throws JOURNAL_GONE, as each append from then on, when what was opened is there no more (removed, replaced, cut).
   * Asked each second, so it opens and waits for nothing. Where only an append can find out, and for a reader, it does
   * nothing.
   */
  assertThere(): void;
  close(): Promise<void>;
}

export type JournalErrorCode =
  /** An address of a kind that there is not. */
  | 'JOURNAL_UNKNOWN'
  | 'JOURNAL_HELD'
  | 'JOURNAL_NOT_OURS'
  | 'JOURNAL_NEWER'
  | 'JOURNAL_UNWRITABLE'
  | 'JOURNAL_FENCED'
  | 'JOURNAL_GONE'
  | 'JOURNAL_CORRUPT'
  | 'JOURNAL_FULL'
  | 'JOURNAL_FAILED';

/** Match on `code`. The message says what to do next. */
export class JournalError extends Error {
  constructor(
    readonly code: JournalErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'JournalError';
  }
}

/** The files are not those that were opened: nothing can be written any more, by nobody. */
export function isGone(error: unknown): error is JournalError {
  return error instanceof JournalError && error.code === 'JOURNAL_GONE';
}

/** A checkpoint cannot be read back as it was written; an older one, or the records, still can. */
export class CheckpointDamage extends JournalError {
  constructor(
    readonly seq: number,
    message: string,
    options?: { cause?: unknown },
  ) {
    super('JOURNAL_CORRUPT', message, options);
  }
}

/** The time that the actors live by. */
export interface Clock {
  /** Wall time at the start plus what has passed since, ms, an integer; never decreases within a process. */
  now(): number;
  /**
   * Calls `run` once at or after `dueAt`, and after what had arrived by then has been read; any distance (longer waits
   * than a timer can hold are chunked).
   */
  schedule(dueAt: number, run: () => void): () => void;
  /** Time that this process had since its start, ms; never decreases. Left out: all of it. */
  livedMs?(): number;
}

/** What else the edge has to know of time; the only source of it in this process. */
export interface ProcessClock extends Clock {
  /** What the machine's clock says now, ms: for whatever the outside compares with its own. It may step. */
  wallNow(): number;
  /** What patience and latencies are measured in. */
  livedMs(): number;
  /** Told within a second; returns what ends it. */
  watch(watcher: ClockWatcher): () => void;
  /** It looks at itself no more. */
  close(): void;
}
export interface ClockWatcher {
  /** The process stood still: its event loop was blocked, it was stopped, or the machine slept. */
  stalled(stall: { readonly lostMs: number; readonly cause: 'blocked' | 'slept' }): void;
  /** The machine's clock was set. `apartMs`: by how much it is ahead of `now()` since. */
  stepped(step: { readonly stepMs: number; readonly apartMs: number }): void;
}

/** Brings facts into the bot. A full inbox pauses it. */
export interface EventSource {
  pause(): void;
  resume(): void;
}

/** Does one kind of effect. Its outcome comes back through `post`; a throw or rejection becomes `effect.failed`. */
export type Performer<E extends EffectRequest = EffectRequest> = (
  effect: E & { readonly id: string; readonly actor: string },
  post: (fact: Fact) => void,
) => void | Promise<void>;

/** Who does these kinds of effect: for each of them one. */
export type Performers<T extends EffectType> = { readonly [K in T]: Performer<EffectOf<K>> };
/** What the system does itself. */
type OwnEffect = 'sources.pause' | 'sources.resume';
/** All that a bot has to have done: forgetting one does not compile. */
export type AllPerformers = Performers<Exclude<EffectType, OwnEffect>>;

/** What the system tells of its own work, besides records; the logger adapter turns it into lines. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type { Fact, Stamped };
