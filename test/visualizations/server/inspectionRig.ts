import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BusyBot, startBusyBot } from '../../../bench/busyBot.js';
import type { JournalStore } from '../../../src/actors/journalStore.js';
import type { Journal, Record } from '../../../src/actors/ports.js';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { createInspectionServer } from '../../../visualizations/src/server/createInspectionServer.js';
import { storedSource } from '../../../visualizations/src/server/sources.js';

/** Two seconds before an outage of the made-up world. */
export const BEFORE_OUTAGE = 1_700_000_038_000;
const open: (() => unknown)[] = [];

/** Ends everything that a test has started; for afterEach and afterAll. */
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}
export function onClose(close: () => unknown): void {
  open.push(close);
}

export function temporaryFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-inspection-'));
  onClose(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}

/** A journal that the real actor system writes: `records` and some more, with an outage and its end. `keepsRunning`: the bot goes on. */
export async function makeJournal(
  records = 1_500,
  keepsRunning = false,
): Promise<{ readonly path: string; readonly bot: BusyBot; readonly records: readonly Record[] }> {
  const path = temporaryFile('bot.db');
  const journal = await openSqliteJournal({ path });
  const bot = await startBusyBot({ journal, startAt: BEFORE_OUTAGE });
  await bot.runTo(records);
  await bot.pass(25_000);
  const made = await journal.read(0, 1_000_000);
  const end = async (): Promise<void> => {
    await bot.stop();
    await journal.close();
  };
  if (keepsRunning) onClose(end);
  else await end();
  return { path, bot, records: made };
}

export async function openReadonly(path: string): Promise<Journal> {
  const journal = await openSqliteJournal({ path, readonly: true });
  onClose(() => journal.close());
  return journal;
}

export interface Served {
  readonly url: string;
  /** GET below /api/, as JSON. */
  get<T>(path: string, status?: number): Promise<T>;
  /** Asks until it is no longer pending. */
  settled<T>(path: string): Promise<T>;
}
export interface ServeOptions {
  readonly botUrl?: string | null;
  readonly simulatorUrl?: string | null;
  readonly page?: Promise<string>;
}

export async function serveJournal(of: string | JournalStore, more: ServeOptions = {}): Promise<Served> {
  const { botUrl = null, simulatorUrl = null, page = Promise.reject(new Error('no page')) } = more;
  page.catch(() => undefined);
  const source = await storedSource(typeof of === 'string' ? storeOf(of) : of);
  const server = await createInspectionServer({ source, host: '127.0.0.1', locale: 'en', botUrl, simulatorUrl, page });
  onClose(() => server.close());
  const url = await server.listen(0);
  // A connection for each: one that is kept may be closed just when the next request goes out, on a busy machine.
  const ask = async (path: string): Promise<Response> =>
    fetch(`${url}/api/${path}`, { headers: { connection: 'close' } });
  return {
    url,
    async get<T>(path: string, status = 200) {
      const answer = await ask(path);
      const body = (await answer.json()) as T;
      if (answer.status !== status) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`);
      return body;
    },
    async settled<T>(path: string) {
      for (;;) {
        const answer = await ask(path);
        const body = (await answer.json()) as T;
        if (answer.status === 200) return body;
        if (answer.status !== 202) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`);
      }
    },
  };
}
