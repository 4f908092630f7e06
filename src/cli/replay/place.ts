import type { Journal } from '../../actors/ports.js';
import { type Moment, readMoment, seqAt } from '../words/moment.js';
import type { ReplayTexts } from './texts.js';

/** What was asked cannot be; the message says why. */
export class UsageError extends Error {}

/** A journal with something in it, and where it begins and ends. */
export interface Extent {
  readonly first: { readonly seq: number; readonly at: number };
  readonly last: { readonly seq: number; readonly at: number };
}
export async function extentOf(journal: Journal, texts: ReplayTexts): Promise<Extent> {
  const { seq, at } = await journal.position();
  const [first] = await journal.read(0, 1);
  if (!first) throw new UsageError(texts.empty);
  return { first: { seq: first.seq, at: first.at }, last: { seq, at } };
}

/** The record that an option names. A time of day is the last one in the journal. Throws UsageError. */
export async function placeOf(
  option: '--at' | '--from' | '--to',
  asked: string,
  journal: Journal,
  { first, last }: Extent,
  texts: ReplayTexts,
): Promise<number> {
  const moment = momentOf(option, asked, last.at);
  const iso = (at: number): string => new Date(at).toISOString();
  const isBefore = 'seq' in moment ? moment.seq < first.seq : moment.at < first.at;
  if (isBefore && option === '--from') return first.seq;
  if (isBefore) throw new UsageError(texts.before(option, asked, first.seq, iso(first.at)));
  if ('seq' in moment && moment.seq > last.seq)
    throw new UsageError(texts.beyond(option, asked, last.seq, iso(last.at)));
  const seq = await seqAt(journal, moment);
  // A stretch from a time on begins with the first record at or after it.
  if (option !== '--from' || 'seq' in moment) return seq;
  const [record] = await journal.read(seq - 1, 1);
  if (record?.at === moment.at) return (await seqAt(journal, { at: moment.at - 1 })) + 1;
  if (seq >= last.seq) throw new UsageError(texts.beyond(option, asked, last.seq, iso(last.at)));
  return seq + 1;
}

function momentOf(option: string, asked: string, lastAt: number): Moment {
  try {
    return readMoment(asked, lastAt);
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`);
  }
}
