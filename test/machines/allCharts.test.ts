import { afterAll, describe, expect, test } from '@jest/globals';
import { topology } from '../../src/actors/wiring/topology.js';
import { cover, forget, walks } from './walks.js';

/**
 * Whether JSON gives a value back, but for fields that are undefined. Contexts share most of their parts: each is looked at once.
 */
function jsonJudge(): (value: unknown) => boolean {
  const seen = new WeakSet<object>();
  const isJson = (value: unknown): boolean => {
    if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
    if (typeof value !== 'object' || value === null) return ['string', 'boolean', 'object'].includes(typeof value);
    if (seen.has(value)) return true;
    const isPlain = [Array.prototype, Object.prototype].includes(Object.getPrototypeOf(value));
    const isSound = isPlain && Reflect.ownKeys(value).every((key) => isJsonKey(value, key));
    if (isSound) seen.add(value);
    return isSound;
  };
  const isJsonKey = (value: object, key: string | symbol): boolean => {
    const part = Reflect.get(value, key);
    return typeof key === 'string' && (isJson(part) || (part === undefined && !Array.isArray(value)));
  };
  return isJson;
}

describe.each(Object.keys(walks))('the chart of %s', (name) => {
  afterAll(() => forget(name));

  test('has no transition that nothing can take, and no event that is ignored with a trace', () => {
    const { untaken, restless, edges, defined } = cover(name);
    expect(untaken).toEqual([]);
    expect(restless).toEqual([]);
    expect(defined.size).toBeGreaterThan(5);
    // A lane hears everything everywhere.
    expect(edges.some(({ taken }) => taken.length === 0)).toBe(name !== 'lane');
  });

  test('tries every event that the machine hears', () => {
    const heard = topology.machines[name]!.machine.events.filter((type: string) => !type.startsWith('xstate.'));
    const tried = new Set(cover(name).edges.map(({ event }) => event.type));
    expect(heard.filter((type: string) => !tried.has(type))).toEqual([]);
  });

  test('keeps a context that JSON does not change', () => {
    const isJson = jsonJudge();
    for (const { folded } of cover(name).edges) {
      const { context } = folded.snapshot;
      if (!isJson(context)) expect(JSON.parse(JSON.stringify(context))).toEqual(context); // says where
    }
  });
});

test('every machine of the topology has a walk', () => {
  const own = ['circuitBreaker', 'operatorBreaker'];
  expect(Object.keys(topology.machines).sort()).toEqual([...Object.keys(walks), ...own].sort());
});
