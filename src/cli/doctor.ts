import { Command } from 'commander';
import { intentsOf } from '../adapters/qq/wire/intents.js';
import { exitCodes } from '../base/exitCodes.js';
import { complain, tell } from '../base/terminal.js';
import { runDoctor } from './doctor/runDoctor.js';
import { setOption } from './words/setOption.js';

/**
 * `npm run doctor [-- --set NAME=VALUE …] [--json]`: checks configuration, QQ, journal and port, one line each, with
 * what to do. Exit codes: 0 nothing failed, 78 the configuration is wrong, 77 QQ refuses, 75 not reachable or in use.
 */
const program = new Command('doctor')
  .description('Checks whether a bot could run here, and says what to do if not')
  .addOption(setOption())
  .option('--json', 'print one JSON object as the last line', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
const { set, json } = program.opts<{ set: string[]; json: boolean }>();

// A reader that has seen enough (head, less) closes the pipe: the verdict in the exit code stays.
process.stdout.on('error', () => undefined);

try {
  const { code, ...report } = await runDoctor({
    sources: {
      env: process.env,
      cwd: process.cwd(),
      sets: set,
      isTTY: process.stdout.isTTY === true,
      parseIntents: intentsOf,
    },
    print: (line) => tell(line),
  });
  if (json) tell(JSON.stringify(report));
  process.exitCode = code;
} catch (error) {
  complain((error as Error).stack ?? String(error));
  process.exitCode = exitCodes.internal;
}
