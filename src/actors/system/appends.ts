import { type Checkpoint, isGone, type Journal, JournalError, type Log, type Record } from '../ports.js';

/** While appends fail, how often the log says so again. */
const TELL_AGAIN_MS = 60_000;

/**
 * `unknown`: the answer is lost, and the journal cannot be looked at either. It may be durable: it must not be written
 * again.
 */
export type AppendEnd = 'durable' | 'refused' | 'unknown';

/** Nothing can be written any more: the journal is another's, or not there. */
export function isLost(error: unknown): error is JournalError {
  return isGone(error) || (error instanceof JournalError && error.code === 'JOURNAL_FENCED');
}

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

  /** Never rejects; unless it is durable, `failure` says why. An `unknown` one is settled by `look`. */
  async append(epoch: number, records: readonly Record[], checkpoint: Checkpoint | undefined): Promise<AppendEnd> {
    const startedAt = this.now();
    try {
      await this.journal.append(epoch, records, checkpoint);
    } catch (error) {
      return this.look(epoch, records, error);
    }
    this.counts.slowestMs = Math.max(this.counts.slowestMs, this.now() - startedAt);
    return this.taken();
  }

  /** The answer may have been lost after the write: look, never write blindly again. */
  async look(epoch: number, records: readonly Record[], error: unknown): Promise<AppendEnd> {
    if (isLost(error)) return this.refused(error, 'refused');
    const last = records.at(-1);
    // Without records nothing of the past depends on it: what it would have written is written anew.
    if (last === undefined) return this.refused(error, 'refused');
    try {
      const position = await this.journal.position();
      const isThere = position.epoch === epoch && position.seq === last.seq;
      return isThere ? this.taken() : this.refused(error, 'refused');
    } catch {
      return this.refused(error, 'unknown'); // the append's own error says more
    }
  }

  /** Failed appends and the slowest one since this was last asked. */
  take(): { readonly failures: number; readonly slowestMs: number } {
    const taken = this.counts;
    this.counts = { failures: 0, slowestMs: 0 };
    return taken;
  }

  private taken(): AppendEnd {
    if (this.failing) this.log.info({ forMs: this.now() - this.failing.since }, 'the journal takes appends again');
    this.failing = null;
    this.failure = null;
    return 'durable';
  }

  private refused(error: unknown, end: AppendEnd): AppendEnd {
    this.failure = error;
    this.counts.failures += 1;
    const now = this.now();
    this.failing ??= { since: now, told: Number.NEGATIVE_INFINITY };
    if (now - this.failing.told < TELL_AGAIN_MS) return end;
    this.failing.told = now;
    const code = error instanceof JournalError ? error.code : 'JOURNAL_FAILED';
    if (code === 'JOURNAL_GONE') return end; // whoever watches the files tells of it
    this.log.error(
      { code, error: String(error) },
      end === 'unknown'
        ? 'the answer to an append was lost and the journal cannot be looked at; nothing is done until it can'
        : 'the journal refused an append; nothing was done about its facts, and nothing is done until it takes them',
    );
    return end;
  }
}
