import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fold } from '../src/actors/fold/fold.js';
import { topology } from '../src/actors/wiring/topology.js';
import { openSqliteJournal } from '../src/adapters/journal/sqlite/sqliteJournal.js';
import { spawnBot } from '../src/cli/world/childBot.js';
import type { IntakeContext } from '../src/machines/intake/context.js';
import type { Simulator } from '../src/simulator/createSimulator.js';
import type { Flood, Order, Told } from './leanPlatform.js';

/**
 * What becomes of a bot that is offered more than it can do: first what it can, then 1.5 and 5 times of that. Its
 * goodput must stay flat, every message that it read must end, and no session may be lost. `npm run bench:overload --
 * [--json] [--quick]`
 */
const isJson = process.argv.includes('--json');
const isQuick = process.argv.includes('--quick');
const PHASE_MS = isQuick ? 8_000 : 20_000;
const WINDOW = 50;
/** Least share of the best goodput, in its fifth percentile. */
const FLAT = 0.9;
/**
 * A quick run has few windows, and shares its machine: there the processor time of a message may grow by a quarter, no
 * more.
 */
const COST_MAX = 1.25;
/** Below the least that the bot can do on any machine of today. */
const CALM_RATE = isQuick ? 300 : 1_000;

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/**
 * Replies a second in windows of five seconds, one for each tenth, while messages were offered; the first second is a
 * start. Seconds in which the bot wanted to run and others had the processors are not its own: they do not count.
 */
function windowsOf({ startedAt, tenths }: Flood, starved: Starved): number[] {
  const windows: number[] = [];
  for (let from = 10; from + WINDOW <= Math.min(tenths.length, PHASE_MS / 100); from += 1) {
    const replies = tenths.slice(from, from + WINDOW).reduce((sum, n) => sum + n, 0);
    const began = startedAt + from * 100;
    windows.push((replies * 1_000) / Math.max(100, WINDOW * 100 - starved.between(began, began + WINDOW * 100)));
  }
  return windows.sort((a, b) => a - b);
}
const percentile = (sorted: readonly number[], share: number): number =>
  Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);

/** Processor time that a process has used, ms; null where /proc is not. */
function cpuMsOf(pid: number | undefined): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

/** How long a process has waited for a processor, looked at each tenth of a second; where /proc is not, never. */
class Starved {
  private readonly samples: { readonly at: number; readonly waitedMs: number }[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(pid: number | undefined) {
    this.timer = setInterval(() => {
      try {
        const waitedMs = Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
        this.samples.push({ at: Date.now(), waitedMs });
      } catch {
        this.end();
      }
    }, 100);
  }
  between(from: number, to: number): number {
    const upTo = (at: number): number => this.samples.findLast((sample) => sample.at <= at)?.waitedMs ?? 0;
    return upTo(to) - upTo(from);
  }
  end(): void {
    clearInterval(this.timer);
  }
}

class Bench {
  private last: Told | null = null;
  private constructor(private readonly platform: ChildProcess) {
    platform.on('message', (told: Told) => {
      this.last = told;
    });
  }
  static async start(): Promise<Bench> {
    const bench = new Bench(fork(here('./leanPlatform.ts'), { execArgv: ['--import', import.meta.resolve('tsx')] }));
    await bench.told('done');
    return bench;
  }
  get url(): string {
    return this.last!.url;
  }
  get sessions() {
    const { identifies, resumes, closes } = this.last!;
    return { identifies, resumes, closes };
  }
  told(type: Told['type']): Promise<Told> {
    return new Promise((resolve) => {
      const listen = (told: Told): void => {
        if (told.type !== type) return;
        this.platform.off('message', listen);
        resolve(told);
      };
      this.platform.on('message', listen);
    });
  }
  async flood(order: Order): Promise<Flood> {
    const done = this.told('done');
    this.platform.send(order);
    return (await done).flood!;
  }
  end(): void {
    this.platform.kill();
  }
}

/** Messages by how they ended, as the journal has it. */
async function accountOf(path: string): Promise<Pick<IntakeContext, 'received' | 'inHand' | 'ended'>> {
  const journal = await openSqliteJournal({ path, readonly: true });
  try {
    const { received, inHand, ended } = (await fold(journal, topology)).state.actor('intake')!.snapshot
      .context as IntakeContext;
    return { received, inHand, ended };
  } finally {
    await journal.close();
  }
}

async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-overload-'));
  const journalPath = join(folder, 'bot.db');
  const bench = await Bench.start();
  const ready = bench.told('ready');
  const env = { LOG_LEVEL: 'warn' };
  const bot = spawnBot({
    simulator: { url: bench.url } as Simulator,
    journalPath,
    module: here('./echoBot.ts'),
    log: 'inherit',
    env,
  });
  const starved = new Starved(bot.process.pid);
  try {
    await ready;
    const costs = new Map<Flood, number | null>();
    const flood = async (order: Order): Promise<Flood> => {
      const before = cpuMsOf(bot.process.pid);
      const found = await bench.flood(order);
      const after = cpuMsOf(bot.process.pid);
      costs.set(
        found,
        before === null || after === null ? null : Math.round(((after - before) * 1_000) / found.answered),
      );
      return found;
    };
    await flood({ type: 'keep', count: 64, ms: PHASE_MS / 4 });
    const capacity = await flood({ type: 'keep', count: 256, ms: PHASE_MS });
    const can = (capacity.answered * 1_000) / PHASE_MS;
    const best = windowsOf(capacity, starved).at(-1) ?? 0;
    const calm = await flood({ type: 'offer', rate: CALM_RATE, ms: PHASE_MS, drops: true });
    const floods: { times: number; flood: Flood; windows: number[]; cpuUs: number | null }[] = [];
    for (const times of [1.5, 5]) {
      const found = await flood({ type: 'offer', rate: can * times, ms: PHASE_MS, drops: true });
      floods.push({ times, flood: found, windows: windowsOf(found, starved), cpuUs: costs.get(found) ?? null });
    }
    const { sessions } = bench;
    bot.process.kill('SIGTERM');
    await bot.exited;
    return {
      can,
      best,
      cpuUs: costs.get(capacity) ?? null,
      calm,
      floods,
      sessions,
      account: await accountOf(journalPath),
    };
  } finally {
    starved.end();
    bot.process.kill('SIGKILL');
    bench.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

const { can, best: calmBest, cpuUs, calm, floods, sessions, account } = await measure();
const best = Math.max(calmBest, ...floods.map(({ windows }) => windows.at(-1) ?? 0));
const rows = floods.map(({ times, flood, windows, cpuUs: cost }) => {
  const goodput = percentile(windows, 0.05);
  const { sent, answered, twice, due } = flood;
  return {
    times,
    offered: Math.round(can * times),
    goodput,
    share: Math.round((goodput / best) * 1_000) / 1_000,
    cpuUs: cost,
    due,
    read: sent,
    answered,
    twice,
  };
});
const ends = Object.values(account.ended).reduce((sum, n) => sum + n, 0);
const failed = [
  ...rows
    .filter(({ share }) => !isQuick && share < FLAT)
    .map(({ times, share }) => `offered ${times} times, goodput falls to ${share} of its best`),
  ...rows
    .filter((row) => isQuick && cpuUs !== null && row.cpuUs !== null && row.cpuUs > COST_MAX * cpuUs)
    .map(
      (row) =>
        `offered ${row.times} times, a message costs ${row.cpuUs} us, ${cpuUs} us when no more is offered than can be done`,
    ),
  ...rows.filter(({ twice }) => twice > 0).map(({ times, twice }) => `offered ${times} times, ${twice} answered twice`),
  ...(account.inHand === 0 && ends === account.received
    ? []
    : [`of ${account.received} received ${ends} ended, ${account.inHand} are in hand`]),
  ...(sessions.identifies === 1 && sessions.resumes === 0 ? [] : [`a session was lost: ${JSON.stringify(sessions)}`]),
];
const round = (ms: number): number => Math.round(ms * 10) / 10;
const result = {
  can: Math.round(can),
  best: Math.round(best),
  cpuUs,
  calm: { rate: CALM_RATE, p50Ms: round(calm.p50Ms), p99Ms: round(calm.p99Ms) },
  floods: rows,
  account,
  sessions,
  failed,
};
const lines = [
  `can do ${result.can} messages a second, ${cpuUs ?? '?'} us each; at ${CALM_RATE} a second p50 ${result.calm.p50Ms} ms, p99 ${result.calm.p99Ms} ms`,
  ...rows.map(
    (row) =>
      `offered ${row.offered} a second: ${row.goodput} answered while it could run (${row.share} of the best, ${row.cpuUs ?? '?'} us each); ${row.read} read, ${row.answered} answered`,
  ),
  failed.length === 0 ? 'flat, whole, one session' : failed.join('\n'),
];
process.stdout.write(`${isJson ? JSON.stringify(result) : lines.join('\n')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
