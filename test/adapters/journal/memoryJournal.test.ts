import {
  createMemoryStore,
  type MemoryJournal,
  openMemoryJournal,
} from '../../../src/adapters/journal/memoryJournal.js';
import { journalContract } from '../../contracts/journal.contract.js';

journalContract('memory', async () => {
  const store = createMemoryStore();
  return {
    open: () => openMemoryJournal(store),
    kill: async (journal) => (journal as MemoryJournal).kill(),
    dispose: async () => undefined,
  };
});
