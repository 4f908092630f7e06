import { Command, InvalidArgumentError } from 'commander';
import { JournalError } from '../actors/ports.js';
import { fold } from '../actors/recovery.js';
import { topology } from '../actors/topology.js';
import { openSqliteJournal } from '../adapters/journal/sqliteJournal.js';
import { exitCodes } from '../exitCodes.js';

/**
 * `npm run replay -- --journal FILE [--at SEQ] [--verify] [--json]`: the state of every actor at any record; `--verify`
 * folds from the first record and compares every step and effect, byte for byte (exit 1 at a difference).
 */
const program = new Command('replay')
  .description('Folds a journal to any point; reads beside a running bot')
  .requiredOption('--journal <file>', 'the journal')
  .option('--at <seq>', 'fold up to this record (default: the last)', seqOf)
  .option('--verify', 'fold from the first record and compare with what was recorded', false)
  .option('--json', 'print one JSON object', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
const {
  journal: path,
  at,
  verify,
  json,
} = program.opts<{ journal: string; at?: number; verify: boolean; json: boolean }>();

function seqOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('it must be a record number >= 1');
  return value;
}

const DIFFERENT = 1;

async function main(): Promise<number> {
  const journal = await openSqliteJournal({ path, readonly: true });
  try {
    const { seq: last } = await journal.position();
    if (at !== undefined && at > last) {
      process.stderr.write(`--at ${at}: the last record is ${last}\n`);
      return exitCodes.usage;
    }
    const started = process.hrtime.bigint();
    const { state, divergence, records } = await fold(journal, topology, {
      fromStart: verify,
      ...(at === undefined ? {} : { upTo: at }),
      onProgress: progress(at ?? last),
    });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const actors = [...state.actors.entries()].map(([id, actor]) => ({
      id,
      machine: actor.machine,
      value: actor.snapshot.value,
      since: new Date(actor.since).toISOString(),
      rule: actor.rule,
    }));
    const rate = Math.round(records / Math.max(seconds, 1e-9));
    const summary = {
      seq: state.seq,
      at: new Date(state.at).toISOString(),
      epoch: state.epoch,
      records,
      rate,
      verified: verify ? divergence === null : null,
      divergence,
    };
    if (json) process.stdout.write(`${JSON.stringify({ ...summary, actors })}\n`);
    else print(summary, actors);
    return divergence ? DIFFERENT : exitCodes.drained;
  } finally {
    await journal.close();
  }
}

function print(
  summary: { [name: string]: unknown },
  actors: readonly { id: string; value: unknown; since: string; rule: string }[],
): void {
  const width = Math.max(8, ...actors.map((actor) => actor.id.length));
  const value = (state: unknown): string => (typeof state === 'string' ? state : JSON.stringify(state));
  const lines = actors.map(
    (actor) => `${actor.id.padEnd(width)}  ${value(actor.value).padEnd(26)} ${actor.rule.padEnd(5)} ${actor.since}`,
  );
  const { divergence, ...rest } = summary as {
    divergence: { seq: number; actor: string; recorded: string; recomputed: string } | null;
  };
  const head = Object.entries(rest)
    .map(([name, part]) => `${name} ${String(part)}`)
    .join('  ');
  const difference = divergence
    ? `\nFirst difference at seq ${divergence.seq}, ${divergence.actor}:\n  recorded:   ${divergence.recorded}\n  recomputed: ${divergence.recomputed}\n`
    : '';
  process.stdout.write(`${[...lines, '', head].join('\n')}\n${difference}`);
}

/** A line on a terminal for what takes longer than a second. */
function progress(last: number): (seq: number) => void {
  const started = Date.now();
  return (seq) => {
    if (json || process.stderr.isTTY !== true || Date.now() - started < 1_000) return;
    process.stderr.write(`\r${seq} of ${last} records${seq >= last ? '\n' : ''}`);
  };
}

main()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(error instanceof JournalError ? exitCodes.held : exitCodes.internal);
  });
