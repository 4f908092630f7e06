import { realpathSync, type Stats, statSync } from 'node:fs';
import { JournalError } from '../../../actors/ports.js';

interface Known {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  /** When it was last written. */
  readonly mtimeMs: number;
}

/**
 * SQLite gathers its log into the file in a commit that leaves more in it (1,000 pages, by default); before, only
 * others write there.
 */
const GATHERED_FROM_BYTES = 1_000 * 4_096;
/** Windows sets the time of a write when it likes, up to the last close. */
const TELLS_WRITES = process.platform !== 'win32';

/**
 * The files of an open journal, known by what they are and not by their name: what SQLite holds open stays writable
 * after it was removed or replaced, and everything written from then on is lost without an error. A write that was not
 * ours is told by its time: an older copy that was written over the file in place has the same inode, and may have the
 * same size. Opens nothing: whoever closes a file of the journal drops the locks of the process.
 */
export class FileIdentity {
  private main: Known;
  /** Made with the first write. */
  private log: Known | null;
  private readonly logPath: string;
  private mayShrink = false;

  /** Of a journal that has just been opened. */
  constructor(private readonly path: string) {
    this.logPath = `${realpathSync(path)}-wal`;
    this.main = knownOf(path, statSync(path));
    this.log = this.lookAtLog();
  }

  /** From here on only an empty file counts as cut: the journal has been made smaller on purpose. */
  allowShrinking(): void {
    this.mayShrink = true;
  }

  /** Throws JOURNAL_GONE. A folder that cannot be looked at just now says nothing. */
  assertSame(): void {
    this.assertOne(this.main);
    if (this.log) this.assertOne(this.log);
  }

  /**
   * What was written since they were last looked at was written by us. Throws JOURNAL_GONE where it cannot have been.
   */
  noteOwnWrite(): void {
    this.log = this.log ? this.noted(this.log) : this.lookAtLog();
    const main = this.noted(this.main);
    if (!this.mayShrink && (this.log?.size ?? 0) < GATHERED_FROM_BYTES) this.assertUnwritten(this.main, main);
    this.main = main;
  }

  private assertOne(known: Known): void {
    this.assertUnwritten(known, this.noted(known));
  }
  private assertUnwritten(known: Known, { mtimeMs }: Known): void {
    if (TELLS_WRITES && mtimeMs !== known.mtimeMs) throw this.gone(known, 'was written by another program');
  }

  /** As it is now; still the one that was opened, and not cut. */
  private noted(known: Known): Known {
    const found = look(known.path);
    if (found === undefined) return known;
    if (found === null) throw this.gone(known, 'was removed');
    if (found.ino !== known.ino || found.dev !== known.dev) throw this.gone(known, 'was replaced');
    const leastSize = this.mayShrink ? Math.min(1, known.size) : known.size;
    if (found.size < leastSize) throw this.gone(known, `was cut from ${known.size} to ${found.size} bytes`);
    return knownOf(known.path, found);
  }

  private lookAtLog(): Known | null {
    const found = look(this.logPath);
    return found ? knownOf(this.logPath, found) : null;
  }

  private gone({ path }: Known, what: string): JournalError {
    const file = path === this.path ? '' : ` (${path})`;
    return new JournalError(
      'JOURNAL_GONE',
      `${this.path}: the file${file} ${what} while it was open; stop the bot, put the file back or restore a backup, and start again`,
    );
  }
}

/** null: there is none; undefined: it cannot be told. */
function look(path: string): Stats | null | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return undefined;
  }
}

function knownOf(path: string, { dev, ino, size, mtimeMs }: Stats): Known {
  return { path, dev, ino, size, mtimeMs };
}
