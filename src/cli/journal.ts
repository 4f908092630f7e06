import { Command, InvalidArgumentError } from 'commander';
import { JournalError } from '../actors/ports.js';
import { exitCodes } from '../base/exitCodes.js';
import { complain } from '../base/terminal.js';
import { actor } from './journal/actor.js';
import { deadLetters } from './journal/deadLetters.js';
import {
  createSession,
  localeOf,
  type Session,
  type SessionOptions,
  textsOfEnvironment,
} from './journal/environment.js';
import { info } from './journal/info.js';
import { message } from './journal/message.js';
import { show } from './journal/show.js';
import { tail } from './journal/tail.js';
import { UsageError } from './journal/telling/records.js';
import { exportStretch, importStretch } from './journal/transfer.js';
import { compact, verify } from './journal/upkeep.js';
import { why } from './journal/why.js';
import { type Moment, readMoment } from './words/moment.js';
import { journalErrorText } from './words/startErrors.js';

/** `npm run journal -- COMMAND …`, `npx kintsugi journal COMMAND …`: reads a journal, beside a running bot too. */
const { help } = textsOfEnvironment();
const program = new Command('journal')
  .description(help.program)
  .option('--journal <file>', help.journal)
  .option('--json', help.json)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage));

/** A sub-command with the flags that all have. */
function command(usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--journal <file>', help.journal)
    .option('--json', help.json)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage));
}

/** Runs it, with the flags that stand before its name too; whatever ends it becomes one sentence and an exit code. */
async function run(options: SessionOptions, work: (session: Session) => Promise<unknown>): Promise<void> {
  try {
    const code = await work(createSession({ ...program.opts<SessionOptions>(), ...options }));
    process.exitCode = typeof code === 'number' ? code : exitCodes.drained;
  } catch (error) {
    const known = error instanceof UsageError || error instanceof JournalError;
    if (error instanceof JournalError) complain(journalErrorText(error, localeOf()));
    else complain(known ? error.message : ((error as Error).stack ?? String(error)));
    process.exitCode = error instanceof UsageError ? exitCodes.usage : known ? exitCodes.held : exitCodes.internal;
  }
}

/** A sub-command about a file as a whole, which may be named without a flag. */
function aboutFile(name: string, description: string, work: (session: Session) => Promise<unknown>): void {
  command(name, description)
    .argument('[file]', help.journal)
    .action((file: string | undefined, options: SessionOptions) =>
      run({ ...options, ...(file === undefined ? {} : { journal: file }) }, work),
    );
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('it must be a whole number >= 1');
  return count;
}

function momentOf(text: string): Moment {
  try {
    return readMoment(text, Date.now());
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

aboutFile('info', help.info, info);

command('tail', help.tail)
  .option('-n, --lines <count>', help.lines, countOf, 20)
  .option('-f, --follow', help.follow, false)
  .option('--from <seq|time>', help.from, momentOf)
  .option('--to <seq|time>', help.to, momentOf)
  .action((options: SessionOptions & { lines: number; follow: boolean; from?: Moment; to?: Moment }) =>
    run(options, (session) => tail(session, options)),
  );

command('show', help.show)
  .argument('<seq>', help.seq, countOf)
  .action((seq: number, options: SessionOptions) => run(options, (session) => show(session, seq)));

command('actor', help.actor)
  .argument('<id>', help.actorId)
  .option('-c, --changes', help.changes, false)
  .option('-n, --lines <count>', help.actorLines, countOf)
  .action((id: string, options: SessionOptions & { changes: boolean; lines?: number }) =>
    run(options, (session) => actor(session, id, options)),
  );

command('message', help.message)
  .argument('<id>', help.messageId)
  .action((id: string, options: SessionOptions) => run(options, (session) => message(session, id)));

command('why', help.why)
  .argument('<actor[@seq]>', help.whyActor)
  .action((text: string, options: SessionOptions) => run(options, (session) => why(session, text)));

command('dead-letters', help.deadLetters)
  .option('--retry <id>', help.retry)
  .option('--url <address>', help.url)
  .action((options: SessionOptions & { retry?: string }) =>
    run(options, (session) => deadLetters(session, options.retry)),
  );

command('export', help.export)
  .option('--from <seq|time>', help.exportFrom, momentOf)
  .option('--to <seq|time>', help.exportTo, momentOf)
  .option('--out <file>', help.out)
  .action((options: SessionOptions & { from?: Moment; to?: Moment; out?: string }) =>
    run(options, (session) => exportStretch(session, options)),
  );

command('import', help.import)
  .argument('<file>', help.importFile)
  .requiredOption('--into <file>', help.into)
  .action((file: string, options: SessionOptions & { into: string }) =>
    run(options, (session) => importStretch(session, file, options.into)),
  );

aboutFile('verify', help.verify, verify);

aboutFile('compact', help.compact, compact);

// A reader that has seen enough (head, less) closes the pipe: no error.
process.stdout.on('error', (error: { code?: string }) =>
  process.exit(error.code === 'EPIPE' ? exitCodes.drained : exitCodes.internal),
);
await program.parseAsync();
