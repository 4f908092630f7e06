import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteJournal } from '../src/adapters/journal/sqlite/sqliteJournal.js';
import { storeOf } from '../src/adapters/journal/storeOf.js';
import { startInspectorProcess } from '../src/cli/words/inspectorProcess.js';
import type { Overview } from '../visualizations/src/protocol.js';
import { createInspectionServer } from '../visualizations/src/server/createInspectionServer.js';
import { storedSource } from '../visualizations/src/server/sources.js';
import { startBusyBot } from './busyBot.js';

/**
 * What looking costs, and how soon one sees: first picture, going to a moment, searches on a long journal; how late a
 * live page is, and what a page that watches takes from the bot. `npm run bench:inspector -- [--records N] [--journal
 * FILE] [--quick] [--json]`
 */
const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const isJson = process.argv.includes('--json');
const isQuick = process.argv.includes('--quick');
const RECORDS = Number(argument('records') ?? (isQuick ? 20_000 : 1_000_000));
const SEEKS = isQuick ? 100 : 400;
/** Pairs of stretches, unwatched and watched. */
const PAIRS = isQuick ? 4 : 20;
const STRETCH_RECORDS = isQuick ? 1_500 : 12_000;
const LIVE_FACTS = isQuick ? 20 : 60;

const folder = mkdtempSync(join(tmpdir(), 'kintsugi-bench-'));
const print = (line: string): void => void (isJson || process.stdout.write(`${line}\n`));
const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const round = (value: number): number => Math.round(value * 10) / 10;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function journalFile(): Promise<string> {
  const given = argument('journal');
  if (given !== undefined && existsSync(given)) return given;
  const path = given ?? join(folder, 'long.db');
  const journal = await openSqliteJournal({ path });
  const bot = await startBusyBot({ journal });
  await bot.runTo(RECORDS);
  await bot.stop();
  await journal.close();
  return path;
}

/** ms that this thread has been on a processor, where the system tells; else time by the clock. */
function ownMs(): number {
  const path = `/proc/self/task/${process.pid}/schedstat`;
  return existsSync(path) ? Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6 : performance.now();
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const started = performance.now();
  const result = await work();
  return [performance.now() - started, result];
}

/** A long journal: how soon there is a picture, how fast one goes to any moment. */
async function long(path: string) {
  const started = performance.now();
  const source = await storedSource(storeOf(path));
  const more = {
    host: '127.0.0.1',
    locale: 'en',
    botUrl: null,
    simulatorUrl: null,
    commandPid: null,
    page: Promise.resolve('.'),
  } as const;
  const server = await createInspectionServer({ source, ...more });
  const url = await server.listen(0);
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}/api/${path}`);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const { last } = await get<Overview>('overview');
  while ((await fetch(`${url}/api/moment`)).status === 202);
  await get('timeline');
  const firstPictureMs = performance.now() - started;
  print(`first picture of ${last.seq} records: ${round(firstPictureMs)} ms`);
  let overview = await get<Overview>('overview');
  while (overview.indexing.done < overview.indexing.of) {
    await pause(200);
    overview = await get<Overview>('overview');
  }
  const indexedMs = performance.now() - started;
  global.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const megabytes = {
    heap: Math.round(heapUsed / 2 ** 20),
    external: Math.round(external / 2 ** 20),
    rss: Math.round(rss / 2 ** 20),
  };
  print(
    `indexed after ${round(indexedMs / 1_000)} s, a state every ${overview.indexing.every} records; heap ${megabytes.heap} MB, beside it ${megabytes.external} MB, RSS ${megabytes.rss} MB`,
  );
  const seeks: number[] = [];
  const began = ownMs();
  for (let i = 0, at = 7; i < SEEKS; i += 1) {
    at = (at * 48_271) % 2_147_483_647;
    seeks.push((await timed(() => get(`moment?seq=${1 + (at % last.seq)}`)))[0]);
  }
  const seekOwnMs = round((ownMs() - began) / SEEKS);
  // As the page does where a pixel is more than lies between two kept states.
  const { every } = overview.indexing;
  const scrub: number[] = [];
  for (let i = 1; i <= SEEKS; i += 1) {
    const seq = Math.max(1, Math.floor((last.seq * i) / SEEKS / every) * every);
    scrub.push((await timed(() => get(`moment?seq=${seq}`)))[0]);
  }
  const seekMs = {
    p50: round(quantile(seeks, 0.5)),
    p95: round(quantile(seeks, 0.95)),
    max: round(Math.max(...seeks)),
  };
  const scrubMs = { p50: round(quantile(scrub, 0.5)), p95: round(quantile(scrub, 0.95)) };
  print(
    `any moment: p50 ${seekMs.p50}, p95 ${seekMs.p95}, max ${seekMs.max} ms (${seekOwnMs} ms of processor time, question and answer); scrubbing through all: p50 ${scrubMs.p50}, p95 ${scrubMs.p95} ms`,
  );
  const answersMs: { [query: string]: number } = {};
  for (const query of [
    'timeline?buckets=400',
    'heat?scope=breaker:messages',
    'marks?after=0&kinds=breakerOpened',
    'search?user=u5',
    'search?event=operator.reset',
    'search?text=number%20777',
    `record?seq=${Math.floor(last.seq / 2)}`,
  ]) {
    answersMs[query] = round((await timed(() => get(query)))[0]);
    print(`${String(answersMs[query]).padStart(8)} ms  ${query}`);
  }
  await server.close();
  return {
    records: last.seq,
    firstPictureMs: round(firstPictureMs),
    indexedMs: Math.round(indexedMs),
    megabytes,
    seekMs,
    seekOwnMs,
    scrubMs,
    answersMs,
  };
}

/** A page in a process of its own that reads what it is sent. */
async function watcher(url: string): Promise<{ readonly child: ChildProcess; seen: (seq: number) => Promise<void> }> {
  const code = `
    import { WebSocket } from 'ws';
    const socket = new WebSocket(process.argv[1]);
    socket.on('message', (data) => { const m = JSON.parse(data); if (m.type !== 'indexing') process.send(m.type === 'records' ? m.to : 0); });
  `;
  const live = `${url.replace('http', 'ws')}/api/live`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, live], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let newest = -1;
  let look: () => void = () => undefined;
  child.on('message', (to) => {
    newest = Math.max(newest, Number(to));
    look();
  });
  const seen = (seq: number): Promise<void> =>
    new Promise((resolve) => {
      look = () => void (newest >= seq && resolve());
      look();
    });
  await seen(0);
  return { child, seen };
}

/** A bot at full speed, watched and not, in turns; then single facts, and how late the page has them. */
async function live() {
  const path = join(folder, 'live.db');
  const journal = await openSqliteJournal({ path });
  const bot = await startBusyBot({ journal });
  const inspector = await startInspectorProcess(
    { path, host: '127.0.0.1', port: 0, locale: 'en', botUrl: null, simulatorUrl: null, commandPid: null },
    (listener) => bot.system.subscribe(listener),
  );
  await (await fetch(`${inspector.url}/api/overview`)).json();
  // By the clock, and by the processor time of the bot's own thread: that says the same on a machine that does other
  // things.
  const stretch = async (): Promise<{ readonly clock: number; readonly own: number }> => {
    const [from, own] = [bot.system.state.seq, ownMs()];
    const [ms] = await timed(() => bot.runTo(from + STRETCH_RECORDS));
    const done = bot.system.state.seq - from;
    return { clock: done / ms, own: done / (ownMs() - own) };
  };
  await stretch(); // warm
  const ratios: { readonly clock: number; readonly own: number }[] = [];
  for (let i = 0; i < PAIRS; i += 1) {
    const first = i % 2 === 0 ? null : await watcher(inspector.url);
    const a = await stretch();
    first?.child.kill();
    await pause(50);
    const second = first ? null : await watcher(inspector.url);
    const b = await stretch();
    second?.child.kill();
    await pause(50);
    const [watched, alone] = first ? [a, b] : [b, a];
    ratios.push({ clock: watched.clock / alone.clock, own: watched.own / alone.own });
  }
  const page = await watcher(inspector.url);
  const delays: number[] = [];
  for (let i = 0; i < LIVE_FACTS; i += 1) {
    await pause(20);
    bot.say('hello');
    await bot.pass(20);
    delays.push((await timed(() => page.seen(bot.system.state.seq)))[0]);
  }
  page.child.kill();
  await inspector.close();
  await bot.stop();
  await journal.close();
  const median = (key: 'clock' | 'own'): number =>
    round(
      1_000 *
        quantile(
          ratios.map((ratio) => ratio[key]),
          0.5,
        ),
    ) / 1_000;
  const watched = { throughputRatio: median('clock'), ownThreadRatio: median('own') };
  const delayMs = { p50: round(quantile(delays, 0.5)), p95: round(quantile(delays, 0.95)) };
  print(
    `watched, the bot does ${round(100 * watched.throughputRatio)} % of what it does unwatched by the clock, ${round(100 * watched.ownThreadRatio)} % by the processor time of its thread (medians of ${PAIRS} pairs)`,
  );
  print(`a fact is on the page after: p50 ${delayMs.p50}, p95 ${delayMs.p95} ms`);
  return { watched, delayMs };
}

try {
  const result = { ...(await long(await journalFile())), ...(await live()) };
  if (isJson) process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
