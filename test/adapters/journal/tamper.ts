import Database from 'libsql';
import { chain } from '../../../src/adapters/journal/records/checksum.js';

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly body: string;
}

/** Changes rows as someone would who also mends the checksums. */
export function rewriteRows(path: string, edit: (body: string, seq: number) => string): void {
  const db = new Database(path);
  let sum = 0;
  const update = db.prepare('UPDATE log SET body = ?, sum = ? WHERE seq = ?');
  for (const { seq, at, epoch, body } of db
    .prepare('SELECT seq, at, epoch, body FROM log ORDER BY seq')
    .all() as Row[]) {
    const text = edit(body, seq);
    sum = chain(sum, seq, at, epoch, text);
    update.run(text, sum, seq);
  }
  db.close();
}
