import {
  type Checkpoint,
  type Journal,
  JournalError,
  type JournalPosition,
  type Record,
} from '../../../actors/ports.js';
import type { Dice } from '../plan/dice.js';

/** What goes wrong with a journal, and how often, by kind. */
export interface JournalFaults {
  failed: number;
  lost: number;
  unseen: number;
}

/**
 * A journal that fails: an append is refused, or written with its answer lost, or the journal cannot even be looked at.
 * Tells what is durable the moment that it is.
 */
export class FaultyJournal implements Journal {
  /** A full disk: nothing can be written. */
  isFull = false;
  /** No faults: the start of a life, and the calm at the end. */
  isWell = true;

  constructor(
    private readonly journal: Journal,
    private readonly dice: Dice,
    private readonly faults: JournalFaults,
    private readonly onDurable: (records: readonly Record[]) => void,
  ) {}

  get notices(): readonly string[] {
    return this.journal.notices;
  }
  async position(): Promise<JournalPosition> {
    if (this.bad(0.2, 'position')) {
      this.faults.unseen += 1;
      throw new JournalError('JOURNAL_FAILED', 'the journal cannot be looked at');
    }
    return this.journal.position();
  }
  beginEpoch(): Promise<number> {
    return this.journal.beginEpoch();
  }
  async append(epoch: number, records: readonly Record[], checkpoint?: Checkpoint): Promise<void> {
    if (this.isFull || this.bad(0.02, 'append')) {
      this.faults.failed += 1;
      throw new JournalError('JOURNAL_FULL', 'no room');
    }
    await this.journal.append(epoch, records, checkpoint);
    this.onDurable(records);
    if (!this.bad(0.01, 'answer')) return;
    this.faults.lost += 1;
    throw new JournalError('JOURNAL_FAILED', 'the answer was lost');
  }
  read(after: number, limit: number): Promise<readonly Record[]> {
    return this.journal.read(after, limit);
  }
  checkpoint(upTo?: number): Promise<Checkpoint | null> {
    return this.journal.checkpoint(upTo);
  }
  tidy(): Promise<void> {
    return this.journal.tidy();
  }
  assertThere(): void {
    this.journal.assertThere();
  }
  close(): Promise<void> {
    return this.journal.close();
  }

  private bad(probability: number, purpose: string): boolean {
    return !this.isWell && this.dice.chance(probability, purpose);
  }
}
