import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeCheckpoint } from '../src/actors/fold/checkpointer.js';
import { machineVersionsOf } from '../src/actors/fold/machineVersions.js';
import type { Performer, Record } from '../src/actors/ports.js';
import { SystemState } from '../src/actors/step/state.js';
import { ActorSystem } from '../src/actors/system/actorSystem.js';
import { topology } from '../src/actors/wiring/topology.js';
import { openSqliteJournal } from '../src/adapters/journal/sqlite/sqliteJournal.js';
import { createSystemClock } from '../src/adapters/process/systemClock.js';
import { defaultOptions } from '../src/machines/vocabulary/options/options.js';
import { runLive } from '../test/replay/liveRun.js';

/**
 * How long a restart takes, from opening the journal to the first append of the new life, on a short and on a long
 * history with the same tail. `npm run bench:restart -- [--json] [--quick] [--records N]`
 */
const isJson = process.argv.includes('--json');
const isQuick = process.argv.includes('--quick');
const named = process.argv.indexOf('--records');
const LONG = named > 0 ? Number(process.argv[named + 1]) : isQuick ? 200_000 : 10_000_000;
const SHORT = 10_000;
/** Just before a checkpoint is due by time; at this pace it is nearly due by number too. */
const DEATH_MS = 22_000;
const ROUNDS = isQuick ? 3 : 9;
const MINUTE = 60_000;

/** An old history: records of a plausible size, then the state after them. */
async function prefill(path: string, count: number): Promise<void> {
  const journal = await openSqliteJournal({ path, liveRecordsMax: Number.POSITIVE_INFINITY });
  const epoch = await journal.beginEpoch();
  const fact = { type: 'event.unrecognised' as const, socket: 's', s: 1, name: 'X'.repeat(500), eventId: null, ver: 1 };
  for (let seq = 1; seq <= count; ) {
    const batch: Record[] = [];
    for (; batch.length < 1_000 && seq <= count; seq += 1)
      batch.push({ seq, id: `p${seq}`, at: 1, epoch, fact, steps: [], effects: [] });
    await journal.append(epoch, batch);
  }
  const state = new SystemState();
  state.place({ seq: count, at: 1, epoch, behaviour: topology.behaviour ?? 1, options: defaultOptions });
  await journal.append(epoch, [], takeCheckpoint(state, machineVersionsOf(topology)));
  await journal.close();
}

/** A busy bot that dies; its last checkpoint is a whole tail ago. */
async function live(path: string): Promise<void> {
  let lives = 0;
  await runLive({
    seed: 3,
    durationMs: MINUTE,
    messagesPerMinute: 7_500,
    weather: { outages: [], embedsRefused: [], throttled: [], noise: 0.01 },
    kills: [DEATH_MS],
    open: async () => {
      lives += 1;
      if (lives > 1) throw new Dead();
      const journal = await openSqliteJournal({ path, liveRecordsMax: Number.POSITIVE_INFINITY });
      return { journal, kill: () => journal.close() };
    },
  }).catch((error: unknown) => {
    if (!(error instanceof Dead)) throw error;
  });
}
class Dead extends Error {}

async function restart(path: string): Promise<{ readonly ms: number; readonly folded: number }> {
  const started = performance.now();
  const journal = await openSqliteJournal({ path, liveRecordsMax: Number.POSITIVE_INFINITY });
  const silent: Performer = () => undefined;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  let ids = 0;
  const system = new ActorSystem({
    journal,
    clock: createSystemClock(),
    topology,
    options: defaultOptions,
    performers: Object.fromEntries(Object.keys(topology.effects).map((type) => [type, silent])),
    newId: () => `r${process.hrtime.bigint()}.${ids++}`,
    log,
    defer: (turn) => void setImmediate(turn),
  });
  const { records } = await system.start();
  const ms = performance.now() - started;
  await journal.close(); // no stop: the next restart finds the same tail and a little more
  return { ms, folded: records };
}

interface Measured {
  readonly records: number;
  readonly megabytes: number;
  readonly folded: number;
  readonly medianMs: number;
  readonly maxMs: number;
}
const folder = mkdtempSync(join(tmpdir(), 'kintsugi-restart-'));
try {
  const paths = [SHORT, LONG].map((records) => ({ records, path: join(folder, `${records}.db`) }));
  for (const { records, path } of paths) {
    await prefill(path, records);
    await live(path);
  }
  await restart(paths[0]!.path); // warm
  const times = new Map<number, number[]>(paths.map(({ records }) => [records, []]));
  const folded = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { records, path } of paths) {
      const { ms, folded: count } = await restart(path);
      times.get(records)!.push(ms);
      folded.set(records, count);
    }
  }
  const results: Measured[] = paths.map(({ records, path }) => {
    const sorted = times.get(records)!.sort((a, b) => a - b);
    const round = (value: number): number => Math.round(value * 10) / 10;
    return {
      records,
      megabytes: Math.round(statSync(path).size / 1e6),
      folded: folded.get(records)!,
      medianMs: round(sorted[sorted.length >> 1]!),
      maxMs: round(sorted.at(-1)!),
    };
  });
  const ratio = Math.round((results[1]!.medianMs / results[0]!.medianMs) * 100) / 100;
  if (isJson) process.stdout.write(`${JSON.stringify({ results, ratio })}\n`);
  else {
    for (const r of results)
      process.stdout.write(
        `${String(r.records).padStart(9)} records (${r.megabytes} MB), ${r.folded} folded: median ${r.medianMs} ms, at most ${r.maxMs} ms\n`,
      );
    process.stdout.write(`long history : short history = ${ratio}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0); // the lives that were left still have deadlines
