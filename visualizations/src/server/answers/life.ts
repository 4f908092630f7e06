import type { LifePage, LifeStep } from '../../protocol.js';
import type { JournalIndex } from '../index/journalIndex.js';
import { hashOf } from '../index/kept/persistentMap.js';
import { Slices } from '../index/kept/slices.js';
import { PAGE_RECORDS, type Page, pageOf } from '../index/page.js';

/** Longest that one answer is worked at; what is found until then is the answer. */
const ANSWER_MS = 200;

/** Steps of one actor: the `limit` ones before a record, or after one; ascending. */
export async function lifeOf(
  index: JournalIndex,
  actor: string,
  way: { readonly before: number } | { readonly after: number },
  limit: number,
): Promise<LifePage> {
  const isBack = 'before' in way;
  const [first, last] = [Math.max(1, index.first.seq), index.last.seq];
  const start = isBack ? Math.min(last, way.before - 1) : Math.max(first, way.after + 1);
  const direction = isBack ? -1 : 1;
  const found: LifeStep[][] = [];
  let count = 0;
  let reached: number | null = null;
  const until = performance.now() + ANSWER_MS;
  const slices = new Slices();
  for (
    let number = pageOf(Math.max(1, start));
    number >= pageOf(first) && number <= pageOf(Math.max(1, last));
    number += direction
  ) {
    const page = await index.notes(number);
    for (const seq of placesOf(page, hashOf(actor), isBack)) {
      if (isBack ? seq > start : seq < start) continue;
      const steps = await stepsIn(index, seq, actor);
      found.push(steps);
      count += steps.length;
      reached = seq;
      if (count >= limit) break;
    }
    const next = isBack ? page.number * PAGE_RECORDS + 1 : (page.number + 1) * PAGE_RECORDS;
    if (count >= limit) break;
    reached = next;
    if (performance.now() >= until) break;
    await slices.pause();
  }
  const isOver = reached === null || (isBack ? reached <= first : reached >= last);
  const steps = (isBack ? found.reverse() : found).flat();
  return {
    actor,
    steps,
    before: isBack ? (isOver ? null : reached) : start > first ? start : null,
    after: isBack ? (start < last ? start : null) : isOver ? null : reached,
  };
}

/** Seqs of records that touch the actor, in the direction of the walk. */
function placesOf(page: Page, hash: number, isBack: boolean): number[] {
  const places: number[] = [];
  for (let i = 0; i < page.count; i += 1) {
    for (let at = page.stepsFrom[i]!; at < page.stepsFrom[i + 1]!; at += 1) {
      if (page.actors[at] !== hash) continue;
      places.push(page.first + i);
      break;
    }
  }
  return isBack ? places.reverse() : places;
}

async function stepsIn(index: JournalIndex, seq: number, actor: string): Promise<LifeStep[]> {
  const record = await index.reading.one(seq);
  if (!record) return [];
  return record.steps
    .filter((step) => step.actor === actor)
    .map(({ event, from, to, rules }) => ({ seq, at: record.at, event, from, to, rules }));
}
