import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fold } from '../src/actors/fold/fold.js';
import type { Journal } from '../src/actors/ports.js';
import { topology } from '../src/actors/wiring/topology.js';
import { openSqliteJournal } from '../src/adapters/journal/sqlite/sqliteJournal.js';
import { type FoldShares, measureFold } from '../src/cli/replay/meter.js';
import { runLive } from '../test/replay/liveRun.js';

/**
 * How fast a journal is folded with verification. The journal comes from the real system in virtual time: guild,
 * direct, group and private messages, outages, refused embeds, throttling, audits, external calls, kills. `npm run
 * bench:replay -- [--json] [--quick]`
 */
const isJson = process.argv.includes('--json');
const RECORDS = process.argv.includes('--quick') ? 20_000 : 200_000;
const ROUNDS = 3;
const HOUR = 3_600_000;
const MINUTE = 60_000;

interface Round {
  /** Records a second: with verification, and of a bare loop over the same records that only reads and parses. */
  readonly rate: number;
  /** The same by the time that this process had a processor; on a busy machine the truer one. */
  readonly perCpuSecond: number;
  readonly readRate: number;
  readonly shares: FoldShares;
}

async function record(path: string): Promise<void> {
  // Every ten minutes one of each trouble.
  const every = <T>(make: (at: number) => T): T[] => Array.from({ length: 600 }, (_, n) => make(n * 10 * MINUTE));
  await runLive({
    seed: 7,
    durationMs: 100 * HOUR,
    messagesPerMinute: 120,
    recordsMax: RECORDS,
    weather: {
      outages: every((at) => [at + MINUTE, at + 2 * MINUTE]),
      embedsRefused: every((at) => [at + 4 * MINUTE, at + 5 * MINUTE]),
      throttled: every((at) => [at + 7 * MINUTE, at + 7 * MINUTE + 5_000]),
      noise: 0.01,
    },
    kills: [90_000, 8 * MINUTE, 25 * MINUTE],
    open: async () => {
      const journal = await openSqliteJournal({ path });
      return { journal, kill: () => journal.close() };
    },
  });
}

async function readAll(journal: Journal): Promise<number> {
  let records = 0;
  for (;;) {
    const batch = await journal.read(records, 1_000);
    records += batch.length;
    if (batch.length === 0) return records;
  }
}

async function round(journal: Journal): Promise<Round> {
  const readStarted = performance.now();
  const records = await readAll(journal);
  const readSeconds = (performance.now() - readStarted) / 1_000;
  const before = process.cpuUsage();
  const started = performance.now();
  const { divergence } = await fold(journal, topology, { fromStart: true });
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(before);
  if (divergence) throw new Error(`the journal does not replay: ${JSON.stringify(divergence)}`);
  const { shares } = await measureFold(journal, topology, (metered, options) =>
    fold(metered, topology, { ...options, fromStart: true }),
  );
  return {
    rate: records / seconds,
    perCpuSecond: (records * 1e6) / (user + system),
    readRate: records / readSeconds,
    shares,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'kintsugi-replay-'));
try {
  const path = join(folder, 'bench.db');
  await record(path);
  const journal = await openSqliteJournal({ path, readonly: true });
  const { seq: records } = await journal.position();
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i += 1) rounds.push(await round(journal));
  await journal.close();
  // The middle round by rate: all its figures belong together.
  const { rate, perCpuSecond, readRate, shares } = [...rounds].sort((a, b) => a.rate - b.rate)[Math.floor(ROUNDS / 2)]!;
  const result = {
    records,
    rate: Math.round(rate),
    perCpuSecond: Math.round(perCpuSecond),
    rates: rounds.map((one) => Math.round(one.rate)),
    readRate: Math.round(readRate),
    ratioToReading: Math.round((100 * readRate) / rate) / 100,
    shares,
  };
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const line = isJson
    ? JSON.stringify(result)
    : `${records} records: ${result.rate} a second with verification (rounds: ${result.rates.join(', ')}), ${result.perCpuSecond} a second of processor time\n` +
      `reading and parsing alone: ${result.readRate} a second; verification takes ${result.ratioToReading} times as long\n` +
      `shares: ${Object.entries(shares)
        .map(([name, share]) => `${name} ${percent(share)}`)
        .join(', ')}`;
  process.stdout.write(`${line}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
