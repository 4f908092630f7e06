import { describe, expect, jest, test } from '@jest/globals';
import { type AnyStateMachine, setup } from 'xstate';
import { CHECKPOINT_VERSION } from '../../../src/actors/fold/checkpoint.js';
import { PIECE_PARTS, takeCheckpoint } from '../../../src/actors/fold/checkpointer.js';
import { fold } from '../../../src/actors/fold/fold.js';
import { machineVersionsOf, upgradesOf } from '../../../src/actors/fold/machineVersions.js';
import { JournalError } from '../../../src/actors/ports.js';
import type { Topology } from '../../../src/actors/step/routes.js';
import { CHECKPOINTS, RECORDS_A_PART, REFOLD_EVERY, refold } from '../../../src/actors/system/checkpointing.js';
import { APPEND_RETRY_MS } from '../../../src/actors/system/loop.js';
import { createMemoryStore, type MemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import { lamp, live, order, records } from '../life.js';
import { lampMachine, toyTopology } from '../toyTopology.js';

/** A lamp that has learned to be dim; with `isBlind`, one that can no longer be lit. */
function changedLamp(isBlind = false): Topology {
  const { dark, lit } = lampMachine.config.states as unknown as { [state: string]: object };
  const pressed = { on: { 'lamp.pressed': { target: 'dim', description: 'X40 pressed: dim' } } };
  const states = isBlind ? { dark: pressed, dim: {} } : { dark, lit, dim: {} };
  const config = { ...lampMachine.config, states };
  const machine = setup(lampMachine.implementations as never).createMachine(
    config as never,
  ) as object as AnyStateMachine;
  return { ...toyTopology, machines: { ...toyTopology.machines, lamp: { machine, lives: 'always' } } };
}

async function stoppedAfter(store: MemoryStore, ...signals: string[]): Promise<void> {
  const life = await live(store);
  for (const signal of signals) life.system.post(order(signal));
  await life.settle();
  await life.system.stop();
  await life.journal.close();
}
const { ms: CHECKPOINT_MS, records: CHECKPOINT_RECORDS } = CHECKPOINTS;
const parts = (store: MemoryStore, at: number) =>
  new Map(JSON.parse(store.checkpoints.at(at)!.parts) as [string, unknown][]);

describe('checkpoints', () => {
  test('[core 24] the first of a life is complete, those after it are what changed, and read back they are the state', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const given: { complete: boolean; keys: string[] }[] = [];
    const append = life.journal.append.bind(life.journal);
    life.journal.append = (epoch, batch, checkpoint) => {
      if (checkpoint) given.push({ complete: checkpoint.complete ?? false, keys: [...checkpoint.parts.keys()].sort() });
      return append(epoch, batch, checkpoint);
    };
    for (const signal of ['job a', 'press', 'unknown']) {
      life.clock.advance(CHECKPOINT_MS);
      life.system.post(order(signal));
      await life.settle();
    }
    expect(given).toEqual([
      { complete: true, keys: ['actor:echo', 'actor:job:a', 'actor:lamp', 'effect:id1.0', 'head'] },
      { complete: false, keys: ['actor:echo', 'actor:lamp', 'head'] },
      { complete: false, keys: ['actor:lamp', 'head'] }, // the lamp's time was over
    ]);
    const whole = takeCheckpoint(life.system.state, machineVersionsOf(toyTopology));
    expect([...parts(store, -1)].sort()).toEqual(
      [...(JSON.parse(JSON.stringify([...whole.parts])) as [string, unknown][])].sort(),
    );
  });

  test('[core 24] an actor that came and went between two is in neither; one that was in the first is gone in the second', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.clock.advance(CHECKPOINT_MS);
    const start = life.system.post(order('job a'));
    await life.settle();
    expect(parts(store, -1).has('actor:job:a')).toBe(true);
    life.clock.advance(CHECKPOINT_MS);
    const other = life.system.post(order('job b'));
    for (const id of [start, other])
      life.system.post({ type: 'token.fetched', effectId: `${id}.0`, ref: 'r', expiresAt: 1 });
    await life.settle();
    const second = parts(store, -1);
    expect([...second.keys()].filter((key) => key.includes('job') || key.startsWith('effect'))).toEqual([]);
    expect(JSON.stringify(second.get('ended:2'))).toContain('job:b');
  });

  test(`[core 24] one is due after ${CHECKPOINT_RECORDS} records, however short the time`, async () => {
    const store = createMemoryStore();
    const life = await live(store);
    for (let i = 0; i < CHECKPOINT_RECORDS - 2; i += 1) life.system.post(order('x'));
    while (life.system.inboxLength > 0) await life.settle();
    expect([store.records.length, store.checkpoints.length]).toEqual([CHECKPOINT_RECORDS - 1, 0]);
    life.system.post(order('x'));
    await life.settle();
    expect(store.checkpoints.map(({ seq }) => seq)).toEqual([CHECKPOINT_RECORDS]);
  });

  test('[core 38] after a large one the next comes when there are records enough to be worth it', async () => {
    const store = createMemoryStore();
    const records = 100;
    const life = await live(store, { checkpoints: { records, recordsMin: records, ms: Number.POSITIVE_INFINITY } });
    const parts = new Map<number, number>();
    const append = life.journal.append.bind(life.journal);
    life.journal.append = (epoch, batch, piece) => {
      if (piece) parts.set(piece.seq, (parts.get(piece.seq) ?? 0) + piece.parts.size);
      return append(epoch, batch, piece);
    };
    for (let i = 0; i < 1_500; i += 1) {
      life.system.post(order(i < records ? `job ${i}` : 'unknown'));
      for (let turn = 0; turn < 5; turn += 1) await life.turn();
    }
    const [[first, size], [second], [third]] = [...parts] as [[number, number], [number], [number]];
    expect(size).toBeGreaterThan(records);
    expect([second - first, third - second]).toEqual([RECORDS_A_PART * size, records]);
  });

  test('[core 38] what came and went since the last one is not looked at by the next, what changed or went is', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const { touched } = life.system.state;
    const start = async (job: string) => {
      const id = life.system.post(order(`job ${job}`));
      await life.settle();
      return id;
    };
    const end = (id: string | null) =>
      life.system.post({ type: 'token.fetched', effectId: `${id}.0`, ref: 'r', expiresAt: 1 });
    life.clock.advance(CHECKPOINT_MS);
    const old = await start('old');
    expect(parts(store, -1).has('actor:job:old')).toBe(true);
    const before = [touched.actors.size, touched.effects.size];
    for (let i = 0; i < 50; i += 1) {
      end(await start(`${i}`));
      await life.settle();
    }
    const jobs = () => [...touched.actors].filter((id) => id.startsWith('job:'));
    expect([jobs(), touched.effects.size]).toEqual([[], before[1]]);
    end(old);
    await start('kept');
    end(await start('old'));
    await life.settle();
    expect(jobs()).toEqual(['job:old', 'job:kept']);
    life.clock.advance(CHECKPOINT_MS);
    life.system.post(order('press'));
    await life.settle();
    expect([...parts(store, -1).keys()].filter((key) => key.startsWith('actor:job'))).toEqual(['actor:job:kept']);
  });

  test('[core 38] a large one is written in pieces, with several appends or in turns of its own, and is as of its first', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const jobs = 3 * PIECE_PARTS;
    for (let i = 0; i < jobs; i += 1) life.system.post(order(`job ${i}`));
    await life.settle();
    const pieces: { records: number; parts: number; seq: number; more: boolean }[] = [];
    const append = life.journal.append.bind(life.journal);
    life.journal.append = (epoch, batch, checkpoint) => {
      if (checkpoint)
        pieces.push({
          records: batch.length,
          parts: checkpoint.parts.size,
          seq: checkpoint.seq,
          more: checkpoint.more ?? false,
        });
      return append(epoch, batch, checkpoint);
    };
    life.clock.advance(CHECKPOINT_MS);
    life.system.post(order('press'));
    await life.turn();
    life.system.post(order('job late'));
    await life.turn();
    const late = life.system.state.seq;
    expect([pieces.length, store.checkpoints.length]).toEqual([2, 0]);
    life.journal.failNext(new JournalError('JOURNAL_FULL', 'no room')); // the same piece comes again
    await life.settle();
    life.clock.advance(APPEND_RETRY_MS);
    await life.settle();
    expect(new Set(pieces.map(({ seq }) => seq)).size).toBe(1);
    expect(pieces.map(({ more }) => more)).toEqual([...pieces.slice(1).map(() => true), false]);
    expect(pieces.filter(({ records: count }) => count === 0).length).toBeGreaterThan(2);
    expect(Math.max(...pieces.map(({ parts: count }) => count))).toBeLessThanOrEqual(PIECE_PARTS + 1);
    const first = parts(store, -1);
    expect([store.checkpoints.at(-1)?.seq, first.has('actor:job:late'), first.has(`actor:job:${jobs - 1}`)]).toEqual([
      late - 1,
      false,
      true,
    ]);
    const { state, divergence } = await fold(life.journal, toyTopology);
    expect([divergence, state.actor('job:late')?.snapshot.value]).toEqual([null, 'working']);
    life.clock.advance(CHECKPOINT_MS);
    life.system.post(order('press'));
    await life.settle();
    expect(parts(store, -1).has('actor:job:late')).toBe(true); // changed while the one before was being written
  });

  test('[core 38] a process that dies in the middle of one starts from the one before', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    for (let i = 0; i < 2 * PIECE_PARTS; i += 1) life.system.post(order(`job ${i}`));
    await life.settle();
    life.clock.advance(CHECKPOINT_MS);
    life.system.post(order('press'));
    await life.turn();
    life.journal.kill();
    expect(store.checkpoints).toEqual([]);
    const again = await live(store);
    expect(lamp(again)?.value).toBe('lit');
  });

  test('[core 38] quiet times write none: little is to be folded', async () => {
    const store = createMemoryStore();
    const life = await live(store, { checkpoints: CHECKPOINTS });
    for (let i = 0; i < 20; i += 1) {
      life.clock.advance(CHECKPOINT_MS);
      life.system.post(order('unknown'));
      await life.settle();
    }
    expect(store.checkpoints).toEqual([]);
    for (let i = 0; i < CHECKPOINTS.recordsMin; i += 1) life.system.post(order('unknown'));
    await life.settle();
    expect(store.checkpoints).toHaveLength(1);
  });

  test('[core 2] what changed before a failed append is in the next checkpoint', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.clock.advance(CHECKPOINT_MS);
    life.system.post(order('press'));
    await life.settle();
    life.clock.advance(CHECKPOINT_MS);
    life.journal.failNext(new Error('no room'));
    life.system.post(order('job a'));
    await life.settle();
    life.clock.advance(1_000);
    await life.settle();
    expect(parts(store, -1).has('actor:job:a')).toBe(true);
    expect((await fold(life.journal, toyTopology)).state.actor('job:a')?.snapshot.value).toBe('working');
  });

  test.each([false, true])(
    'the standing check refolds each so manieth from the one before; damaged: %s',
    async (isDamaged) => {
      const store = createMemoryStore();
      const life = await live(store);
      for (let i = 1; i <= REFOLD_EVERY; i += 1) {
        if (isDamaged && i === REFOLD_EVERY) {
          const last = store.checkpoints.at(-1)!;
          store.checkpoints[store.checkpoints.length - 1] = {
            ...last,
            parts: last.parts.replace('"heard":', '"heard":1'),
          };
        }
        life.clock.advance(CHECKPOINT_MS);
        life.system.post(order('press'));
        await life.settle();
      }
      await life.settle();
      const told = records(store).filter((record) => record.fact.type === 'checkpoint.diverged');
      expect([told.length, life.errors.length]).toEqual(isDamaged ? [1, 1] : [0, 0]);
      if (isDamaged) expect(told[0]?.fact).toMatchObject({ part: 'actor:echo', recorded: expect.any(String) });
    },
  );

  test('[case S5] the standing check is left out where there is no memory for a second state', async () => {
    let asked = 0;
    const hasRoom = (): boolean => {
      asked += 1;
      return false;
    };
    const store = createMemoryStore();
    const life = await live(store, { hasRoom });
    const read = jest.spyOn(life.journal, 'read');
    for (let i = 1; i <= REFOLD_EVERY; i += 1) {
      life.clock.advance(CHECKPOINT_MS);
      life.system.post(order('press'));
      await life.settle();
    }
    expect([asked, read.mock.calls.length]).toEqual([1, 0]);
  });

  test('[core 38] the standing check lets others go on: before each load, and within a long comparison', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    const checked = async (): Promise<number> => {
      life.clock.advance(CHECKPOINT_MS);
      life.system.post(order('press'));
      await life.settle();
      return store.checkpoints.at(-1)!.seq;
    };
    const pausesFor = async (from: number, to: number): Promise<number> => {
      let pauses = 0;
      const pause = async (): Promise<void> => {
        pauses += 1;
      };
      expect(await refold(life.journal, toyTopology, from, to, pause)).toBeNull();
      return pauses;
    };
    const first = await checked();
    const few = await pausesFor(first, await checked());
    for (let i = 0; i < 3 * PIECE_PARTS; i += 1) life.system.post(order(`job ${i}`));
    await life.settle();
    const many = await checked();
    const last = await checked();
    expect(few).toBeGreaterThanOrEqual(4);
    expect((await pausesFor(many, last)) - few).toBeGreaterThanOrEqual(3);
  });

  test('housekeeping that fails is told, and the bot goes on', async () => {
    const store = createMemoryStore();
    const life = await live(store);
    life.journal.tidy = () => Promise.reject(new Error('no room for a segment'));
    life.clock.advance(CHECKPOINT_MS);
    life.system.post(order('press'));
    await life.settle();
    expect(life.warnings.map(({ message }) => message)).toEqual([expect.stringContaining('housekeeping')]);
    life.system.post(order('press'));
    await life.settle();
    expect(lamp(life)?.context).toMatchObject({ count: 2 });
  });

  test('[core 24] reads the layout of version 1', async () => {
    const store = createMemoryStore();
    await stoppedAfter(store, 'press', 'job a');
    const saved = parts(store, 0) as Map<string, never>;
    const of = (prefix: string) =>
      [...saved]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, part]) => [key.slice(prefix.length), part] as const);
    const body = {
      ...(saved.get('head') as object | undefined),
      version: 1,
      actors: Object.fromEntries(of('actor:')),
      openEffects: of('effect:').map(([, effect]) => effect),
      seen: of('seen:')[0]?.[1] ?? { total: 0, entries: [] },
      ended: of('ended:')[0]?.[1] ?? { total: 0, entries: [] },
    };
    store.checkpoints[0] = { ...store.checkpoints[0]!, parts: JSON.stringify([['body', body]]) };
    const { state, records: folded } = await fold(await openMemoryJournal(store), toyTopology);
    expect([folded, state.actor('lamp')?.snapshot.value, state.actor('job:a')?.open.length]).toEqual([0, 'lit', 1]);
  });

  test('[core 24] one of a newer layout is passed over when the records are there', async () => {
    const store = createMemoryStore();
    await stoppedAfter(store, 'press');
    const text = store.checkpoints[0]!.parts.replace(`"version":${CHECKPOINT_VERSION}`, '"version":99');
    store.checkpoints[0] = { ...store.checkpoints[0]!, parts: text };
    const life = await live(store);
    expect(lamp(life)?.value).toBe('lit');
    expect(life.warnings[0]).toMatchObject({ fields: { reason: expect.stringContaining('version 99') } });
  });
});

describe('a machine that has changed', () => {
  test('goes on from the checkpoint where it fits, and the upgrade is a record with a checkpoint of its own', async () => {
    const store = createMemoryStore();
    await stoppedAfter(store, 'press');
    const topology = changedLamp();
    const life = await live(store, { topology });
    expect(lamp(life)?.value).toBe('lit');
    const [from, to] = [machineVersionsOf(toyTopology).lamp, machineVersionsOf(topology).lamp];
    expect(from).not.toBe(to);
    expect(records(store).at(-1)?.fact).toMatchObject({
      type: 'machines.upgraded',
      changes: [{ machine: 'lamp', from, to }],
    });
    expect(store.checkpoints.at(-1)?.seq).toBe(store.records.length);
    life.journal.kill();
    const again = await live(store, { topology });
    expect(records(store).filter((record) => record.fact.type === 'machines.upgraded')).toHaveLength(1);
    expect(lamp(again)?.value).toBe('lit');
  });

  test('is refolded where its state is no more and the past still agrees, and that is told', async () => {
    const store = createMemoryStore();
    await stoppedAfter(store);
    const saved = store.checkpoints[0]!;
    store.checkpoints[0] = { ...saved, parts: saved.parts.replace('"value":"dark"', '"value":"purple"') };
    const life = await live(store);
    expect(lamp(life)?.value).toBe('dark');
    expect(life.warnings[0]).toMatchObject({
      fields: { reason: expect.stringContaining('actor lamp is in state "purple", which "lamp" does not have') },
    });
  });

  test('[core 24] stops with actor, state and machine named when neither fits', async () => {
    const store = createMemoryStore();
    await stoppedAfter(store, 'press');
    await expect(live(store, { topology: changedLamp(true) })).rejects.toMatchObject({
      name: 'CheckpointError',
      message: expect.stringMatching(/^checkpoint 2: actor lamp is in state "lit", which "lamp" does not have/),
    });
  });

  test('stops with the machine named when it is no more', async () => {
    const store = createMemoryStore();
    await stoppedAfter(store, 'job a');
    const { job: _gone, ...machines } = toyTopology.machines;
    await expect(live(store, { topology: { ...toyTopology, machines } })).rejects.toThrow(
      'actor job:a is a "job", which this version does not have',
    );
  });

  test('a new machine, one that is gone and one that changed are each told once; a first life tells nothing', () => {
    expect(upgradesOf({ a: '1', b: '1', c: '1' }, { a: '1', b: '2', d: '1' })).toEqual([
      { machine: 'b', from: '1', to: '2' },
      { machine: 'c', from: '1', to: null },
      { machine: 'd', from: null, to: '1' },
    ]);
    expect(upgradesOf(null, { a: '1' })).toEqual([]);
  });

  test('its version is its chart: the same in every process, another when a row changes', () => {
    expect(machineVersionsOf(toyTopology)).toEqual(machineVersionsOf({ ...toyTopology }));
    const seen = new Set([toyTopology, changedLamp(), changedLamp(true)].map((t) => machineVersionsOf(t).lamp));
    expect(seen.size).toBe(3);
  });
});
