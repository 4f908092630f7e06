import { afterAll, describe, expect, test } from '@jest/globals';
import { topology } from '../../src/actors/wiring/topology.js';
import { jsonJudge } from './jsonJudge.js';
import { cover, forget, walks } from './walks.js';

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
