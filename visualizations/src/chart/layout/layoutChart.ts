import { topology } from '../../../../src/actors/wiring/topology.js';
import type { Box, ChartEdge, ChartLayout, ChartMark, ChartState, Point, StateRow } from '../chartLayout.js';
import { headOf } from '../headOf.js';
import { briefChart, type Chart, readChart } from '../readChart.js';
import {
  anyId,
  type ChartGraph,
  CLOCK_PX,
  chartGraph,
  hasClock,
  headHeight,
  initialId,
  type Link,
  labelOffsets,
  PAD_PX,
  ROW_GAP_PX,
  type Row,
  stateId,
  TITLE_ROW_PX,
  VARIANTS,
} from './chartGraph.js';
import type { Placed } from './graph.js';
import { chartOverlaps } from './overlaps.js';
import { type PlaceOptions, placeGraph } from './placeGraph.js';
import { boxOf, moved, round, titleWidth } from './textBlocks.js';

/** Empty room around a picture. */
const MARGIN_PX = 10;
const TITLE_Y = 18;
/** A page shows this much side by side. */
const WIDTH_GOOD_PX = 1400;

export interface LayoutOptions extends PlaceOptions {
  /** Only the states and what leads from one to another, without guards, actions and rules. Default false. */
  readonly brief?: boolean;
}

const laidOut = new Map<string, Promise<ChartLayout>>();

/**
 * The laid out chart of a machine of the topology (`circuitBreaker`, `gateway`, …). Rejects for a name that is not
 * there, with the names that are. Made once in a process, and off this thread (`placeGraph.ts`).
 */
export function layoutChart(machine: string, options: LayoutOptions = {}): Promise<ChartLayout> {
  const key = `${machine} ${options.brief ?? false}`;
  const known = options.fresh || options.onPlaced ? undefined : laidOut.get(key);
  const layout = known ?? makeLayout(machine, options);
  laidOut.set(key, layout);
  layout.catch(() => laidOut.delete(key));
  return layout;
}

async function makeLayout(machine: string, options: LayoutOptions): Promise<ChartLayout> {
  const found = topology.machines[machine];
  if (!found)
    throw new Error(`no machine is called "${machine}"; there are ${Object.keys(topology.machines).join(', ')}`);
  const whole = readChart(machine, found.machine);
  const chart = options.brief ? briefChart(whole) : whole;
  const graphs = VARIANTS.map((variant) => chartGraph(chart, variant));
  const placed = await placeGraph(
    graphs.map(({ graph }) => graph),
    (place) => untidiness(chartLayout(chart, graphs[0]!, place)),
    options,
  );
  return chartLayout(chart, graphs[0]!, placed);
}

/** The least is the best picture: nothing on top of anything, small, and not wide. */
function untidiness(layout: ChartLayout): number {
  const { width, height } = layout;
  return chartOverlaps(layout).length * 1e9 + width * height * Math.max(1, width / WIDTH_GOOD_PX);
}

/** Puts the texts where the boxes came to lie. */
export function chartLayout(chart: Chart, { rows, links }: ChartGraph, placed: Placed): ChartLayout {
  const shift = (point: Point): Point => ({ x: round(point.x + MARGIN_PX), y: round(point.y + MARGIN_PX) });
  const boxAt = (id: string): Box | null => {
    const box = id === stateId('') ? { x: 0, y: 0, width: placed.width, height: placed.height } : placed.nodes[id];
    return box ? boxOf(shift(box), box) : null;
  };
  const edges = links.map((link) => edgeOf(link, placed, shift));
  const ways = edges.map(({ points }) => points);
  const states = chart.states.map((state): ChartState => {
    const { path, name, kind, isRegion, parent, tags } = state;
    const box = boxAt(stateId(path))!;
    const own = rows.get(stateId(path)) ?? [];
    const clockWidth = hasClock(chart, path) ? CLOCK_PX : 0;
    const width = Math.max(titleWidth(name) + clockWidth, ...own.map(({ block }) => block.width));
    const head = headOf(box, { width, height: headHeight(own) }, ways);
    const right = kind === 'compound' || kind === 'parallel' ? head.x + width : box.x + box.width - PAD_PX;
    const clock = clockWidth > 0 ? { x: round(right), y: round(box.y + TITLE_Y) } : null;
    const any = path === '' ? boxAt(anyId('')) : null;
    const inAny = any ? rowsIn(rows.get(anyId(path)) ?? [], { x: any.x + PAD_PX, y: any.y }) : [];
    return {
      path,
      name,
      kind,
      isRegion,
      parent,
      tags,
      box,
      title: titleAt(head, name),
      clock,
      rows: [...rowsIn(own, head), ...inAny],
    };
  });
  const marks = chart.states.flatMap(({ path }): ChartMark[] => {
    const [initial, any] = [boxAt(initialId(path)), boxAt(anyId(path))];
    return [
      ...(initial ? [{ kind: 'initial' as const, state: path, box: initial, title: null }] : []),
      ...(any
        ? [
            {
              kind: 'any' as const,
              state: path,
              box: any,
              title: titleAt({ x: any.x + PAD_PX, y: any.y }, 'any state'),
            },
          ]
        : []),
    ];
  });
  const [width, height] = [placed.width, placed.height].map((size) => round(size + 2 * MARGIN_PX)) as [number, number];
  return { machine: chart.machine, width, height, states, marks, edges };
}

function titleAt({ x, y }: Point, text: string): ChartState['title'] {
  return { x: round(x), y: round(y + TITLE_Y), parts: [{ text, role: 'title' }] };
}

function rowsIn(rows: readonly Row[], head: Point): StateRow[] {
  let y = head.y + TITLE_ROW_PX + 4;
  return rows.map(({ block, transition }) => {
    const at = { x: head.x, y };
    y += block.height + ROW_GAP_PX;
    return { box: boxOf(at, block), lines: moved(block.lines, at), transition };
  });
}

function edgeOf(link: Link, placed: Placed, shift: (point: Point) => Point): ChartEdge {
  const way = placed.edges[link.id]!;
  const offsets = labelOffsets(link);
  const corner = way.label ? shift(way.label) : { x: 0, y: 0 };
  return {
    id: `${pathOf(link.from)}>${pathOf(link.to)}`,
    source: pathOf(link.from),
    target: pathOf(link.to),
    isInitial: link.isInitial,
    points: way.points.map(shift),
    labels: link.labels.map(({ block, transition }, index) => {
      const at = { x: corner.x, y: corner.y + offsets[index]! };
      return { box: boxOf(at, block), lines: moved(block.lines, at), transition };
    }),
  };
}

function pathOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}
