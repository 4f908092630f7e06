import type { Record } from '../../../../src/actors/ports.js';
import type { Link } from '../../protocol.js';
import type { JournalIndex } from '../index/journalIndex.js';
import { hashOf } from '../index/kept/persistentMap.js';
import { type Page, pageOf } from '../index/page.js';
import { effectIdOf, factIdOf, subjectOf } from '../index/readRecord.js';

/** Pages that a search for one link goes through at most: 200,000 records. Effects and timers end long before. */
const PAGES_MAX = 400;
/** Pages beside the one where it begins that are read for it when the index does not have them yet. */
const READ_MAX = 2;

async function pageAt(index: JournalIndex, number: number, from: number): Promise<Page | undefined> {
  return Math.abs(number - from) <= READ_MAX ? index.notes(number) : index.page(number);
}

/** The record whose fact has this id, at or before `seq`; null: it is older than what is looked through. */
export async function recordOfFact(index: JournalIndex, id: string, before: number): Promise<Record | null> {
  const hash = hashOf(id);
  const newest = pageOf(Math.max(1, before));
  for (
    let number = newest;
    number >= pageOf(Math.max(1, index.first.seq)) && number > newest - PAGES_MAX;
    number -= 1
  ) {
    const page = await pageAt(index, number, newest);
    for (let i = (page?.count ?? 0) - 1; page && i >= 0; i -= 1) {
      if (page.id[i] !== hash || page.first + i > before) continue;
      const record = await index.reading.one(page.first + i);
      if (record?.id === id) return record;
    }
  }
  return null;
}

/** The record that asked for an effect. */
export function recordOfEffect(index: JournalIndex, effect: string, before: number): Promise<Record | null> {
  return recordOfFact(index, factIdOf(effect), before);
}

/**
 * Records that tell of the effects of `record`, by effect; until `isEnough` says so, or nothing is left to look
 * through.
 */
export async function outcomesOf(
  index: JournalIndex,
  record: Record,
  isEnough: (found: ReadonlyMap<string, readonly Record[]>) => boolean,
): Promise<ReadonlyMap<string, readonly Record[]>> {
  const hash = hashOf(record.id);
  const elapsed = index.words.types.find('timer.elapsed');
  const found = new Map<string, Record[]>();
  const oldest = pageOf(record.seq);
  for (let number = oldest; number <= pageOf(index.last.seq) && number < oldest + PAGES_MAX; number += 1) {
    if (isEnough(found)) break;
    const page = await pageAt(index, number, oldest);
    if (!page) continue;
    for (let i = 0; i < page.count; i += 1) {
      if (page.cause[i] !== hash || page.type[i] === elapsed || page.first + i <= record.seq) continue;
      const other = await index.reading.one(page.first + i);
      const effect = other && effectIdOf(other);
      if (!effect || factIdOf(effect) !== record.id) continue;
      found.set(effect, [...(found.get(effect) ?? []), other]);
    }
  }
  return found;
}

export interface Arming {
  readonly actor: string;
  readonly timer: string;
  /** The record that armed it. */
  readonly armedAt: number;
  readonly dueAt: number;
}

/** The record in which a timer fired that was armed in record `armedAt`; null: it has not, or was cancelled. */
export async function firingOf(index: JournalIndex, { actor, timer, armedAt, dueAt }: Arming): Promise<Record | null> {
  const elapsed = index.words.types.find('timer.elapsed');
  if (elapsed === undefined) return null;
  const oldest = pageOf(armedAt);
  for (let number = oldest; number <= pageOf(index.last.seq) && number < oldest + PAGES_MAX; number += 1) {
    const page = await pageAt(index, number, oldest);
    if (!page || page.count === 0 || page.at[page.count - 1]! < dueAt) continue;
    for (let i = 0; i < page.count; i += 1) {
      if (page.cause[i] !== armedAt || page.type[i] !== elapsed) continue;
      const record = await index.reading.one(page.first + i);
      const fact = record?.fact;
      if (fact?.type === 'timer.elapsed' && fact.actor === actor && fact.timer === timer) return record;
    }
  }
  return null;
}

export function linkTo(record: Record): Link {
  return { seq: record.seq, at: record.at, type: record.fact.type, text: subjectOf(record).text };
}
