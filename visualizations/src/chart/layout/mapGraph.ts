import { topology } from '../../../../src/actors/wiring/topology.js';
import { CARDS } from '../../../../src/machines/cards.js';
import { HEALTH_PARTS } from '../../../../src/machines/vocabulary/base.js';
import { GROUPS } from '../../../../src/machines/vocabulary/card.js';
import { FEATURES } from '../../../../src/machines/vocabulary/replies/features.js';
import { ACTORS, type Actor, EFFECTS, FACTS, OUTSIDE, type Place, SIGNALS } from '../flow.js';
import { readChart, type StateOfChart } from '../readChart.js';
import type { Graph, GraphNode } from './graph.js';
import { titleWidth, widthOf } from './textBlocks.js';

/** The map as nodes and edges of known size. */
export interface MapGraph {
  readonly graph: Graph;
  readonly nodes: readonly NodeOfMap[];
  readonly groups: readonly GroupOfMap[];
  readonly lines: readonly LineOfMap[];
}
export interface NodeOfMap {
  readonly id: string;
  readonly name: string;
  readonly machine: string | null;
  readonly isMany: boolean;
  readonly group: string | null;
}
export interface GroupOfMap {
  readonly id: string;
  readonly name: string;
}
export interface LineOfMap {
  readonly from: Place;
  readonly to: Place;
  readonly events: readonly string[];
  readonly back: readonly string[];
}

/** Of these there is one for each channel, or for each foreign API. */
const MANY: ReadonlySet<string> = new Set<Actor>(['lane', 'breaker:external']);
/** As many of one kind as are written without a cut. */
const COUNT = '12,345';
export const NODE_HEIGHT_PX = 46;
/** Wide enough for a title beside the lines that enter. */
const GROUP_MIN_PX = 270;
const OUTSIDE_HEIGHT_PX = 32;

/** Ways to lay it out; the best one is taken. */
export const MAP_VARIANTS: readonly { readonly [option: string]: string }[] = [
  {},
  { 'elk.layered.layering.strategy': 'COFFMAN_GRAHAM' },
  { 'elk.layered.layering.strategy': 'LONGEST_PATH' },
  { 'elk.layered.thoroughness': '20' },
  { 'elk.layered.thoroughness': '60' },
];

export function mapGraph(variant: (typeof MAP_VARIANTS)[number] = {}): MapGraph {
  const groups: GroupOfMap[] = Object.entries(GROUPS).map(([id, name]) => ({ id, name }));
  const nodes = nodesOfMap();
  const lines = linesOfMap();
  const options = { ...LAYOUT, ...variant };
  const sized = ({ id, name, group, machine, isMany }: NodeOfMap): GraphNode => ({
    id,
    width: Math.max(titleWidth(name), stateWidth(machine, isMany)) + 24,
    height: group === null ? OUTSIDE_HEIGHT_PX : NODE_HEIGHT_PX,
  });
  const graph = {
    id: 'map',
    layoutOptions: { ...options, 'elk.padding': '[top=0,left=0,bottom=0,right=0]' },
    children: [
      ...groups.map(({ id }) => ({
        id,
        layoutOptions: {
          ...options,
          'elk.nodeSize.constraints': 'MINIMUM_SIZE',
          'elk.nodeSize.minimum': `(60,${GROUP_MIN_PX})`,
        },
        children: nodes.filter(({ group }) => group === id).map(sized),
      })),
      ...nodes.filter(({ group }) => group === null).map(sized),
    ],
    edges: lines.map(({ from, to }) => ({ id: `${from}>${to}`, sources: [from] as const, targets: [to] as const })),
  };
  return { graph, nodes, groups, lines };
}

const LAYOUT: { readonly [option: string]: string } = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.padding': '[top=32,left=14,bottom=14,right=14]',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '9',
};

/** Room for the longest path of a state; many actors are counted before it. */
function stateWidth(machine: string | null, isMany: boolean): number {
  if (machine === null) return 0;
  const { states } = readChart(machine, topology.machines[machine]!.machine);
  const regions = new Set(states.filter(({ isRegion }) => isRegion).map(({ parent }) => parent));
  const isShown = ({ path }: StateOfChart): boolean => ![...regions].some((parent) => path.startsWith(`${parent}.`));
  return Math.max(...states.filter(isShown).map(({ path }) => widthOf(isMany ? `${COUNT} ${path}` : path)));
}

/** Features and parts of health are drawn one by one; lines lead to all of them as a whole. */
const EACH: { readonly [actor in Actor]?: readonly string[] } = { feature: FEATURES, health: HEALTH_PARTS };

function nodesOfMap(): NodeOfMap[] {
  const actors = Object.entries(ACTORS).flatMap(([actor, machine]) => {
    const { group, lives } = CARDS[machine];
    const each = EACH[actor as Actor];
    if (each) return each.map((name) => ({ id: `${actor}:${name}`, name, machine, isMany: false, group }));
    return [{ id: actor, name: actor, machine, isMany: lives === 'once' || MANY.has(actor), group }];
  });
  const outside = Object.entries(OUTSIDE).map(([id, name]) => ({
    id,
    name,
    machine: null,
    isMany: false,
    group: null,
  }));
  return [...actors, ...outside];
}

/** All ways between two places are one line, in the direction that has more of them. */
function linesOfMap(): LineOfMap[] {
  const ways = new Map<string, Set<string>>();
  for (const [type, list] of [...Object.entries(FACTS), ...Object.entries(SIGNALS), ...Object.entries(EFFECTS)]) {
    for (const way of list) {
      const [pair, heard] = way.split(' as ') as [string, string?];
      ways.set(pair, new Set([...(ways.get(pair) ?? []), heard === undefined ? type : `${type} as ${heard}`]));
    }
  }
  const lines: LineOfMap[] = [];
  for (const [pair, events] of ways) {
    const [from, to] = pair.split('>') as [Place, Place];
    const back = ways.get(`${to}>${from}`) ?? new Set<string>();
    if (lines.some((line) => line.from === to && line.to === from)) continue;
    lines.push({ from, to, events: [...events], back: [...back] });
  }
  return lines;
}
