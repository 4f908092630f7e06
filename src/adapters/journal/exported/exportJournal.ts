import { createHash } from 'node:crypto';
import type { Checkpoint, Journal } from '../../../actors/ports.js';
import { version } from '../../../base/version.js';

/** Layout of an export; a higher one is refused. docs/JOURNAL.md has it. */
export const EXPORT_FORMAT = 1;

/** First line of an export. */
export interface ExportHeader {
  readonly kintsugi: 'journal';
  readonly format: number;
  /** The program that wrote it. */
  readonly version: string;
  /** First and last seq. */
  readonly from: number;
  readonly to: number;
  /** Their times, ms. */
  readonly fromAt: number;
  readonly toAt: number;
  /** The life that wrote the last record. */
  readonly epoch: number;
  /**
   * All state after record `from - 1`, so that the stretch can be folded; null when it begins with the first record.
   */
  readonly checkpoint: ExportedCheckpoint | null;
}
/** A checkpoint as JSON. */
export interface ExportedCheckpoint {
  readonly seq: number;
  readonly at: number;
  readonly parts: { readonly [key: string]: unknown };
}
/** Last line: without it the file is not whole. */
export interface ExportEnd {
  readonly kintsugi: 'end';
  readonly records: number;
  /** Places where a secret was taken out. */
  readonly redacted: number;
  /** Of all bytes before this line. */
  readonly sha256: string;
}

/** Gives a text without secrets, and how many were in it. */
export type Redaction = (text: string) => { readonly text: string; readonly count: number };
export interface ExportOptions {
  /** First and last record, both of which exist. */
  readonly from: number;
  readonly to: number;
  readonly checkpoint: Checkpoint | null;
  readonly redact: Redaction;
  readonly onProgress?: (seq: number) => void;
}

const BATCH = 500;

/** The lines of an export, each with its end of line. Throws what `journal.read` throws. */
export async function* exportLines(journal: Journal, options: ExportOptions): AsyncGenerator<string> {
  const { from, to, checkpoint, redact, onProgress } = options;
  const [first] = await journal.read(from - 1, 1);
  const [last] = await journal.read(to - 1, 1);
  if (first?.seq !== from || last?.seq !== to) throw new RangeError(`records ${from} to ${to} are not all there`);
  const digest = createHash('sha256');
  let redacted = 0;
  const line = (value: object): string => {
    const { text, count } = redact(JSON.stringify(value));
    redacted += count;
    digest.update(`${text}\n`);
    return `${text}\n`;
  };
  const header: ExportHeader = {
    kintsugi: 'journal',
    format: EXPORT_FORMAT,
    version,
    from,
    to,
    fromAt: first.at,
    toAt: last.at,
    epoch: last.epoch,
    checkpoint: checkpoint && { seq: checkpoint.seq, at: checkpoint.at, parts: Object.fromEntries(checkpoint.parts) },
  };
  yield line(header);
  for (let seq = from - 1; seq < to; ) {
    const batch = await journal.read(seq, Math.min(BATCH, to - seq));
    if (batch.length === 0) throw new RangeError(`record ${seq + 1} is missing`);
    yield batch.map(line).join('');
    seq = batch.at(-1)!.seq;
    onProgress?.(seq);
  }
  const end: ExportEnd = { kintsugi: 'end', records: to - from + 1, redacted, sha256: digest.digest('hex') };
  yield `${JSON.stringify(end)}\n`;
}
