import { expect, test } from '@jest/globals';
import { startBusyBot } from '../../../bench/busyBot.js';
import type { Checkpoint, Record } from '../../../src/actors/ports.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import { encodeRecord } from '../../../src/adapters/journal/records/recordCodec.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';

const bytesOf = (records: readonly Record[], checkpoint: Checkpoint | undefined): number =>
  records.reduce((sum, record) => sum + encodeRecord(record).length, 0) +
  [...(checkpoint?.parts ?? [])].reduce((sum, [, part]) => sum + JSON.stringify(part).length, 0);

test('[core 15] [core 38] 1,000 replies that wait through 280 quiet seconds of an outage cost the journal one checkpoint at most, and all arrive', async () => {
  const journal = await openMemoryJournal(createMemoryStore());
  let bytes = 0;
  const append = journal.append.bind(journal);
  journal.append = (epoch, records, checkpoint) => {
    bytes += bytesOf(records, checkpoint);
    return append(epoch, records, checkpoint);
  };
  let isOut = true;
  const options = { ...defaultOptions, intake: { ...defaultOptions.intake, aheadMin: 2_000 } };
  const bot = await startBusyBot({ journal, options, isOut: () => isOut });
  for (let i = 0; i < 1_000; i += 1) bot.say('hello', { channel: `c${i % 100}`, author: `u${i}` });
  await bot.pass(1_000);
  bytes = 0;
  await bot.pass(280_000);
  const quiet = bytes;
  isOut = false;
  await bot.pass(120_000);
  const { ended } = bot.system.state.actor('intake')!.snapshot.context as { ended: object };
  await bot.stop();
  expect(ended).toMatchObject({ answered: 1_000, deadLettered: 0 });
  expect(quiet).toBeLessThan(4_000_000); // the state as it is then is 2.4 MB
});
