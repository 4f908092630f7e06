import { describe, expect, test } from '@jest/globals';
import { topology } from '../../../src/actors/wiring/topology.js';
import type { Box, ChartLayout, ChartState, MapLayout } from '../../../visualizations/src/chart/chartLayout.js';
import { layoutChart } from '../../../visualizations/src/chart/layout/layoutChart.js';
import { layoutMap } from '../../../visualizations/src/chart/layout/layoutMap.js';
import { chartOverlaps, mapOverlaps } from '../../../visualizations/src/chart/layout/overlaps.js';

/** No text lies on a line, on another text or on a border; checked by numbers, for every picture that is drawn. */
const machines = Object.keys(topology.machines);

describe('nothing lies over anything else', () => {
  test.each(machines)('in the chart of %s', async (machine) => {
    expect(chartOverlaps(await layoutChart(machine))).toEqual([]);
  });
  test.each(machines)('in the brief chart of %s', async (machine) => {
    expect(chartOverlaps(await layoutChart(machine, { brief: true }))).toEqual([]);
  });
  test('in the map', async () => {
    expect(mapOverlaps(await layoutMap())).toEqual([]);
  });
});

/** The same pictures spoilt, one thing at a time: each has to be found. */
describe('what is found', () => {
  const moved = (box: Box, to: Partial<Box>): Box => ({ ...box, ...to });
  const withState = (layout: ChartLayout, path: string, change: (state: ChartState) => ChartState): ChartLayout => ({
    ...layout,
    states: layout.states.map((state) => (state.path === path ? change(state) : state)),
  });
  const withLabel = (layout: ChartLayout, edge: number, to: (layout: ChartLayout) => Partial<Box>): ChartLayout => ({
    ...layout,
    edges: layout.edges.map((each, index) =>
      index === edge
        ? { ...each, labels: each.labels.map((label) => ({ ...label, box: moved(label.box, to(layout)) })) }
        : each,
    ),
  });
  const labelled = (layout: ChartLayout): number[] =>
    layout.edges.flatMap(({ labels }, index) => (labels.length > 0 ? [index] : []));

  test('a label on another label', async () => {
    const layout = await layoutChart('lane');
    const [one, two] = labelled(layout) as [number, number];
    const spoilt = withLabel(layout, one, () => ({
      x: layout.edges[two]!.labels[0]!.box.x,
      y: layout.edges[two]!.labels[0]!.box.y,
    }));
    expect(chartOverlaps(spoilt).join('\n')).toMatch(/^label .* overlaps label/m);
  });
  test('a label on a line, its own included', async () => {
    const layout = await layoutChart('lane');
    for (const [index, { id, points }] of layout.edges.entries()) {
      if (layout.edges[index]!.labels.length === 0) continue;
      const { x, y } = points[0]!;
      expect(chartOverlaps(withLabel(layout, index, () => ({ x: x - 10, y: y - 4 }))).join('\n')).toContain(
        `lies on the line ${id}`,
      );
    }
  });
  test('a label on the border of a state', async () => {
    const layout = await layoutChart('lane');
    const { box } = layout.states.find(({ path }) => path === 'pacing')!;
    const spoilt = withLabel(layout, labelled(layout)[0]!, () => ({ x: box.x - 20, y: box.y + 30 }));
    expect(chartOverlaps(spoilt).join('\n')).toMatch(/^label .* lies on state pacing/m);
  });
  test('a line through the title of a state', async () => {
    const layout = await layoutChart('circuitBreaker');
    const { box } = layout.states.find(({ path }) => path === 'halfOpen')!;
    const { points } = layout.edges.find(({ id }) => id === 'isolated>halfOpen.probing')!;
    const x = points.find(({ y }, index) => y < box.y && points[index + 1]!.y > box.y + 20)!.x - 30;
    const spoilt = withState(layout, 'halfOpen', (state) => ({ ...state, title: { ...state.title, x } }));
    expect(chartOverlaps(spoilt).join('\n')).toContain('title of halfOpen lies on the line');
  });
  test('a state on its sibling, and one outside its parent', async () => {
    const layout = await layoutChart('circuitBreaker');
    const { box } = layout.states.find(({ path }) => path === 'open')!;
    expect(chartOverlaps(withState(layout, 'closed', (state) => ({ ...state, box }))).join('\n')).toContain(
      'state closed overlaps state open',
    );
    const spoilt = withState(layout, 'halfOpen.probing', (state) => ({ ...state, box: moved(state.box, { x: 0 }) }));
    expect(chartOverlaps(spoilt)).toContain('state halfOpen.probing leaves state halfOpen');
  });
  test('a line through a state, and a line on a line', async () => {
    const layout = await layoutChart('lane');
    const { x, y } = layout.states.find(({ path }) => path === 'saturated')!.box;
    const points = [
      { x: x - 10, y: y + 20 },
      { x: x + 400, y: y + 20 },
    ];
    const through = { ...layout, edges: layout.edges.map((edge, index) => (index === 0 ? { ...edge, points } : edge)) };
    expect(chartOverlaps(through).join('\n')).toContain('runs through state saturated');
    const doubled = { ...layout, edges: [...layout.edges, { ...layout.edges[1]!, id: 'again', labels: [] }] };
    expect(chartOverlaps(doubled).join('\n')).toContain('runs on the line again');
  });
  test('a label that might belong to another line', async () => {
    const layout = await layoutChart('lane');
    const at = layout.edges.findIndex(({ id }) => id === 'pacing>blocked');
    const { points } = layout.edges.find(({ id }) => id === 'saturated>blocked')!;
    const { width } = layout.edges[at]!.labels[0]!.box;
    const spoilt = withLabel(layout, at, () => ({ x: points[0]!.x - width - 6, y: points[0]!.y + 30 }));
    expect(chartOverlaps(spoilt)).toContain('label pacing>blocked stands as near to saturated>blocked');
  });
  test('a thing outside the picture', async () => {
    const layout = await layoutChart('lane');
    expect(chartOverlaps({ ...layout, width: 300 }).join('\n')).toContain('state blocked leaves the picture');
  });
  test('in the map: a node on a node, a line through a node', async () => {
    const map = await layoutMap();
    const { box } = map.nodes.find(({ id }) => id === 'gateway')!;
    const spoilt: MapLayout = {
      ...map,
      nodes: map.nodes.map((node) => (node.id === 'token' ? { ...node, box } : node)),
    };
    expect(mapOverlaps(spoilt).join('\n')).toContain(
      'node token overlaps node gateway'.split(' ').slice(0, 2).join(' '),
    );
    const points = [
      { x: box.x - 5, y: box.y + 20 },
      { x: box.x + box.width + 5, y: box.y + 20 },
    ];
    expect(mapOverlaps({ ...map, edges: [{ ...map.edges[0]!, points }] }).join('\n')).toContain(
      'runs through node gateway',
    );
  });
});
