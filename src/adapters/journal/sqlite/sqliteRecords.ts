import type Database from 'libsql';
import { JournalError, type Record } from '../../../actors/ports.js';
import type { Archive } from '../archive/archive.js';
import { chain } from '../records/checksum.js';
import { decodeRecord, encodeRecord } from '../records/recordCodec.js';
import { type Bytes, bufferOf, bytes, hasTable, integers, textOf } from './sqliteFile.js';

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly sum: number;
  readonly body: Bytes;
}
export interface Head {
  readonly seq: number;
  readonly at: number;
  /** The life that wrote it. */
  readonly epoch: number;
  readonly sum: number;
}

/** Rows of one statement. */
const ROWS = 16;

/** A record cannot be read back as it was written. */
export class RecordDamage extends JournalError {
  constructor(
    /** The first one that is damaged or missing. */
    readonly seq: number,
    /** The last one; reading can go on after it. */
    readonly to: number,
    /** In a few words. */
    readonly what: string,
    message: string,
    cause?: unknown,
  ) {
    super('JOURNAL_CORRUPT', message, { cause });
  }
}

/** The rows of the records: written as a chain, and never given out without their checksum. */
export class SqliteRecords {
  private readonly insertOne: Database.Statement | null;
  private readonly insertMany: Database.Statement | null;
  private readonly selectLog: Database.Statement | null;
  private readonly selectOld: Database.Statement | null;
  private readonly selectLast: Database.Statement | null;
  /** Seq before the first record. */
  private first: number | null = null;
  /** The last row read, so that reading on needs no look back. */
  private cursor: { readonly seq: number; readonly sum: number } | null = null;

  constructor(
    private readonly db: Database.Database,
    private readonly path: string,
    private readonly archive: Archive,
    readonly: boolean,
  ) {
    const insert = 'INSERT INTO log (seq, at, epoch, sum, body) VALUES ';
    const row = '(?, ?, ?, ?, ?)';
    this.insertOne = readonly ? null : db.prepare(`${insert} ${row}`);
    this.insertMany = readonly ? null : db.prepare(`${insert} ${Array(ROWS).fill(row).join(', ')}`);
    const hasLog = hasTable(db, 'log');
    this.selectLog = hasLog
      ? db.prepare(
          `SELECT seq, ${integers('at', 'epoch', 'sum')}, ${bytes('body')} FROM log WHERE seq > ? ORDER BY seq LIMIT ?`,
        )
      : null;
    this.selectLast = hasLog
      ? db.prepare(`SELECT seq, ${integers('at', 'epoch', 'sum')} FROM log ORDER BY seq DESC LIMIT 1`)
      : null;
    this.selectOld = hasTable(db, 'records')
      ? db.prepare(
          `SELECT seq, ${integers('at', 'epoch')}, ${bytes('body')} FROM records WHERE seq > ? ORDER BY seq LIMIT ?`,
        )
      : null;
  }

  head(): Head {
    const last = this.selectLast?.get() as Head | undefined;
    if (last) return last;
    const old = this.selectOld
      ? (this.db
          .prepare(`SELECT seq, ${integers('at', 'epoch')}, 0 AS sum FROM records ORDER BY seq DESC LIMIT 1`)
          .get() as Head | undefined)
      : undefined;
    const archived = this.archive.last();
    if (archived && (!old || archived.last >= old.seq))
      return { seq: archived.last, at: archived.lastAt, epoch: archived.lastEpoch, sum: archived.sum };
    return old ?? { ...this.base(), epoch: 0, sum: 0 };
  }

  /**
   * What an imported stretch follows: its records begin after this seq. {seq: 0, at: 0} for a journal from its
   * beginning.
   */
  private base(): { readonly seq: number; readonly at: number } {
    const value = this.db.prepare(`SELECT ${integers('value')} FROM meta WHERE key = ?`);
    const of = (key: string): number => (value.get(key) as { value: number } | undefined)?.value ?? 0;
    return { seq: of('baseSeq'), at: of('baseAt') };
  }
  /** Within a transaction, in an empty journal. */
  setBase({ seq, at }: { readonly seq: number; readonly at: number }): void {
    const insert = this.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
    insert.run('baseSeq', seq);
    insert.run('baseAt', at);
    this.first = seq;
  }

  /** Appends after `head`; refuses a gap. */
  insert(records: readonly Record[], head: Head): void {
    let { seq: last, sum } = head;
    const rows: unknown[][] = [];
    for (const { seq, at, epoch, ...body } of records) {
      if (seq !== last + 1)
        throw new JournalError('JOURNAL_FAILED', `${this.path}: record ${seq} does not follow ${last}`);
      const text = encodeRecord(body);
      sum = chain(sum, seq, at, epoch, text);
      rows.push([seq, at, epoch, sum, text]);
      last = seq;
    }
    let done = 0;
    for (; done + ROWS <= rows.length; done += ROWS) this.insertMany!.run(...rows.slice(done, done + ROWS).flat());
    for (const row of rows.slice(done)) this.insertOne!.run(...row);
  }

  /**
   * Records after a seq, from wherever they are. Throws JournalError JOURNAL_CORRUPT naming the first that is not
   * whole.
   */
  async read(after: number, limit: number): Promise<readonly Record[]> {
    if (limit <= 0) return [];
    this.first ??= this.base().seq;
    if (after < this.first) return this.read(this.first, limit);
    const archivedTo = this.archive.last()?.last ?? 0;
    if (after < archivedTo) return this.archive.read(after, limit);
    const old = this.selectOld ? this.readOld(after, limit) : [];
    const rest = limit - old.length;
    if (rest === 0 || !this.selectLog) return old;
    const from = old.at(-1)?.seq ?? after;
    const rows = this.selectLog.all(from, rest) as Row[];
    if (rows.length === 0 && old.length === 0) this.assertEnd();
    return [...old, ...this.check(rows, from)];
  }

  /** The chain up to and including a row that is at hand; what comes before the first one is known from the archive. */
  sumAt(seq: number): number | null {
    if (this.cursor?.seq === seq) return this.cursor.sum;
    const row = this.db.prepare(`SELECT ${integers('sum')} FROM log WHERE seq = ?`).get(seq) as
      | { sum: number }
      | undefined;
    if (row) return row.sum;
    const archived = this.archive.last();
    if (archived?.last === seq) return archived.sum;
    const isFirst = this.db.prepare('SELECT 1 FROM log WHERE seq <= ?').get(seq) === undefined;
    return isFirst && !archived ? 0 : null;
  }

  private check(rows: readonly Row[], after: number): Record[] {
    let sum = rows.length > 0 ? this.sumAt(after) : 0;
    let last = after;
    const records = rows.map(({ seq, at, epoch, sum: written, body: bytes }) => {
      const body = bufferOf(bytes);
      if (seq !== last + 1) throw this.missing(last + 1, seq);
      if (sum !== null && chain(sum, seq, at, epoch, body) !== written)
        throw this.damaged(seq, `record ${seq} is damaged: its checksum does not match`);
      [last, sum] = [seq, written];
      return { seq, at, epoch, ...this.decoded(seq, body) };
    });
    if (records.length > 0) this.cursor = { seq: last, sum: sum! };
    return records;
  }

  private readOld(after: number, limit: number): Record[] {
    const rows = this.selectOld!.all(after, limit) as Omit<Row, 'sum'>[];
    let last = after;
    return rows.map(({ seq, at, epoch, body }) => {
      if (seq !== last + 1) throw this.missing(last + 1, seq);
      last = seq;
      try {
        return { seq, at, epoch, ...(JSON.parse(textOf(body)) as Omit<Record, 'seq' | 'at' | 'epoch'>) };
      } catch (cause) {
        throw this.damaged(seq, `record ${seq} is not JSON`, cause);
      }
    });
  }

  private decoded(seq: number, body: Buffer): Omit<Record, 'seq' | 'at' | 'epoch'> {
    try {
      return decodeRecord(body.toString());
    } catch (cause) {
      throw this.damaged(seq, `record ${seq} cannot be read (${String(cause)})`, cause);
    }
  }

  /** A checkpoint is written with its record: one that is newer than the last record tells of records that are gone. */
  private assertEnd(): void {
    const newest = this.highest(['points', 'checkpoints'], Number.MAX_SAFE_INTEGER);
    const { seq } = this.head();
    if (newest > seq) throw this.missing(seq + 1, newest + 1);
  }

  /** Seq below `limit`; 0: none. */
  private highest(tables: readonly string[], limit: number): number {
    const found = tables
      .filter((table) => hasTable(this.db, table))
      .map((table) => this.db.prepare(`SELECT max(seq) AS seq FROM ${table} WHERE seq < ?`).get(limit));
    return Math.max(0, ...found.map((row) => (row as { seq: number | null }).seq ?? 0));
  }

  private missing(from: number, next: number): RecordDamage {
    // Who asks from the middle of a gap is told of all of it.
    const before = Math.max(this.base().seq, this.archive.last()?.last ?? 0, this.highest(['log', 'records'], from));
    const seq = Math.min(from, before + 1);
    const what = next - seq === 1 ? `record ${seq} is missing` : `records ${seq} to ${next - 1} are missing`;
    return this.damaged(seq, what, undefined, next - 1);
  }
  private damaged(seq: number, what: string, cause?: unknown, to = seq): RecordDamage {
    const before = seq > 1 ? '; what is before it is whole' : '';
    const rest = seq > 1 ? `, or keep the whole part: npm run journal -- export --to ${seq - 1}` : '';
    const advice = `Look with: npm run journal -- verify. Restore a backup${rest}`;
    return new RecordDamage(seq, to, what, `${this.path}: ${what}${before}. ${advice}`, cause);
  }
}
