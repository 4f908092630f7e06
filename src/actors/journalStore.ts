import type { Journal } from './ports.js';
import type { Reached } from './step/crashPoints.js';

/** How far a long work is: a share of the whole, 0 to 1. */
export type OnShare = (share: number) => void;

export interface WriterOptions {
  /** `process` (default): survives kill -9. `power`: survives power loss too, at the speed of the disk. */
  readonly durability?: 'process' | 'power';
  /** Told at each crash point (tests). */
  readonly reached?: Reached | undefined;
}

/**
 * A place where a journal is, or may be made: what commands, doctor, demo and inspector need besides records. What the
 * actors need of an open one is the port `Journal`. `storeOf(address)` gives the store that an address names.
 *
 * Everything fails with JournalError; where there is nothing, or nothing of ours, with JOURNAL_NOT_OURS.
 */
export interface JournalStore {
  /** How texts name it: what it was opened by, without secrets. */
  readonly name: string;
  /** Whether there is anything at all at this place. */
  exists(): Promise<boolean>;
  /** `export`: a stretch that can only be read. */
  kind(): Promise<'journal' | 'export'>;
  /** Opens it for reading, beside a writer too; changes nothing. `onShare`: where that means reading it all. */
  openReader(onShare?: OnShare): Promise<Journal>;
  /**
   * Opens it as its one writer, and makes it where there is none.
   * Fails with JOURNAL_HELD, JOURNAL_NEWER, JOURNAL_UNWRITABLE too.
   */
  openWriter(options?: WriterOptions): Promise<Journal>;
  /**
   * Makes a new journal of what `write` appends: it is there whole when this resolves, or not at all.
   * Fails with JOURNAL_UNWRITABLE where there is one.
   */
  make<T>(write: (journal: Journal) => Promise<T>): Promise<T>;
  describe(): Promise<JournalDescription>;
  /** Reads everything and tells all that is not as it was written. Changes nothing, disturbs no writer. */
  verify(onShare?: OnShare): Promise<Verification>;
  /**
   * Gives room back; nothing is lost. It must have no writer.
   * Fails with JOURNAL_HELD; of an export with JOURNAL_UNWRITABLE.
   */
  compact(onShare?: OnShare): Promise<Compaction>;
  /** Looks whether a bot could write here. Makes and changes nothing, and never rejects for what it finds. */
  probe(): Promise<JournalFound>;
  /**
   * Makes the journal of a demo, marked as one; an older demo's is removed first, unless it is kept. What is not a
   * demo's, and what is held, stays as it is. Until it is released no other demo comes in, between two lives of the
   * bot too.
   * Fails with JOURNAL_HELD, JOURNAL_UNWRITABLE too.
   */
  claimForDemo(keep: boolean): Promise<Claim>;
  /** Changes when another journal stands at this place; null: it cannot be told, or there is none. */
  identity(): Promise<string | null>;
  /** Calls back when there may be new records; returns what ends it. It may miss some: a reader looks by itself too. */
  watch(changed: () => void): () => void;
}

export interface JournalDescription {
  /** Version of its layout. */
  readonly format: number;
  /** Everything that belongs to it, the archive too. */
  readonly bytes: number;
  /** The archive. */
  readonly segments: { readonly count: number; readonly bytes: number };
}

export interface Finding {
  readonly part: 'file' | 'log' | 'record' | 'segment' | 'checkpoint';
  /** The first record concerned; null: none in particular. */
  readonly seq: number | null;
  readonly message: string;
}
export interface Verification {
  readonly format: number;
  /** Records that were read and found whole. */
  readonly records: number;
  readonly first: number;
  readonly last: number;
  readonly segments: number;
  readonly checkpoints: number;
  /** Empty: everything is as it was written. Bounded: past its maximum the rest is not looked at. */
  readonly findings: readonly Finding[];
}

export interface Compaction {
  /** Records moved to the archive. */
  readonly moved: number;
  /** Without the archive. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** What stands at the place of a journal. */
export interface JournalFound {
  /** `unwritable`, `unreadable`: `code` tells why. `unknown`: the address is of a kind that there is not. */
  readonly kind: 'absent' | 'ours' | 'notOurs' | 'newer' | 'unwritable' | 'unreadable' | 'unknown';
  readonly code: string;
  /** Another process writes it at this moment. */
  readonly held: boolean;
  /** Without the archive. */
  readonly bytes: number;
}

export interface Claim {
  release(): void;
}
