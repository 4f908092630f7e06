import { Worker } from 'node:worker_threads';
import type { Record } from '../actors/ports.js';

/** What the thread is started with. */
export interface InspectorWork {
  readonly path: string;
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly locale: 'en' | 'zh';
  /** Where operator actions go; null: nowhere. */
  readonly botUrl: string | null;
  /** Of the demo world. */
  readonly simulatorUrl: string | null;
}
/** What it says, and what it is told. */
export type InspectorSaid = { readonly port: number } | { readonly failed: string } | { readonly watch: boolean };
export interface InspectorTold {
  readonly seq: number;
  readonly at: number;
}
export interface InspectorThread {
  readonly url: string;
  close(): Promise<void>;
}

/** How often it is told of new records at most, while someone watches. */
const TELL_MS = 20;
const SERVER = new URL('../../visualizations/src/server/', import.meta.url);

/**
 * The inspector of this process's bot, beside it in a thread. It reads the journal by itself; while someone watches, and only
 * then, it is told up to which record there is something new. Fails with Error: the address cannot be listened on.
 */
export async function startInspectorThread(
  work: InspectorWork,
  subscribe: (listener: (record: Record) => void) => () => void,
): Promise<InspectorThread> {
  const module = new URL('inspectorWorker.ts', SERVER).href;
  const worker = new Worker(new URL('thread.mjs', SERVER), { workerData: { module, ...work }, execArgv: [] });
  worker.unref();
  let unsubscribe: (() => void) | null = null;
  const watch = (isWatched: boolean): void => {
    unsubscribe?.();
    unsubscribe = isWatched ? subscribe(teller((told) => worker.postMessage(told))) : null;
  };
  const port = await new Promise<number>((resolve, reject) => {
    worker.on('message', (said: InspectorSaid) => {
      if ('watch' in said) watch(said.watch);
      else if ('port' in said) resolve(said.port);
      else reject(new Error(`${work.host}:${work.port} cannot be listened on (${said.failed})`));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      watch(false);
      reject(new Error('its thread has ended'));
    });
  });
  const host = work.host.includes(':') ? `[${work.host}]` : work.host;
  return {
    url: `http://${host}:${port}`,
    async close() {
      watch(false);
      await worker.terminate();
    },
  };
}

/** Tells the newest record, not each of them; the first of a burst at once. */
function teller(tell: (told: InspectorTold) => void): (record: Record) => void {
  let newest: InspectorTold | null = null;
  let isQuiet = true;
  const pass = (): void => {
    isQuiet = newest === null;
    if (newest === null) return;
    tell(newest);
    newest = null;
    setTimeout(pass, TELL_MS).unref();
  };
  return ({ seq, at }) => {
    const isFirst = newest === null && isQuiet;
    newest = { seq, at };
    if (!isFirst) return;
    isQuiet = false;
    setImmediate(pass);
  };
}
