import type Database from 'libsql';
import { type Checkpoint, CheckpointDamage } from '../../../actors/ports.js';
import { checksum } from '../records/checksum.js';
import { type Bytes, bufferOf, bytes, hasTable, integers, textOf } from './sqliteFile.js';

/** Checkpoints kept whatever their age: the newest and the one before it. */
const NEWEST_KEPT = 2;
/** Older ones are thinned to one for each so many records, so that any moment is a short fold away. */
export const CHECKPOINT_SPACING = 100_000;
/** Past so many of them the spacing doubles. */
export const CHECKPOINTS_MAX = 100;

/** Rows looked at, or deleted, in one turn of the event loop. */
const SLICE = 100;

/** Parts of one seq, after one key and up to another. The casts keep what is damaged from being read as text. */
const IN_SLICE = 'n.seq = ? AND n.key > CAST(? AS TEXT) AND n.key <= CAST(? AS TEXT)';

interface PartRow {
  readonly key: Bytes;
  readonly sum: number;
  readonly body: Bytes | null;
}

/** Checkpoints as rows of parts: one is written by what changed, and any that is kept can be read whole. */
export class SqliteCheckpoints {
  private readonly isThere: boolean;
  private readonly hasOld: boolean;
  /** Seq of the one whose piece was written last; the same piece may come again, after the last one too. */
  private writing: number | null = null;

  constructor(
    private readonly db: Database.Database,
    private readonly path: string,
  ) {
    this.isThere = hasTable(db, 'points');
    this.hasOld = hasTable(db, 'checkpoints');
  }

  /**
   * One piece, within a transaction. Its rows are of a seq that no point names before the last piece: until then nobody
   * reads them.
   */
  write({ seq, at, parts, complete = false, more = false }: Checkpoint): void {
    if (this.writing !== seq) {
      // What a life that was killed left of one.
      this.db.prepare('DELETE FROM parts WHERE seq > (SELECT coalesce(max(seq), 0) FROM points)').run();
      if (complete) this.db.prepare('DELETE FROM parts WHERE seq = ?').run(seq);
      this.writing = seq;
    }
    const insert = this.db.prepare('INSERT OR REPLACE INTO parts (key, seq, sum, body) VALUES (?, ?, ?, ?)');
    for (const [key, part] of parts) {
      const body = part === null ? null : JSON.stringify(part);
      insert.run(key, seq, body === null ? 0 : sumOf(key, body), body);
    }
    if (more) return;
    if (complete) {
      const gone =
        'INSERT OR IGNORE INTO parts (key, seq, sum, body) SELECT key, ?, 0, NULL FROM (SELECT key, body, max(seq) FROM parts WHERE seq < ? GROUP BY key) WHERE body IS NOT NULL';
      this.db.prepare(gone).run(seq, seq);
    }
    this.db.prepare('INSERT OR REPLACE INTO points (seq, at) VALUES (?, ?)').run(seq, at);
  }

  /** Throws CheckpointDamage naming the part that does not match its checksum. */
  read(upTo: number): Checkpoint | null {
    const reading = this.reading(upTo, Number.MAX_SAFE_INTEGER);
    for (let step = reading.next(); ; step = reading.next()) if (step.done) return step.value;
  }

  /**
   * The same, so many parts at a time. One that was thinned meanwhile is read anew: its point goes before its parts.
   */
  *reading(upTo: number, slice = SLICE): Generator<void, Checkpoint | null> {
    const point = this.isThere
      ? (this.db
          .prepare(`SELECT seq, ${integers('at')} FROM points WHERE seq <= ? ORDER BY seq DESC LIMIT 1`)
          .get(upTo) as { seq: number; at: number } | undefined)
      : undefined;
    if (!point) return this.readOld(upTo);
    const sql = `SELECT ${bytes('key')}, ${integers('sum')}, ${bytes('body')} FROM (SELECT key, sum, body, max(seq) FROM parts NOT INDEXED WHERE seq <= ? AND key > CAST(? AS TEXT) GROUP BY key LIMIT ?)`;
    const parts = new Map<string, unknown>();
    for (let from: Bytes = Buffer.of(); ; yield) {
      const rows = this.db.prepare(sql).all(point.seq, bufferOf(from), slice) as PartRow[];
      for (const row of rows)
        if (row.body !== null) parts.set(...this.parsedPart(point.seq, row.key, row.sum, row.body));
      if (rows.length < slice) break;
      from = rows.at(-1)!.key;
    }
    const isThere = this.db.prepare('SELECT 1 FROM points WHERE seq = ?').get(point.seq) !== undefined;
    if (!isThere) return yield* this.reading(upTo, slice);
    if (!parts.has('head')) throw this.damage(point.seq, 'its head is missing');
    return { seq: point.seq, at: point.at, parts };
  }

  private parsedPart(seq: number, name: Bytes, sum: number, body: Bytes): [key: string, part: unknown] {
    const key = textOf(name);
    if (sumOf(key, bufferOf(body)) !== sum) throw this.damage(seq, `part ${key} does not match its checksum`);
    return [key, this.parsed(seq, key, body)];
  }

  /** Seqs of all that are kept, ascending. */
  seqs(): readonly number[] {
    const table = [this.isThere ? 'points' : null, this.hasOld ? 'checkpoints' : null].filter(Boolean);
    return table
      .flatMap((name) => this.db.prepare(`SELECT seq FROM ${name}`).all() as { seq: number }[])
      .map(({ seq }) => seq)
      .sort((a, b) => a - b);
  }

  private readOld(upTo: number): Checkpoint | null {
    if (!this.hasOld) return null;
    const row = this.db
      .prepare(
        `SELECT seq, ${integers('at')}, ${bytes('body')} FROM checkpoints WHERE seq <= ? ORDER BY seq DESC LIMIT 1`,
      )
      .get(upTo) as { seq: number; at: number; body: Bytes } | undefined;
    return row
      ? { seq: row.seq, at: row.at, parts: new Map([['body', this.parsed(row.seq, 'body', row.body)]]) }
      : null;
  }

  /**
   * Thins what is kept, a bounded piece in each `transaction`. A point that goes leaves its parts where they are: they
   * are part of every later one that has none of its own. Those that a newer part overtakes before the next point are
   * deleted, and so are the notes that something is gone which nothing older has. Each of the newer parts is looked at
   * once.
   */
  async thin(transaction: (work: () => void) => void, pause: () => Promise<void>): Promise<void> {
    const older = 'SELECT 1 FROM parts p WHERE p.key = n.key AND p.seq < n.seq';
    const newer = 'parts n INDEXED BY parts_by_seq';
    const overtaken = this.db.prepare(
      `DELETE FROM parts WHERE (key, seq) IN (SELECT p.key, p.seq FROM ${newer} CROSS JOIN parts p ON p.key = n.key AND p.seq > ? AND p.seq <= ? WHERE ${IN_SLICE})`,
    );
    const notes = this.db.prepare(
      `DELETE FROM parts WHERE (key, seq) IN (SELECT n.key, n.seq FROM ${newer} WHERE ${IN_SLICE} AND n.body IS NULL AND NOT EXISTS (${older}))`,
    );
    const around = this.db.prepare(
      'SELECT ifnull((SELECT max(seq) FROM points WHERE seq < ?), 0) AS before, min(seq) AS next FROM points WHERE seq > ?',
    );
    for (const seq of this.superfluous()) {
      const { before, next } = around.get(seq, seq) as { before: number; next: number };
      transaction(() => void this.db.prepare('DELETE FROM points WHERE seq = ?').run(seq));
      for (const slice of this.slices(seq, next)) {
        transaction(() => {
          overtaken.run(before, seq, ...slice);
          notes.run(...slice);
        });
        await pause();
      }
    }
  }

  /**
   * All parts after a seq and up to another, `SLICE` at a time: their seq, the key before the first one, the last
   * one's.
   */
  private *slices(after: number, upTo: number): Iterable<readonly [seq: number, after: Buffer, upTo: Buffer]> {
    const nextSeq = this.db.prepare('SELECT min(seq) AS seq FROM parts WHERE seq > ? AND seq <= ?');
    const lastKey = this.db.prepare(
      `SELECT ${bytes('key')} FROM (SELECT key FROM parts INDEXED BY parts_by_seq WHERE seq = ? AND key > CAST(? AS TEXT) ORDER BY key LIMIT ${SLICE}) ORDER BY key DESC LIMIT 1`,
    );
    for (let at = after; ; ) {
      const { seq } = nextSeq.get(at, upTo) as { seq: number | null };
      if (seq === null) return;
      for (let from: Buffer = Buffer.of(); ; ) {
        const last = lastKey.get(seq, from) as { key: Bytes } | undefined;
        if (last === undefined) break;
        const to = bufferOf(last.key);
        yield [seq, from, to];
        from = to;
      }
      at = seq;
    }
  }

  /** Seqs of points that are no longer kept, newest first. */
  private superfluous(): readonly number[] {
    const seqs = (this.db.prepare('SELECT seq FROM points ORDER BY seq').all() as { seq: number }[]).map((p) => p.seq);
    const older = seqs.slice(0, -NEWEST_KEPT);
    const spacing = spacingFor(seqs.at(-1) ?? 0);
    const bucket = (seq: number): number => Math.floor(seq / spacing);
    return older.filter((seq, i) => (i > 0 ? bucket(seq) === bucket(older[i - 1]!) : bucket(seq) === 0)).reverse();
  }

  private parsed(seq: number, key: string, body: Bytes): unknown {
    try {
      return JSON.parse(textOf(body));
    } catch (cause) {
      throw this.damage(seq, `part ${key} is not JSON`, cause);
    }
  }
  private damage(seq: number, what: string, cause?: unknown): CheckpointDamage {
    return new CheckpointDamage(seq, `${this.path}: checkpoint ${seq} is damaged: ${what}`, { cause });
  }
}

/** Spacing at which at most CHECKPOINTS_MAX older checkpoints remain. */
export function spacingFor(seq: number): number {
  let spacing = CHECKPOINT_SPACING;
  while (seq / spacing > CHECKPOINTS_MAX) spacing *= 2;
  return spacing;
}

function sumOf(key: string, body: string | Buffer): number {
  return checksum(body, checksum(`${key}\n`));
}
