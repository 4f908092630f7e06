import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  type Checkpoint,
  type Journal,
  JournalError,
  type JournalPosition,
  type Record,
} from '../../../actors/ports.js';
import { isRecord } from '../records/recordShape.js';
import { EXPORT_FORMAT, type ExportEnd, type ExportHeader } from './exportJournal.js';

/** Records between two remembered places of the file. */
const MARK_EVERY = 200;
const CHUNK = 1 << 20;
/** A longer line is no record of ours. */
export const EXPORT_LINE_MAX = 64 * 1024 * 1024;

/**
 * An exported stretch as a journal that can only be read. Reads the file once to see that it is whole; then only what
 * is asked for. `checkpoint` gives the state before its first record. Fails with JOURNAL_NOT_OURS, JOURNAL_NEWER,
 * JOURNAL_CORRUPT; `beginEpoch` and `append` with JOURNAL_UNWRITABLE.
 */
export async function openExportedJournal(path: string, onProgress?: (share: number) => void): Promise<Journal> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new JournalError('JOURNAL_NOT_OURS', `${path}: cannot be read (${(cause as Error).message})`, { cause });
  }
  try {
    return new ExportedJournal(path, file, await survey(path, file, onProgress));
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Where every so many records begin. */
interface Survey {
  readonly header: ExportHeader;
  readonly marks: readonly { readonly seq: number; readonly offset: number }[];
  /** First byte after the last record. */
  readonly end: number;
}

async function survey(path: string, file: FileHandle, onProgress?: (share: number) => void): Promise<Survey> {
  const { size } = await file.stat();
  const digest = createHash('sha256');
  const marks: { seq: number; offset: number }[] = [];
  let header: ExportHeader | null = null;
  let end: ExportEnd | null = null;
  let [next, offset, endOffset] = [0, 0, 0];
  for await (const line of linesOf(path, file, 0)) {
    const text = line.toString('utf8');
    if (end) throw corrupt(path, `there is something after its end`);
    if (!header) {
      header = headerOf(path, text);
      next = header.from;
    } else if (next > header.to) {
      end = parse<ExportEnd>(path, text, 'its end');
      endOffset = offset;
    } else {
      if (
        !text.startsWith(`{"seq":${next},`) &&
        parse<{ seq?: unknown } | null>(path, text, `record ${next}`)?.seq !== next
      )
        throw corrupt(path, `record ${next} is not where it belongs`);
      if ((next - header.from) % MARK_EVERY === 0) marks.push({ seq: next, offset });
      next += 1;
    }
    if (!end) digest.update(line).update('\n');
    offset += line.length + 1;
    onProgress?.(offset / size);
  }
  if (!header) throw new JournalError('JOURNAL_NOT_OURS', `${path}: it is empty`);
  if (!end) throw corrupt(path, `it is cut off after record ${next - 1} of ${header.to}`);
  if (end.kintsugi !== 'end' || end.sha256 !== digest.digest('hex'))
    throw corrupt(path, 'its content is not what its checksum says');
  return { header, marks, end: endOffset };
}

function headerOf(path: string, line: string): ExportHeader {
  const notOurs = `${path}: this file is neither a Kintsugi journal nor an export of one`;
  let header: Partial<ExportHeader> | null;
  try {
    header = JSON.parse(line) as Partial<ExportHeader> | null;
  } catch (cause) {
    throw new JournalError('JOURNAL_NOT_OURS', notOurs, { cause });
  }
  const { kintsugi, format, from, to } = header ?? {};
  if (kintsugi !== 'journal') throw new JournalError('JOURNAL_NOT_OURS', notOurs);
  if (Number(format) > EXPORT_FORMAT) {
    const what = `written by a newer version (export format ${format}, this one reads ${EXPORT_FORMAT})`;
    throw new JournalError('JOURNAL_NEWER', `${path}: ${what}; use that version`);
  }
  if (!Number.isInteger(from) || !Number.isInteger(to) || from! < 1 || to! < from!)
    throw corrupt(path, 'its first line does not say which records it holds');
  return header as ExportHeader;
}

/** The lines from `offset` on, without their ends. */
async function* linesOf(path: string, file: FileHandle, offset: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for (let at = offset; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    let chunk = buffer.subarray(0, bytesRead);
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10)) {
      parts.push(chunk.subarray(0, end));
      yield parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      [parts, length] = [[], 0];
      chunk = chunk.subarray(end + 1);
    }
    parts.push(chunk);
    length += chunk.length;
    if (length > EXPORT_LINE_MAX) throw corrupt(path, `it has a line of more than ${EXPORT_LINE_MAX} bytes`);
  }
  const rest = Buffer.concat(parts);
  if (rest.length > 0) yield rest;
}

class ExportedJournal implements Journal {
  readonly notices: readonly string[] = [];

  constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly survey: Survey,
  ) {}

  async position(): Promise<JournalPosition> {
    const { epoch, to, toAt } = this.survey.header;
    return { epoch, seq: to, at: toAt };
  }
  async beginEpoch(): Promise<number> {
    throw onlyRead(this.path);
  }
  async append(): Promise<void> {
    throw onlyRead(this.path);
  }
  async read(after: number, limit: number): Promise<readonly Record[]> {
    const { header, marks } = this.survey;
    const wanted = Math.max(after + 1, header.from);
    if (wanted > header.to || limit < 1) return [];
    const mark = marks[Math.floor((wanted - header.from) / MARK_EVERY)]!;
    const records: Record[] = [];
    let seq = mark.seq;
    for await (const line of linesOf(this.path, this.file, mark.offset)) {
      if (seq >= wanted) {
        const record = parse<unknown>(this.path, line.toString('utf8'), `record ${seq}`);
        if (!isRecord(record)) throw corrupt(this.path, `record ${seq} does not have the parts of a record`);
        records.push(record);
      }
      if (seq === header.to || records.length === limit) break;
      seq += 1;
    }
    return records;
  }
  async checkpoint(upTo = Number.MAX_SAFE_INTEGER): Promise<Checkpoint | null> {
    const { checkpoint } = this.survey.header;
    if (!checkpoint || checkpoint.seq > upTo) return null;
    return { seq: checkpoint.seq, at: checkpoint.at, parts: new Map(Object.entries(checkpoint.parts)) };
  }
  async tidy(): Promise<void> {}
  assertThere(): void {}
  async close(): Promise<void> {
    await this.file.close();
  }
}

/** Why an export is not written to. */
export function onlyRead(path: string): JournalError {
  const hint = 'import it into a file of its own: npm run journal -- import FILE --into NEW';
  return new JournalError('JOURNAL_UNWRITABLE', `${path}: an export can only be read; ${hint}`);
}

function parse<T>(path: string, text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw corrupt(path, `${what} is not JSON`, cause);
  }
}

function corrupt(path: string, what: string, cause?: unknown): JournalError {
  return new JournalError('JOURNAL_CORRUPT', `${path}: ${what}; export the records again`, { cause });
}
