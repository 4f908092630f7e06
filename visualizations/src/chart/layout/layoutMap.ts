import type { MapEdge, MapLayout, MapNode, Point } from '../chartLayout.js';
import { OUTSIDE } from '../flow.js';
import { headOf } from '../headOf.js';
import { TITLE_ROW_PX } from './chartGraph.js';
import type { Placed } from './graph.js';
import { MAP_VARIANTS, type MapGraph, mapGraph } from './mapGraph.js';
import { mapOverlaps } from './overlaps.js';
import { type PlaceOptions, placeGraph } from './placeGraph.js';
import { boxOf, round, titleWidth } from './textBlocks.js';

const MARGIN_PX = 10;
const TITLE_Y = 19;
const STATE_Y = 36;

let laidOut: Promise<MapLayout> | null = null;

/** The map of all actors and of what flows between them; made like a chart (`layoutChart.ts`). */
export function layoutMap(options: PlaceOptions = {}): Promise<MapLayout> {
  const layout = (options.fresh || options.onPlaced ? null : laidOut) ?? makeLayout(options);
  laidOut = layout;
  layout.catch(() => {
    laidOut = null;
  });
  return layout;
}

async function makeLayout(options: PlaceOptions): Promise<MapLayout> {
  const maps = MAP_VARIANTS.map((variant) => mapGraph(variant));
  const untidiness = (place: Placed) =>
    mapOverlaps(mapLayout(maps[0]!, place)).length * 1e9 + place.width * place.height;
  const placed = await placeGraph(
    maps.map(({ graph }) => graph),
    untidiness,
    options,
  );
  return mapLayout(maps[0]!, placed);
}

export function mapLayout({ nodes, groups, lines }: MapGraph, placed: Placed): MapLayout {
  const shift = (point: Point): Point => ({ x: round(point.x + MARGIN_PX), y: round(point.y + MARGIN_PX) });
  const boxAt = (id: string) => boxOf(shift(placed.nodes[id]!), placed.nodes[id]!);
  const titleAt = ({ x, y }: Point, text: string) => ({
    x: round(x + 12),
    y: round(y + TITLE_Y),
    parts: [{ text, role: 'title' as const }],
  });
  const edges = lines.map(({ from, to, events, back }): MapEdge => {
    const id = `${from}>${to}`;
    const kind = from in OUTSIDE || to in OUTSIDE ? 'outside' : 'signal';
    return {
      id,
      from,
      to,
      events,
      back: back.length > 0 ? { id: `${to}>${from}`, events: back } : null,
      kind,
      points: placed.edges[id]!.points.map(shift),
    };
  });
  return {
    width: round(placed.width + 2 * MARGIN_PX),
    height: round(placed.height + 2 * MARGIN_PX),
    groups: groups.map(({ id, name }) => {
      const head = headOf(
        boxAt(id),
        { width: titleWidth(name), height: TITLE_ROW_PX },
        edges.map(({ points }) => points),
      );
      return { id, box: boxAt(id), title: { ...titleAt(head, name), x: head.x } };
    }),
    nodes: nodes.map(({ id, name, machine, isMany, group }): MapNode => {
      const box = boxAt(id);
      const state = group === null ? null : { x: round(box.x + 12), y: round(box.y + STATE_Y) };
      return { id, machine, isMany, group, box, title: titleAt(box, name), state };
    }),
    edges,
  };
}
