import type { ChartTransition } from '../chartLayout.js';
import type { Chart, StateOfChart } from '../readChart.js';
import type { Graph, GraphEdge, GraphNode } from './graph.js';
import {
  actionsBlock,
  LINE_PX,
  ruleWidthOf,
  type TextBlock,
  titleWidth,
  transitionBlock,
  widthOf,
} from './textBlocks.js';

/** A chart as nodes and edges of known size, and the texts that belong to them. */
export interface ChartGraph {
  readonly graph: Graph;
  /** Rows of each node, by node id. */
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly links: readonly Link[];
}
export interface Row {
  readonly block: TextBlock;
  readonly transition: ChartTransition | null;
}
/** One edge: all transitions from one node to another. */
export interface Link {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly isInitial: boolean;
  readonly labels: readonly { readonly block: TextBlock; readonly transition: ChartTransition }[];
}

export const stateId = (path: string): string => `state:${path}`;
export const initialId = (path: string): string => `initial:${path}`;
export const anyId = (path: string): string => `any:${path}`;

export const PAD_PX = 12;
export const TITLE_ROW_PX = 24;
export const ROW_GAP_PX = 4;
export const INITIAL_PX = 12;
/** Room in the title row for the time left of a delay. */
export const CLOCK_PX = widthOf('00:00.0') + 10;
const LABEL_GAP_PX = 4;

/** Ways to lay out the same chart, by options of elk; which one is best differs from chart to chart. */
export const VARIANTS: readonly { readonly [option: string]: string }[] = [
  {},
  { 'elk.layered.edgeLabels.centerLabelPlacementStrategy': 'WIDEST_LAYER' },
  { 'elk.layered.layering.strategy': 'COFFMAN_GRAHAM' },
];

export function chartGraph(chart: Chart, variant: (typeof VARIANTS)[number] = {}): ChartGraph {
  const rows = rowsOf(chart);
  const links = linksOf(chart);
  const childrenOf = (path: string): StateOfChart[] => chart.states.filter((state) => state.parent === path);
  const options = { ...LAYOUT, ...variant };
  const inside = (state: StateOfChart): GraphNode[] => {
    const marks: GraphNode[] = [];
    if (links.some((link) => link.from === initialId(state.path)))
      marks.push({ id: initialId(state.path), width: INITIAL_PX, height: INITIAL_PX });
    const any = anyId(state.path);
    if (rows.has(any) || links.some((link) => link.from === any))
      marks.push(sized(any, 'any state', rows.get(any) ?? [], 0));
    return [...marks, ...childrenOf(state.path).map(nodeOf)];
  };
  const nodeOf = (state: StateOfChart): GraphNode => {
    const id = stateId(state.path);
    const clock = hasClock(chart, state.path) ? CLOCK_PX : 0;
    const node = sized(id, state.name, rows.get(id) ?? [], clock);
    if (state.kind === 'atomic' || state.kind === 'final') return node;
    return {
      id,
      children: inside(state),
      layoutOptions: {
        ...options,
        'elk.padding': `[top=${node.height! + 6},left=16,bottom=16,right=16]`,
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        // Downwards elk takes it as (height, width).
        'elk.nodeSize.minimum': `(${node.height! + 40},${node.width})`,
      },
    };
  };
  const root = chart.states[0]!;
  const graph = {
    id: stateId(''),
    layoutOptions: { ...options, 'elk.padding': `[top=${TITLE_ROW_PX + 18},left=20,bottom=20,right=20]` },
    children: inside(root),
    edges: links.map(edgeOf),
  };
  return { graph, rows, links };
}

/** The options stand on every compound node: elk does not inherit them. */
const LAYOUT: { readonly [option: string]: string } = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.edgeLabels.inline': 'false',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.edgeLabels.sideSelection': 'SMART_DOWN',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '5',
  'elk.spacing.labelNode': '8',
};

function sized(id: string, title: string, rows: readonly Row[], clock: number): GraphNode {
  const width = Math.max(titleWidth(title) + clock, ...rows.map(({ block }) => block.width)) + 2 * PAD_PX;
  return { id, width: Math.max(64, width), height: headHeight(rows) };
}

export function headHeight(rows: readonly Row[]): number {
  const below = rows.reduce((sum, { block }) => sum + block.height + ROW_GAP_PX, 0);
  return TITLE_ROW_PX + 8 + (below > 0 ? below + 4 : 0);
}
export function hasClock({ transitions }: Chart, path: string): boolean {
  return transitions.some(({ source, delay }) => source === path && delay !== null);
}

function edgeOf({ id, from, to, isInitial, labels }: Link): GraphEdge {
  const width = Math.max(0, ...labels.map(({ block }) => block.width));
  const height = labels.reduce((sum, { block }) => sum + block.height + LABEL_GAP_PX, -LABEL_GAP_PX);
  return {
    id,
    sources: [from],
    targets: [to],
    ...(labels.length === 0
      ? {}
      : {
          labels: [
            {
              id: `${id}/label`,
              text: id,
              width,
              height: Math.max(height, LINE_PX),
              ...(isInitial ? { layoutOptions: { 'elk.edgeLabels.placement': 'TAIL' } } : {}),
            },
          ],
        }),
    ...(isInitial
      ? { layoutOptions: { 'elk.layered.priority.direction': '100', 'elk.layered.priority.straightness': '10' } }
      : {}),
  };
}

/** Where the texts of an edge stand below each other. */
export function labelOffsets({ labels }: Link): number[] {
  let y = 0;
  return labels.map(({ block }) => {
    const at = y;
    y += block.height + LABEL_GAP_PX;
    return at;
  });
}

const stays = ({ target, source }: ChartTransition): boolean => target === null || target === source;
const isInside = (path: string, state: string): boolean => state === '' || path.startsWith(`${state}.`);

/** Entry and exit actions, and what stays in the state. What holds in any state stands in a box of its own. */
function rowsOf(chart: Chart): Map<string, Row[]> {
  const rows = new Map<string, Row[]>();
  for (const { path, entry, exit } of chart.states) {
    const own: Row[] = [];
    if (entry.length > 0) own.push({ block: actionsBlock('entry', entry), transition: null });
    if (exit.length > 0) own.push({ block: actionsBlock('exit', exit), transition: null });
    const staying = chart.transitions.filter((transition) => transition.source === path && stays(transition));
    const width = ruleWidthOf(staying);
    const rest = staying.map((transition) => ({ block: transitionBlock(transition, width, true), transition }));
    if (path !== '') own.push(...rest);
    else if (rest.length > 0) rows.set(anyId(path), rest);
    if (own.length > 0) rows.set(stateId(path), own);
  }
  return rows;
}

function linksOf(chart: Chart): Link[] {
  const groups = new Map<string, ChartTransition[]>();
  for (const transition of chart.transitions.filter((each) => !stays(each))) {
    const id = `${sourceOf(transition)}>${stateId(transition.target!)}`;
    groups.set(id, [...(groups.get(id) ?? []), transition]);
  }
  return [...groups].map(([id, transitions]) => {
    const [first] = transitions as [ChartTransition];
    const isInitial = first.event === 'born';
    const shown = transitions.filter(({ rule }) => !isInitial || rule !== '');
    const width = ruleWidthOf(shown);
    return {
      id,
      from: sourceOf(first),
      to: stateId(first.target!),
      isInitial,
      labels: shown.map((transition) => ({ block: transitionBlock(transition, width, false), transition })),
    };
  });
}

/** From the border of a state; from its mark `any` when the way goes inside, and always for the machine itself. */
function sourceOf({ source, target, event }: ChartTransition): string {
  if (event === 'born') return initialId(source);
  return isInside(target!, source) ? anyId(source) : stateId(source);
}
