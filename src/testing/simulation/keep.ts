import type { Journal, Record } from '../../actors/ports.js';

const BATCH = 500;

/** Writes the records of a run into a journal, so that a violation can be looked at (`npm run inspect -- FILE`). */
export async function keep(records: readonly Record[], journal: Journal): Promise<void> {
  let epoch = 0;
  for (let from = 0; from < records.length; ) {
    const life = records[from]!.epoch;
    while (epoch < life) epoch = await journal.beginEpoch();
    let to = from;
    while (to < records.length && to - from < BATCH && records[to]!.epoch === life) to += 1;
    await journal.append(epoch, records.slice(from, to));
    from = to;
  }
}
