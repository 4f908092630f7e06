import { describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/actors/fold/fold.js';
import { JournalError, type Performer } from '../../../src/actors/ports.js';
import { INBOX_MAX } from '../../../src/actors/system/actorSystem.js';
import { APPEND_RETRY_MS, BATCH_MAX } from '../../../src/actors/system/loop.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import { createManualClock } from '../../../src/adapters/process/manualClock.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { lamp, live, order, records } from '../life.js';
import { toyTopology } from '../toyTopology.js';

test('[limit batch] an append takes so many facts, the rest goes with the next', async () => {
  const store = createMemoryStore();
  const life = await live(store);
  const sizes: number[] = [];
  const append = life.journal.append.bind(life.journal);
  life.journal.append = (epoch, records, checkpoint) => {
    sizes.push(records.length);
    return append(epoch, records, checkpoint);
  };
  for (let i = 0; i < BATCH_MAX + 1; i += 1) life.system.post(order(`n ${i}`));
  await life.settle();
  expect(sizes).toEqual([BATCH_MAX, 1]);
});

describe('append before act', () => {
  test('[core 2] starts an effect only after its record is durable', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.system.post(order('job a'));
    expect(life.performed).toEqual([]);
    await life.settle();
    expect(life.performed).toEqual(['token.fetch job:a after 2']);
  });

  test('[core 2] a failed append drops what was pending, releases nothing, and brings the facts again in order', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.journal.failNext(
      new JournalError('JOURNAL_FAILED', 'disk full'),
      new JournalError('JOURNAL_FAILED', 'disk full'),
    );
    for (const signal of ['press', 'job a', 'press']) life.system.post(order(signal));
    await life.settle();
    expect([life.performed, store.records.length, lamp(life)?.context]).toMatchObject([[], 1, { count: 0 }]);
    expect(life.system.journalFailure).toBeInstanceOf(JournalError);
    life.system.post(order('job b'));
    life.clock.advance(APPEND_RETRY_MS);
    await life.settle();
    expect(life.performed).toEqual([]);
    life.clock.advance(APPEND_RETRY_MS);
    await life.settle();
    expect(
      records(store)
        .slice(1)
        .map((record) => (record.fact as { signal?: string }).signal),
    ).toEqual(['press', 'job a', 'press', 'job b']);
    expect([life.performed.length, lamp(life)?.context, life.system.journalFailure]).toMatchObject([
      2,
      { count: 2 },
      null,
    ]);
  });

  test('[case J3] a journal that is gone takes nothing, does nothing and is not tried again', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.system.post(order('job a'));
    await life.settle();
    const before = life.performed.length;
    life.journal.failNext(new JournalError('JOURNAL_GONE', 'it was removed'));
    life.system.post(order('job b'));
    await life.settle();
    life.clock.advance(100 * APPEND_RETRY_MS);
    await life.settle();
    expect([before, life.performed.length, store.records.length]).toEqual([1, 1, 2]);
    expect([life.system.post(order('job c')), life.system.journalFailure]).toEqual([
      null,
      expect.objectContaining({ code: 'JOURNAL_GONE' }),
    ]);
  });

  test('[core 2] settles an append whose answer was lost by looking, and writes nothing twice', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.journal.loseNextAnswer();
    life.system.post(order('job a'));
    await life.settle();
    expect([store.records.length, life.performed]).toEqual([2, ['token.fetch job:a after 2']]);
  });

  test('[core 2] [limit inbox] pauses its sources while the inbox is full and resumes them when half is free', async () => {
    const life = await live(createMemoryStore());
    const calls: string[] = [];
    life.system.addSource({ pause: () => void calls.push('pause'), resume: () => void calls.push('resume') });
    for (let i = 0; i < INBOX_MAX; i += 1) life.system.post(order('press'));
    expect(calls).toEqual(['pause']);
    for (let i = 0; i < 30 && life.system.inboxLength > 0; i += 1) await life.settle();
    expect(calls).toEqual(['pause', 'resume']);
  });

  test('[case L7] an append of which nobody knows is settled by a later look, and never written again', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const { position } = life.journal;
    let looks = 0;
    let writes = 0;
    const append = life.journal.append.bind(life.journal);
    life.journal.append = (...args) => {
      writes += 1;
      return append(...args);
    };
    life.journal.position = () => {
      looks += 1;
      return looks <= 2 ? Promise.reject(new Error('not now')) : position.call(life.journal);
    };
    life.journal.loseNextAnswer();
    life.system.post(order('job a'));
    await life.settle();
    life.system.post(order('job c'));
    life.system.post(order('job b'));
    life.clock.advance(APPEND_RETRY_MS); // the second look fails too
    await life.settle();
    expect([writes, looks, store.records.length, life.performed]).toEqual([1, 2, 2, []]);
    expect(life.system.journalFailure).not.toBeNull();
    life.clock.advance(APPEND_RETRY_MS);
    await life.settle();
    expect([writes, life.system.journalFailure]).toEqual([2, null]);
    expect(life.performed.map((line) => line.split(' ')[1])).toEqual(['job:a', 'job:c', 'job:b']);
    expect(records(store).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test('[case L7] one that is not there after all is stepped and written again, before what came later', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const { position } = life.journal;
    life.journal.position = () => Promise.reject(new Error('not now'));
    life.journal.failNext(new JournalError('JOURNAL_FAILED', 'gone'));
    life.system.post(order('job a'));
    await life.settle();
    life.system.post(order('job b'));
    life.journal.position = position;
    for (let i = 0; i < 2; i += 1) {
      life.clock.advance(APPEND_RETRY_MS);
      await life.settle();
    }
    expect(life.performed.map((line) => line.split(' ')[1])).toEqual(['job:a', 'job:b']);
    expect(store.records).toHaveLength(3);
  });

  test('[core 38] steps outcomes before arrivals, and arrivals in their order', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const frame = (s: number) => ({ type: 'event.unrecognised' as const, socket: 'k', s, name: 'X', eventId: null });
    life.system.post(frame(1));
    life.system.post(frame(2));
    life.clock.advance(5);
    life.system.post(order('press'));
    await life.settle();
    const told = records(store).slice(1);
    expect(told.map(({ fact }) => (fact as { s?: number }).s ?? 'press')).toEqual(['press', 1, 2]);
    expect(new Set(told.map(({ at }) => at)).size).toBe(1); // time does not go back
  });

  test('[core 38] gives I/O its turn between two batches', async () => {
    const life = await live(createMemoryStore());
    for (let i = 0; i < 3 * BATCH_MAX; i += 1) life.system.post(order('press'));
    await life.turn();
    expect(life.system.inboxLength).toBe(2 * BATCH_MAX);
  });

  test('[core 5] gives time once, never decreasing, also when the wall clock of a new life is behind', async () => {
    const store = createMemoryStore();
    const first = await live(store, { clock: createManualClock(5_000_000) });
    first.system.post(order('press'));
    await first.settle();
    first.journal.kill();
    const second = await live(store, { clock: createManualClock(1_000_000) });
    second.clock.advance(10);
    second.system.post(order('press'));
    await second.settle();
    const times = records(store).map((record) => record.at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBe(5_000_010);
  });

  test('[core 7] freezes facts to their leaves on entry', async () => {
    const life = await live(createMemoryStore());
    const seen: unknown[] = [];
    life.system.subscribe((record) => void seen.push(record));
    const replies = [{ ordinal: 0, form: { text: 'x', embed: true } }];
    life.system.post({ type: 'handler.completed', effectId: 'none', replies, operator: false });
    await life.settle();
    expect(Object.isFrozen(replies[0]?.form)).toBe(true);
  });

  test('[core 18] starts effects of one record in their order and records in seq order', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    for (const name of ['a', 'b', 'c', 'd']) life.system.post(order(`job ${name}`));
    await life.settle();
    expect(life.performed.map((line) => line.split(' ')[1])).toEqual(['job:a', 'job:b', 'job:c', 'job:d']);
  });

  test('a step that cannot end is a record without effect, and the loop goes on', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    for (const signal of ['babble', 'press']) life.system.post(order(signal));
    await life.settle();
    expect(
      records(store)
        .slice(1)
        .map((record) => record.steps.length),
    ).toEqual([0, 2]);
    expect(life.errors).toHaveLength(1);
  });

  test('an adapter that throws or rejects becomes the fact effect.failed', async () => {
    const store = createMemoryStore();
    const performers = {
      'token.fetch': ((effect: { actor: string }) =>
        effect.actor === 'job:a'
          ? Promise.reject(new Error('later'))
          : (() => {
              throw new Error('now');
            })()) as unknown as Performer,
    };
    const life = await live(store, { performers });
    for (const signal of ['job a', 'job b']) life.system.post(order(signal));
    await life.settle();
    const failures = records(store).filter((record) => record.fact.type === 'effect.failed');
    expect(failures.map((record) => (record.fact as { error: string }).error).sort()).toEqual([
      'Error: later',
      'Error: now',
    ]);
  });
});

describe('timers', () => {
  test('[core 12] fires a deadline as a fact when it is due', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.system.post(order('press'));
    await life.settle();
    life.clock.advance(999);
    await life.settle();
    expect(lamp(life)?.value).toBe('lit');
    life.clock.advance(1);
    await life.settle();
    expect(lamp(life)?.value).toBe('dark');
    expect(records(store).at(-1)?.fact).toMatchObject({
      type: 'timer.elapsed',
      actor: 'lamp',
      timer: 'litMs',
      armedAtSeq: 2,
    });
  });

  test('[core 15] polls nothing: one clock timer for the earliest deadline, none without one', async () => {
    const life = await live(createMemoryStore());
    expect(life.clock.pending).toEqual([]);
    for (let i = 0; i < 5; i += 1) life.system.post(order('press'));
    await life.settle();
    expect(life.clock.pending).toHaveLength(1);
  });

  test('[core 20] waits the time that is left after a restart, not the whole and not for ever', async () => {
    const store = createMemoryStore();
    const clock = createManualClock();
    const first = await live(store, { clock });
    first.system.post(order('press'));
    await first.settle();
    const { dueAt } = first.system.state.actor('lamp')!.timers.litMs!;
    clock.advance(400);
    first.journal.kill();
    const second = await live(store, { clock: createManualClock(clock.now()) });
    expect(second.system.state.actor('lamp')?.timers.litMs?.dueAt).toBe(dueAt);
    second.clock.advance(599);
    await second.settle();
    expect(lamp(second)?.value).toBe('lit');
    second.clock.advance(1);
    await second.settle();
    expect(lamp(second)?.value).toBe('dark');
  });

  test('[core 6] a wall clock an hour ahead or behind after a restart waits between nothing and what was configured', async () => {
    for (const shift of [-3_600_000, 3_600_000]) {
      const store = createMemoryStore();
      const first = await live(store);
      first.system.post(order('press'));
      await first.settle();
      first.journal.kill();
      const second = await live(store, { clock: createManualClock(1_000_000 + shift) });
      second.clock.advance(1_000);
      await second.settle();
      expect(lamp(second)?.value).toBe('dark');
    }
  });
});

describe('restart', () => {
  test('[core 20] folds, then journals the new life, then every effect without an outcome', async () => {
    const store = createMemoryStore();
    const first = await live(store);
    for (const name of ['a', 'b']) first.system.post(order(`job ${name}`));
    await first.settle();
    const effects = records(store).flatMap((record) => record.effects.map((effect) => effect.id));
    first.journal.kill();
    const second = await live(store);
    expect(
      records(store)
        .slice(3)
        .map((record) => [record.fact.type, record.epoch, (record.fact as { effectId?: string }).effectId]),
    ).toEqual([
      ['run.started', 2, undefined],
      ['effect.interrupted', 2, effects[0]],
      ['effect.interrupted', 2, effects[1]],
    ]);
    expect(second.performed).toHaveLength(2);
  });

  test('[core 4] decides as the past did: options of the new configuration count from its own run.started on', async () => {
    const store = createMemoryStore();
    const first = await live(store);
    first.journal.kill();
    const options = { ...defaultOptions, locale: 'zh' as const };
    const second = await live(store, { options });
    expect(second.system.state.options?.locale).toBe('zh');
    second.journal.kill();
    const journal = await openMemoryJournal(store);
    const before = await fold(journal, toyTopology, { upTo: 1 });
    expect([before.state.options?.locale, before.divergence]).toEqual(['en', null]);
  });

  test('[core 24] restores from the checkpoint of a clean stop, equal to a fold from the start', async () => {
    const store = createMemoryStore();
    const first = await live(store);
    for (const signal of ['press', 'job a', 'press']) first.system.post(order(signal));
    await first.settle();
    await first.system.stop();
    await first.journal.close();
    expect(store.checkpoints).toHaveLength(1);
    const journal = await openMemoryJournal(store);
    const [quick, whole] = [await fold(journal, toyTopology), await fold(journal, toyTopology, { fromStart: true })];
    expect([quick.records, whole.records]).toEqual([0, 4]);
    const shape = ({ state }: typeof quick) =>
      JSON.stringify([
        [...state.actors.entries()].map(([id, a]) => [id, a.snapshot.value, a.snapshot.context, a.timers, a.open]),
        [...state.openEffects.entries()],
        state.seq,
        state.at,
      ]);
    expect(shape(quick)).toBe(shape(whole));
    expect(whole.divergence).toBeNull();
  });

  test('[core 24] arms timers that the present chart wants and drops those it no longer has', async () => {
    const store = createMemoryStore();
    const first = await live(store);
    first.system.post(order('press'));
    await first.settle();
    await first.system.stop();
    await first.journal.close();
    const saved = store.checkpoints[0]!;
    const parts = new Map(JSON.parse(saved.parts) as [string, { timers: object; machineVersions: object }][]);
    parts.get('head')!.machineVersions = { lamp: 'older' };
    parts.get('actor:lamp')!.timers = { goneMs: { dueAt: 1, armedAtSeq: 1 } };
    store.checkpoints[0] = { ...saved, parts: JSON.stringify([...parts]) };
    const second = await live(store);
    expect(second.system.state.actor('lamp')?.timers).toEqual({
      litMs: { dueAt: saved.at + 1_000, armedAtSeq: saved.seq },
    });
  });

  test('[core 24] does not arm again what has fired already, while the chart is the same', async () => {
    const store = createMemoryStore();
    const first = await live(store);
    first.system.post(order('press'));
    await first.settle();
    await first.system.stop();
    await first.journal.close();
    const saved = store.checkpoints[0]!;
    const parts = new Map(JSON.parse(saved.parts) as [string, { timers: object }][]);
    parts.get('actor:lamp')!.timers = {};
    store.checkpoints[0] = { ...saved, parts: JSON.stringify([...parts]) };
    const second = await live(store);
    expect(second.system.state.actor('lamp')?.timers).toEqual({});
  });

  test('[core 23] quarantines the actor whose recomputed past differs, and tells both sides', async () => {
    const store = createMemoryStore();
    const first = await live(store);
    first.system.post(order('job a'));
    first.system.post(order('press'));
    await first.settle();
    first.journal.kill();
    store.records[1] = store.records[1]!.replace('"X5"', '"X55"');
    const second = await live(store);
    const told = records(store).find((record) => record.fact.type === 'actor.quarantined')?.fact;
    expect(told).toMatchObject({
      actor: 'job:a',
      seq: 2,
      recorded: expect.stringContaining('X55'),
      recomputed: expect.stringContaining('X5'),
    });
    expect(second.system.state.actor('job:a')).toBeUndefined();
    expect(second.performed).toEqual([]);
  });

  test('[core 25] a writer that has been followed is fenced before it acts, and stops', async () => {
    const store = createMemoryStore();
    const zombie = await live(store);
    zombie.journal.kill();
    await live(store);
    zombie.system.post(order('job a'));
    await zombie.settle();
    expect(zombie.performed).toEqual(['process.exit']);
    expect(zombie.system.post(order('press'))).toBeNull();
    zombie.clock.advance(60_000);
    await zombie.settle();
    expect([zombie.performed, zombie.clock.pending]).toEqual([['process.exit'], []]); // nothing more is tried
    expect(records(store).some((record) => (record.fact as { signal?: string }).signal === 'job a')).toBe(false);
  });

  test('[core 24] writes a checkpoint in the transaction of the record it belongs to', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.clock.advance(30_000);
    life.system.post(order('press'));
    await life.settle();
    expect(store.checkpoints.map(({ seq }) => seq)).toEqual([2]);
    life.journal.kill();
    const journal = await openMemoryJournal(store);
    const { state, records: folded } = await fold(journal, toyTopology);
    expect([folded, state.actor('lamp')?.snapshot.value]).toEqual([0, 'lit']);
  });
});
