import type Database from 'libsql';
import { type Checkpoint, CheckpointDamage } from '../../actors/ports.js';
import { checksum } from './checksum.js';
import { type Bytes, bufferOf, bytes, hasTable, integers, textOf } from './sqliteFile.js';

/** Checkpoints kept whatever their age: the newest and the one before it. */
const NEWEST_KEPT = 2;
/** Older ones are thinned to one for each so many records, so that any moment is a short fold away. */
export const CHECKPOINT_SPACING = 100_000;
/** Past so many of them the spacing doubles. */
export const CHECKPOINTS_MAX = 100;

interface PartRow {
  readonly key: Bytes;
  readonly sum: number;
  readonly body: Bytes;
}

/** Checkpoints as rows of parts: one is written by what changed, and any that is kept can be read whole. */
export class SqliteCheckpoints {
  private readonly isThere: boolean;
  private readonly hasOld: boolean;

  constructor(
    private readonly db: Database.Database,
    private readonly path: string,
  ) {
    this.isThere = hasTable(db, 'points');
    this.hasOld = hasTable(db, 'checkpoints');
  }

  /** Within a transaction. */
  write({ seq, at, parts, complete = false }: Checkpoint): void {
    if (complete) this.db.prepare('DELETE FROM parts WHERE seq = ?').run(seq);
    const insert = this.db.prepare('INSERT OR REPLACE INTO parts (key, seq, sum, body) VALUES (?, ?, ?, ?)');
    for (const [key, part] of parts) {
      const body = part === null ? null : JSON.stringify(part);
      insert.run(key, seq, body === null ? 0 : sumOf(key, body), body);
    }
    if (complete) {
      const gone =
        'INSERT OR IGNORE INTO parts (key, seq, sum, body) SELECT key, ?, 0, NULL FROM (SELECT key, body, max(seq) FROM parts WHERE seq < ? GROUP BY key) WHERE body IS NOT NULL';
      this.db.prepare(gone).run(seq, seq);
    }
    this.db.prepare('INSERT OR REPLACE INTO points (seq, at) VALUES (?, ?)').run(seq, at);
    this.thin();
  }

  /** Throws CheckpointDamage naming the part that does not match its checksum. */
  read(upTo: number): Checkpoint | null {
    const point = this.isThere
      ? (this.db
          .prepare(`SELECT seq, ${integers('at')} FROM points WHERE seq <= ? ORDER BY seq DESC LIMIT 1`)
          .get(upTo) as { seq: number; at: number } | undefined)
      : undefined;
    if (!point) return this.readOld(upTo);
    const sql = `SELECT ${bytes('key')}, ${integers('sum')}, ${bytes('body')} FROM (SELECT key, sum, body, max(seq) FROM parts WHERE seq <= ? GROUP BY key) WHERE body IS NOT NULL`;
    const parts = new Map<string, unknown>();
    for (const { key: name, sum, body } of this.db.prepare(sql).all(point.seq) as PartRow[]) {
      const key = textOf(name);
      if (sumOf(key, bufferOf(body)) !== sum) throw this.damage(point.seq, `part ${key} does not match its checksum`);
      parts.set(key, this.parsed(point.seq, key, body));
    }
    if (!parts.has('head')) throw this.damage(point.seq, 'its head is missing');
    return { seq: point.seq, at: point.at, parts };
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

  /** What goes is merged into the next one that stays. */
  private thin(): void {
    const seqs = (this.db.prepare('SELECT seq FROM points ORDER BY seq').all() as { seq: number }[]).map((p) => p.seq);
    const older = seqs.slice(0, -NEWEST_KEPT);
    const spacing = spacingFor(seqs.at(-1) ?? 0);
    const bucket = (seq: number): number => Math.floor(seq / spacing);
    const goes = older.filter((seq, i) => (i > 0 ? bucket(seq) === bucket(older[i - 1]!) : bucket(seq) === 0));
    for (const seq of goes.reverse()) {
      const next = (this.db.prepare('SELECT min(seq) AS seq FROM points WHERE seq > ?').get(seq) as { seq: number })
        .seq;
      this.db.prepare('UPDATE OR IGNORE parts SET seq = ? WHERE seq = ?').run(next, seq);
      this.db.prepare('DELETE FROM parts WHERE seq = ?').run(seq);
      this.db.prepare('DELETE FROM points WHERE seq = ?').run(seq);
    }
    if (goes.length === 0) return;
    // Before the oldest nothing can be asked for: it needs no note of what is gone.
    this.db.prepare('DELETE FROM parts WHERE body IS NULL AND seq = (SELECT min(seq) FROM points)').run();
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
