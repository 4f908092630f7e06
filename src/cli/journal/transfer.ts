import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { checkpointAt } from '../../actors/fold/checkpointAt.js';
import type { Journal, Record } from '../../actors/ports.js';
import { topology } from '../../actors/wiring/topology.js';
import { exportLines } from '../../adapters/journal/exported/exportJournal.js';
import { storeOf } from '../../adapters/journal/storeOf.js';
import { onOneLine } from '../../base/printable.js';
import { type Moment, seqAt } from '../words/moment.js';
import { progressBar } from '../words/progressBar.js';
import type { Session } from './environment.js';
import { rangeOf, seqBar, UsageError, withJournal } from './telling/records.js';

export interface ExportOptions {
  readonly from?: Moment;
  readonly to?: Moment;
  /** The file; left out: standard output. */
  readonly out?: string;
}
const BATCH = 500;

/** Writes a stretch of the journal as JSON lines. A file appears whole or not at all. */
export async function exportStretch(session: Session, options: ExportOptions): Promise<void> {
  const { texts, screen } = session;
  const { out } = options;
  if (out !== undefined && existsSync(out)) throw new UsageError(texts.exportExists(out));
  await withJournal(session, async (journal) => {
    const [from, to] = await stretchOf(session, journal, options);
    const folding = seqBar(texts.folding, from - 1);
    const checkpoint = await checkpointAt(journal, topology, from - 1, folding.onProgress);
    folding.end();
    const bar = progressBar(texts.writing);
    let redacted = 0;
    const redact = (text: string) => {
      const clean = session.redact(text);
      redacted += clean.count;
      return clean;
    };
    const onProgress = (seq: number): void => bar.update((seq - from + 1) / (to - from + 1));
    const lines = exportLines(journal, { from, to, checkpoint, redact, onProgress });
    if (out === undefined) await writeOut(lines);
    else await writeFile(out, lines);
    bar.end();
    if (out === undefined) return;
    if (session.isJson) screen.json({ file: out, from, to, records: to - from + 1, redacted });
    else screen.write(texts.exported(to - from + 1, from, to, out, redacted));
  });
}

async function stretchOf(session: Session, journal: Journal, options: ExportOptions): Promise<[number, number]> {
  const { first, last } = await rangeOf(journal, session);
  const { from = { seq: first.seq }, to = { seq: last.seq } } = options;
  for (const moment of [from, to])
    if ('seq' in moment && (moment.seq < first.seq || moment.seq > last.seq))
      throw new UsageError(session.texts.noRecord(moment.seq, first.seq, last.seq));
  const start = 'seq' in from ? from.seq : Math.max(first.seq, (await seqAt(journal, { at: from.at - 1 })) + 1);
  const end = await seqAt(journal, to);
  if (start > end) throw new UsageError(session.texts.rangeEmpty(String(start), String(end)));
  return [start, end];
}

async function writeOut(lines: AsyncIterable<string>): Promise<void> {
  const isTerminal = process.stdout.isTTY === true; // the same JSON, without power over it
  for await (const line of lines)
    if (!process.stdout.write(isTerminal ? `${onOneLine(line.trimEnd())}\n` : line))
      await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

async function writeFile(path: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${path}.part`;
  const file = openSync(part, 'w', 0o600);
  try {
    for await (const line of lines) writeSync(file, line);
    closeSync(file);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/**
 * Makes a journal of an exported stretch: what it can be replayed, searched and archived as. It appears whole or not at
 * all.
 */
export async function importStretch(session: Session, from: string, into: string): Promise<void> {
  const { texts, screen } = session;
  const [source, target] = [storeOf(from), storeOf(into)];
  if (await target.exists()) throw new UsageError(texts.importExists(into));
  if ((await source.kind()) !== 'export') throw new UsageError(`${from}: ${texts.importNotExport}`);
  const reading = progressBar(texts.reading);
  const stretch = await source.openReader((share) => reading.update(share));
  reading.end();
  const bar = progressBar(texts.writing);
  try {
    const range = await rangeOf(stretch, { ...session, path: from });
    await target.make((journal) => copy(stretch, range, journal, (share) => bar.update(share)));
    bar.end();
    const [first, last] = [range.first.seq, range.last.seq];
    const records = last - first + 1;
    if (session.isJson) screen.json({ file: into, from: first, to: last, records });
    else screen.write(texts.imported(records, first, last, into));
  } finally {
    bar.end();
    await stretch.close();
  }
}

/**
 * The state before its first record, where it has one, and its records, under a life that is no earlier than theirs.
 */
async function copy(
  stretch: Journal,
  { first, last }: { readonly first: Record; readonly last: Record },
  journal: Journal,
  onShare: (share: number) => void,
): Promise<void> {
  let epoch = await journal.beginEpoch();
  while (epoch < last.epoch) epoch = await journal.beginEpoch();
  const base = first.seq > 1 ? await stretch.checkpoint(first.seq - 1) : null;
  if (base) await journal.append(epoch, [], { ...base, complete: true });
  for (let after = first.seq - 1; after < last.seq; after += BATCH) {
    await journal.append(epoch, await stretch.read(after, BATCH));
    onShare((after - first.seq) / (last.seq - first.seq + 1));
  }
}
