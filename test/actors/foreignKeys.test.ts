import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadCheckpoint } from '../../src/actors/fold/checkpoint.js';
import { takeCheckpoint } from '../../src/actors/fold/checkpointer.js';
import { machineVersionsOf } from '../../src/actors/fold/machineVersions.js';
import { SystemState } from '../../src/actors/step/state.js';
import { topology } from '../../src/actors/wiring/topology.js';
import { at, type ByKey, entriesOf, mapOf, rowOf, withKey, withoutKey } from '../../src/machines/kit/byKey.js';
import type { LaneContext } from '../../src/machines/lane/words.js';
import { World } from './world.js';

/** Names that every object has, and one that changes what an object is. */
const NAMES = ['constructor', '__proto__', 'hasOwnProperty', 'toString', 'valueOf', '__defineGetter__', 'then', '0'];

describe('names that others have chosen', () => {
  test.each(NAMES)('[case A4] %s, a user, a place and a message, is answered like anybody else', (name) => {
    const world = new World();
    world.begin();
    world.connect();
    for (const kind of ['c2c', 'group', 'guild', 'direct'] as const) {
      const ids = [`${name}-1`, `${name}-2`].map((id) => `${kind}${id}`);
      for (const id of [...ids, ...(kind === 'c2c' ? [name] : [])]) {
        world.receive(id, { author: name, channel: name, kind });
        world.complete(id, ['one', 'two'], false);
      }
      drain(world);
    }
    expect(world.calls).toEqual([]);
    expect(world.records.filter(({ fact }) => fact.type === 'call.succeeded')).toHaveLength(2 * 9);
  });

  test('[case A4] [core 39] whatever they are called, a restart from a checkpoint changes nothing', () => {
    const name = fc.constantFrom(...NAMES);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name, fc.boolean()), { minLength: 1, maxLength: 8 }), (messages) => {
        const world = new World();
        world.begin();
        world.connect();
        messages.forEach(([author, channel, isCommand], i) => {
          const id = `${author}.${i}`;
          world.receive(id, { author, channel, kind: 'c2c', content: isCommand ? '!help' : 'x' });
          world.complete(id, ['a', 'b']);
        });
        const saved = takeCheckpoint(world.state, machineVersionsOf(topology));
        const restored = new SystemState();
        loadCheckpoint(restored, structuredClone(saved), topology);
        for (const [id, actor] of world.state.actors.entries())
          expect(entriesOf(restored.actor(id)!.snapshot.context as ByKey<unknown>)).toEqual(
            entriesOf(actor.snapshot.context as ByKey<unknown>),
          );
        drain(world);
        const lanes = [...world.state.actors.entries()].filter(([id]) => id.startsWith('lane:'));
        for (const [, { snapshot }] of lanes) {
          const { holders, behind } = snapshot.context as LaneContext;
          expect([entriesOf(holders), entriesOf(behind)]).toEqual([[], []]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('[case A4] a map by key is what it was told, whatever the keys', () => {
    const op = fc.tuple(fc.constantFrom(...NAMES, 'plain'), fc.option(fc.integer(), { nil: null }));
    fc.assert(
      fc.property(fc.array(op, { maxLength: 30 }), (ops) => {
        const model = new Map<string, number>();
        let map: ByKey<number> = {};
        for (const [key, value] of ops) {
          if (value === null) model.delete(key);
          else model.set(key, value);
          map = value === null ? withoutKey(map, key) : withKey(map, key, value);
          map = JSON.parse(JSON.stringify(Object.freeze(map))) as ByKey<number>;
        }
        for (const key of [...NAMES, 'plain']) expect(at(map, key)).toBe(model.get(key));
        expect(new Map(entriesOf(map))).toEqual(model);
        expect(new Map(entriesOf(mapOf(entriesOf(map))))).toEqual(model);
        expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
      }),
    );
    for (const name of NAMES) expect(rowOf(topology.machines, name)).toBeUndefined();
  });
});

/** Every call goes well, and time passes, until nobody waits. */
function drain(world: World): void {
  for (let i = 0; i < 200 && (world.calls.length > 0 || isBusy(world)); i += 1) {
    const [call] = world.calls;
    if (call) world.succeed(call);
    else world.runTo(world.now + 1_000);
  }
}
function isBusy(world: World): boolean {
  return [...world.state.actors.entries()].some(([id]) => id.startsWith('delivery:'));
}
