import type { MapLayout, MapNode } from '../../../../src/chart/chartLayout.js';
import { placeOf } from '../../../../src/chart/travelledFlows.js';
import { type ActorGroup, type Hop, pathOf } from '../../../../src/protocol.js';
import { counted } from '../../parts/format.js';
import { toneOf, worstTone } from '../../parts/tones.js';
import { moments } from '../../state/data.js';

export interface Told {
  readonly text: string;
  readonly tone: string;
}
/** What a node of the map is at the moment that is shown. */
export function tellNode({ id, machine, isMany }: MapNode): Told {
  if (machine === null) return { text: '', tone: 'none' };
  const group = groupOf(machine);
  if (!group) return { text: isMany ? '0' : '–', tone: 'none' };
  if (!isMany) {
    const view = group.actors.find((one) => one.id === id);
    return view ? { text: pathOf(view.value), tone: toneOf(machine, pathOf(view.value)) } : { text: '–', tone: 'none' };
  }
  const listed = group.actors.filter((view) => placeOf(view.id) === id);
  const total = group.total === group.actors.length ? listed.length : group.total;
  if (total === 0) return { text: '0', tone: 'none' };
  const byState: Record<string, number> = {};
  for (const { value } of listed) byState[pathOf(value)] = (byState[pathOf(value)] ?? 0) + 1;
  const [common] = Object.entries(byState).sort(([, a], [, b]) => b - a);
  return { text: `${counted(total)} ${common?.[0] ?? ''}`, tone: worstTone({ ...group, byState }) };
}
function groupOf(machine: string): ActorGroup | undefined {
  return moments.value.value?.groups.find((group) => group.machine === machine);
}
/** The actor that a node stands for: of many, the one that changed last; null: none lives. */
export function actorOf({ id, machine, isMany }: MapNode): string | null {
  if (machine === null) return null;
  return isMany ? (groupOf(machine)?.actors.find((view) => placeOf(view.id) === id)?.id ?? null) : id;
}

/** The flow of the map (`from>to`) that a hop went along; null: none is drawn. */
export function flowOf({ from, to, event }: Hop, { edges }: MapLayout): string | null {
  const flows = edges.flatMap((edge) => [edge, ...(edge.back ? [edge.back] : [])]);
  const ends = `${from === null ? '' : placeOf(from)}>${to === null ? '' : placeOf(to)}`;
  if (from !== null && to !== null) return flows.find(({ id }) => id === ends)?.id ?? null;
  const near = flows.filter(({ id }) => (from === null ? id.endsWith(ends) : id.startsWith(ends)));
  return near.find(({ events }) => events.some((said) => said.split(' ', 1)[0] === event))?.id ?? null;
}

const HOPS_MAX = 200;
/** The flows of the record that is shown, in the order in which something went along them. */
export function flowsNow(layout: MapLayout): readonly string[] {
  const hops = moments.value.value?.hops ?? [];
  return [...new Set(hops.slice(0, HOPS_MAX).flatMap((hop) => flowOf(hop, layout) ?? []))];
}
export const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
