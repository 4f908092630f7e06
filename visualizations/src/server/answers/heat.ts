import { chartTable } from '../../../../src/actors/charts/chartTable.js';
import { rowOf } from '../../../../src/machines/kit/byKey.js';
import type { Heat } from '../../protocol.js';
import { HeatCounts } from '../index/heatCounts.js';
import type { JournalIndex } from '../index/journalIndex.js';
import { pageOf } from '../index/page.js';

const IGNORED_MAX = 200;

/**
 * How often and how long, in the pages that hold `from` to `to`: the stretch is taken in whole pages of 500 records.
 */
export function heatOf(index: JournalIndex, scope: string, from: number, to: number): Heat {
  const sum = new HeatCounts(index.heatKeys);
  for (let number = pageOf(Math.max(1, from)); number <= pageOf(Math.max(1, to)); number += 1)
    index.page(number)?.heat?.addTo(sum);
  const machines = new Set<string>();
  const isOf = (key: { readonly scope: string; readonly machine: string }): boolean => {
    if (key.scope !== scope && key.machine !== scope) return false;
    machines.add(key.machine);
    return true;
  };
  const counts = [...sum.entries()].filter(([key]) => isOf(key));
  const edges = counts
    .filter(([key]) => !key.rule.startsWith('!'))
    .map(([{ rule, from: state }, count]) => ({ rule, from: state === '' ? null : state, count }));
  const ignored = counts
    .filter(([key]) => key.rule.startsWith('!'))
    .map(([{ rule, from: state }, count]) => ({ state, event: rule.slice(1), count }))
    .sort((a, b) => b.count - a.count);
  const stays = [...sum.stays()].filter(([key]) => isOf(key)).map(([key, dwell]) => ({ state: key.from, ...dwell }));
  const [machine = scope] = machines;
  return {
    scope,
    from,
    to,
    edges: merged(edges),
    never: neverTaken(index, machine, edges),
    states: mergedStays(stays),
    ignored: ignored.slice(0, IGNORED_MAX),
    isComplete: index.isIndexed(from, to),
  };
}

/** Actors of one machine are one edge when a machine was asked for. */
function merged(edges: Heat['edges']): Heat['edges'] {
  const sums = new Map<string, Heat['edges'][number]>();
  for (const edge of edges) {
    const key = `${edge.rule} ${edge.from}`;
    sums.set(key, { ...edge, count: edge.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}

function mergedStays(stays: Heat['states']): Heat['states'] {
  const sums = new Map<string, Heat['states'][number]>();
  for (const stay of stays) {
    const sum = sums.get(stay.state) ?? { state: stay.state, times: 0, totalMs: 0, longestMs: 0 };
    const longestMs = Math.max(sum.longestMs, stay.longestMs);
    sums.set(stay.state, { ...sum, times: sum.times + stay.times, totalMs: sum.totalMs + stay.totalMs, longestMs });
  }
  return [...sums.values()];
}

function neverTaken(index: JournalIndex, machine: string, edges: Heat['edges']): Heat['never'] {
  const entry = rowOf(index.topology.machines, machine);
  if (!entry) return [];
  const isTaken = (rule: string, state: string): boolean =>
    edges.some((edge) => edge.rule === rule && (edge.from === null || isInside(edge.from, state)));
  return chartTable(entry.machine)
    .filter(({ rule, state }) => !isTaken(rule, state))
    .map(({ rule, state }) => ({ rule, state }));
}

/** A transition of a state is taken in it or in a state inside; those at the root (`any`) in every one. */
function isInside(path: string, state: string): boolean {
  if (state === 'any' || state === 'born') return true;
  return path.split(' + ').some((active) => active === state || active.startsWith(`${state}.`));
}
