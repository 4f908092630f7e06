import { describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/actors/fold/fold.js';
import { BEHAVIOUR } from '../../../src/actors/wiring/behaviour.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import { sourceHash } from '../../../src/cli/pages/behaviour.js';
import { World } from '../world.js';

test('[core 23a] the number of the behaviour stands for the code that decides', () => {
  // Changed on purpose? `npm run behaviour` raises the number; with `-- --keep` where no step can come out otherwise.
  expect(BEHAVIOUR.source).toBe(sourceHash());
});

describe('[core 23a] a tail that was written under another number', () => {
  /** A bot whose call is out, and a record of it that the present code would not write. */
  async function journalOf(behaviour: number, later: World['records'] = []) {
    const world = new World();
    world.begin();
    world.connect();
    world.receive('m1');
    world.complete('m1');
    const [started, ...records] = world.records;
    const first = { ...started!, fact: { ...started!.fact, behaviour } } as typeof started;
    const changed = records.map((record) => {
      const text = JSON.stringify(record).replaceAll('"L1"', '"L99"');
      const [effect] = record.effects;
      // The past gave the call another place among the effects of its record.
      return effect?.type === 'call.start'
        ? JSON.parse(text.replaceAll(effect.id, `${record.id}.7`).replaceAll('"generation":1', '"generation":77'))
        : JSON.parse(text);
    });
    const journal = await openMemoryJournal(createMemoryStore());
    const epoch = await journal.beginEpoch();
    await journal.append(epoch, [first!, ...changed, ...later]);
    return journal;
  }

  test('is folded without comparing, and its recorded effects are the ones that are open', async () => {
    const { state, divergence } = await fold(await journalOf(1), topology);
    expect(divergence).toBeNull();
    const calls = [...state.openEffects.entries()].filter(([, effect]) => effect.type === 'call.start');
    expect(calls).toHaveLength(1);
    expect(calls[0]![0]).toMatch(/\.7$/);
    expect(state.actor('delivery:m1.0')?.open).toEqual([calls[0]![0]]);
  });

  test('its permit is the one that its breaker counts', async () => {
    const { state } = await fold(await journalOf(1), topology);
    const [call] = [...state.openEffects.entries()].filter(([, { type }]) => type === 'call.start');
    expect(call![1]).toMatchObject({ permit: { generation: 1 } });
  });

  test('what follows one that goes otherwise today is not compared either', async () => {
    const world = new World();
    world.begin();
    world.connect();
    world.receive('m1');
    world.complete('m1');
    const seq = world.records.length;
    world.begin();
    world.receive('m2');
    const later = world.records
      .slice(seq)
      .map((record) =>
        JSON.parse(
          JSON.stringify(record).replaceAll('"G1"', '"G99"').replaceAll('"L1"', '"L98"').replaceAll('"M1"', '"M98"'),
        ),
      );
    expect(JSON.stringify(later)).toContain('98"');
    expect((await fold(await journalOf(1, later), topology)).divergence).toBeNull();
  });

  test('is compared when it was written under the present one', async () => {
    const { divergence } = await fold(await journalOf(BEHAVIOUR.number), topology);
    expect(divergence?.actor).toBe('lane:c3');
  });
});
