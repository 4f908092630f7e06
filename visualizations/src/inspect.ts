import { Command, InvalidArgumentError } from 'commander';
import { JournalError } from '../../src/actors/ports.js';
import { operatorTokenFile } from '../../src/adapters/operator/http/operatorToken.js';
import { exitCodes } from '../../src/base/exitCodes.js';
import { complain } from '../../src/base/terminal.js';
import { endWithOutput } from '../../src/cli/words/endWithOutput.js';
import { journalErrorText } from '../../src/cli/words/startErrors.js';
import { InspectError } from './inspectError.js';
import { inspectLocale, inspectTexts } from './inspectTexts.js';

/**
 * `npm run inspect -- [--journal FILE | --url http://127.0.0.1:7070] [--port N] [--json]`: the inspector's page; with
 * `--xstate` and `--stately` a feed for the viewers of others instead (docs/INSPECTOR.md).
 */
const port = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('it must be a port number, 0 to 65535 (0: any)');
  return value;
};
const origin = (text: string, all: readonly string[]): readonly string[] => {
  if (!URL.canParse(text) || new URL(text).origin !== text)
    throw new InvalidArgumentError('it must be an origin, such as https://stately.ai');
  return [...all, text];
};
const address = (text: string): string => {
  const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!isHttp) throw new InvalidArgumentError(inspectTexts().badUrl(text));
  return text.replace(/\/+$/, '');
};
const program = new Command('inspect')
  .description('Shows a bot: what it does now, and what it did')
  .option('--journal <file>', 'a journal or an exported stretch, of a bot that runs or is gone')
  .option('--url <address>', 'a running bot (default: http://127.0.0.1:7070)', address)
  .option('--xstate', 'a feed for viewers of @xstate/inspect', false)
  .option('--stately', "a feed for Stately's inspector (@statelyai/inspect)", false)
  .option('--port <n>', 'port to listen on; 0: any (default: 7072; 8888 with --xstate, 8889 with --stately)', port)
  .option('--stately-port <n>', 'port of --stately beside --xstate; 0: any (default: 8889)', port)
  .option('--allow-actions', 'events from viewers go to the bot as operator actions', false)
  .option('--token-file <file>', "the bot's operator token (default: JOURNAL.operator-token)")
  .option('--origin <origin>', 'a page that may attach besides loopback and stately.ai; may be repeated', origin, [])
  .option('--json', 'print one JSON object when it listens', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
interface Flags {
  readonly journal?: string;
  readonly url?: string;
  readonly xstate: boolean;
  readonly stately: boolean;
  readonly port?: number;
  readonly statelyPort?: number;
  readonly allowActions: boolean;
  readonly tokenFile?: string;
  readonly origin: readonly string[];
  readonly json: boolean;
}

async function main(flags: Flags): Promise<number> {
  const { journal, url, json } = flags;
  const where = { ...(journal === undefined ? {} : { journal }), ...(url === undefined ? {} : { url }) };
  const ending = new AbortController();
  endWithOutput(() => ending.abort());
  process.once('SIGINT', () => ending.abort());
  process.once('SIGTERM', () => ending.abort());
  if (!flags.xstate && !flags.stately) {
    refuseBridgeFlags(flags);
    const { runInspector } = await import('./server/runInspector.js');
    return runInspector({
      ...where,
      ...(flags.port === undefined ? {} : { port: flags.port }),
      json,
      signal: ending.signal,
    });
  }
  const { runBridges } = await import('./bridges/runBridges.js');
  const statelyPort = (flags.xstate ? flags.statelyPort : (flags.statelyPort ?? flags.port)) ?? 8889;
  return runBridges({
    ...where,
    url: url ?? 'http://127.0.0.1:7070',
    xstate: flags.xstate ? (flags.port ?? 8888) : null,
    stately: flags.stately ? statelyPort : null,
    tokenFile: tokenFileOf(flags),
    origins: flags.origin,
    json,
    signal: ending.signal,
  });
}

/** What means nothing for the inspector's page is not ignored in silence. */
function refuseBridgeFlags({ allowActions, tokenFile, statelyPort, origin }: Flags): void {
  const given = [
    ['--allow-actions', allowActions],
    ['--token-file', tokenFile !== undefined],
    ['--stately-port', statelyPort !== undefined],
    ['--origin', origin.length > 0],
  ] as const;
  for (const [flag, isGiven] of given)
    if (isGiven) throw new InspectError(inspectTexts().needsBridge(flag), exitCodes.usage);
}

function tokenFileOf({ allowActions, tokenFile, journal }: Flags): string | null {
  if (!allowActions) return null;
  if (tokenFile === undefined && journal === undefined)
    throw new InspectError(inspectTexts().whichToken, exitCodes.usage);
  return tokenFile ?? operatorTokenFile(journal!);
}

main(program.opts<Flags>())
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    complain(error instanceof JournalError ? journalErrorText(error, inspectLocale()) : (error as Error).message);
    const held = error instanceof JournalError ? exitCodes.held : exitCodes.internal;
    process.exit(error instanceof InspectError ? error.exitCode : held);
  });
