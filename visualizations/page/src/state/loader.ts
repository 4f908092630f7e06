import { type Signal, signal } from '@preact/signals';
import { AskError } from './api.js';

export interface Loader<K, V> {
  /** The newest answer; the one before stays until the next is there. */
  readonly value: Signal<V | null>;
  readonly key: Signal<K | null>;
  readonly error: Signal<AskError | null>;
  /** Wants the value of `key`; of many wishes the newest is met. */
  request(key: K): void;
  /** The cached value. */
  peek(key: K): V | undefined;
  put(key: K, value: V): void;
  /** Whether a question is out. */
  isOut(): boolean;
  /** Forgets what was kept; what is shown stays. */
  forget(): void;
  /** Forgets everything. */
  clear(): void;
}

export interface LoaderOptions<V> {
  readonly cacheMax: number;
  /** Whether an answer may be kept. */
  readonly isFinal?: (value: V) => boolean;
  readonly staleMs?: number;
}

/**
 * A question that is out longer than this is given up when another is wanted; a younger one may still show its answer.
 */
const STALE_MS = 400;
const PATIENCE = 3;

/**
 * One value at a time, for what follows a hand on a slider: at most one question is out, wishes in between are skipped,
 * and what was seen is kept, the `cacheMax` last.
 */
export function createLoader<K extends string | number, V>(
  load: (key: K, stop: AbortSignal) => Promise<V>,
  { cacheMax, isFinal = () => true, staleMs = STALE_MS }: LoaderOptions<V>,
): Loader<K, V> {
  const [value, shown, error] = [signal<V | null>(null), signal<K | null>(null), signal<AskError | null>(null)];
  const cache = new Map<K, V>();
  // Of the answers so far: where they take long, an early end would let none through.
  let usualMs = 0;
  let wanted: K | null = null;
  let out: { readonly key: K; readonly since: number; readonly stop: AbortController } | null = null;

  const put = (key: K, found: V): void => {
    cache.delete(key);
    cache.set(key, found);
    if (cache.size > cacheMax) cache.delete(cache.keys().next().value as K);
  };
  const show = (key: K, found: V): void => {
    [value.value, shown.value, error.value] = [found, key, null];
  };
  const start = (key: K): void => {
    const mine = { key, since: performance.now(), stop: new AbortController() };
    out = mine;
    const settle = (run: () => void): void => {
      if (out !== mine) return;
      out = null;
      const isNewerHere = wanted !== null && wanted !== key && cache.has(wanted);
      if (!isNewerHere) run();
      if (wanted !== null && wanted !== key && !isNewerHere) start(wanted);
    };
    load(key, mine.stop.signal).then(
      (found) => {
        if (isFinal(found) && out === mine) put(key, found);
        usualMs = (usualMs + performance.now() - mine.since) / 2;
        settle(() => show(key, found));
      },
      (cause: unknown) =>
        settle(() => {
          if (wanted === key) error.value = cause instanceof AskError ? cause : new AskError(String(cause), 0);
        }),
    );
  };
  return {
    value,
    key: shown,
    error,
    peek: (key) => cache.get(key),
    put,
    request(key) {
      wanted = key;
      const known = cache.get(key);
      if (known !== undefined) {
        show(key, known);
        return;
      }
      if (out?.key === key) return;
      if (out) {
        const lasted = performance.now() - out.since;
        if (lasted < Math.max(staleMs, PATIENCE * usualMs)) return;
        usualMs = lasted;
        out.stop.abort();
      }
      start(key);
    },
    isOut: () => out !== null,
    forget: () => cache.clear(),
    clear() {
      out?.stop.abort();
      [out, wanted] = [null, null];
      cache.clear();
      [value.value, shown.value, error.value] = [null, null, null];
    },
  };
}

/** Calls `run` once in the next frame, however often it is asked to. */
export function perFrame(run: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      run();
    });
  };
}

const RESTLESS_MS = 150;
/** Calls `run` at once when asked now and then; when asked all the time, once it rests. */
export function whenSettled(run: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let timer = 0;
  return () => {
    const isRestless = performance.now() - last < RESTLESS_MS;
    last = performance.now();
    clearTimeout(timer);
    timer = window.setTimeout(run, isRestless ? RESTLESS_MS : 0);
  };
}
