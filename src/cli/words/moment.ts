import type { Journal } from '../../actors/ports.js';

/** A place in a journal: a record, or a time (ms). */
export type Moment = { readonly seq: number } | { readonly at: number };

const DAY_MS = 86_400_000;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?$/;

/**
 * Reads `41`, `03:12`, `03:12:05` (the last time that this machine's clock showed it) or a date such as
 * `2026-11-24T03:12:05Z` (without a zone: this machine's). Throws RangeError.
 */
export function readMoment(text: string, now: number): Moment {
  if (/^\d{1,15}$/.test(text)) {
    if (Number(text) < 1) throw new RangeError('records are counted from 1');
    return { seq: Number(text) };
  }
  const clock = CLOCK.exec(text);
  if (clock) {
    const day = new Date(now);
    const [, hours, minutes, seconds = '0', ms = '0'] = clock;
    day.setHours(Number(hours), Number(minutes), Number(seconds), Number(ms.padEnd(3, '0')));
    return { at: day.getTime() > now ? day.getTime() - DAY_MS : day.getTime() };
  }
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(at))
    throw new RangeError(
      `"${text}" is neither a record number nor a time; write 41, 03:12, 03:12:05 or 2026-11-24T03:12:05`,
    );
  return { at };
}

/**
 * The last record at or before this moment; 0: there is none. Looks at about 20 records, however long the journal is.
 */
export async function seqAt(journal: Journal, moment: Moment): Promise<number> {
  const { seq: last } = await journal.position();
  if ('seq' in moment) return Math.min(moment.seq, last);
  const [first] = await journal.read(0, 1);
  if (!first || first.at > moment.at) return 0;
  let [low, high] = [first.seq, last];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [record] = await journal.read(middle - 1, 1);
    if (record && record.at <= moment.at) low = middle;
    else high = middle - 1;
  }
  return low;
}
