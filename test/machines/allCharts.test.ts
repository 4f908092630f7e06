import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { topology } from '../../src/actors/wiring/topology.js';
import { cover, walks } from './walks.js';

describe.each(Object.keys(walks))('the chart of %s', (name) => {
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
    const contexts = new Set(cover(name).edges.map(({ folded }) => folded.snapshot.context));
    for (const context of contexts) {
      const after = JSON.parse(JSON.stringify(context));
      if (!isDeepStrictEqual(after, context)) expect(after).toEqual(context); // the slow way, which says where
    }
  });
});

test('every machine of the topology has a walk', () => {
  const own = ['circuitBreaker', 'operatorBreaker'];
  expect(Object.keys(topology.machines).sort()).toEqual([...Object.keys(walks), ...own].sort());
});
