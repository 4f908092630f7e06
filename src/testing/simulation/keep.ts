import { takeCheckpoint } from '../../actors/fold/checkpointer.js';
import type { Journal, Record } from '../../actors/ports.js';
import type { Topology } from '../../actors/step/routes.js';
import type { Plan } from './acts.js';
import { Simulation } from './simulation.js';

const BATCH = 500;

/** Runs a plan once more and writes its records into a journal, so that the violation can be looked at (`npm run inspect -- FILE`). */
export async function keep(plan: Plan, topology: Topology, journal: Journal): Promise<void> {
  const records: Record[] = [];
  const simulation = new Simulation(plan, { topology, onRecord: ({ record }) => void records.push(record) });
  simulation.run();
  let epoch = 0;
  for (let from = 0; from < records.length; ) {
    const life = records[from]!.epoch;
    while (epoch < life) epoch = await journal.beginEpoch();
    let to = from;
    while (to < records.length && to - from < BATCH && records[to]!.epoch === life) to += 1;
    await journal.append(epoch, records.slice(from, to));
    from = to;
  }
  if (records.length > 0) await journal.append(epoch, [], takeCheckpoint(simulation.bot.state));
}
