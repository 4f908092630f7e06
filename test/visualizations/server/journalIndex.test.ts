import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startBusyBot } from '../../../bench/busyBot.js';
import { takeCheckpoint } from '../../../src/actors/fold/checkpointer.js';
import { fold } from '../../../src/actors/fold/fold.js';
import { type Checkpoint, type Journal, JournalError, type Record } from '../../../src/actors/ports.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import type { SearchPage } from '../../../visualizations/src/protocol.js';
import { heatOf } from '../../../visualizations/src/server/answers/heat.js';
import { momentAt } from '../../../visualizations/src/server/answers/moment.js';
import { search } from '../../../visualizations/src/server/answers/search.js';
import { recordsFrom, timelineOf } from '../../../visualizations/src/server/answers/timeline.js';
import type { FoldedState } from '../../../visualizations/src/server/index/foldedState.js';
import { JournalIndex } from '../../../visualizations/src/server/index/journalIndex.js';
import { PackedRecords } from '../../../visualizations/src/server/index/kept/packedRecords.js';
import { PersistentMap } from '../../../visualizations/src/server/index/kept/persistentMap.js';
import { DamagedError } from '../../../visualizations/src/server/index/seeker.js';
import { seqAtTime } from '../../../visualizations/src/server/index/seqAtTime.js';
import { BEFORE_OUTAGE, closeAll, makeJournal, onClose } from './inspectionRig.js';

const LENGTH = 1_500;
/** So long that a state in it may lie too far from those that are kept. */
const LONG = 2_600;
let long: readonly Record[] = [];
let records: readonly Record[] = [];
/** Of all records, when it is whole; nothing that a test asks for changes what another one is told. */
let entire: { readonly journal: Journal & { reads: number }; readonly index: JournalIndex };
beforeAll(async () => {
  const made = await makeJournal(LONG);
  [long, records] = [made.records.slice(0, LONG), made.records.slice(0, LENGTH)];
  const journal = journalOf();
  entire = { journal, index: await whole(await indexOf(journal)) };
});
afterAll(closeAll);

interface Fake {
  readonly records?: readonly Record[];
  readonly checkpoints?: readonly Checkpoint[];
  /** Reading this record fails. */
  readonly damagedAt?: number;
}
/** A journal of given records. */
function journalOf({ records: all = records, checkpoints = [], damagedAt }: Fake = {}): Journal & { reads: number } {
  const last = all.at(-1);
  return {
    reads: 0,
    notices: [],
    position: async () => ({ epoch: 1, seq: last?.seq ?? 0, at: last?.at ?? 0 }),
    async read(after, limit) {
      this.reads += 1;
      const found = all.filter(({ seq }) => seq > after).slice(0, limit);
      if (found.some(({ seq }) => seq === damagedAt))
        throw new JournalError('JOURNAL_CORRUPT', `record ${damagedAt} is damaged`);
      return found;
    },
    checkpoint: async (upTo = Number.MAX_SAFE_INTEGER) => checkpoints.findLast(({ seq }) => seq <= upTo) ?? null,
    beginEpoch: () => Promise.reject(new Error('read only')),
    append: () => Promise.reject(new Error('read only')),
    tidy: async () => undefined,
    assertThere: () => undefined,
    close: async () => undefined,
  };
}
async function indexOf(
  journal: Journal,
  more: { readonly keyframeBytesMax?: number; readonly pagesMax?: number } = {},
): Promise<JournalIndex> {
  const index = await JournalIndex.open({ journal, topology, ...more });
  onClose(() => index.close());
  return index;
}
async function whole(index: JournalIndex): Promise<JournalIndex> {
  while (index.indexing.done < index.indexing.of) await new Promise((resolve) => setImmediate(resolve));
  await index.caughtUp(60_000);
  return index;
}
/** All that is known of a state, as a short text. */
function textOf(state: {
  seq: number;
  at: number;
  epoch: number;
  actors(): Iterable<[string, { snapshot: { value: unknown; context: unknown } }]>;
}): string {
  const actors = [...state.actors()]
    .map(
      ([id, { snapshot, ...actor }]) => [id, { ...actor, value: snapshot.value, context: snapshot.context }] as const,
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify({ seq: state.seq, at: state.at, epoch: state.epoch, actors });
  return `${state.seq} ${createHash('sha256').update(text).digest('hex')}`;
}
const truths = new Map<number, string>();
async function truth(seq: number, journal?: Journal): Promise<string> {
  if (journal) return folded(seq, journal);
  const known = truths.get(seq) ?? (await folded(seq, journalOf()));
  truths.set(seq, known);
  return known;
}
async function folded(seq: number, journal: Journal): Promise<string> {
  const { state } = await fold(journal, topology, { upTo: seq });
  return textOf({ seq: state.seq, at: state.at, epoch: state.epoch, actors: () => state.actors.entries() });
}
const textAt = (index: JournalIndex, seq: number) => index.at(seq, (state: FoldedState) => textOf(state));
const SEQS = [0, 1, 2, 249, 250, 251, 499, 500, 501, 777, LENGTH - 1, LENGTH];

describe('the index of a journal', () => {
  test('gives at every record the state that a fold gives', async () => {
    const { index } = entire;
    expect(index.keyframeCount).toBeGreaterThan(5);
    for (const seq of [...SEQS, ...SEQS.toReversed()]) expect(await textAt(index, seq)).toBe(await truth(seq));
    expect(index.divergence).toBeNull();
  });
  test('remembers who has ended, as the bot does', async () => {
    const { index } = entire;
    for (const seq of [1, 600, 1_240]) {
      const { state } = await fold(journalOf(), topology, { upTo: seq });
      const ids = [...state.endedActors.entries()].map(([id]) => id);
      const later = [
        'message:nobody',
        ...records.slice(seq, seq + 20).flatMap(({ steps }) => steps.map(({ actor }) => actor)),
      ];
      const wanted = [...ids, ...later].map((id) => state.ended(id, state.at)?.value);
      expect(await index.at(seq, (found) => [...ids, ...later].map((id) => found.ended(id, found.at)?.value))).toEqual(
        wanted,
      );
    }
  });
  test('goes on from where the scrubber was, backwards too', async () => {
    const { index, journal } = entire;
    await textAt(index, 800);
    journal.reads = 0;
    expect(await textAt(index, 801)).toBe(await truth(801));
    expect(journal.reads).toBe(1);
    expect(await textAt(index, 799)).toBe(await truth(799));
  });
  test('[limit keptStates] keeps fewer states when memory is short, and gives the same ones', async () => {
    const index = await whole(await indexOf(journalOf(), { keyframeBytesMax: 100_000 }));
    expect(index.indexing.every).toBeGreaterThan(entire.index.indexing.every);
    for (const seq of SEQS) expect(await textAt(index, seq)).toBe(await truth(seq));
  });
  test('[limit keptNotes] of what it keeps no notes of it reads anew', async () => {
    const [some, all] = [await whole(await indexOf(journalOf(), { pagesMax: 1 })), entire.index];
    const found = async (index: JournalIndex): Promise<number[]> => {
      const seqs: number[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: SearchPage = await search(index, { event: 'timer.elapsed', order: 'asc', cursor });
        seqs.push(...page.records.map(({ seq }) => seq));
        cursor = page.cursor;
      }
      return seqs;
    };
    expect(await found(some)).toEqual(await found(all));
    expect(await found(some)).toEqual(
      records.filter(({ fact }) => fact.type === 'timer.elapsed').map(({ seq }) => seq),
    );
    const { buckets } = timelineOf(some, 1, LENGTH, 3);
    expect(buckets.map(({ messages }) => messages === null)).toEqual([true, true, false]);
  });
  test('begins with the newest checkpoint; the past comes after, and is the same', async () => {
    const { state } = await fold(journalOf(), topology, { upTo: 1_200 });
    const checkpoints = [takeCheckpoint(state)];
    const index = await indexOf(journalOf({ checkpoints }));
    await index.caughtUp(60_000);
    expect(index.indexing.done).toBeLessThan(index.indexing.of);
    expect(await textAt(index, 1_400)).toBe(await truth(1_400));
    await whole(index);
    for (const seq of [800, 1_199, 1_200, 1_201]) expect(await textAt(index, seq)).toBe(await truth(seq));
    const [parts, once] = [index, entire.index];
    expect(heatOf(parts, 'breaker:messages', 1, LENGTH)).toEqual(heatOf(once, 'breaker:messages', 1, LENGTH));
    expect(timelineOf(parts, 1, LENGTH, 37)).toEqual(timelineOf(once, 1, LENGTH, 37));
  });
  test('what is far away is said to be pending, and worked at first', async () => {
    const journal = journalOf({ records: long });
    const { state } = await fold(journal, topology, { upTo: LONG - 100 });
    const wanted = await truth(2_300, journal);
    const index = await indexOf(journalOf({ records: long, checkpoints: [takeCheckpoint(state)] }));
    await index.caughtUp(60_000);
    let found = await textAt(index, 2_300);
    expect(found).toMatchObject({ pending: true });
    while (typeof found !== 'string') {
      await new Promise((resolve) => setImmediate(resolve));
      found = await textAt(index, 2_300);
    }
    expect(found).toBe(wanted);
  });
  test('takes in records that come, and tells them', async () => {
    const store = createMemoryStore();
    const journal = await openMemoryJournal(store);
    const bot = await startBusyBot({ journal, startAt: BEFORE_OUTAGE });
    const index = await indexOf(journal);
    const told: number[] = [];
    index.subscribe(({ seq }) => void told.push(seq));
    await bot.runTo(700);
    await index.advance();
    await index.caughtUp(60_000);
    const { seq } = bot.system.state;
    expect(index.last.seq).toBe(seq);
    expect(told.at(-1)).toBe(seq);
    expect(told).toEqual(Array.from({ length: told.length }, (_, i) => told[0]! + i));
    expect(await textAt(index, seq)).toBe(await truth(seq, journal));
    await bot.stop();
  });
  test('finds the record at a time', async () => {
    const index = await indexOf(journalOf());
    for (const at of [
      records[0]!.at - 1,
      records[0]!.at,
      records[1_234]!.at,
      records[1_234]!.at + 1,
      records.at(-1)!.at + 5,
    ])
      expect(await seqAtTime(index, at)).toBe(records.findLast((record) => record.at <= at)?.seq ?? 0);
  });
});

describe('bad input', () => {
  test('a damaged record: everything before it is shown, and it is said where', async () => {
    const index = await whole(await indexOf(journalOf({ damagedAt: 634 })));
    expect(index.state).toEqual({
      state: 'damaged',
      seq: 634,
      message: 'from record 634 on: record 634 is damaged',
    });
    expect(await textAt(index, 633)).toBe(await truth(633));
    await expect(momentAt(index, 634, { perGroup: 50 })).rejects.toThrow(DamagedError);
    expect(timelineOf(index, 1, 633, 10).buckets.every(({ messages }) => messages !== null)).toBe(true);
  });
  test('a missing record is damage, too', async () => {
    const index = await whole(await indexOf(journalOf({ records: records.filter(({ seq }) => seq !== 900) })));
    expect(index.state.message).toBe('from record 900 on: record 900 is missing');
    expect(await textAt(index, 899)).toBe(await truth(899));
  });
  test.each([
    ['no fact', { fact: null }],
    ['a fact without type', { fact: { type: 7 } }],
    ['steps that are none', { steps: [{ actor: 'bot' }] }],
    ['effects that are none', { effects: ['x'] }],
    ['an endless nesting', { fact: { type: 'x', inside: JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) } }],
  ])('what is no record is refused: %s', async (_what, change) => {
    const strange = records.map((record) =>
      record.seq === 300 ? ({ ...record, ...change } as unknown as Record) : record,
    );
    const index = await whole(await indexOf(journalOf({ records: strange })));
    expect(index.state.message).toContain('from record 300 on: it is not a record');
    expect(await textAt(index, 299)).toBe(await truth(299));
  });
  test('facts that this version does not know: their records are listed, the state stands before them', async () => {
    const change = (record: Record): Record =>
      record.seq < 40 ? record : ({ ...record, fact: { type: 'foreign.happened', ver: 1 } } as unknown as Record);
    const index = await whole(await indexOf(journalOf({ records: records.slice(0, 60).map(change) })));
    expect(index.state.state).toBe('damaged');
    expect(index.state.message).toContain('foreign.happened');
    expect(await textAt(index, 39)).toBe(await truth(39));
    await expect(momentAt(index, 45, { perGroup: 50 })).rejects.toThrow(DamagedError);
    const { records: listed } = await recordsFrom(index, 37, 10);
    expect(listed.map(({ seq, type }) => [seq, type]).slice(-2)).toEqual([
      [46, 'foreign.happened'],
      [47, 'foreign.happened'],
    ]);
  });
  test('a journal that begins late and has no checkpoint says what is unknown', async () => {
    const index = await whole(await indexOf(journalOf({ records: records.slice(1_000) })));
    expect(index.first.seq).toBe(1_001);
    expect(index.state.message).toContain('records before 1001 are gone');
    expect(await momentAt(index, 1_500, { perGroup: 50 })).toMatchObject({ seq: 1_500 });
  });
  test('a journal that begins late with a checkpoint is whole', async () => {
    const { state } = await fold(journalOf(), topology, { upTo: 1_000 });
    const index = await whole(
      await indexOf(journalOf({ records: records.slice(1_000), checkpoints: [takeCheckpoint(state)] })),
    );
    expect(index.state).toEqual({ state: 'ok', message: null });
    expect(await textAt(index, 1_400)).toBe(await truth(1_400));
  });
  test('an empty journal', async () => {
    const index = await whole(await indexOf(journalOf({ records: [] })));
    expect(await momentAt(index, 0, { perGroup: 50 })).toMatchObject({ seq: 0, groups: [], record: null });
    expect(timelineOf(index, 1, 0, 10)).toMatchObject({ buckets: [], marksTotal: 0 });
  });
});

test('[limit packedRecords] packed records come back as they were; the pages packed first are given up', () => {
  const pages = [0, 1, 2].map((page) => records.slice(page * 500, (page + 1) * 500));
  const packed = new PackedRecords(1_000_000);
  pages.forEach((page, number) => void packed.add(number, page));
  expect(packed.read(490, 20)).toEqual(records.slice(490, 510));
  expect(packed.read(0, 1)).toEqual(records.slice(0, 1));
  expect(packed.read(1_490, 20)).toBeNull();
  const small = new PackedRecords(60_000);
  pages.forEach((page, number) => void small.add(number, page));
  expect(small.read(10, 10)).toBeNull();
  expect(small.read(1_010, 10)).toEqual(records.slice(1_010, 1_020));
});

test('a map of versions is a map at every version', () => {
  const key = fc.integer({ min: 0, max: 40 }).map((n) => `key${n}`);
  const change = fc.tuple(key, fc.option(fc.integer(), { nil: null }));
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 20 }), { maxLength: 12 }), (batches) => {
      const versions: (readonly [PersistentMap<number>, Map<string, number>])[] = [[PersistentMap.empty(), new Map()]];
      for (const batch of batches) {
        const [last, model] = versions.at(-1)!;
        const next = new Map(model);
        for (const [name, value] of batch) value === null ? next.delete(name) : next.set(name, value);
        versions.push([last.with(batch), next]);
      }
      for (const [map, model] of versions) {
        expect(map.size).toBe(model.size);
        expect(new Map(map.entries())).toEqual(model);
        for (const [name, value] of model) expect(map.get(name)).toBe(value);
      }
    }),
  );
});
