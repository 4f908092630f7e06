import type { ChartLayout, ChartTransition } from './chartLayout.js';

/** A state as records have it: `open`, `{ halfOpen: 'probing' }`. */
export type Value = string | { readonly [state: string]: Value };

/** Dotted paths of a state and all that contain it; '' is the machine itself. */
export function activePaths(value: Value, within = ''): Set<string> {
  const paths = new Set([within]);
  const inner = typeof value === 'string' ? { [value]: null } : value;
  for (const [name, child] of Object.entries(inner)) {
    const path = within === '' ? name : `${within}.${name}`;
    paths.add(path);
    if (child !== null) for (const each of activePaths(child, path)) paths.add(each);
  }
  return paths;
}

/** Every transition of a chart, once. */
export function transitionsOf({ states, edges }: ChartLayout): ChartTransition[] {
  const stays = states.flatMap(({ rows }) => rows.flatMap(({ transition }) => (transition ? [transition] : [])));
  return [...stays, ...edges.flatMap(({ labels }) => labels.map(({ transition }) => transition))];
}

/**
 * Ids of the edges that one step of a record took: of the transitions with its rules, those of the innermost active
 * state that has them. Empty: the event was ignored, or the journal is of another chart.
 */
export function takenEdges(
  layout: ChartLayout,
  { from, rules }: { readonly from: Value | null; readonly rules: readonly string[] },
): Set<string> {
  const active = from === null ? new Set(['']) : activePaths(from);
  const taken = new Set<string>();
  for (const rule of rules) {
    const innermost = transitionsOf(layout)
      .filter((transition) => transition.rule === rule && active.has(transition.source))
      .filter((transition) => (transition.event === 'born') === (from === null))
      .sort((a, b) => b.source.length - a.source.length)[0];
    if (innermost) taken.add(innermost.edge);
  }
  return taken;
}
