import { existsSync } from 'node:fs';
import { type Folded, fold } from '../../actors/fold/fold.js';
import type { JournalDescription } from '../../actors/journalStore.js';
import { CheckpointDamage, type Journal } from '../../actors/ports.js';
import { contextOf } from '../../actors/step/reading.js';
import { topology } from '../../actors/wiring/topology.js';
import { operatorTokenFile } from '../../adapters/operator/http/operatorToken.js';
import type { Session } from './environment.js';
import { labelled } from './telling/layout.js';
import { rangeOf, seqBar, withJournal } from './telling/records.js';
import { dateOf, lengthOf, sizeOf } from './telling/times.js';

interface Info extends JournalDescription {
  readonly file: string;
  readonly kind: 'journal' | 'export';
  readonly first: { readonly seq: number; readonly at: number };
  readonly last: { readonly seq: number; readonly at: number };
  readonly records: number;
  readonly bytesPerRecord: number;
  readonly bytesPerAnswered: number | null;
  readonly lives: number;
  readonly machineVersions: Readonly<Record<string, string>> | null;
  readonly checkpoints: {
    readonly count: number;
    readonly newest: { readonly seq: number; readonly at: number } | null;
  };
  readonly messages: object | null;
  readonly deadLetters: number;
  /** The newest part, folded again from the checkpoint before it. */
  readonly head: {
    readonly from: number;
    readonly records: number;
    readonly divergence: Folded['divergence'];
    readonly passedOver: readonly string[];
  };
  readonly notices: readonly string[];
}

/** What a journal holds and how large it is; the newest part is folded again as a check. */
export async function info(session: Session): Promise<void> {
  const found = await withJournal(session, (journal) => gather(session, journal));
  if (session.isJson) session.screen.json(found);
  else print(session, found);
}

async function gather(session: Session, journal: Journal): Promise<Info> {
  const { store, path } = session;
  const { first, last } = await rangeOf(journal, session);
  const checkpoints = await checkpointsOf(journal);
  const bar = seqBar(session.texts.folding, last.seq);
  const {
    state,
    divergence,
    records: folded,
    machineVersions,
    passedOver,
  } = await fold(journal, topology, { checkpointUpTo: last.seq - 1, onProgress: bar.onProgress });
  bar.end();
  const { format, bytes, segments } = await store.describe();
  const records = last.seq - first.seq + 1;
  const intake = contextOf(state.actor('intake'), 'intake');
  const { epoch } = await journal.position();
  const answered = intake?.ended.answered ?? 0;
  return {
    file: path,
    kind: await store.kind(),
    format,
    bytes,
    first: { seq: first.seq, at: first.at },
    last: { seq: last.seq, at: last.at },
    records,
    bytesPerRecord: Math.round(bytes / records),
    bytesPerAnswered: answered > 0 && first.seq === 1 ? Math.round(bytes / answered) : null,
    lives: epoch,
    machineVersions,
    checkpoints,
    segments,
    messages: intake
      ? { received: intake.received, ...intake.ended, inHand: intake.inHand, duplicates: intake.duplicates }
      : null,
    deadLetters: intake?.ended.deadLettered ?? 0,
    head: { from: last.seq - folded + 1, records: folded, divergence, passedOver },
    notices: journal.notices,
  };
}

/** All that are kept, newest first; a damaged one is not counted. */
async function checkpointsOf(journal: Journal): Promise<Info['checkpoints']> {
  let count = 0;
  let newest: Info['checkpoints']['newest'] = null;
  for (let upTo = Number.MAX_SAFE_INTEGER; upTo > 0; ) {
    try {
      const checkpoint = await journal.checkpoint(upTo);
      if (!checkpoint) break;
      newest ??= { seq: checkpoint.seq, at: checkpoint.at };
      count += 1;
      upTo = checkpoint.seq - 1;
    } catch (error) {
      if (!(error instanceof CheckpointDamage)) throw error;
      upTo = error.seq - 1;
    }
  }
  return { count, newest };
}

function print({ screen, texts, path }: Session, found: Info): void {
  const { info: t } = texts;
  const { head, checkpoints, segments, first, last, messages } = found;
  const token = operatorTokenFile(path);
  const rows: [string, string][] = [
    [t.file, found.kind === 'export' ? `${found.file} (${t.exported})` : found.file],
    [t.format, String(found.format)],
    [t.size, `${sizeOf(found.bytes)} (${found.bytes.toLocaleString('en')} B)`],
    [t.records, `${found.records.toLocaleString('en')} (${first.seq} – ${last.seq})`],
    [t.time, texts.infoTime(dateOf(first.at), dateOf(last.at), lengthOf(last.at - first.at))],
    [t.perRecord, String(found.bytesPerRecord)],
    ...(found.bytesPerAnswered === null ? [] : [[t.perAnswered, String(found.bytesPerAnswered)] as [string, string]]),
    [t.lives, String(found.lives)],
    [t.program, versionsText(found.machineVersions) || t.none],
    [
      t.checkpoints,
      checkpoints.newest
        ? texts.infoCheckpoints(
            checkpoints.count,
            checkpoints.newest.seq,
            dateOf(checkpoints.newest.at),
            last.seq - checkpoints.newest.seq,
          )
        : t.none,
    ],
    [t.segments, segments.count > 0 ? texts.infoSegments(segments.count, sizeOf(segments.bytes)) : t.none],
    [
      t.account,
      messages
        ? Object.entries(messages)
            .map(([name, n]) => `${name} ${String(n)}`)
            .join(', ')
        : t.none,
    ],
    [
      t.head,
      head.divergence
        ? screen.red(texts.infoHeadBad(head.divergence.seq, head.divergence.actor))
        : screen.green(texts.infoHeadOk(head.records, head.from)),
    ],
    ...(existsSync(token) ? [[t.tokenFile, token] as [string, string]] : []),
  ];
  screen.write(
    ...labelled(rows, screen),
    ...[...found.notices, ...head.passedOver].map((notice) => screen.yellow(notice)),
  );
}

function versionsText(versions: Info['machineVersions']): string {
  return Object.entries(versions ?? {})
    .map(([machine, version]) => `${machine} ${version.slice(0, 6)}`)
    .join(', ');
}
