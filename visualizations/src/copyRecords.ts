import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Journal, Record } from '../../src/actors/ports.js';
import { storeOf } from '../../src/adapters/journal/storeOf.js';
import { exitCodes } from '../../src/base/exitCodes.js';
import { readAnswer } from '../../src/base/unpack.js';
import { InspectError } from './inspectError.js';
import { inspectTexts } from './inspectTexts.js';

/** `lost`: it is tried again. `other`: another journal is at the address now; the copy has ended. */
export type CopyState = 'following' | 'lost' | 'other';
export interface CopyOptions {
  /** The bot, such as http://127.0.0.1:7070. */
  readonly url: string;
  readonly onState?: (state: CopyState, message: string | null) => void;
  /** Told after each batch: the last record here, and the last one there as it was at the beginning. */
  readonly onProgress?: (seq: number, last: number) => void;
  /** First wait before it tries again, ms; doubled up to 20 times that. Default 500. */
  readonly retryMs?: number;
  /**
   * A connection on which nothing comes for so long, not even the answer to a ping, counts as broken, ms. Default
   * 10,000.
   */
  readonly silentMs?: number;
}
export interface CopiedRecords {
  /** The records so far; a file that others may open beside it. */
  readonly journal: Journal;
  readonly path: string;
  /** Resolves when all records that were there at the beginning are here; never, if the bot goes before. */
  readonly caughtUp: Promise<void>;
  follow(onSeq: (seq: number) => void): () => void;
  /** Ends the copy and removes its file. */
  close(): Promise<void>;
}

const BATCH = 1_000;
const ANSWER_MS = 30_000;
/** Bytes of one batch. */
const ANSWER_MAX = 256 * 1024 * 1024;
const RETRY_MS = 500;
const SILENT_MS = 10_000;
const PINGS = 3;
const RETRY_GROWTH_MAX = 20;
const RECORD_MAX = 64 * 1024 * 1024;

/**
 * Copies the records of a running bot into a journal of its own, in a temporary folder that only this user may read,
 * and follows. Resolves when the bot has answered. When it goes away it is asked again, for ever. Fails with
 * InspectError: nobody answers, or what answers is no bot, or its journal does not begin at record 1.
 */
export async function copyRecords(options: CopyOptions): Promise<CopiedRecords> {
  const texts = inspectTexts();
  const first = await records(options.url, 0, BATCH).catch((cause: unknown) => {
    if (cause instanceof InspectError) throw cause;
    throw new InspectError(texts.noBot(options.url), exitCodes.stuck, { cause });
  });
  if (first[0] && first[0].seq !== 1)
    throw new InspectError(texts.beginsLate(options.url, first[0].seq), exitCodes.held);
  const { seq: last = 0 } = (await answer(`${options.url}/healthz`)) as { seq?: number };
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-inspect-'));
  const path = join(folder, 'copy.db');
  const journal = await storeOf(path).openWriter();
  const copy = new Copy(options, journal, await journal.beginEpoch(), Math.max(last, first.at(-1)?.seq ?? 0));
  await copy.append(first);
  const running = copy.run();
  return {
    journal,
    path,
    caughtUp: copy.caughtUp,
    follow: (onSeq) => copy.follow(onSeq),
    async close() {
      copy.stop();
      await running;
      await journal.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

class Copy {
  readonly caughtUp: Promise<void>;
  private resolveCaughtUp: () => void = () => undefined;
  private readonly ending = new AbortController();
  private readonly followers = new Set<(seq: number) => void>();
  private seq = 0;
  private lastId: string | null = null;
  private isLost = false;

  constructor(
    private readonly options: CopyOptions,
    private readonly journal: Journal,
    private readonly epoch: number,
    private readonly lastAtFirst: number,
  ) {
    this.caughtUp = new Promise((resolve) => {
      this.resolveCaughtUp = resolve;
    });
  }

  follow(onSeq: (seq: number) => void): () => void {
    this.followers.add(onSeq);
    return () => void this.followers.delete(onSeq);
  }
  stop(): void {
    this.ending.abort();
  }

  async append(batch: readonly Record[]): Promise<void> {
    const next: Record[] = [];
    for (const record of batch) if (record.seq > (next.at(-1)?.seq ?? this.seq)) next.push(record);
    if (next.length > 0) {
      await this.journal.append(this.epoch, next);
      this.seq = next.at(-1)!.seq;
      this.lastId = next.at(-1)!.id;
      for (const onSeq of this.followers) onSeq(this.seq);
    }
    this.options.onProgress?.(this.seq, this.lastAtFirst);
    if (this.seq >= this.lastAtFirst) this.resolveCaughtUp();
  }

  async run(): Promise<void> {
    const { retryMs = RETRY_MS, url, onState } = this.options;
    for (let failures = 0; !this.ending.signal.aborted; failures += 1) {
      try {
        if (!(await this.isSame())) return onState?.('other', inspectTexts().otherJournal(url));
        await this.fetchAll();
        await this.listen(() => {
          failures = 0;
          this.tellFollowing();
        });
      } catch {
        // whatever it was: the bot is asked again
      }
      if (this.ending.signal.aborted) return;
      if (!this.isLost) onState?.('lost', inspectTexts().lost(url));
      this.isLost = true;
      const growth = Math.min(2 ** failures, RETRY_GROWTH_MAX);
      await wait(retryMs * growth, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
  }

  private tellFollowing(): void {
    this.isLost = false;
    this.options.onState?.('following', null);
  }

  /** A demo world begins a new journal at each start. */
  private async isSame(): Promise<boolean> {
    if (this.lastId === null) return true;
    const [record] = await records(this.options.url, this.seq - 1, 1, this.ending.signal);
    return record?.seq === this.seq && record.id === this.lastId;
  }

  private async fetchAll(): Promise<void> {
    for (;;) {
      const batch = await records(this.options.url, this.seq, BATCH, this.ending.signal);
      await this.append(batch);
      if (batch.length < BATCH || this.ending.signal.aborted) return;
    }
  }

  /** Takes over what comes, until the connection ends. A gap ends it, too: it is filled at the next try. */
  private listen(onOpen: () => void): Promise<void> {
    const socket = new WebSocket(`${this.options.url.replace(/^http/, 'ws')}/records/live?after=${this.seq}`, {
      maxPayload: RECORD_MAX,
      perMessageDeflate: false,
      handshakeTimeout: ANSWER_MS,
    });
    const stop = (): void => socket.terminate();
    const { silentMs = SILENT_MS } = this.options;
    const pings = setInterval(() => socket.readyState === WebSocket.OPEN && socket.ping(), silentMs / PINGS);
    const silence = setTimeout(stop, silentMs);
    for (const sound of ['open', 'pong', 'message'] as const) socket.on(sound, () => void silence.refresh());
    if (this.ending.signal.aborted) stop();
    this.ending.signal.addEventListener('abort', stop);
    let waiting: Record[] = [];
    let writing: Promise<void> | null = null;
    const write = async (): Promise<void> => {
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        await this.append(batch);
      }
      writing = null;
    };
    return new Promise((resolve, reject) => {
      socket.on('open', onOpen);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(pings);
        clearTimeout(silence);
        this.ending.signal.removeEventListener('abort', stop);
        (writing ?? Promise.resolve()).then(resolve, reject);
      });
      socket.on('message', (data) => {
        try {
          waiting.push(recordOf(JSON.parse(String(data))));
          writing ??= write();
          writing.catch(stop);
        } catch {
          stop();
        }
      });
    });
  }
}

async function answer(url: string, ending?: AbortSignal): Promise<unknown> {
  const deadline = AbortSignal.timeout(ANSWER_MS);
  const signal = ending ? AbortSignal.any([ending, deadline]) : deadline;
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return JSON.parse(await readAnswer(response, ANSWER_MAX));
}

async function records(url: string, after: number, limit: number, ending?: AbortSignal): Promise<readonly Record[]> {
  const found = await answer(`${url}/records?after=${after}&limit=${limit}`, ending);
  try {
    return (found as unknown[]).map(recordOf);
  } catch (cause) {
    throw new InspectError(inspectTexts().noRecords(url), exitCodes.held, { cause });
  }
}

/** A record, as far as folding it needs. */
function recordOf(value: unknown): Record {
  const { seq, at, id, epoch, fact, steps, effects } = value as { [key in keyof Record]?: unknown };
  const isRecord =
    Number.isSafeInteger(seq) &&
    Number.isFinite(at) &&
    Number.isSafeInteger(epoch) &&
    typeof id === 'string' &&
    typeof (fact as { type?: unknown } | undefined)?.type === 'string' &&
    Array.isArray(steps) &&
    Array.isArray(effects);
  if (!isRecord) throw new Error('not a record');
  return value as Record;
}
