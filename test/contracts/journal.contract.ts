import { describe, expect, test } from '@jest/globals';
import type { Journal, JournalErrorCode } from '../../src/actors/ports.js';
import { recordAt } from '../adapters/journal/recordAt.js';

/** How the suite gets at one adapter: a fresh place, opened as often as a test likes. */
export interface JournalPlace {
  open(): Promise<Journal>;
  /** The holder dies without closing. */
  kill(journal: Journal): Promise<void>;
  dispose(): Promise<void>;
}

async function refusedWith(code: JournalErrorCode, run: () => Promise<unknown>): Promise<void> {
  await expect(run()).rejects.toMatchObject({ name: 'JournalError', code });
}

/** What every journal must do; run against each adapter. */
export function journalContract(name: string, newPlace: () => Promise<JournalPlace>): void {
  describe(`the journal contract: ${name}`, () => {
    const using = async (
      run: (place: JournalPlace, journal: Journal, epoch: number) => Promise<void>,
    ): Promise<void> => {
      const place = await newPlace();
      const journal = await place.open();
      try {
        await run(place, journal, await journal.beginEpoch());
      } finally {
        await journal.close();
        await place.dispose();
      }
    };

    test('a new one is empty and hands out epochs from 1', () =>
      using(async (_place, journal, epoch) => {
        expect([epoch, await journal.position(), await journal.checkpoint()]).toEqual([
          1,
          { epoch: 1, seq: 0, at: 0 },
          null,
        ]);
        expect(await journal.beginEpoch()).toBe(2);
      }));

    test('keeps order and gives records back in pages', () =>
      using(async (_place, journal, epoch) => {
        await journal.append(
          epoch,
          [1, 2, 3].map((seq) => recordAt(seq, epoch)),
        );
        await journal.append(epoch, [recordAt(4, epoch)]);
        expect((await journal.read(0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
        expect((await journal.read(1, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
        expect(await journal.read(4, 10)).toEqual([]);
        expect(await journal.position()).toEqual({ epoch, seq: 4, at: 1_004 });
      }));

    test.each([
      ['plain', 'hello'],
      ['Chinese, emoji, line separators, quotes', '你好 🎉 \u2028 \u2029 "\' \\ \u0000 \ud83d'],
      ['1 MB', 'x'.repeat(1_048_576)],
    ])('gives back byte for byte: %s', (_what, text) =>
      using(async (_place, journal, epoch) => {
        await journal.append(epoch, [recordAt(1, epoch, text)]);
        const [got, wanted] = [(await journal.read(0, 1))[0]!, recordAt(1, epoch, text)];
        const parts = ['seq', 'id', 'at', 'epoch', 'fact', 'steps', 'effects'] as const;
        expect(parts.filter((part) => JSON.stringify(got[part]) !== JSON.stringify(wanted[part]))).toEqual([]);
      }),
    );

    test.each([[[2]], [[1, 3]], [[1, 1]]])(
      'refuses records that leave a gap or repeat: %j, and keeps nothing of them',
      (seqs) =>
        using(async (_place, journal, epoch) => {
          await refusedWith('JOURNAL_FAILED', () =>
            journal.append(
              epoch,
              seqs.map((seq) => recordAt(seq, epoch)),
              { seq: 1, at: 1, body: {} },
            ),
          );
          expect([await journal.read(0, 10), await journal.checkpoint()]).toEqual([[], null]);
          await journal.append(epoch, [recordAt(1, epoch)]);
        }),
    );

    test('makes a checkpoint durable with its records, keeps the newest two, and finds the one before a seq', () =>
      using(async (_place, journal, epoch) => {
        for (const seq of [1, 2, 3])
          await journal.append(epoch, [recordAt(seq, epoch)], { seq, at: seq, body: { state: seq } });
        expect(await journal.checkpoint()).toEqual({ seq: 3, at: 3, body: { state: 3 } });
        expect(await journal.checkpoint(2)).toEqual({ seq: 2, at: 2, body: { state: 2 } });
        expect(await journal.checkpoint(1)).toBeNull();
      }));

    test('takes a checkpoint without records, as a clean stop writes it', () =>
      using(async (_place, journal, epoch) => {
        await journal.append(epoch, [recordAt(1, epoch)]);
        await journal.append(epoch, [], { seq: 1, at: 5, body: { done: true } });
        await journal.append(epoch, [], { seq: 1, at: 6, body: { done: 'again' } });
        expect(await journal.checkpoint()).toEqual({ seq: 1, at: 6, body: { done: 'again' } });
      }));

    test('[core 25] refuses a second writer at once, and lets one in when the first has closed or died', () =>
      using(async (place, journal) => {
        await refusedWith('JOURNAL_HELD', () => place.open());
        await place.kill(journal);
        const second = await place.open();
        await refusedWith('JOURNAL_HELD', () => place.open());
        await second.close();
        await (await place.open()).close();
      }));

    test('[core 25] fences a writer whose epoch has been followed, before anything is written', () =>
      using(async (_place, journal, epoch) => {
        await journal.append(epoch, [recordAt(1, epoch)]);
        const next = await journal.beginEpoch();
        await refusedWith('JOURNAL_FENCED', () => journal.append(epoch, [recordAt(2, epoch)]));
        expect((await journal.position()).seq).toBe(1);
        await journal.append(next, [recordAt(2, next)]);
      }));

    test('[core 2] an append whose answer was lost can be settled by looking', () =>
      using(async (_place, journal, epoch) => {
        await journal.append(epoch, [recordAt(1, epoch), recordAt(2, epoch)]);
        expect(await journal.position()).toMatchObject({ epoch, seq: 2 });
      }));

    test('has everything again when opened anew', () =>
      using(async (place, journal, epoch) => {
        await journal.append(epoch, [recordAt(1, epoch)], { seq: 1, at: 1, body: { n: 1 } });
        await place.kill(journal);
        const again = await place.open();
        expect([await again.beginEpoch(), (await again.read(0, 9)).length, (await again.checkpoint())?.body]).toEqual([
          2,
          1,
          { n: 1 },
        ]);
        await again.close();
      }));
  });
}
