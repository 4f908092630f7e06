import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JournalError } from '../../../src/actors/ports.js';
import { APPEND_RETRY_MS } from '../../../src/actors/system/loop.js';
import { createMemoryStore } from '../../../src/adapters/journal/memoryJournal.js';
import { live, order, records } from '../life.js';

const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ post: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ fails: fc.integer({ min: 1, max: 2 }) }) },
    { weight: 1, arbitrary: fc.constantFrom('loseAnswer' as const, 'blind' as const) },
    { weight: 3, arbitrary: fc.record({ passMs: fc.constantFrom(1, APPEND_RETRY_MS - 1, APPEND_RETRY_MS) }) },
    { weight: 3, arbitrary: fc.constant('turns' as const) },
  ),
  { minLength: 3, maxLength: 30, size: 'medium' },
);

describe('appends that fail', () => {
  test('[core 2] whatever fails, each fact is written once, in order, acted upon after it is durable, and tried again only after a pause', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const store = createMemoryStore();
        const life = await live(store);
        const { position } = life.journal;
        const append = life.journal.append.bind(life.journal);
        let triedAt = Number.NEGATIVE_INFINITY;
        let failedAt = Number.NEGATIVE_INFINITY;
        life.journal.append = async (...args) => {
          triedAt = life.clock.now();
          expect(triedAt - failedAt).toBeGreaterThanOrEqual(APPEND_RETRY_MS);
          const before = store.records.length;
          try {
            await append(...args);
          } catch (error) {
            if (store.records.length === before) failedAt = triedAt;
            throw error;
          }
        };
        const posted: string[] = [];
        for (const act of list) {
          if (act === 'loseAnswer') life.journal.loseNextAnswer();
          else if (act === 'blind') {
            let looks = 0;
            life.journal.position = () => {
              looks += 1;
              return looks === 1 ? Promise.reject(new Error('blind')) : position.call(life.journal);
            };
          } else if (act === 'turns') await life.settle();
          else if ('fails' in act)
            life.journal.failNext(
              ...Array.from({ length: act.fails }, () => new JournalError('JOURNAL_FAILED', 'no room')),
            );
          else if ('passMs' in act) {
            life.clock.advance(act.passMs);
            await life.settle();
          } else {
            for (let n = 0; n < act.post; n += 1) {
              posted.push(`job ${posted.length}`);
              life.system.post(order(posted.at(-1)!));
            }
          }
          // What is done follows from what is written.
          const written = records(store).slice(1);
          expect(life.performed.length).toBeLessThanOrEqual(written.length);
        }
        await life.settle();
        for (let n = 0; n < 60 && life.system.journalFailure !== null; n += 1) {
          life.clock.advance(APPEND_RETRY_MS);
          await life.settle();
        }
        const signals = records(store).flatMap(({ fact }) => (fact.type === 'stop.requested' ? [fact.signal] : []));
        expect(signals).toEqual(posted);
        expect(life.performed.map((line) => line.split(' ')[1])).toEqual(posted.map((job) => job.replace(' ', ':')));
        expect(life.system.journalFailure).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['of another life', { epoch: 2, seq: 2 }],
    ['with another number', { epoch: 1, seq: 1 }],
    ['of another life, with another number', { epoch: 2, seq: 9 }],
  ])('[core 2] a lost answer is not taken for a yes when what stands there last is %s', async (_what, there) => {
    const store = createMemoryStore();
    const life = await live(store);
    const { append, position } = life.journal;
    life.journal.append = () => Promise.reject(new Error('the answer was lost'));
    life.journal.position = async () => ({ ...there, at: 0 });
    life.system.post(order('job a'));
    await life.settle();
    expect([life.performed, life.system.state.seq]).toEqual([[], 1]);
    Object.assign(life.journal, { append, position });
    life.clock.advance(APPEND_RETRY_MS);
    await life.settle();
    expect(life.performed).toEqual(['token.fetch job:a after 2']);
  });

  test('[core 2] failures and the slowest append are counted until they are asked for, and told once a minute', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const fail = () => life.journal.failNext(new JournalError('JOURNAL_FAILED', 'no room'));
    life.system.takeAppends();
    fail();
    life.system.post(order('job a'));
    await life.settle();
    for (let seconds = 1; seconds < 60; seconds += 1) {
      fail();
      life.clock.advance(APPEND_RETRY_MS);
      await life.settle();
    }
    const told = () => life.errors.filter((message) => message.startsWith('the journal refused an append')).length;
    expect([life.system.takeAppends().failures, told()]).toEqual([60, 1]);
    fail();
    life.clock.advance(APPEND_RETRY_MS);
    await life.settle();
    expect([life.system.takeAppends().failures, told()]).toEqual([1, 2]);
    const append = life.journal.append.bind(life.journal);
    life.journal.append = async (...args) => {
      await append(...args);
      life.clock.advance(250);
    };
    life.clock.advance(APPEND_RETRY_MS);
    await life.settle();
    expect([life.system.takeAppends(), life.system.takeAppends()]).toEqual([
      { failures: 0, slowestMs: 250 },
      { failures: 0, slowestMs: 0 },
    ]);
  });
});

describe('listeners', () => {
  test('[core 18] one that throws is told of, and takes nothing from others or from what is done', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const heard: string[] = [];
    life.system.subscribe(({ seq }) => void heard.push(`before ${seq}`));
    life.system.subscribe(() => {
      throw new Error('no');
    });
    const leave = life.system.subscribe(({ seq }) => void heard.push(`after ${seq}`));
    for (const job of ['job a', 'job b']) life.system.post(order(job));
    await life.settle();
    expect(heard).toEqual(['before 2', 'after 2', 'before 3', 'after 3']);
    expect([life.performed.length, life.errors]).toEqual([
      2,
      ['a listener of records threw', 'a listener of records threw'],
    ]);
    leave();
    life.system.post(order('job c'));
    await life.settle();
    expect([heard.at(-1), life.performed.length, life.system.journalFailure]).toEqual(['before 4', 3, null]);
  });

  test('[core 18] a performer that throws or rejects is a fact, and the effects after it are started', async () => {
    const store = createMemoryStore();
    const performed: string[] = [];
    const life = await live(store, {
      performers: {
        'token.fetch': ({ actor }) => {
          performed.push(actor);
          if (actor === 'job:a') throw new TypeError('broken');
          return actor === 'job:b' ? Promise.reject(new Error('later')) : undefined;
        },
      },
    });
    for (const job of ['job a', 'job b', 'job c']) life.system.post(order(job));
    await life.settle();
    expect(performed).toEqual(['job:a', 'job:b', 'job:c']);
    const failed = records(store).flatMap(({ fact }) => (fact.type === 'effect.failed' ? [fact.error] : []));
    expect(failed).toEqual(['TypeError: broken', 'Error: later']);
  });
});
