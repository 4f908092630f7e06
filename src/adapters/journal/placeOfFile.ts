import { existsSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { JournalStore } from '../../actors/journalStore.js';
import { probeJournalFile } from './probeJournalFile.js';

/** What is true of every journal that is a file, whatever is in it. */
export function placeOfFile(path: string): Pick<JournalStore, 'name' | 'exists' | 'probe' | 'identity' | 'watch'> {
  return {
    name: path,
    exists: async () => existsSync(path),
    probe: () => probeJournalFile(path),
    async identity() {
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? `${found.dev}:${found.ino}` : null;
    },
    watch(changed) {
      const name = basename(path);
      const watcher = watch(dirname(path), (_event, file) => {
        if (file === null || file.startsWith(name)) changed();
      });
      watcher.on('error', () => undefined); // whoever reads looks by himself too
      return () => watcher.close();
    },
  };
}
