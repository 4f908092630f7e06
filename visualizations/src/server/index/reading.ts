import { type Journal, JournalError, type Record } from '../../../../src/actors/ports.js';
import { isRecord } from '../../../../src/adapters/journal/records/recordShape.js';
import type { PackedRecords } from './kept/packedRecords.js';

/** What of a journal cannot be read, and where that begins. */
export interface Damage {
  readonly seq: number;
  readonly message: string;
}

const LASTING: ReadonlySet<string> = new Set(['JOURNAL_CORRUPT', 'JOURNAL_NEWER']);

/** Reads records as far as they are good: a damaged or missing one ends what is read, and is remembered. */
export class Reading {
  /** The first damage that was met; null: none so far. */
  damage: Damage | null = null;

  constructor(
    private readonly journal: Journal,
    private readonly packed: PackedRecords,
  ) {}

  /** Records after `after`, ascending and gapless, at most `limit`; fewer where a damaged one lies. */
  async read(after: number, limit: number): Promise<readonly Record[]> {
    const kept = this.packed.read(after, limit);
    if (kept) return kept;
    let records: readonly Record[];
    try {
      records = await this.journal.read(after, limit);
    } catch (error) {
      // Anything else may pass.
      if (!(error instanceof JournalError) || !LASTING.has(error.code)) throw error;
      records = limit > 1 ? await this.oneByOne(after, limit) : this.note(after + 1, error.message);
    }
    const strange = records.findIndex((record) => !isRecord(record));
    if (strange >= 0) {
      this.note(records[strange]?.seq ?? after + 1 + strange, 'it is not a record that this version can show');
      records = records.slice(0, strange);
    }
    const gap = records.findIndex((record, i) => i > 0 && record.seq !== records[i - 1]!.seq + 1);
    if (gap < 0) return records;
    this.note(records[gap - 1]!.seq + 1, `record ${records[gap - 1]!.seq + 1} is missing`);
    return records.slice(0, gap);
  }
  /** One record; null: it is not there, or damaged. */
  async one(seq: number): Promise<Record | null> {
    const [record] = await this.read(seq - 1, 1);
    return record?.seq === seq ? record : null;
  }

  note(seq: number, message: string): [] {
    if (!this.damage || seq < this.damage.seq) this.damage = { seq, message };
    return [];
  }

  private async oneByOne(after: number, limit: number): Promise<Record[]> {
    const good: Record[] = [];
    while (good.length < limit) {
      const [record] = await this.read(after + good.length, 1);
      if (!record || record.seq !== after + good.length + 1) break;
      good.push(record);
    }
    return good;
  }
}
