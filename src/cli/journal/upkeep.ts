import { existsSync } from 'node:fs';
import { compactJournal } from '../../adapters/journal/compactJournal.js';
import { openExportedJournal } from '../../adapters/journal/exportedJournal.js';
import { isSqlite } from '../../adapters/journal/openJournalFile.js';
import { type Verification, verifyJournal } from '../../adapters/journal/verifyJournal.js';
import { exitCodes } from '../../base/exitCodes.js';
import { progressBar } from '../progressBar.js';
import type { Session } from './environment.js';
import { UsageError } from './records.js';
import { sizeOf } from './times.js';

/** As of `npm run replay -- --verify` at a difference. */
const DAMAGED = 1;

/** Reads everything and tells all that is not as it was written. Gives the exit code. */
export async function verify(session: Session): Promise<number> {
  const { path, screen, texts } = session;
  const startedAt = Date.now();
  const bar = progressBar(texts.reading);
  let found: Omit<Verification, 'format'>;
  try {
    found = isSqlite(path)
      ? await verifyJournal(path, { onProgress: (seq, last) => bar.update(seq / last) })
      : await verifyExport(path, (share) => bar.update(share));
  } finally {
    bar.end();
  }
  const { records, first, last, segments, checkpoints, findings } = found;
  const rate = Math.round((records / Math.max(1, Date.now() - startedAt)) * 1_000);
  if (session.isJson) screen.json({ ...found, whole: findings.length === 0, rate });
  else if (findings.length === 0)
    screen.write(screen.green(texts.verifyOk({ records, first, last, segments, checkpoints, rate })));
  else
    screen.write(
      ...findings.map(({ message }) => screen.red(texts.verifyBad(message))),
      texts.verifyRest(records, findings.length),
    );
  return findings.length === 0 ? exitCodes.drained : DAMAGED;
}

/** Opening it reads it whole; a damaged one is a JournalError that says what is wrong. */
async function verifyExport(path: string, onProgress: (share: number) => void): Promise<Omit<Verification, 'format'>> {
  const stretch = await openExportedJournal(path, onProgress);
  try {
    const [first] = await stretch.read(0, 1);
    const { seq: last } = await stretch.position();
    const from = first?.seq ?? last;
    return { records: last - from + 1, first: from, last, segments: 0, checkpoints: from > 1 ? 1 : 0, findings: [] };
  } finally {
    await stretch.close();
  }
}

/** Moves what no restart needs into the archive. */
export async function compact(session: Session): Promise<void> {
  const { path, screen, texts } = session;
  if (existsSync(path) && !isSqlite(path)) throw new UsageError(`${path}: ${texts.notSqlite}`);
  if (!existsSync(path)) isSqlite(path); // says that there is none; opening it for writing would make one
  const bar = progressBar(texts.writing);
  try {
    const done = await compactJournal(path, { onProgress: (seq, last) => bar.update(seq / last) });
    bar.end();
    if (session.isJson) screen.json(done);
    else screen.write(texts.compacted(done.moved, sizeOf(done.bytesBefore), sizeOf(done.bytesAfter)));
  } finally {
    bar.end();
  }
}
