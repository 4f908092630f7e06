import { computed, effect } from '@preact/signals';
import type { ChartLayout, ChartMarks } from '../../../../src/chart/chartLayout.js';
import { transitionsOf } from '../../../../src/chart/takenEdges.js';
import type { Heat } from '../../../../src/protocol.js';
import { ask } from '../../state/api.js';
import { chosenMachine, firstSeq, lastSeq, moments } from '../../state/data.js';
import { createLoader } from '../../state/loader.js';
import * as place from '../../state/place.js';

/** Counts are of one actor where it always lives, of all actors of a machine where they pass. */
const PASSING = new Set(['message', 'delivery', 'externalCall', 'interaction', 'lane']);
export const heatScope = computed(() => {
  const machine = chosenMachine.value;
  return machine !== null && PASSING.has(machine) ? machine : place.actor.value;
});

export const heats = createLoader<string, Heat>(
  (key, stop) => {
    const [from, to, ...scope] = key.split(' ');
    return ask('api/heat', { scope: scope.join(' '), from, to }, stop);
  },
  { cacheMax: 60, isFinal: ({ isComplete }) => isComplete },
);
/** While the journal grows the counts may be behind by so many records. */
const ROUND = 50;

/** Asks for the counts of what the timeline shows, while they are wanted. */
export function startHeat(): void {
  effect(() => {
    if (!place.heat.value || !moments.value.value) return;
    const last = lastSeq.value < 10 * ROUND ? lastSeq.value : Math.ceil(lastSeq.value / ROUND) * ROUND;
    const { from, to } = place.stretch.value ?? { from: firstSeq.value, to: last };
    heats.request(`${from} ${Math.min(to, lastSeq.value)} ${heatScope.value}`);
  });
}

/**
 * What the picture of a chart needs to show the counts, `drawn` in full or in brief. Heat is logarithmic: a thousandth
 * is still seen.
 */
export function marksOf(
  heat: Heat,
  whole: ChartLayout,
  drawn: ChartLayout,
): Pick<ChartMarks, 'heat' | 'counts' | 'never'> {
  const [warmth, never] = [new Map<string, number>(), new Set<string>()];
  const counts = countsOf(heat, whole);
  for (const { edge } of transitionsOf(drawn)) {
    const known = [...new Set(edge.split(' '))].flatMap((id) => counts.get(id) ?? []);
    if (known.length > 0)
      counts.set(
        edge,
        known.reduce((sum, one) => sum + one, 0),
      );
  }
  const most = Math.max(1, ...counts.values());
  for (const [edge, count] of counts)
    if (count > 0) warmth.set(edge, Math.log1p(count) / Math.log1p(most));
    else never.add(edge);
  const longest = Math.max(1, ...heat.states.map(({ totalMs }) => totalMs));
  for (const { path } of drawn.states) {
    const total = heat.states
      .filter(({ state }) => state.split(' + ').includes(path))
      .reduce((sum, { totalMs }) => sum + totalMs, 0);
    if (total > 0) warmth.set(path, Math.log1p(total) / Math.log1p(longest));
  }
  return { counts, heat: warmth, never };
}

/** How often each transition was taken. */
function countsOf(heat: Heat, whole: ChartLayout): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { edge, rule, source, event } of transitionsOf(whole)) {
    const isBirth = event === 'born';
    // Which state an inner one began in is not told by a record: neither taken nor never.
    if (rule === '' || (isBirth && source !== '')) continue;
    const taken = heat.edges.filter(
      (one) => one.rule === rule && (one.from === null) === isBirth && isIn(one.from, source),
    );
    counts.set(
      edge,
      taken.reduce((sum, one) => sum + one.count, 0),
    );
  }
  return counts;
}

/** Whether a state (a path, regions joined by ` + `; null: born) lies in the state that has the transition. */
function isIn(from: string | null, source: string): boolean {
  if (source === '') return true;
  return (from ?? '').split(' + ').some((path) => path === source || path.startsWith(`${source}.`));
}
