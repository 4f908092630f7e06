import { statSync } from 'node:fs';
import type { JournalStore, OnShare, Verification } from '../../../actors/journalStore.js';
import { placeOfFile } from '../placeOfFile.js';
import { onlyRead, openExportedJournal } from './exportedJournal.js';
import { EXPORT_FORMAT } from './exportJournal.js';

/** An exported stretch: it can be read and verified; whatever would change it fails with JOURNAL_UNWRITABLE. */
export function exportedStore(path: string): JournalStore {
  const refuse = async (): Promise<never> => {
    throw onlyRead(path);
  };
  return {
    ...placeOfFile(path),
    kind: async () => 'export',
    openReader: (onShare) => openExportedJournal(path, onShare),
    openWriter: refuse,
    make: refuse,
    describe: async () => ({ format: EXPORT_FORMAT, bytes: statSync(path).size, segments: { count: 0, bytes: 0 } }),
    verify: (onShare) => verify(path, onShare),
    compact: refuse,
    claimForDemo: refuse,
  };
}

/** Opening it reads it whole; a damaged one is a JournalError that says what is wrong. */
async function verify(path: string, onShare: OnShare | undefined): Promise<Verification> {
  const stretch = await openExportedJournal(path, onShare);
  try {
    const [first] = await stretch.read(0, 1);
    const { seq: last } = await stretch.position();
    const from = first?.seq ?? last;
    return {
      format: EXPORT_FORMAT,
      records: last - from + 1,
      first: from,
      last,
      segments: 0,
      checkpoints: from > 1 ? 1 : 0,
      findings: [],
    };
  } finally {
    await stretch.close();
  }
}
