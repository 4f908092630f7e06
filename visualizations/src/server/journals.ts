import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Journal, JournalError } from '../../../src/actors/ports.js';
import type { Topology } from '../../../src/actors/step/routes.js';
import { exportedStore } from '../../../src/adapters/journal/exported/exportedStore.js';
import type { OpenedJournal, SourceState } from '../protocol.js';
import { RequestError } from './http/parameters.js';
import { JournalIndex } from './index/journalIndex.js';
import { UPLOAD_BYTES_MAX, UPLOADS_MAX } from './serverLimits.js';

/** Where records come from. */
export interface JournalSource {
  readonly journal: Journal;
  /** For the title. */
  readonly name: string;
  readonly kind: 'live' | 'file' | 'upload';
  /** By which a worker can open it for itself. */
  readonly address: string;
  /** How the source is; what the index finds damaged comes on top. */
  state(): SourceState;
  /** Calls back when there may be new records, or the state is another; only while someone watches. */
  watch(changed: () => void): () => void;
  close(): Promise<void>;
}
export interface OpenJournal {
  readonly id: string;
  readonly source: JournalSource;
  readonly index: JournalIndex;
}

/** The journals that are open: the one that the server is for, and uploads. */
export class Journals {
  private readonly open = new Map<string, OpenJournal>();
  private uploads = 0;

  constructor(private readonly topology: Topology) {}

  async add(id: string, source: JournalSource): Promise<OpenJournal> {
    const index = await JournalIndex.open({ journal: source.journal, topology: this.topology });
    const opened = { id, source, index };
    this.open.set(id, opened);
    return opened;
  }
  /** Throws RequestError (404). */
  get(id: string): OpenJournal {
    const opened = this.open.get(id);
    if (!opened) throw new RequestError(404, (texts) => texts.noJournal(id));
    return opened;
  }
  get others(): readonly OpenedJournal[] {
    return [...this.open.values()].filter(({ id }) => id !== 'main').map(describe);
  }

  /**
   * A stretch that was exported, opened beside the others. What is no whole, sound export is refused with what is
   * wrong.
   */
  async upload(name: string, body: AsyncIterable<Buffer>): Promise<OpenedJournal> {
    if (this.open.size > UPLOADS_MAX) throw new RequestError(409, (texts) => texts.uploadsFull(UPLOADS_MAX));
    const folder = await mkdtemp(join(tmpdir(), 'kintsugi-upload-'));
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    const path = join(folder, 'upload.jsonl');
    try {
      await pipeline(body, bounded(), createWriteStream(path, { mode: 0o600 }));
      const journal = await exportedStore(path).openReader();
      this.uploads += 1;
      const close = async (): Promise<void> => {
        await journal.close();
        await remove();
      };
      const source: JournalSource = {
        journal,
        name,
        kind: 'upload',
        address: path,
        state: () => ({ state: 'ok', message: null }),
        watch: () => () => undefined,
        close,
      };
      return describe(await this.add(`upload${this.uploads}`, source));
    } catch (error) {
      await remove();
      if (error instanceof JournalError) throw new RequestError(400, error.message.replaceAll(path, name));
      throw error;
    }
  }
  async remove(id: string): Promise<void> {
    if (id === 'main') throw new RequestError(400, (texts) => texts.mainStays);
    const { index, source } = this.get(id);
    this.open.delete(id);
    await index.close();
    await source.close();
  }
  async close(): Promise<void> {
    for (const { index, source } of this.open.values()) {
      await index.close();
      await source.close();
    }
    this.open.clear();
  }
}

function describe({ id, source, index }: OpenJournal): OpenedJournal {
  return { journal: id, name: source.name, first: index.first, last: index.last };
}

function bounded(): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const isTooLarge = bytes > UPLOAD_BYTES_MAX;
      const limit = UPLOAD_BYTES_MAX / 1024 / 1024;
      done(isTooLarge ? new RequestError(413, (texts) => texts.uploadTooLarge(limit)) : null, chunk);
    },
  });
}
