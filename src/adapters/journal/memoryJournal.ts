import { type Checkpoint, type Journal, JournalError, type JournalPosition, type Record } from '../../actors/ports.js';

/** What would be on disk: it outlives the journals opened on it. */
export interface MemoryStore {
  records: string[];
  /** Each with every part, as JSON. */
  checkpoints: { readonly seq: number; readonly at: number; readonly parts: string }[];
  /** What an imported stretch follows; {seq: 0, at: 0}: the journal has its beginning. */
  base: { readonly seq: number; readonly at: number };
  epoch: number;
  holder: MemoryJournal | null;
}

export function createMemoryStore(): MemoryStore {
  return { records: [], checkpoints: [], base: { seq: 0, at: 0 }, epoch: 0, holder: null };
}

/** Opens the one writer of a store. Fails with JOURNAL_HELD while another one lives. */
export async function openMemoryJournal(store: MemoryStore): Promise<MemoryJournal> {
  if (store.holder) throw new JournalError('JOURNAL_HELD', 'this memory journal has a writer; close it first');
  store.holder = new MemoryJournal(store);
  return store.holder;
}

/**
 * The journal in memory, a supported test double: everything passes through JSON, as on disk, and failures can be made.
 */
export class MemoryJournal implements Journal {
  readonly notices: readonly string[] = [];
  private failures: Error[] = [];
  private losesAnswer = false;
  /** Of the newest checkpoint: before its last piece has come nobody reads it, and it dies with the process. */
  private pieces: { readonly seq: number; readonly parts: Map<string, unknown> } | null = null;

  constructor(private readonly store: MemoryStore) {}

  /** The next appends fail with these, one each; nothing of them is written. */
  failNext(...errors: Error[]): void {
    this.failures.push(...errors);
  }
  /** The next append is written, but its answer is an error. */
  loseNextAnswer(): void {
    this.losesAnswer = true;
  }
  /** The process dies: the lock is free, nothing else happens. */
  kill(): void {
    if (this.store.holder === this) this.store.holder = null;
  }

  async position(): Promise<JournalPosition> {
    const { records, base, epoch } = this.store;
    const last = records.at(-1);
    const at = last === undefined ? base.at : (JSON.parse(last) as Record).at;
    return { epoch, seq: base.seq + records.length, at };
  }
  async beginEpoch(): Promise<number> {
    this.store.epoch += 1;
    return this.store.epoch;
  }
  async append(epoch: number, records: readonly Record[], checkpoint?: Checkpoint): Promise<void> {
    const failure = this.failures.shift();
    if (failure) throw failure;
    if (epoch !== this.store.epoch) {
      throw new JournalError(
        'JOURNAL_FENCED',
        `epoch ${epoch} has been followed by ${this.store.epoch}; this process no longer owns the journal and must stop`,
      );
    }
    if (checkpoint && records.length === 0 && this.store.records.length === 0 && this.store.base.seq === 0)
      this.store.base = { seq: checkpoint.seq, at: checkpoint.at };
    const lines: string[] = [];
    for (const record of records) {
      const last = this.store.base.seq + this.store.records.length + lines.length;
      if (record.seq !== last + 1)
        throw new JournalError('JOURNAL_FAILED', `record ${record.seq} does not follow ${last}`);
      lines.push(JSON.stringify(record));
    }
    this.store.records.push(...lines);
    if (checkpoint) this.keep(checkpoint);
    if (this.losesAnswer) {
      this.losesAnswer = false;
      throw new JournalError('JOURNAL_FAILED', 'the answer was lost');
    }
  }
  async read(after: number, limit: number): Promise<readonly Record[]> {
    const from = Math.max(0, after - this.store.base.seq);
    return this.store.records.slice(from, from + limit).map((line) => JSON.parse(line) as Record);
  }
  async checkpoint(upTo = Number.MAX_SAFE_INTEGER): Promise<Checkpoint | null> {
    const found = this.store.checkpoints.filter(({ seq }) => seq <= upTo).at(-1);
    return found ? { seq: found.seq, at: found.at, parts: partsOf(found.parts) } : null;
  }
  async tidy(): Promise<void> {}
  assertThere(): void {}
  async close(): Promise<void> {
    this.kill();
  }

  private keep({ seq, at, parts: piece, complete = false, more = false }: Checkpoint): void {
    if (this.pieces?.seq !== seq) this.pieces = { seq, parts: new Map() };
    const { parts } = this.pieces;
    for (const [key, part] of piece) parts.set(key, part);
    if (more) return;
    const last = this.store.checkpoints.at(-1);
    const all = new Map(complete || !last ? [] : partsOf(last.parts));
    for (const [key, part] of parts) {
      if (part === null) all.delete(key);
      else all.set(key, part);
    }
    this.store.checkpoints = [
      ...this.store.checkpoints.filter((old) => old.seq !== seq),
      { seq, at, parts: JSON.stringify([...all]) },
    ].slice(-2);
  }
}

function partsOf(text: string): Map<string, unknown> {
  return new Map(JSON.parse(text) as [string, unknown][]);
}
