import type { Record } from '../../../../src/actors/ports.js';
import { MARK_KINDS, type RecordSummary, type SearchPage, type SearchQuery } from '../../protocol.js';
import type { JournalIndex } from '../index/journalIndex.js';
import { hashOf } from '../index/kept/persistentMap.js';
import { Slices } from '../index/kept/slices.js';
import { PAGE_RECORDS, type Page, pageOf } from '../index/page.js';
import { subjectOf, summaryOf } from '../index/readRecord.js';

/** Longest that one answer is worked at; what is found until then is the answer, and the cursor goes on from there. */
const ANSWER_MS = 100;

/** Records that hold all that the query wants, in its order, from the cursor on. */
export async function search(index: JournalIndex, query: SearchQuery): Promise<SearchPage> {
  const { limit = 50, order = 'desc' } = query;
  const [from, to] = [Math.max(query.from ?? 1, index.first.seq), Math.min(query.to ?? index.last.seq, index.last.seq)];
  const step = order === 'asc' ? 1 : -1;
  const wanted = matcherOf(index, query);
  const records: RecordSummary[] = [];
  const until = performance.now() + ANSWER_MS;
  const slices = new Slices();
  let seq = query.cursor === undefined ? (order === 'asc' ? from : to) : Number(query.cursor);
  while (seq >= from && seq <= to && records.length < limit && performance.now() < until) {
    const page = await index.notes(pageOf(seq));
    const end =
      order === 'asc' ? Math.min(to, (page.number + 1) * PAGE_RECORDS) : Math.max(from, page.number * PAGE_RECORDS + 1);
    for (; (end - seq) * step >= 0 && records.length < limit; seq += step) {
      const i = seq - page.first;
      if (i < 0 || i >= page.count || !wanted.notes(page, i)) continue;
      const record = await index.reading.one(seq);
      if (record && wanted.record(record)) records.push(summaryOf(record));
      if (performance.now() >= until) {
        seq += step;
        break;
      }
    }
    await slices.pause();
  }
  const isOver = seq < from || seq > to;
  return {
    records,
    cursor: isOver ? null : String(seq),
    reached: Math.max(from, Math.min(to, isOver ? seq - step : seq)),
  };
}

interface Matcher {
  /** From the notes alone: false is sure, true is to be looked at. */
  notes(page: Page, i: number): boolean;
  record(record: Record): boolean;
}

function matcherOf(index: JournalIndex, query: SearchQuery): Matcher {
  const tests = [actorTest, eventTest, ruleTest, messageTest, userTest, classTest, markTest, textTest].flatMap(
    (test) => test(index, query) ?? [],
  );
  return {
    notes: (page, i) => tests.every((test) => test.notes(page, i)),
    record: (record) => tests.every((test) => test.record(record)),
  };
}
type Test = (index: JournalIndex, query: SearchQuery) => Matcher | null;

const stepsOf = (page: Page, i: number): readonly [number, number] => [page.stepsFrom[i]!, page.stepsFrom[i + 1]!];

const actorTest: Test = (_index, { actor }) => {
  if (actor === undefined) return null;
  const hash = hashOf(actor);
  return {
    notes: (page, i) => someStep(page, i, (at) => page.actors[at] === hash),
    record: ({ steps }) => steps.some((step) => step.actor === actor),
  };
};

const eventTest: Test = ({ words }, { event }) => {
  if (event === undefined) return null;
  const is = (word: string): boolean => (event.endsWith('*') ? word.startsWith(event.slice(0, -1)) : word === event);
  const [types, events] = [words.types.matching(is), words.events.matching(is)];
  return {
    notes: (page, i) => types.has(page.type[i]!) || someStep(page, i, (at) => events.has(page.events[at]!)),
    record: ({ fact, steps }) => is(fact.type) || steps.some((step) => is(step.event)),
  };
};

const ruleTest: Test = ({ words }, { rule }) => {
  if (rule === undefined) return null;
  const rules = words.rules.matching((word) => word.split(' ').includes(rule));
  return {
    notes: (page, i) => someStep(page, i, (at) => rules.has(page.rules[at]!)),
    record: ({ steps }) => steps.some((step) => step.rules.includes(rule)),
  };
};

/** A message is also what its deliveries did in records about something else. */
const messageTest: Test = (_index, { message }) => {
  if (message === undefined) return null;
  const hash = hashOf(message);
  const ids = [`message:${message}`, ...Array.from({ length: 16 }, (_, n) => `delivery:${message}.${n}`)];
  const actors = new Set(ids.map(hashOf));
  const isOurs = (actor: string): boolean =>
    actor === `message:${message}` ||
    (actor.startsWith('delivery:') && actor.slice(9, actor.lastIndexOf('.')) === message);
  return {
    notes: (page, i) => page.message[i] === hash || someStep(page, i, (at) => actors.has(page.actors[at]!)),
    record: (record) => subjectOf(record).message === message || record.steps.some((step) => isOurs(step.actor)),
  };
};

const userTest: Test = (_index, { user }) => {
  if (user === undefined) return null;
  const hash = hashOf(user);
  return { notes: (page, i) => page.user[i] === hash, record: (record) => subjectOf(record).user === user };
};

const classTest: Test = ({ words }, query) => {
  if (query.class === undefined) return null;
  const number = words.classes.find(query.class);
  return {
    notes: (page, i) => page.errorClass[i] === number || page.errorClass[i] === 255,
    record: (record) => subjectOf(record).errorClass === query.class,
  };
};

const markTest: Test = (_index, { mark }) => {
  if (mark === undefined) return null;
  const bit = 1 << MARK_KINDS.indexOf(mark);
  return { notes: (page, i) => (page.marked[i]! & bit) !== 0, record: () => true };
};

const textTest: Test = (_index, { text }) => {
  if (text === undefined || text === '') return null;
  const wanted = text.toLowerCase();
  let [searched, hits]: [Page | null, Set<number>] = [null, new Set()];
  return {
    notes(page, i) {
      if (searched !== page) [searched, hits] = [page, hitsIn(page, wanted)];
      return hits.has(i);
    },
    record: (record) => subjectOf(record).text.toLowerCase().includes(wanted),
  };
};

/** Places in a page whose text holds `wanted`. */
function hitsIn(page: Page, wanted: string): Set<number> {
  const hits = new Set<number>();
  for (let at = page.texts.indexOf(wanted), i = 0; at >= 0; at = page.texts.indexOf(wanted, at + 1)) {
    while (page.textsFrom[i + 1]! <= at) i += 1;
    hits.add(i);
  }
  return hits;
}

function someStep(page: Page, i: number, test: (at: number) => boolean): boolean {
  const [begin, end] = stepsOf(page, i);
  for (let at = begin; at < end; at += 1) if (test(at)) return true;
  return false;
}
