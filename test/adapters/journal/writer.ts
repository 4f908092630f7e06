import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { recordAt } from './recordAt.js';

/**
 * A writer to be killed: appends batches and prints the last seq after each, once it is acknowledged. It goes on for
 * ever, or rests after so many appends: its write-ahead log then ends with a commit.
 */
const appends = Number(process.argv[3] ?? Infinity);
const journal = await openSqliteJournal({ path: process.argv[2] as string });
const epoch = await journal.beginEpoch();
let { seq } = await journal.position();
for (let n = 0; n < appends; n += 1) {
  const batch = [1, 2, 3].map((n) => recordAt(seq + n, epoch));
  await journal.append(epoch, batch);
  seq += 3;
  process.stdout.write(`${seq}\n`);
}
setInterval(() => {}, 60_000);
