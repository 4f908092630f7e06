import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { Record } from '../../../src/actors/ports.js';
import type { ActorState } from '../../../src/actors/step/state.js';
import { superviseWebSocket } from '../../../src/base/servers/webSockets.js';
import {
  LIVE_ACTORS_MAX,
  LIVE_ALIVE_MS,
  LIVE_BACKLOG_MAX,
  LIVE_EVERY_MS,
  LIVE_RECORDS_MAX,
  type LiveMessage,
  type LiveRecords,
  type RecordSummary,
} from '../protocol.js';
import { viewOf } from './answers/moment.js';
import { parse, schemas } from './http/parameters.js';
import { summaryOf } from './index/readRecord.js';
import type { Traced } from './index/trace.js';
import type { Journals, OpenJournal } from './journals.js';
import { WATCHER_BYTES_MAX, WATCHERS_MAX } from './serverLimits.js';

const TRY_LATER = 1013;
const INDEXING_MS = 500;
/** What was missed is read again when more has come meanwhile; past this many times it is a gap. */
const MISSED_TRIES = 5;

/**
 * `WS /api/live`: what happens, to those who watch. While nobody does, nothing is prepared and the source is not
 * watched.
 */
export function addLiveFeed(app: FastifyInstance, journals: Journals): () => void {
  const feeds = new Map<OpenJournal, Feed>();
  let watchers = 0;
  app.get('/api/live', { websocket: true }, (socket, request) => {
    superviseWebSocket(socket, WATCHER_BYTES_MAX);
    try {
      const { journal, after } = parse(schemas.live, request.query);
      if (watchers >= WATCHERS_MAX) return socket.close(TRY_LATER, `at most ${WATCHERS_MAX} watchers`);
      const opened = journals.get(journal);
      const feed = feeds.get(opened) ?? new Feed(opened);
      feeds.set(opened, feed);
      watchers += 1;
      socket.on('close', () => {
        watchers -= 1;
        if (feed.remove(socket)) feeds.delete(opened);
      });
      void feed.add(socket, after);
    } catch (error) {
      socket.close(1008, (error as Error).message.slice(0, 120));
    }
  });
  return () => {
    for (const feed of feeds.values()) feed.close();
  };
}

/** What happens in one journal, batched. A watcher that is too slow is closed; it may come again where it stopped. */
export class Feed {
  /** All of them, and those that have been told where they begin. */
  private readonly watchers = new Set<WebSocket>();
  private readonly sockets = new Set<WebSocket>();
  private readonly stops: (() => void)[];
  private batch = new Batch();
  private timer: NodeJS.Timeout | null = null;
  private told = '';
  private readonly timers: readonly NodeJS.Timeout[];

  constructor(private readonly opened: OpenJournal) {
    const { index, source } = opened;
    this.stops = [
      index.subscribe((record, traced) => this.take(record, traced)),
      source.watch(() => {
        this.tellSource();
        void index.advance().catch(() => undefined);
      }),
    ];
    this.timers = [
      setInterval(() => this.tellIndexing(), INDEXING_MS).unref(),
      setInterval(() => this.tell({ type: 'alive' }), LIVE_ALIVE_MS).unref(),
    ];
  }

  /** From where it stopped, or from now on. */
  async add(socket: WebSocket, after: number | undefined): Promise<void> {
    const { index } = this.opened;
    this.watchers.add(socket);
    await index.advance().catch(() => undefined);
    await index.caughtUp(200);
    let missed: readonly Record[] = [];
    if (after !== undefined && index.taken.seq - after <= LIVE_BACKLOG_MAX) missed = await this.missedSince(after);
    if (!this.watchers.has(socket)) return; // gone meanwhile
    // From here on nothing is waited for: what it is told joins without a hole.
    this.flush();
    const { seq, at } = index.taken;
    send(socket, { type: 'hello', seq, at, now: Date.now() });
    this.sockets.add(socket);
    if (after === undefined || after >= seq) return;
    if (missed.at(-1)?.seq !== seq) return send(socket, { type: 'gap', seq });
    const records = missed.map((record) => summaryOf(record));
    // Which actors are others than they were is not known from the records alone: the page asks for the moment.
    const told = { type: 'records', from: after + 1, to: seq, at, now: Date.now(), records } as const;
    send(socket, { ...told, hops: [], changed: [], ended: [], isPartial: true });
  }
  /** The newest records after `after`, up to what is taken in; more may come while they are read. */
  private async missedSince(after: number): Promise<readonly Record[]> {
    const { index } = this.opened;
    for (let tries = 0; tries < MISSED_TRIES; tries += 1) {
      const { seq } = index.taken;
      const from = Math.max(after, seq - LIVE_RECORDS_MAX);
      const records = await index.reading.read(from, seq - from);
      if (index.taken.seq === seq) return records;
    }
    return [];
  }
  /** True when it was the last one. */
  remove(socket: WebSocket): boolean {
    this.sockets.delete(socket);
    this.watchers.delete(socket);
    if (this.watchers.size > 0) return false;
    this.close();
    return true;
  }
  close(): void {
    for (const stop of this.stops.splice(0)) stop();
    for (const timer of this.timers) clearInterval(timer);
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    for (const socket of this.watchers) socket.close(1001, 'the server ends');
    this.sockets.clear();
    this.watchers.clear();
  }

  private take(record: Record, traced: Traced): void {
    this.batch.take(record, traced);
    // The first of a burst goes at once, with what comes along with it.
    const sinceMs = performance.now() - this.flushedAt;
    this.timer ??= setTimeout(() => this.flush(), Math.max(1, LIVE_EVERY_MS - sinceMs));
  }
  private flushedAt = 0;
  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.flushedAt = performance.now();
    const message = this.batch.message();
    this.batch = new Batch();
    if (message) this.tell(message);
  }
  private tellSource(): void {
    const state = this.opened.source.state();
    if (JSON.stringify(state) === this.told) return;
    if (this.told !== '' || state.state !== 'ok' || state.message !== null) this.tell({ type: 'source', ...state });
    this.told = JSON.stringify(state);
  }
  private wasIndexing = true;
  private tellIndexing(): void {
    const { indexing } = this.opened.index;
    if (!this.wasIndexing) return;
    this.wasIndexing = indexing.done < indexing.of;
    this.tell({ type: 'indexing', ...indexing });
  }
  private tell(message: LiveMessage): void {
    const text = JSON.stringify(message);
    for (const socket of this.sockets) {
      if (socket.bufferedAmount > WATCHER_BYTES_MAX) socket.close(TRY_LATER, 'too slow');
      else if (socket.readyState === socket.OPEN) socket.send(text);
    }
  }
}

/** What one message tells. */
class Batch {
  private from = 0;
  private last: { readonly record: Record; readonly traced: Traced } | null = null;
  private records: RecordSummary[] = [];
  private readonly actors = new Map<string, ActorState | null>();

  take(record: Record, traced: Traced): void {
    if (this.from === 0) this.from = record.seq;
    this.last = { record, traced };
    this.records.push(summaryOf(record));
    if (this.records.length > 2 * LIVE_RECORDS_MAX) this.records = this.records.slice(-LIVE_RECORDS_MAX);
    for (const [id, actor] of traced.changes.actors) {
      this.actors.delete(id);
      this.actors.set(id, actor);
    }
  }
  message(): LiveRecords | null {
    if (!this.last) return null;
    const { record, traced } = this.last;
    const newest = [...this.actors].reverse();
    const changed = newest.flatMap(([id, actor]) => (actor ? [viewOf(id, actor)] : []));
    const ended = newest.flatMap(([id, actor]) => (actor ? [] : [id]));
    return {
      type: 'records',
      from: this.from,
      to: record.seq,
      at: record.at,
      now: Date.now(),
      records: this.records.slice(-LIVE_RECORDS_MAX),
      hops: traced.hops,
      changed: changed.slice(0, LIVE_ACTORS_MAX),
      ended: ended.slice(0, LIVE_ACTORS_MAX),
      isPartial: changed.length > LIVE_ACTORS_MAX || ended.length > LIVE_ACTORS_MAX,
    };
  }
}

function send(socket: WebSocket, message: LiveMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
