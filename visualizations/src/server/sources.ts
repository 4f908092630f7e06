import { basename } from 'node:path';
import type { JournalStore } from '../../../src/actors/journalStore.js';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { copyRecords } from '../copyRecords.js';
import type { SourceState } from '../protocol.js';
import type { JournalSource } from './journals.js';
import { ASK_MS, UNANSWERED_MAX } from './serverLimits.js';

/** How often a journal is looked at for new records while someone watches. */
const LOOK_MS = 40;
const OK: SourceState = { state: 'ok', message: null };

/**
 * A journal or an exported stretch; of a bot that runs beside it, or is gone. `address`: what a worker opens it by.
 * Fails with JournalError.
 */
export async function storedSource(store: JournalStore, address = store.name): Promise<JournalSource> {
  const journal = await store.openReader();
  const begun = await journal.position();
  let last = begun.seq;
  return {
    journal,
    name: basename(store.name),
    get kind() {
      return last > begun.seq ? 'live' : 'file';
    },
    address,
    state: () => OK,
    watch(changed) {
      let isLooking = false;
      const timer = setInterval(async () => {
        if (isLooking) return;
        isLooking = true;
        const { seq } = await journal.position().catch(() => ({ seq: last }));
        isLooking = false;
        if (seq <= last) return;
        last = seq;
        changed();
      }, LOOK_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
    close: () => journal.close(),
  };
}

/** The records of a running bot elsewhere, copied while they come. Fails with InspectError. */
export async function botSource(url: string): Promise<JournalSource> {
  let state: SourceState = OK;
  const watchers = new Set<() => void>();
  const tell = (): void => {
    for (const changed of watchers) changed();
  };
  const copy = await copyRecords({
    url,
    onState(kind, message) {
      state = kind === 'following' ? OK : { state: kind === 'lost' ? 'lost' : 'ended', message };
      tell();
    },
  });
  const unfollow = copy.follow(tell);
  return {
    journal: copy.journal,
    name: url.replace(/^https?:\/\//, ''),
    kind: 'live',
    address: copy.path,
    state: () => state,
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    async close() {
      unfollow();
      await copy.close();
    },
  };
}

/** How a thread hears of the bot that it belongs to. */
export interface BotEar {
  /** Whether someone watches: then it wants to be told. */
  watch(isWatched: boolean): void;
  onTold(listener: (told: { readonly seq: number; readonly at: number }) => void): void;
  /** Asks the bot for a sign of life; `onAlive` hears it. */
  ask(): void;
  onAlive(listener: () => void): void;
  /** What is said of a bot that gives none for so many seconds. */
  silent(seconds: number): string;
}

/** The journal of the bot in this very process; it is told when there are new records. Fails with JournalError. */
export async function liveSource(address: string, ear: BotEar): Promise<JournalSource> {
  const store = storeOf(address);
  const journal = await store.openReader();
  const watchers = new Set<() => void>();
  const tell = (): void => {
    for (const changed of watchers) changed();
  };
  let asked = 0;
  let asking: NodeJS.Timeout | null = null;
  const isSilent = (): boolean => asked > UNANSWERED_MAX;
  // Whoever stands still himself asks no more often: only questions that were put count.
  const ask = (): void => {
    asked += 1;
    ear.ask();
    if (isSilent()) tell();
  };
  const hear = (): void => {
    const wasSilent = isSilent();
    asked = 0;
    if (wasSilent) tell();
  };
  ear.onAlive(hear);
  ear.onTold(() => {
    hear();
    tell();
  });
  const follow = (isWatched: boolean): void => {
    ear.watch(isWatched);
    if (asking) clearInterval(asking);
    asking = isWatched ? setInterval(ask, ASK_MS).unref() : null;
    asked = 0;
  };
  return {
    journal,
    name: basename(store.name),
    kind: 'live',
    address,
    state: () => (isSilent() ? { state: 'ok', message: ear.silent(Math.round((asked * ASK_MS) / 1_000)) } : OK),
    watch(changed) {
      if (watchers.size === 0) follow(true);
      watchers.add(changed);
      return () => {
        if (watchers.delete(changed) && watchers.size === 0) follow(false);
      };
    },
    close() {
      if (asking) clearInterval(asking);
      return journal.close();
    },
  };
}
