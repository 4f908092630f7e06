import { Command } from 'commander';
import { CLIENTS, type Client, versionOf } from './clients.js';
import { Platform } from './platform.js';
import { type Program, run } from './processes.js';
import { type Step, stepsFor, type World } from './steps.js';
import { type Row, renderTable } from './table.js';
import type { Told } from './words.js';

/**
 * `npm run conformance [-- --client NAME] [--json]`: clients written by others, each against a simulator of its own.
 */
const { client: only, json } = new Command('conformance')
  .description('Clients written by others log in, receive and answer on the simulator')
  .option('--client <name>', 'only this one')
  .option('--json', 'the last line is one JSON object', false)
  .parse()
  .opts<{ client?: string; json: boolean }>();

/** The whole run is over by then, whatever hangs. */
const DEADLINE_MS = 110_000;
const programs = new Set<Program>();
process.once('exit', () => {
  for (const { child } of programs) child.kill('SIGKILL');
});
setTimeout(() => {
  process.stderr.write(`conformance: not over after ${DEADLINE_MS} ms\n`);
  process.exit(1);
}, DEADLINE_MS).unref();

async function check(client: Client): Promise<Row[]> {
  const steps = stepsFor(client);
  const version = versionOf(client);
  const rowOf = ({ name: step }: Step, result: Outcome): Row => ({ client: client.name, version, step, ...result });
  let world: World;
  try {
    world = await start(client);
  } catch (error) {
    return [rowOf(steps[0]!, { passed: false, seen: (error as Error).message })];
  }
  const rows: Row[] = [];
  let isIn = true;
  for (const [i, step] of steps.entries()) {
    const result: Outcome = isIn ? await outcome(step, world) : { passed: false, seen: 'it never logged in' };
    if (i === 0) isIn = result.passed;
    rows.push(rowOf(step, result));
  }
  await Promise.all([world.program.stop(), world.platform.program.stop()]);
  return rows;
}

async function start(client: Client): Promise<World> {
  const platform = await Platform.start(client);
  programs.add(platform.program);
  const program = run(client.file, client.args ?? [], client.env(platform.url));
  programs.add(program);
  const told: Told[] = [];
  program.child.on('message', (message) => told.push(message as Told));
  return { client, platform, program, told };
}

interface Outcome {
  readonly passed: boolean;
  readonly seen: string;
}
async function outcome(step: Step, world: World): Promise<Outcome> {
  try {
    return { passed: true, seen: await step.run(world) };
  } catch (error) {
    await world.platform.clearFaults().catch(() => undefined);
    return { passed: false, seen: (error as Error).message };
  }
}

const chosen = CLIENTS.filter(({ name }) => only === undefined || name === only);
if (chosen.length === 0) {
  const names = CLIENTS.map(({ name }) => name).join(', ');
  process.stderr.write(`--client is "${only}"; it must be one of ${names}\n`);
  process.exit(64);
}
const from = performance.now();
const rows = (await Promise.all(chosen.map(check))).flat();
const passed = rows.filter((row) => row.passed).length;
const failed = rows.length - passed;
const durationMs = Math.round(performance.now() - from);
process.stdout.write(
  `${renderTable(rows)}\n${passed} passed, ${failed} failed in ${(durationMs / 1_000).toFixed(1)} s\n`,
);
if (json) process.stdout.write(`${JSON.stringify({ passed, failed, durationMs, rows })}\n`);
process.exit(failed === 0 ? 0 : 1);
