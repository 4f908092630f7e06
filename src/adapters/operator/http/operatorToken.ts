import { createHash, timingSafeEqual } from 'node:crypto';
import { lstatSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { nanoid } from 'nanoid';

const LENGTH = 32;
const FORM = new RegExp(`^[\\w-]{${LENGTH}}$`);

/** Where the token of a journal's bot is. */
export function operatorTokenFile(journalPath: string): string {
  return `${journalPath}.operator-token`;
}

/**
 * The operator's token of this journal's bot: 32 random characters in a file that only its owner can read. Kept from
 * one process life to the next; made anew when it is missing, malformed, no plain file or readable by others. Throws
 * when the file cannot be written.
 */
export function keepOperatorToken(journalPath: string): OperatorToken {
  const file = operatorTokenFile(journalPath);
  const kept = readOperatorToken(file);
  if (kept !== null) return new OperatorToken(kept);
  const token = nanoid(LENGTH);
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${token}\n`, { mode: 0o600 });
  renameSync(fresh, file);
  return new OperatorToken(token);
}

/** The token in a file; null: there is none to be trusted. */
export function readOperatorToken(file: string): string | null {
  try {
    const found = lstatSync(file);
    const isPrivate = process.platform === 'win32' || (found.mode & 0o077) === 0;
    const token = found.isFile() && isPrivate ? readFileSync(file, 'utf8').trim() : '';
    return FORM.test(token) ? token : null;
  } catch {
    return null;
  }
}

/** Compares without telling by its time how much was right. */
export class OperatorToken {
  readonly #digest: Buffer;

  constructor(token: string) {
    this.#digest = digestOf(token);
  }
  matches(token: string): boolean {
    return timingSafeEqual(this.#digest, digestOf(token));
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
