import { signal } from '@preact/signals';
import type { RecordSummary, RecordsPage, SearchPage } from '../../../src/protocol.js';
import { AskError, ask } from '../state/api.js';
import type { Filters } from '../state/place.js';

/** Records in one window of the list. */
const WINDOW = 100;
/** Windows that are kept. */
const WINDOWS_MAX = 40;
const PAGE = 50;
/** Pages without a hit that are asked for in a row before the reader is asked. */
const EMPTY_MAX = 200;

export interface RecordPages {
  at(seq: number): RecordSummary | undefined;
  /** What is in view; asks for what is missing, and no longer for what has left it. */
  want(first: number, last: number): void;
}

/** Windows of the whole list of records, by their number. */
export function recordPages(): RecordPages {
  const windows = new Map<number, readonly RecordSummary[]>();
  const out = new Map<number, AbortController>();
  const version = signal(0);
  const load = (window: number): void => {
    const stop = new AbortController();
    out.set(window, stop);
    ask<RecordsPage>('api/records', { after: window * WINDOW, limit: WINDOW }, stop.signal)
      .then(({ records }) => {
        windows.set(window, records);
        if (windows.size > WINDOWS_MAX) windows.delete(windows.keys().next().value!);
        version.value += 1;
      })
      .catch(() => undefined)
      .finally(() => out.delete(window));
  };
  return {
    at(seq) {
      const window = Math.floor((seq - 1) / WINDOW);
      return version.value >= 0 ? windows.get(window)?.find((record) => record.seq === seq) : undefined;
    },
    want(first, last) {
      const [from, to] = [Math.floor((first - 1) / WINDOW), Math.floor((last - 1) / WINDOW)];
      for (const [window, stop] of out) if (window < from - 1 || window > to + 1) stop.abort();
      for (let window = from; window <= to; window += 1) {
        const known = windows.get(window);
        const isWhole = known && (known.length === WINDOW || (known.at(-1)?.seq ?? 0) >= last);
        if (!isWhole && !out.has(window)) load(window);
      }
    },
  };
}

export interface Found {
  readonly records: readonly RecordSummary[];
  /** `more`: there may be more; `whole`: that is all. */
  readonly state: 'searching' | 'more' | 'whole' | 'failed';
  readonly reached: number;
  readonly message: string;
  more(): void;
}

/** Searches page by page, as far as somebody looks. */
export function findings(filters: Filters, tell: (found: Found) => void): { stop(): void } {
  const stopper = new AbortController();
  let records: readonly RecordSummary[] = [];
  let cursor: string | null = null;
  let reached = 0;
  let isOut = false;
  const say = (state: Found['state'], message = ''): void => tell({ records, state, reached, message, more });
  const go = async (): Promise<void> => {
    isOut = true;
    say('searching');
    for (let empty = 0; empty < EMPTY_MAX; empty += 1) {
      const page: SearchPage = await ask('api/search', { ...filters, cursor, limit: PAGE }, stopper.signal);
      [records, cursor, reached] = [[...records, ...page.records], page.cursor, page.reached];
      if (cursor === null || page.records.length > 0) break;
      say('searching');
    }
    isOut = false;
    say(cursor === null ? 'whole' : 'more');
  };
  const more = (): void => {
    if (isOut || (cursor === null && records.length > 0)) return;
    go().catch((error: unknown) => {
      if (!stopper.signal.aborted) say('failed', error instanceof AskError ? error.message : String(error));
    });
  };
  more();
  return { stop: () => stopper.abort() };
}
