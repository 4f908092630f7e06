import { Command } from 'commander';
import { fold } from '../actors/fold/fold.js';
import { type Journal, JournalError } from '../actors/ports.js';
import { type OptionChanges, whatIf } from '../actors/whatIf/whatIf.js';
import { topology } from '../actors/wiring/topology.js';
import { storeOf } from '../adapters/journal/storeOf.js';
import { exitCodes } from '../base/exitCodes.js';
import { complain, tell } from '../base/terminal.js';
import { configTextsFor, type Problem } from '../config/configTexts.js';
import { OptionSettings, optionDefaults } from '../config/optionValues.js';
import { type Extent, extentOf, placeOf, UsageError } from './replay/place.js';
import { actorOf, actorsOf, actorsText, actorText } from './replay/showState.js';
import { whatIfText } from './replay/showWhatIf.js';
import { replayTextsFor } from './replay/texts.js';
import { verificationText, verify } from './replay/verify.js';
import { progressBar } from './words/progressBar.js';
import { journalErrorText } from './words/startErrors.js';

/**
 * `npm run replay -- --journal FILE [--at SEQ|TIME] [--actor ID] [--verify] [--json]`: the state of every actor at any
 * point; `--verify` folds from the first record and compares every step and effect (exit 1 at a difference);
 * `--set NAME=VALUE … [--from SEQ|TIME] [--to SEQ|TIME]`: what other options would have done. docs/REPLAY.md.
 */
const locale = process.env.KINTSUGI_LOCALE === 'zh' ? 'zh' : 'en';
const texts = replayTextsFor(locale);
const program = new Command('replay')
  .description(texts.help.program)
  .requiredOption('--journal <file>', texts.help.journal)
  .option('--at <seq|time>', texts.help.at)
  .option('--actor <id>', texts.help.actor)
  .option('--verify', texts.help.verify, false)
  .option('--set <name=value>', texts.help.set, (value: string, all: string[]) => [...all, value], [] as string[])
  .option('--from <seq|time>', texts.help.from)
  .option('--to <seq|time>', texts.help.to)
  .option('--json', texts.help.json, false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
interface Asked {
  readonly journal: string;
  readonly at?: string;
  readonly actor?: string;
  readonly verify: boolean;
  readonly set: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly json: boolean;
}
const asked = program.opts<Asked>();

const DIFFERENT = 1;
const print = (result: object, text: () => string): void => tell(asked.json ? JSON.stringify(result) : text());

// A reader that has seen enough (head, less) closes the pipe: the verdict in the exit code stays.
process.stdout.on('error', () => undefined);

async function main(): Promise<number> {
  const isWhatIf = asked.set.length > 0;
  for (const [one, isGiven, other, isOther] of [
    ['--set', isWhatIf, '--verify', asked.verify],
    ['--set', isWhatIf, '--at', asked.at !== undefined],
    ['--set', isWhatIf, '--actor', asked.actor !== undefined],
    ['--from', asked.from !== undefined, '--verify', asked.verify],
    ['--actor', asked.actor !== undefined, '--verify', asked.verify],
  ] as const)
    if (isGiven && isOther) throw new UsageError(texts.notTogether(one, other));
  const changes = isWhatIf ? readChanges(asked.set) : null;
  if (changes === null && isWhatIf) return exitCodes.configuration;
  const journal = await storeOf(asked.journal).openReader();
  try {
    const extent = await extentOf(journal, texts);
    if (changes) return await tellWhatIf(journal, extent, changes);
    const upTo = asked.at === undefined ? extent.last.seq : await placeOf('--at', asked.at, journal, extent, texts);
    return asked.verify ? await tellVerification(journal, extent, upTo) : await tellState(journal, extent, upTo);
  } finally {
    await journal.close();
  }
}

/** null: something is wrong with them, and has been told. */
function readChanges(sets: readonly string[]): OptionChanges | null {
  const problems: Problem[] = [];
  const settings = new OptionSettings(problems);
  for (const text of sets) settings.setText(text);
  for (const problem of problems) complain(problem(configTextsFor(locale)));
  if (problems.length > 0) return null;
  const names = [...optionDefaults.keys()].filter((name) => settings.isSet(name));
  return Object.fromEntries(names.map((name) => [name, settings.get(name)]));
}

async function tellState(journal: Journal, { first }: Extent, upTo: number): Promise<number> {
  const bar = progressBar(texts.folding);
  const onProgress = (seq: number): void => bar.update((seq - first.seq) / Math.max(1, upTo - first.seq));
  const { state, records, divergence } = await fold(journal, topology, { upTo, onProgress });
  bar.end();
  const head = { seq: state.seq, at: new Date(state.at).toISOString(), epoch: state.epoch, records, divergence };
  if (asked.actor !== undefined) {
    const actor = actorOf(state, asked.actor, texts);
    print({ ...head, actor }, () => actorText(actor, texts));
    return exitCodes.drained;
  }
  const actors = actorsOf(state);
  print({ ...head, actors }, () => actorsText(actors, state, texts));
  return exitCodes.drained;
}

async function tellVerification(journal: Journal, { first }: Extent, upTo: number): Promise<number> {
  const bar = progressBar(texts.verifying);
  const onProgress = (seq: number): void => bar.update((seq - first.seq) / Math.max(1, upTo - first.seq));
  const { at, ...verification } = await verify(journal, upTo, onProgress);
  bar.end();
  const { divergence } = verification;
  const verified = divergence === null;
  print({ ...verification, at: new Date(at).toISOString(), verified }, () =>
    verificationText({ ...verification, at }, texts),
  );
  return verified ? exitCodes.drained : DIFFERENT;
}

async function tellWhatIf(journal: Journal, extent: Extent, set: OptionChanges): Promise<number> {
  const placed = async (option: '--from' | '--to', text: string | undefined): Promise<number | undefined> =>
    text === undefined ? undefined : placeOf(option, text, journal, extent, texts);
  const [from, to] = [await placed('--from', asked.from), await placed('--to', asked.to)];
  const bar = progressBar(texts.comparing);
  const result = await whatIf(journal, topology, {
    set,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    onProgress: (done) => bar.update(done),
  });
  bar.end();
  print(result, () => whatIfText(result, texts));
  return exitCodes.drained;
}

main()
  .then((code) => {
    process.exitCode = code;
  })
  .catch((error: unknown) => {
    complain(error instanceof JournalError ? journalErrorText(error, locale) : (error as Error).message);
    if (error instanceof UsageError || error instanceof RangeError) process.exitCode = exitCodes.usage;
    else process.exitCode = error instanceof JournalError ? exitCodes.held : exitCodes.internal;
  });
