import { type Checkpoint, type Journal, JournalError, type Log, type Record } from '../ports.js';

/** While appends fail, how often the log says so again. */
const TELL_AGAIN_MS = 60_000;

/** The appends of one process life: settles lost answers, keeps the account of failures and tells of them. */
export class Appends {
  /** The last append's error while appends fail; null when they work. */
  failure: unknown = null;
  private counts = { failures: 0, slowestMs: 0 };
  private failing: { readonly since: number; told: number } | null = null;

  constructor(
    private readonly journal: Journal,
    private readonly log: Log,
    private readonly now: () => number,
  ) {}

  /** Resolves when the records are durable. Rejects with JournalError when they are not. */
  async append(epoch: number, records: readonly Record[], checkpoint: Checkpoint | undefined): Promise<void> {
    const startedAt = this.now();
    try {
      await this.journal.append(epoch, records, checkpoint);
    } catch (error) {
      if (!(await this.isThere(epoch, records.at(-1)!.seq, error))) {
        this.refused(error);
        throw error;
      }
    }
    this.counts.slowestMs = Math.max(this.counts.slowestMs, this.now() - startedAt);
    if (this.failing) this.log.info({ forMs: this.now() - this.failing.since }, 'the journal takes appends again');
    this.failing = null;
    this.failure = null;
  }

  /** Failed appends and the slowest one since this was last asked. */
  take(): { readonly failures: number; readonly slowestMs: number } {
    const taken = this.counts;
    this.counts = { failures: 0, slowestMs: 0 };
    return taken;
  }

  /** The answer may have been lost after the write: look, never write blindly again. */
  private async isThere(epoch: number, seq: number, error: unknown): Promise<boolean> {
    if (error instanceof JournalError && error.code === 'JOURNAL_FENCED') return false;
    try {
      const position = await this.journal.position();
      return position.epoch === epoch && position.seq === seq;
    } catch {
      return false; // it cannot even be read; the append's own error says more
    }
  }

  private refused(error: unknown): void {
    this.failure = error;
    this.counts.failures += 1;
    const now = this.now();
    this.failing ??= { since: now, told: Number.NEGATIVE_INFINITY };
    if (now - this.failing.told < TELL_AGAIN_MS) return;
    this.failing.told = now;
    const code = error instanceof JournalError ? error.code : 'JOURNAL_FAILED';
    this.log.error(
      { code, error: String(error) },
      'the journal refused an append; nothing was done about its facts, and nothing is done until it takes them',
    );
  }
}
