import { describe, expect, test } from '@jest/globals';
import type { Checkpoint, Journal, JournalErrorCode } from '../../src/actors/ports.js';
import { recordAt } from '../adapters/journal/recordAt.js';

/** How the suite gets at one adapter: a fresh place, opened as often as a test likes. */
export interface JournalPlace {
  open(): Promise<Journal>;
  /** The holder dies without closing. */
  kill(journal: Journal): Promise<void>;
  dispose(): Promise<void>;
}

function entries(parts: { readonly [key: string]: unknown }, seq?: unknown): [string, unknown][] {
  return [['head', seq ?? parts.state], ...Object.entries(parts)];
}
function checkpointAt(seq: number, parts: { readonly [key: string]: unknown }, complete = false): Checkpoint {
  return { seq, at: seq, parts: new Map(entries(parts, seq)), ...(complete ? { complete } : {}) };
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
              checkpointAt(1, { state: {} }),
            ),
          );
          expect([await journal.read(0, 10), await journal.checkpoint()]).toEqual([[], null]);
          await journal.append(epoch, [recordAt(1, epoch)]);
        }),
    );

    test('[core 24] makes a checkpoint durable with its records, and keeps the newest two', () =>
      using(async (_place, journal, epoch) => {
        for (const seq of [1, 2, 3])
          await journal.append(epoch, [recordAt(seq, epoch)], checkpointAt(seq, { state: seq }));
        await journal.tidy();
        expect(await journal.checkpoint()).toEqual({ seq: 3, at: 3, parts: new Map(entries({ state: 3 })) });
        expect(await journal.checkpoint(2)).toEqual({ seq: 2, at: 2, parts: new Map(entries({ state: 2 })) });
        expect(await journal.checkpoint(1)).toBeNull();
      }));

    test('[core 24] a checkpoint is what changed: parts that stay, that change, that go, and go for good when it is complete', () =>
      using(async (_place, journal, epoch) => {
        const steps: [seq: number, parts: { [key: string]: unknown }, complete: boolean][] = [
          [1, { a: 1, b: { deep: [1] }, c: null }, true],
          [2, { b: null, d: 'new' }, false],
          [3, { a: 2 }, false],
          [4, { b: 'back' }, false],
          [5, { only: true }, true],
          [6, { a: 'again' }, false],
        ];
        const seen: object[] = [];
        for (const [seq, parts, complete] of steps) {
          await journal.append(epoch, [recordAt(seq, epoch)], checkpointAt(seq, parts, complete));
          seen.push(Object.fromEntries((await journal.checkpoint())!.parts));
        }
        expect(seen).toEqual([
          { head: 1, a: 1, b: { deep: [1] } },
          { head: 2, a: 1, d: 'new' },
          { head: 3, a: 2, d: 'new' },
          { head: 4, a: 2, b: 'back', d: 'new' },
          { head: 5, only: true },
          { head: 6, only: true, a: 'again' },
        ]);
        expect(Object.fromEntries((await journal.checkpoint(5))!.parts)).toEqual(seen[4]);
      }));

    test('[core 24] [core 38] a checkpoint in pieces is not there before its last one, then it is whole; one that was never ended leaves nothing', () =>
      using(async (_place, journal, epoch) => {
        const piece = (seq: number, parts: { [key: string]: unknown }, complete: boolean, more: boolean) => ({
          seq,
          at: seq,
          parts: new Map(Object.entries(parts)),
          complete,
          more,
        });
        const there = async () => {
          const found = await journal.checkpoint();
          return found && [found.seq, Object.fromEntries(found.parts)];
        };
        await journal.append(epoch, [recordAt(1, epoch)], piece(1, { a: 1, b: 1 }, true, true));
        expect(await there()).toBeNull();
        await journal.append(epoch, [recordAt(2, epoch)], piece(1, { c: 1 }, true, true));
        await journal.append(epoch, [], piece(1, { c: 1 }, true, true)); // once more: its answer was lost
        await journal.append(epoch, [recordAt(3, epoch)], piece(1, { head: 1 }, true, false));
        const whole = [1, { head: 1, a: 1, b: 1, c: 1 }];
        expect(await there()).toEqual(whole);
        await journal.append(epoch, [], piece(1, { head: 1 }, true, false)); // the answer to the last one was lost
        expect(await there()).toEqual(whole);
        await journal.append(epoch, [recordAt(4, epoch)], piece(4, { a: 9, d: 9 }, false, true)); // never ended
        expect(await there()).toEqual(whole);
        await journal.append(epoch, [recordAt(5, epoch)], piece(5, { b: 2 }, false, true));
        await journal.append(epoch, [recordAt(6, epoch)], piece(5, { head: 5, c: null }, false, false));
        await journal.append(epoch, [], piece(5, { head: 5, c: null }, false, false));
        expect(await there()).toEqual([5, { head: 5, a: 1, b: 2 }]);
        await journal.tidy();
        expect(await there()).toEqual([5, { head: 5, a: 1, b: 2 }]);
      }));

    test('[core 2] a failed append leaves nothing of its records and nothing of its checkpoint', () =>
      using(async (_place, journal, epoch) => {
        await journal.append(epoch, [recordAt(1, epoch)], checkpointAt(1, { a: 1 }));
        await refusedWith('JOURNAL_FAILED', () =>
          journal.append(epoch, [recordAt(2, epoch), recordAt(9, epoch)], checkpointAt(9, { a: 2 })),
        );
        expect([(await journal.position()).seq, Object.fromEntries((await journal.checkpoint())!.parts)]).toEqual([
          1,
          { head: 1, a: 1 },
        ]);
      }));

    test('takes a checkpoint without records, as a clean stop writes it', () =>
      using(async (_place, journal, epoch) => {
        await journal.append(epoch, [recordAt(1, epoch)]);
        await journal.append(epoch, [], checkpointAt(1, { done: true }));
        await journal.append(epoch, [], { ...checkpointAt(1, { done: 'again' }), at: 6 });
        expect(await journal.checkpoint()).toEqual({ seq: 1, at: 6, parts: new Map(entries({ done: 'again' }, 1)) });
      }));

    test('a checkpoint alone in an empty one is where an imported stretch begins', () =>
      using(async (place, journal, epoch) => {
        await journal.append(epoch, [], checkpointAt(500, { a: 1 }, true));
        expect(await journal.position()).toEqual({ epoch, seq: 500, at: 500 });
        await refusedWith('JOURNAL_FAILED', () => journal.append(epoch, [recordAt(1, epoch)]));
        await journal.append(epoch, [recordAt(501, epoch), recordAt(502, epoch)]);
        await place.kill(journal);
        const again = await place.open();
        const seqs = async (after: number) => (await again.read(after, 9)).map(({ seq }) => seq);
        expect([await seqs(0), await seqs(501), (await again.position()).seq]).toEqual([[501, 502], [502], 502]);
        await again.close();
      }));

    test('its housekeeping changes nothing that can be read', () =>
      using(async (_place, journal, epoch) => {
        for (const seq of [1, 2, 3]) await journal.append(epoch, [recordAt(seq, epoch)], checkpointAt(seq, { a: seq }));
        const before = [await journal.read(0, 9), await journal.checkpoint(), await journal.position()];
        await journal.tidy();
        expect([await journal.read(0, 9), await journal.checkpoint(), await journal.position()]).toEqual(before);
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
        await journal.append(epoch, [recordAt(1, epoch)], checkpointAt(1, { n: 1 }));
        await place.kill(journal);
        const again = await place.open();
        const { parts } = (await again.checkpoint())!;
        expect([await again.beginEpoch(), (await again.read(0, 9)).length, parts.get('n')]).toEqual([2, 1, 1]);
        await again.close();
      }));
  });
}
