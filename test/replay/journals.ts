import {
  createMemoryStore,
  type MemoryJournal,
  type MemoryStore,
  openMemoryJournal,
} from '../../src/adapters/journal/memoryJournal.js';
import { type LiveRun, runLive } from './liveRun.js';

export const MINUTE = 60_000;
export type Scenario = Omit<LiveRun, 'open'>;

/** Runs a scenario; the store outlives the journal, so that it can be opened again. */
export async function recorded(
  scenario: Scenario,
): Promise<{ readonly store: MemoryStore; readonly journal: MemoryJournal }> {
  const store = createMemoryStore();
  await runLive({
    ...scenario,
    open: async () => {
      const journal = await openMemoryJournal(store);
      return { journal, kill: () => journal.kill() };
    },
  });
  return { store, journal: await openMemoryJournal(store) };
}

/** An outage, refused embeds, a limit, single failures, two kills and an operator's hand. */
export const troubled: Scenario = {
  seed: 1,
  durationMs: 8 * MINUTE,
  messagesPerMinute: 25,
  weather: {
    outages: [[MINUTE, 2 * MINUTE]],
    embedsRefused: [[3 * MINUTE, 4 * MINUTE]],
    throttled: [[5 * MINUTE, 5 * MINUTE + 10_000]],
    noise: 0.02,
  },
  kills: [90_000, 330_000],
  operator: [
    [6 * MINUTE, { type: 'operator.isolated', breaker: 'breaker:messages' }],
    [6 * MINUTE + 20_000, { type: 'operator.released', breaker: 'breaker:messages' }],
    [7 * MINUTE, { type: 'operator.forced', feature: 'richEmbeds', on: false, reason: 'test', forMs: 10_000 }],
  ],
};
