import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Record } from '../actors/ports.js';
import { topology } from '../actors/wiring/topology.js';
import { storeOf } from '../adapters/journal/storeOf.js';
import { exitCodes } from '../base/exitCodes.js';
import { complain, tell as tellResult } from '../base/terminal.js';
import { type BatchResult, type Found, planFor, runBatch, runPlan } from '../testing/simulation/batch.js';
import { keep } from '../testing/simulation/keep.js';
import { shrink } from '../testing/simulation/shrink.js';

/** `npm run simulate -- --seeds A..B --hours H [--shrink] [--out FILE] [--json]` (docs/SIMULATION.md) */
const program = new Command('simulate')
  .description(
    'Whole bots in virtual time, with faults of all kinds; what must always hold is checked after every fact',
  )
  .option('--seeds <a..b>', 'which runs', seedsOf, [1, 20] as const)
  .option('--hours <h>', 'virtual time of each run', hoursOf, 1)
  .option('--shrink', 'look for the shortest schedule that breaks the rule, not only for a quick one', false)
  .option(
    '--out <file>',
    'where the journal of the first violation goes, a file that is not there yet; default: a new one',
  )
  .option('--json', 'print one JSON object', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
interface Asked {
  readonly seeds: readonly [from: number, to: number];
  readonly hours: number;
  readonly shrink: boolean;
  readonly out?: string;
  readonly json: boolean;
}
const asked = program.opts<Asked>();
const QUICK_MS = 20_000;
const LONG_MS = 600_000;
const BROKEN = 1;
const ACTS_TOLD = 30;

function seedsOf(text: string): readonly [number, number] {
  const [, from, to = from] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  if (from === undefined || Number(to) < Number(from)) throw new InvalidArgumentError('it must be like 1..200');
  return [Number(from), Number(to)];
}
function hoursOf(text: string): number {
  const hours = Number(text);
  if (!(hours > 0 && hours <= 1_000))
    throw new InvalidArgumentError('it must be a number of hours above 0, at most 1000');
  return hours;
}

if (asked.out !== undefined && existsSync(asked.out)) {
  complain(`--out ${asked.out}: there is a file already; name one that is not there`);
  process.exit(exitCodes.usage);
}

const tell = (line: string): void => void complain(line);

/** The first violation as a command, a schedule and a journal. */
async function explain({ world, seed, violation }: Found): Promise<void> {
  tell(`run it again: npm run simulate -- --seeds ${seed}..${seed} --hours ${asked.hours}`);
  const until = Date.now() + (asked.shrink ? LONG_MS : QUICK_MS);
  const shrunk = await shrink({
    plan: planFor(world, seed, asked.hours),
    violation,
    run: async (plan) => (await runPlan(world, plan, { topology })).violation,
    isEnough: () => Date.now() > until,
  });
  const { acts } = shrunk.plan;
  tell(`${acts.length} acts break it (after ${shrunk.runs} runs): ${shrunk.violation.message}`);
  for (const act of acts.slice(-ACTS_TOLD)) tell(`  ${JSON.stringify(act)}`);
  const records: Record[] = [];
  await runPlan(world, shrunk.plan, { topology, onRecord: (record) => void records.push(record) });
  const path = asked.out ?? join(mkdtempSync(join(tmpdir(), 'kintsugi-simulation-')), `seed-${seed}.db`);
  await storeOf(path).make((journal) => keep(records, journal));
  tell(`look at it: npm run inspect -- ${path}`);
}

function summary({ violations, ...result }: BatchResult, realSeconds: number): object {
  const told = violations.map(({ world, seed, violation: { invariant, message } }) => ({
    world,
    seed,
    invariant,
    message,
  }));
  const { seeds, simulatedHours, facts, kills, faults, sometimesMissing } = result;
  return { seeds, simulatedHours, realSeconds, facts, kills, faults, violations: told, sometimesMissing };
}

const [from, to] = asked.seeds;
const begun = Date.now();
const result = await runBatch({
  from,
  to,
  hours: asked.hours,
  topology,
  onViolation: ({ world, seed, violation }) => tell(`seed ${seed} (${world}): ${violation.message}`),
});
const realSeconds = Math.round((Date.now() - begun) / 100) / 10;
const [first] = result.violations;
if (first) await explain(first);
for (const name of result.sometimesMissing) tell(`never happened: ${name}`);
const said = summary(result, realSeconds);
const lines = Object.entries(said).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
tellResult(asked.json ? JSON.stringify(said) : lines.join('\n'));
process.exit(result.violations.length > 0 || result.sometimesMissing.length > 0 ? BROKEN : exitCodes.drained);
