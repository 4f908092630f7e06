import { type Journal, JournalError, type Record } from '../../../../src/actors/ports.js';

/** What of a journal cannot be read, and where that begins. */
export interface Damage {
  readonly seq: number;
  readonly message: string;
}

/** Reads records as far as they are good: a damaged or missing one ends what is read, and is remembered. */
export class Reading {
  /** The first damage that was met; null: none so far. */
  damage: Damage | null = null;

  constructor(private readonly journal: Journal) {}

  /** Records after `after`, ascending and gapless, at most `limit`; fewer where a damaged one lies. */
  async read(after: number, limit: number): Promise<readonly Record[]> {
    let records: readonly Record[];
    try {
      records = await this.journal.read(after, limit);
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      records = limit > 1 ? await this.oneByOne(after, limit) : this.note(after + 1, error.message);
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
