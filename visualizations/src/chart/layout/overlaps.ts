import type { Box, ChartEdge, ChartLayout, MapLayout, Point, TextLine } from '../chartLayout.js';
import { FONT_PX, TITLE_PX, titleWidth, widthOf } from './textBlocks.js';

/**
 * What lies over something else in a laid out picture, by geometry; empty: nothing does. Texts keep clear of every line
 * (their own too), of each other and of borders; lines keep out of boxes that they do not belong to, and off each
 * other; boxes stand inside their parents, beside their siblings, and all of it inside the picture.
 */
export function chartOverlaps(layout: ChartLayout): string[] {
  const boxes = layout.states.map(({ path, parent, box, kind }) => ({
    name: `state ${path}`,
    path,
    parent,
    box,
    isLeaf: kind === 'atomic' || kind === 'final',
  }));
  const marks = layout.marks.map(({ kind, state, box }) => ({
    name: `${kind} of ${state}`,
    path: `${state}#${kind}`,
    parent: state,
    box,
    isLeaf: true,
  }));
  const nodes = [...boxes, ...marks];
  const texts: Named[] = [
    ...layout.states.map(({ path, title }) => ({ name: `title of ${path}`, box: titleBox(title) })),
    ...layout.states.flatMap(({ path, clock }) => (clock ? [{ name: `clock of ${path}`, box: clockBox(clock) }] : [])),
    ...layout.marks.flatMap(({ title, kind, state }) =>
      title ? [{ name: `${kind} of ${state}`, box: titleBox(title) }] : [],
    ),
    ...layout.states.flatMap(({ path, rows }) =>
      rows.map(({ box, lines }) => ({ name: `row ${path} ${textOf(lines)}`, box })),
    ),
  ];
  const labels = layout.edges.flatMap((edge) =>
    edge.labels.map(({ box, lines }) => ({ name: `label ${edge.id} ${textOf(lines)}`, box, edge })),
  );
  return [
    ...textOverlaps([...texts, ...labels], layout.edges),
    ...labels.flatMap(({ name, box }) =>
      nodes.filter((node) => crossesBorder(box, node)).map((node) => `${name} lies on ${node.name}`),
    ),
    ...nodes.flatMap((node) => siblingsOf(node, nodes).map((other) => `${node.name} overlaps ${other.name}`)),
    ...boxes.flatMap(({ name, box, parent }) => {
      const outer = boxes.find(({ path }) => path === parent);
      return outer && !contains(outer.box, box) ? [`${name} leaves ${outer.name}`] : [];
    }),
    ...layout.edges.flatMap((edge) => unclearLabel(edge, layout.edges)),
    ...edgesThroughBoxes(
      layout.edges,
      nodes.filter(({ isLeaf }) => isLeaf),
    ),
    ...edgesOnEdges(layout.edges),
    ...outside(layout, [...texts, ...labels, ...nodes]),
  ];
}

/** The same for the map of actors. */
export function mapOverlaps(layout: MapLayout): string[] {
  const nodes = layout.nodes.map(({ id, box, group }) => ({
    name: `node ${id}`,
    path: id,
    parent: group ?? '',
    box,
    isLeaf: true,
  }));
  const groups = layout.groups.map(({ id, box }) => ({
    name: `group ${id}`,
    path: id,
    parent: '',
    box,
    isLeaf: false,
  }));
  const texts = [
    ...layout.nodes.flatMap(({ id, title, state, box }) => [
      { name: `title of ${id}`, box: titleBox(title) },
      ...(state ? [{ name: `state of ${id}`, box: stateBox(state, box) }] : []),
    ]),
    ...layout.groups.map(({ id, title }) => ({ name: `title of group ${id}`, box: titleBox(title) })),
  ];
  const all = [...nodes, ...groups];
  return [
    ...textOverlaps(texts, layout.edges),
    ...all.flatMap((node) => siblingsOf(node, all).map((other) => `${node.name} overlaps ${other.name}`)),
    ...nodes.flatMap(({ name, box, parent }) => {
      const group = groups.find(({ path }) => path === parent);
      return group && !contains(group.box, box) ? [`${name} leaves ${group.name}`] : [];
    }),
    ...edgesThroughBoxes(layout.edges, nodes),
    ...edgesOnEdges(layout.edges),
    ...outside(layout, [...texts, ...all]),
  ];
}

interface Named {
  readonly name: string;
  readonly box: Box;
}
interface NodeBox extends Named {
  readonly path: string;
  readonly parent: string | null;
  readonly isLeaf: boolean;
}
interface Segment {
  readonly edge: string;
  readonly from: Point;
  readonly to: Point;
}
type Line = Pick<ChartEdge, 'id' | 'points'>;

/** Nearer than this is on top of each other for the eye. */
const NEAR_PX = 2;
const EDGES_NEAR_PX = 3;

function textOverlaps(texts: readonly Named[], edges: readonly Line[]): string[] {
  const segments = segmentsOf(edges);
  return [
    ...texts.flatMap(({ name, box }, index) =>
      texts.slice(index + 1).flatMap((other) => (meet(box, other.box) ? [`${name} overlaps ${other.name}`] : [])),
    ),
    ...texts.flatMap(({ name, box }) =>
      segments
        .filter((segment) => meet(inflated(box, NEAR_PX), spanOf(segment)))
        .map(({ edge }) => `${name} lies on the line ${edge}`),
    ),
  ];
}

function edgesThroughBoxes(edges: readonly Line[], leaves: readonly NodeBox[]): string[] {
  const segments = segmentsOf(edges);
  return leaves.flatMap(({ name, box }) =>
    segments
      .filter((segment) => meet(inflated(box, -NEAR_PX), spanOf(segment)))
      .map(({ edge }) => `the line ${edge} runs through ${name}`),
  );
}

/** Two lines side by side so close that they look like one. */
function edgesOnEdges(edges: readonly Line[]): string[] {
  const segments = segmentsOf(edges);
  return segments.flatMap((one, index) =>
    segments
      .slice(index + 1)
      .filter((two) => one.edge !== two.edge && isUpright(one) === isUpright(two))
      .filter((two) => {
        const [a, b] = [spanOf(one), spanOf(two)];
        const apart = isUpright(one) ? Math.abs(a.x - b.x) : Math.abs(a.y - b.y);
        const shared = isUpright(one)
          ? sharedLength(a.y, a.height, b.y, b.height)
          : sharedLength(a.x, a.width, b.x, b.width);
        return apart < EDGES_NEAR_PX && shared > EDGES_NEAR_PX;
      })
      .map((two) => `the line ${one.edge} runs on the line ${two.edge}`),
  );
}

/** Texts that stand as near to another line as to their own. */
function unclearLabel(edge: ChartEdge, edges: readonly ChartEdge[]): string[] {
  const [first, ...rest] = edge.labels.map(({ box }) => box);
  if (!first) return [];
  const block = rest.reduce(around, first);
  const far = (line: Line): number => Math.min(...segmentsOf([line]).map((segment) => apart(block, spanOf(segment))));
  const own = far(edge);
  return edges
    .filter((other) => other !== edge && far(other) <= own)
    .map(({ id }) => `label ${edge.id} stands as near to ${id}`);
}

function around(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}
function apart(a: Box, b: Box): number {
  const x = Math.max(0, b.x - a.x - a.width, a.x - b.x - b.width);
  const y = Math.max(0, b.y - a.y - a.height, a.y - b.y - b.height);
  return Math.hypot(x, y);
}

function outside(
  { width, height }: { readonly width: number; readonly height: number },
  things: readonly Named[],
): string[] {
  return things
    .filter(({ box }) => !contains({ x: 0, y: 0, width, height }, box))
    .map(({ name }) => `${name} leaves the picture`);
}

/** Outside or well inside; a leaf has no inside for others. */
function crossesBorder(label: Box, { box, isLeaf }: NodeBox): boolean {
  return meet(label, box) && (isLeaf || !contains(inflated(box, -NEAR_PX), label));
}
function siblingsOf(node: NodeBox, nodes: readonly NodeBox[]): NodeBox[] {
  return nodes.filter((other) => other.parent === node.parent && other.path > node.path && meet(node.box, other.box));
}
function segmentsOf(edges: readonly Line[]): Segment[] {
  return edges.flatMap(({ id, points }) =>
    points.slice(1).map((to, index) => ({ edge: id, from: points[index]!, to })),
  );
}
function spanOf({ from, to }: Segment): Box {
  return {
    x: Math.min(from.x, to.x),
    y: Math.min(from.y, to.y),
    width: Math.abs(from.x - to.x),
    height: Math.abs(from.y - to.y),
  };
}
function isUpright({ from, to }: Segment): boolean {
  return Math.abs(from.x - to.x) < Math.abs(from.y - to.y);
}
function sharedLength(a: number, aLength: number, b: number, bLength: number): number {
  return Math.min(a + aLength, b + bLength) - Math.max(a, b);
}
function meet(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}
function inflated({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}
function textOf(lines: readonly TextLine[]): string {
  return lines.map(({ parts }) => parts.map(({ text }) => text).join('')).join(' ');
}
function titleBox({ x, y, parts }: TextLine): Box {
  return { x, y: y - TITLE_PX, width: titleWidth(parts.map(({ text }) => text).join('')), height: TITLE_PX + 3 };
}
function stateBox({ x, y }: Point, node: Box): Box {
  return { x, y: y - FONT_PX, width: node.x + node.width - x - 4, height: FONT_PX + 3 };
}
function clockBox({ x, y }: Point): Box {
  const width = widthOf('00:00.0');
  return { x: x - width, y: y - FONT_PX, width, height: FONT_PX + 3 };
}
