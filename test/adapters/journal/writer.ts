import { openSqliteJournal } from '../../../src/adapters/journal/sqliteJournal.js';
import { recordAt } from './recordAt.js';

/** A writer to be killed: appends batches for ever and prints the last seq after each, once it is acknowledged. */
const journal = await openSqliteJournal({ path: process.argv[2] as string });
const epoch = await journal.beginEpoch();
let { seq } = await journal.position();
for (;;) {
  const batch = [1, 2, 3].map((n) => recordAt(seq + n, epoch));
  await journal.append(epoch, batch);
  seq += 3;
  process.stdout.write(`${seq}\n`);
}
