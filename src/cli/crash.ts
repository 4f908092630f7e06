import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../base/exitCodes.js';
import { complain, tell as say } from '../base/terminal.js';
import { createSimulator } from '../simulator/createSimulator.js';
import { Company } from './crash/company.js';
import { Harness } from './crash/harness.js';
import { toldInVain } from './crash/page.js';
import { brokenPromises, type CrashResult, judgeAll, percentile, restartMaxMs } from './crash/verdict.js';
import { endWithOutput } from './words/endWithOutput.js';
import { examine, type JournalFindings } from './world/judge.js';

/** `npm run crash -- --kills N [--seed N] [--json]` (docs/CRASH.md) */
const program = new Command('crash')
  .description('Kills the bot with SIGKILL, again and again, restarts it, and counts by the ledger of the platform')
  .option('--kills <n>', 'how often', whole, 20)
  .option('--seed <n>', 'decides moments, messages and faults', whole, 1)
  .option('--json', 'print one JSON object', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
const { kills, seed, json } = program.opts<{ kills: number; seed: number; json: boolean }>();

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('it must be a whole number >= 0');
  return value;
}

let told = 0;
function tell(killed: number, messages: number): void {
  if (json || killed - told < 10) return;
  told = killed;
  say(`${killed} kills, ${messages} messages`);
}

function resultOf(
  harness: Harness,
  company: Company,
  findings: JournalFindings,
  pageInVain: number,
): { result: CrashResult; lostIds: readonly string[] } {
  const { lostIds, ...verdicts } = judgeAll(harness.workload.sent, findings.ends);
  const { restartsMs, handshakesMs, kinds, killed, onWireAtKills } = harness;
  const { callsCutOff, deadlinesMoved, killsWhileOpen, divergence, records, lives } = findings;
  const result = {
    killed,
    ...verdicts,
    inFlightAtKills: callsCutOff,
    onWireAtKills,
    pagesAtKills: company.atKills.pages,
    operationsAtKills: company.atKills.operations,
    readingsAtKills: company.atKills.readings,
    externalsAtKills: company.atKills.externals,
    uploadsAtKills: company.atKills.uploads,
    readingsFailed: company.readingsFailed,
    pageRecords: company.page.told.size,
    pageInVain,
    restartMsP50: percentile(restartsMs, 0.5),
    restartMsP99: percentile(restartsMs, 0.99),
    restartMsMax: Math.max(0, ...restartsMs),
    restartMaxMs: restartMaxMs(harness.loadPerCore),
    handshakeMsP50: percentile(handshakesMs, 0.5),
    handshakeMsP99: percentile(handshakesMs, 0.99),
    kinds,
    deadlinesMoved,
    killsWhileOpen,
    records,
    lives,
    divergence,
    seed,
  };
  return { result, lostIds };
}

const folder = mkdtempSync(join(tmpdir(), 'kintsugi-crash-'));
const journalPath = join(folder, 'bot.db');
const simulator = await createSimulator({ seed });
const company = await Company.gather(journalPath, () => simulator.inFlight('files'));
const harness = new Harness(simulator, company, journalPath, kills, seed, tell);
let code: number = exitCodes.internal;
// Whoever stops the harness does not want its bot to go on.
process.once('exit', () => {
  harness.stop();
  company.close();
});
endWithOutput();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(exitCodes.internal));
try {
  await harness.run();
  const findings = await examine(journalPath);
  const { result, lostIds } = resultOf(harness, company, findings, await toldInVain(company.page, journalPath));
  const broken = brokenPromises(result, findings);
  for (const promise of broken) complain(promise);
  if (lostIds.length > 0) complain(`lost: ${lostIds.slice(0, 20).join(' ')}`);
  const lines = Object.entries(result).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  say(json ? JSON.stringify(result) : lines.join('\n'));
  if (broken.length === 0) code = exitCodes.drained;
  else complain(`not good; run it again with --seed ${seed}`);
} catch (error) {
  complain(`${(error as Error).message} (seed ${seed})`);
} finally {
  harness.stop();
  company.close();
  await simulator.close();
  if (code === exitCodes.drained) rmSync(folder, { recursive: true, force: true });
  else complain(`the journal is kept: ${journalPath}`);
}
process.exit(code);
