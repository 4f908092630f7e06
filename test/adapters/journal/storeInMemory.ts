import type { Claim, JournalStore } from '../../../src/actors/journalStore.js';
import { type Journal, JournalError, type Record } from '../../../src/actors/ports.js';
import {
  createMemoryStore,
  MemoryJournal,
  type MemoryStore,
  openMemoryJournal,
} from '../../../src/adapters/journal/memoryJournal.js';

/** The place of a journal in memory: what is said of it is true of `memory` at that moment. */
export function storeInMemory(memory: MemoryStore, name = 'memory'): JournalStore {
  const place = { isDemo: false, isClaimed: false, number: 1 };
  const isThere = (): boolean => memory.epoch > 0 || memory.records.length > 0 || place.isDemo;
  const there = (): void => {
    if (!isThere()) throw new JournalError('JOURNAL_NOT_OURS', `${name}: there is no journal`);
  };
  const bytes = (): number => memory.records.reduce((sum, line) => sum + line.length, 0);
  const held = (): JournalError => new JournalError('JOURNAL_HELD', `${name}: it has a writer`);
  return {
    name,
    exists: async () => isThere(),
    async kind() {
      there();
      return 'journal';
    },
    async openReader() {
      there();
      return new MemoryReader(memory);
    },
    openWriter: () => openMemoryJournal(memory),
    async make<T>(write: (journal: Journal) => Promise<T>): Promise<T> {
      if (isThere()) throw new JournalError('JOURNAL_UNWRITABLE', `${name}: there is a journal already`);
      const made = createMemoryStore();
      const journal = await openMemoryJournal(made);
      const result = await write(journal);
      await journal.close();
      Object.assign(memory, made);
      return result;
    },
    async describe() {
      there();
      return { format: 1, bytes: bytes(), segments: { count: 0, bytes: 0 } };
    },
    async verify(onShare) {
      there();
      const first = memory.base.seq + 1;
      const found = memory.records.map((line) => JSON.parse(line) as Record);
      const wrong = found.filter(({ seq }, i) => seq !== first + i);
      onShare?.(1);
      return {
        format: 1,
        records: found.length - wrong.length,
        first,
        last: first + found.length - 1,
        segments: 0,
        checkpoints: memory.checkpoints.length,
        findings: wrong.map(({ seq }) => ({ part: 'record' as const, seq, message: `${name}: record ${seq}` })),
      };
    },
    async compact() {
      there();
      if (memory.holder) throw held();
      return { moved: 0, bytesBefore: bytes(), bytesAfter: bytes() };
    },
    async probe() {
      return { kind: isThere() ? 'ours' : 'absent', code: '', held: memory.holder !== null, bytes: bytes() };
    },
    async claimForDemo(keep): Promise<Claim> {
      if (place.isClaimed || memory.holder) throw held();
      if (isThere() && !place.isDemo) throw new JournalError('JOURNAL_NOT_OURS', `${name}: not made by a demo`);
      if (!keep) {
        Object.assign(memory, createMemoryStore());
        place.number += 1;
      }
      Object.assign(place, { isDemo: true, isClaimed: true });
      return { release: () => void Object.assign(place, { isClaimed: false }) };
    },
    identity: async () => (isThere() ? String(place.number) : null),
    watch: () => () => undefined,
  };
}

/** Beside the writer: sees what is there, and writes nothing. */
class MemoryReader extends MemoryJournal {
  override async beginEpoch(): Promise<number> {
    throw new JournalError('JOURNAL_UNWRITABLE', 'opened for reading');
  }
  override async append(): Promise<void> {
    throw new JournalError('JOURNAL_UNWRITABLE', 'opened for reading');
  }
}
