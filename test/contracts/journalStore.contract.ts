import { describe, expect, test } from '@jest/globals';
import type { JournalStore } from '../../src/actors/journalStore.js';
import type { JournalErrorCode } from '../../src/actors/ports.js';
import { recordAt } from '../adapters/journal/recordAt.js';

/** How the suite gets at the stores of one kind. */
export interface StorePlace {
  /** One where nothing is yet; its folder, or what stands for it, is there. */
  readonly store: JournalStore;
  /** Makes it hold records 1 to `last`, by another way than the store where it cannot be written to. */
  fill(last: number): Promise<void>;
  dispose(): Promise<void>;
}
export interface StoreTraits {
  readonly kind: 'journal' | 'export';
  /** Whether it says of itself that there is nothing; a store that is only made for what is there is asked by none. */
  readonly mayBeEmpty: boolean;
}

async function refusedWith(code: JournalErrorCode, run: () => Promise<unknown>): Promise<void> {
  await expect(run()).rejects.toMatchObject({ name: 'JournalError', code });
}

async function lastOf(store: JournalStore): Promise<number> {
  const journal = await store.openReader();
  try {
    return (await journal.position()).seq;
  } finally {
    await journal.close();
  }
}

/** What every store must do; run against each adapter. */
export function journalStoreContract(name: string, traits: StoreTraits, newPlace: () => Promise<StorePlace>): void {
  const using = async (run: (place: StorePlace) => Promise<void>): Promise<void> => {
    const place = await newPlace();
    try {
      await run(place);
    } finally {
      await place.dispose();
    }
  };
  const isWritten = traits.kind === 'journal';

  describe(`the contract of a journal's store: ${name}`, () => {
    test('tells what is there: name, kind, size, and that a reader finds it', () =>
      using(async ({ store, fill }) => {
        await fill(3);
        expect([await store.exists(), await store.kind(), store.name.length > 0]).toEqual([true, traits.kind, true]);
        const { format, bytes, segments } = await store.describe();
        expect([format >= 1, bytes > 0, segments]).toEqual([true, true, { count: 0, bytes: 0 }]);
        expect(await lastOf(store)).toBe(3);
      }));

    test('a reader reads beside others, and writes nothing', () =>
      using(async ({ store, fill }) => {
        await fill(3);
        const [one, other] = [await store.openReader(), await store.openReader()];
        const seqs = async (journal: typeof one) => (await journal.read(0, 9)).map(({ seq }) => seq);
        expect([await seqs(one), await seqs(other)]).toEqual([
          [1, 2, 3],
          [1, 2, 3],
        ]);
        expect(() => one.assertThere()).not.toThrow();
        await refusedWith('JOURNAL_UNWRITABLE', () => one.beginEpoch());
        await refusedWith('JOURNAL_UNWRITABLE', () => one.append(1, [recordAt(4, 1)]));
        await one.close();
        await other.close();
        expect(await lastOf(store)).toBe(3);
      }));

    test('verifies what is whole, and says how far it is', () =>
      using(async ({ store, fill }) => {
        await fill(3);
        const shares: number[] = [];
        const found = await store.verify((share) => void shares.push(share));
        expect(found).toMatchObject({ records: 3, first: 1, last: 3, segments: 0, findings: [] });
        expect([shares.length > 0, shares.every((share) => share >= 0 && share <= 1)]).toEqual([true, true]);
      }));

    test('is the same journal as long as nobody replaces it; a watch can be ended', () =>
      using(async ({ store, fill }) => {
        await fill(3);
        const before = await store.identity();
        store.watch(() => undefined)();
        expect([before === null, (await store.identity()) === before]).toEqual([false, true]);
      }));

    if (!isWritten) {
      test('nothing that would change it is done', () =>
        using(async ({ store, fill }) => {
          await fill(3);
          for (const change of [
            () => store.openWriter(),
            () => store.make(async () => undefined),
            () => store.compact(),
            () => store.claimForDemo(false),
          ])
            await refusedWith('JOURNAL_UNWRITABLE', change);
          expect(await store.probe()).toMatchObject({ kind: 'notOurs', held: false });
          expect(await lastOf(store)).toBe(3);
        }));
      return;
    }

    if (traits.mayBeEmpty)
      test('where nothing is, it says so, and asking makes nothing', () =>
        using(async ({ store }) => {
          expect(await store.probe()).toEqual({ kind: 'absent', code: '', held: false, bytes: 0 });
          for (const ask of [
            () => store.kind(),
            () => store.openReader(),
            () => store.describe(),
            () => store.verify(),
            () => store.compact(),
          ])
            await refusedWith('JOURNAL_NOT_OURS', ask);
          expect([await store.exists(), await store.identity()]).toEqual([false, null]);
        }));

    test('[core 25] one writer: a second is refused, the doctor sees it, a reader is not disturbed, it is not compacted', () =>
      using(async ({ store }) => {
        const journal = await store.openWriter();
        const epoch = await journal.beginEpoch();
        await journal.append(epoch, [recordAt(1, epoch)]);
        expect(() => journal.assertThere()).not.toThrow();
        await refusedWith('JOURNAL_HELD', () => store.openWriter());
        await refusedWith('JOURNAL_HELD', () => store.compact());
        expect(await store.probe()).toMatchObject({ kind: 'ours', held: true });
        const reader = await store.openReader();
        await journal.append(epoch, [recordAt(2, epoch)]);
        expect((await reader.position()).seq).toBe(2);
        expect(() => reader.assertThere()).not.toThrow();
        await reader.close();
        await journal.append(epoch, [recordAt(3, epoch)]);
        await journal.close();
        expect(await store.probe()).toMatchObject({ kind: 'ours', held: false });
        expect(await lastOf(store)).toBe(3);
      }));

    test('compacting loses nothing', () =>
      using(async ({ store, fill }) => {
        await fill(3);
        const { moved, bytesBefore, bytesAfter } = await store.compact(() => undefined);
        expect([moved >= 0, bytesBefore > 0, bytesAfter > 0]).toEqual([true, true, true]);
        expect(await store.verify()).toMatchObject({ records: 3, findings: [] });
      }));

    test('one that is made is there whole, or not at all; one that is there is not made anew', () =>
      using(async ({ store }) => {
        const broken = new Error('the source is damaged');
        const half = store.make(async (journal) => {
          const epoch = await journal.beginEpoch();
          await journal.append(epoch, [recordAt(1, epoch)]);
          throw broken;
        });
        await expect(half).rejects.toBe(broken);
        expect(await store.exists()).toBe(false);
        const made = await store.make(async (journal) => {
          const epoch = await journal.beginEpoch();
          await journal.append(epoch, [recordAt(1, epoch), recordAt(2, epoch)]);
          expect(await store.exists()).toBe(false);
          return 'made';
        });
        expect([made, await lastOf(store)]).toEqual(['made', 2]);
        await refusedWith('JOURNAL_UNWRITABLE', () => store.make(async () => undefined));
        expect(await lastOf(store)).toBe(2);
      }));

    test('[case J2] a demo claims what a demo made, anew or kept, and nothing else; a second one stays out', () =>
      using(async ({ store }) => {
        const first = await store.claimForDemo(false);
        await refusedWith('JOURNAL_HELD', () => store.claimForDemo(true));
        const journal = await store.openWriter(); // its bot
        const epoch = await journal.beginEpoch();
        await journal.append(epoch, [recordAt(1, epoch)]);
        await journal.close();
        first.release();
        (await store.claimForDemo(true)).release();
        expect(await lastOf(store)).toBe(1);
        (await store.claimForDemo(false)).release();
        expect(await lastOf(store)).toBe(0);
      }));

    test("[case J2] a real bot's journal is nothing that a demo claims", () =>
      using(async ({ store, fill }) => {
        await fill(2);
        for (const keep of [false, true]) await refusedWith('JOURNAL_NOT_OURS', () => store.claimForDemo(keep));
        expect(await lastOf(store)).toBe(2);
      }));
  });
}
