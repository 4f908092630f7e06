import { openSqliteJournal } from '../src/adapters/journal/sqlite/sqliteJournal.js';
import { startBusyBot } from './busyBot.js';

/**
 * `node --import tsx bench/makeJournal.ts FILE RECORDS [SEED]`: a journal of a busy bot in virtual time, to look at and
 * to measure with.
 */
const [path = '', records = '', seed = '1'] = process.argv.slice(2);
if (path === '' || !(Number(records) > 0)) {
  process.stderr.write('usage: node --import tsx bench/makeJournal.ts FILE RECORDS [SEED]\n');
  process.exit(64);
}
const journal = await openSqliteJournal({ path });
const bot = await startBusyBot({ journal, seed: Number(seed) });
await bot.runTo(Number(records));
await bot.stop();
await journal.close();
process.stdout.write(`${bot.system.state.seq} records in ${path}\n`);
