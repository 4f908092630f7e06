import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LayeredMap, LayeredRing, type SavedRing, TouchedKeys } from '../../../src/actors/step/layers.js';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const key = fc.constantFrom(...KEYS);
const COUNT_MAX = 4;
const AGE_MAX_MS = 20;

/** The ring as a plain list of all that was ever added. */
interface Plain {
  durable: { readonly key: string; readonly at: number; readonly value: number }[];
  pending: Plain['durable'];
}
const all = ({ durable, pending }: Plain): Plain['durable'] => [...durable, ...pending];
/** The newest entry of a key, and only while it is among the newest so many and young enough. */
function plainGet(plain: Plain, wanted: string, at: number): number | undefined {
  const list = all(plain);
  const index = list.findLastIndex((entry) => entry.key === wanted);
  const entry = list[index];
  return entry && index >= list.length - COUNT_MAX && at - entry.at <= AGE_MAX_MS ? entry.value : undefined;
}
/** What counts by number, oldest first, each key once. */
function plainEntries(plain: Plain): [string, number, number, number][] {
  const list = all(plain);
  return list.flatMap((entry, i) =>
    i >= list.length - COUNT_MAX && list.findLastIndex(({ key: other }) => other === entry.key) === i
      ? [[entry.key, i + 1, entry.at, entry.value]]
      : [],
  );
}

const acts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ add: key }) },
    { weight: 3, arbitrary: fc.constant({ merge: true as const }) },
    { weight: 1, arbitrary: fc.constant({ drop: true as const }) },
    { weight: 2, arbitrary: fc.record({ passMs: fc.constantFrom(1, 19, 20, 21) }) },
    { weight: 1, arbitrary: fc.constant({ restore: true as const }) },
  ),
  { maxLength: 60, size: 'medium' },
);

describe('a map that forgets', () => {
  test('[core 19] is a list of all that was added, of which the newest so many count for so long; in pieces or whole, pending or durable', () => {
    fc.assert(
      fc.property(acts, (list) => {
        let ring = new LayeredRing<number>(COUNT_MAX, AGE_MAX_MS);
        const plain: Plain = { durable: [], pending: [] };
        let pieces: SavedRing<number>[] = [];
        let [at, value, saved] = [0, 0, 0];
        for (const act of list) {
          if ('add' in act) {
            value += 1;
            ring.add(act.add, at, value);
            plain.pending.push({ key: act.add, at, value });
          } else if ('merge' in act) {
            ring.merge();
            [plain.durable, plain.pending] = [all(plain), []];
            // A checkpoint's piece: what came since the last one.
            pieces.push(ring.save(saved));
            saved = ring.total;
          } else if ('drop' in act) {
            ring.drop();
            plain.pending = [];
          } else if ('passMs' in act) at += act.passMs;
          else {
            ring.drop();
            plain.pending = [];
            const whole = ring.save();
            const back = new LayeredRing<number>(COUNT_MAX, AGE_MAX_MS);
            back.load(pieces);
            if (pieces.length > 0) expect([back.total, back.save()]).toEqual([ring.total, whole]);
            back.load(JSON.parse(JSON.stringify([whole])));
            expect(back.save()).toEqual(whole);
            ring = back;
            pieces = [whole];
            saved = ring.total;
          }
          const entries = plainEntries(plain);
          const total = all(plain).length;
          const lately = entries.filter(([, ordinal]) => ordinal > saved);
          const is = [KEYS.map((one) => ring.get(one, at)), ring.total, ring.save(), ring.save(saved).entries];
          const wanted = [KEYS.map((one) => plainGet(plain, one, at)), total, { total, entries }, lately];
          if (JSON.stringify(is) !== JSON.stringify(wanted)) expect(is).toEqual(wanted);
          if (ring.size > COUNT_MAX) expect(ring.size).toBeLessThanOrEqual(COUNT_MAX);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('a map in two layers', () => {
  test('[core 2] is what it was after a drop, and what was set after a merge', () => {
    const mapActs = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.record({ key, value: fc.option(fc.integer({ min: 1, max: 9 })) }) },
        { weight: 2, arbitrary: fc.constantFrom('merge' as const, 'drop' as const) },
      ),
      { maxLength: 40, size: 'medium' },
    );
    fc.assert(
      fc.property(mapActs, (list) => {
        const map = new LayeredMap<number>();
        let durable = new Map<string, number>();
        let seen = new Map<string, number>();
        for (const act of list) {
          if (act === 'merge') {
            map.merge(new TouchedKeys());
            durable = new Map(seen);
          } else if (act === 'drop') {
            map.drop();
            seen = new Map(durable);
          } else {
            map.set(act.key, act.value);
            if (act.value === null) seen.delete(act.key);
            else seen.set(act.key, act.value);
          }
          const is = [KEYS.map((one) => [map.get(one), map.durableValue(one)]), [...map.entries()].sort(), map.size];
          const wanted = [KEYS.map((one) => [seen.get(one), durable.get(one)]), [...seen].sort(), durable.size];
          if (JSON.stringify(is) !== JSON.stringify(wanted)) expect(is).toEqual(wanted);
        }
      }),
      { numRuns: 500 },
    );
  });
});
