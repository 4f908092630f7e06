import { describe, expect, test } from '@jest/globals';
import { and, not, setup } from 'xstate';
import { topology } from '../../../src/actors/wiring/topology.js';
import {
  type ChartNode,
  chartDefinition,
  eventlessRules,
  timerEventOf4,
  timerEvents,
} from '../../../visualizations/src/bridges/chartDefinition.js';
import { carouselMachine, chartOf, requireThere } from './bridgeRig.js';

interface Node4 {
  readonly id: string;
  readonly after: readonly { readonly delay: unknown }[];
  readonly transitions: readonly { readonly target?: readonly Node4[]; readonly cond?: { readonly name: string } }[];
  readonly states?: { readonly [key: string]: object };
  getStateNodeById(id: string): Node4;
  resolveState(state: object): { readonly nextEvents: readonly string[]; readonly value: unknown };
}
const { createMachine, State } = requireThere('xstate') as {
  createMachine(definition: object): Node4;
  State: { create(state: object): object };
};
/** As a viewer takes it: through JSON. */
const in4 = (chart: ChartNode, id: string): Node4 =>
  createMachine({ ...JSON.parse(JSON.stringify(chartDefinition(chart, id))), predictableActionArguments: true });

/** A state value for each atomic state of a chart; other regions are in their first state. */
function configurations(node: ChartNode): { value: unknown; nodes: ChartNode[] }[] {
  const children = Object.values(node.states).filter(({ type }) => type !== 'history');
  if (children.length === 0) return [{ value: undefined, nodes: [node] }];
  const within = (child: ChartNode) =>
    configurations(child).map(({ value, nodes }) => ({ key: child.key, value, nodes }));
  if (node.type !== 'parallel')
    return children.flatMap(within).map(({ key, value, nodes }) => ({
      value: value === undefined ? key : { [key]: value },
      nodes: [node, ...nodes],
    }));
  return children.flatMap((varied) =>
    within(varied).map((one) => {
      const regions = children.map((child) => (child === varied ? one : within(child)[0]!));
      return {
        value: Object.fromEntries(regions.map(({ key, value }) => [key, value ?? {}])),
        nodes: [node, ...regions.flatMap(({ nodes }) => nodes)],
      };
    }),
  );
}
/** The events that a configuration does something at, by xstate 5, in the names of xstate 4. */
function eventsOf(nodes: readonly ChartNode[]): string[] {
  const named = nodes.flatMap((node) => [
    ...(node.always?.length ? [''] : []), // as xstate 4 calls what needs no event
    ...[...node.transitions].flatMap(([type, rows]) => {
      const [first] = rows;
      if (!rows.some(({ target, actions, reenter }) => target || actions.length > 0 || reenter)) return [];
      if (type.startsWith('xstate.after.')) return [timerEventOf4(type, String(first!.delay))];
      return type.startsWith('xstate.done.state.') ? [type.replace('xstate.', '')] : [type];
    }),
  ]);
  return [...new Set(named)].sort();
}

const charts: (readonly [string, ChartNode])[] = [
  ...Object.keys(topology.machines).map((name) => [name, chartOf(name)] as const),
  ['carousel', carouselMachine.root as unknown as ChartNode],
];

describe('a chart in the JSON of xstate 4', () => {
  test.each(charts)('%s: createMachine of xstate 4 takes it, and every target is found', (name, chart) => {
    const machine = in4(chart, `actor:${name}`);
    expect(machine.id).toBe(`actor:${name}`);
    const walk = (node: ChartNode): void => {
      const id = node === chart ? `actor:${name}` : node.id;
      const mirrored = machine.getStateNodeById(id);
      const rows = [...node.transitions.values()].flat();
      const targets = (list: readonly { target?: readonly { id: string }[] }[]) =>
        list.map(({ target }) => target?.map(({ id: to }) => (to === chart.id ? `actor:${name}` : to))).sort();
      expect([id, targets(mirrored.transitions)]).toEqual([id, targets([...rows, ...(node.always ?? [])])]);
      for (const child of Object.values(node.states)) walk(child);
    };
    walk(chart);
  });

  test.each(charts)('%s: xstate 4 resolves every state to the events that xstate 5 takes there', (name, chart) => {
    const machine = in4(chart, name);
    const found = configurations(chart);
    expect(found).not.toEqual([]);
    for (const { value, nodes } of found) {
      const received = State.create(JSON.parse(JSON.stringify({ value, context: {}, _event: {}, transitions: [] })));
      const { nextEvents } = machine.resolveState(received);
      expect([value, [...nextEvents].sort()]).toEqual([value, eventsOf(nodes)]);
    }
  });

  test.each(charts)('%s: a rule that needs no event is none of those that need one', (_name, chart) => {
    const eventless = eventlessRules(chart);
    const walk = (node: ChartNode): string[] => [
      ...[...node.transitions]
        .filter(([type]) => !type.startsWith('xstate.done.state.'))
        .flatMap(([, rows]) => rows.map(({ description }) => description!.split(' ')[0]!)),
      ...Object.values(node.states).flatMap(walk),
    ];
    expect(walk(chart).filter((rule) => eventless.has(rule))).toEqual([]);
  });

  test('a history state keeps its kind and where it goes at first', () => {
    const lights = in4(carouselMachine.root as unknown as ChartNode, 'c').getStateNodeById('carousel.turning.lights');
    expect(lights.states?.last).toMatchObject({ history: 'deep', config: { target: 'green' } });
  });

  test('the delays keep their names', () => {
    const delays = (id: string) =>
      in4(chartOf('circuitBreaker'), 'b')
        .getStateNodeById(id)
        .after.map((t) => t.delay);
    expect(delays('circuitBreaker.open')).toContain('openMs');
    expect(timerEvents(chartOf('circuitBreaker')).get('openMs')).toBe('xstate.after.openMs.circuitBreaker.open');
    expect(timerEventOf4('xstate.after.openMs.circuitBreaker.open', 'openMs')).toBe(
      'xstate.after(openMs)#circuitBreaker.open',
    );
  });

  test('composite guards have a readable name, inline ones are told to be that', () => {
    const { root } = setup({ guards: { a: () => true, b: () => true } }).createMachine({
      id: 'm',
      on: { x: { guard: and(['a', not('b')]), actions: () => undefined } },
    });
    const { on } = chartDefinition(root as unknown as ChartNode) as {
      on: { x: { cond: object; actions: object[] }[] };
    };
    expect(on.x[0]).toMatchObject({ cond: { type: 'and(a, not(b))' }, actions: [{ type: 'actions' }] });
  });
});
