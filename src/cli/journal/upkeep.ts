import type { Verification } from '../../actors/journalStore.js';
import { exitCodes } from '../../base/exitCodes.js';
import { progressBar } from '../words/progressBar.js';
import type { Session } from './environment.js';
import { UsageError } from './telling/records.js';
import { sizeOf } from './telling/times.js';

/** As of `npm run replay -- --verify` at a difference. */
const DAMAGED = 1;

/** Reads everything and tells all that is not as it was written. Gives the exit code. */
export async function verify(session: Session): Promise<number> {
  const { store, screen, texts } = session;
  const startedAt = Date.now();
  const bar = progressBar(texts.reading);
  let found: Verification;
  try {
    found = await store.verify((share) => bar.update(share));
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

/** Moves what no restart needs into the archive. */
export async function compact(session: Session): Promise<void> {
  const { store, screen, texts } = session;
  if ((await store.kind()) === 'export') throw new UsageError(`${store.name}: ${texts.notCompacted}`);
  const bar = progressBar(texts.writing);
  try {
    const done = await store.compact((share) => bar.update(share));
    bar.end();
    if (session.isJson) screen.json(done);
    else screen.write(texts.compacted(done.moved, sizeOf(done.bytesBefore), sizeOf(done.bytesAfter)));
  } finally {
    bar.end();
  }
}
