import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { chartTable } from '../../../src/actors/charts/chartTable.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import type { ChartState, ChartTransition } from '../../../visualizations/src/chart/chartLayout.js';
import { chartPage, emptyCells } from '../../../visualizations/src/chart/chartPages.js';
import { CHART_WORDS_ZH } from '../../../visualizations/src/chart/chartWords.js';
import { layoutChart } from '../../../visualizations/src/chart/layout/layoutChart.js';
import { layoutMap } from '../../../visualizations/src/chart/layout/layoutMap.js';
import { widthOf } from '../../../visualizations/src/chart/layout/textBlocks.js';
import { mermaidText } from '../../../visualizations/src/chart/mermaidText.js';
import { readChart } from '../../../visualizations/src/chart/readChart.js';
import { compactCount, renderChartSvg } from '../../../visualizations/src/chart/svg/renderChartSvg.js';
import { renderMapSvg } from '../../../visualizations/src/chart/svg/renderMapSvg.js';
import { activePaths, takenEdges, transitionsOf } from '../../../visualizations/src/chart/takenEdges.js';
import { renderDiagrams, staleDiagrams } from '../../../visualizations/src/diagrams.js';
import { World } from '../../actors/world.js';

interface Config {
  readonly on?: { readonly [event: string]: unknown };
  readonly states?: { readonly [key: string]: Config };
}
const machines = Object.keys(topology.machines);
const chartOf = (name: string) => readChart(name, topology.machines[name]!.machine);

/** docs/SPEC.md has the first transition of a machine, not the initial states inside it. */
const isTabled = ({ event, source }: ChartTransition): boolean => event !== 'born' || source === '';

describe('a picture', () => {
  test.each(machines)('of %s has every state, and every transition with its rule and sentence', async (name) => {
    const { machine } = topology.machines[name]!;
    const svg = renderChartSvg(await layoutChart(name));
    const rows = chartTable(machine);
    for (const { rule, state, event, what } of rows) {
      const source = state === 'any' ? '' : state;
      expect(svg).toContain(
        `data-edge="${source}:${rule}" data-rule="${rule}" data-event="${event}"><title>${rule} ${what.replaceAll('"', '&quot;')}</title>`,
      );
    }
    for (const { path } of chartOf(name).states.slice(1)) expect(svg).toContain(`data-state="${path}"`);
    expect(transitionsOf(await layoutChart(name)).filter(isTabled)).toHaveLength(rows.length);
  });

  test('names guards, actions and delays in words', async () => {
    const svg = renderChartSvg(await layoutChart('circuitBreaker'));
    expect(svg).toContain('<tspan class="delay">after openMs</tspan><tspan class="guard"> [someoneWaits]</tspan>');
    expect(svg).toContain('<text class="actions"');
    expect(svg).toContain('data-clock="open"');
  });

  test('brings no style of its own into a page, and its styles along into a file', async () => {
    for (const svg of [renderChartSvg(await layoutChart('lane')), renderMapSvg(await layoutMap())])
      expect(svg).not.toMatch(/style/);
    expect(renderChartSvg(await layoutChart('lane'), { standalone: true })).toContain('prefers-color-scheme:dark');
  });

  test('says in Chinese what is no name of the code, in no more room', async () => {
    const words = CHART_WORDS_ZH;
    const svg = renderChartSvg(await layoutChart('gateway'), { words });
    for (const word of ['>任意状态<', '>进入<', '> 不变<', '>诞生<', '>等待 backOffMs<']) expect(svg).toContain(word);
    expect(svg).toContain('>backingOff<');
    expect(renderChartSvg(await layoutChart('bot'), { words })).not.toContain('any state');
    const map = renderMapSvg(await layoutMap(), { words });
    for (const word of ['>连接<', '>QQ 网关<', '>recovery<']) expect(map).toContain(word);
    for (const [english, chinese] of words) expect(widthOf(chinese)).toBeLessThanOrEqual(widthOf(english));
  });

  test('lights what it is told to', async () => {
    const layout = await layoutChart('circuitBreaker');
    const marks = {
      active: new Set(['open']),
      taken: new Set(['closed:B4']),
      never: new Set(['open:B6']),
      heat: new Map([
        ['closed:B1', 0.1],
        ['open', 1],
      ]),
      counts: new Map([['closed:B4', 12_345]]),
    };
    const svg = renderChartSvg(layout, marks);
    expect(svg).toMatch(/class="state atomic leaf active heat5" data-state="open"/);
    expect(svg).toMatch(/class="edge taken" data-from="closed" data-to="open"/);
    expect(svg).toMatch(/class="way taken" data-edge="closed:B4"[^\n]*<text class="rule"[^>]*>12k<\/text>/);
    expect(svg).toMatch(/class="way never" data-edge="open:B6"/);
  });

  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.0k'],
    [9_949, '9.9k'],
    [12_345, '12k'],
    [999_499, '999k'],
    [999_500, '1.0M'],
    [5e9, '5.0G'],
  ])('writes the count %d as %s', (count, text) => {
    expect(compactCount(count)).toBe(text);
  });

  test('shows names of whatever kind as text', async () => {
    const layout = await layoutChart('audits');
    const hostile = '</text><script>alert("1")</script>&';
    const spoilt = {
      ...layout,
      states: layout.states.map((state) => ({
        ...state,
        path: hostile,
        title: { ...state.title, parts: [{ text: hostile, role: 'title' as const }] },
      })),
    };
    expect(renderChartSvg(spoilt)).not.toContain('<script');
    expect(renderChartSvg(spoilt)).toContain('&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;');
  });

  test('is drawn by code that needs neither Node nor a document', () => {
    const seen = new Set<string>();
    const walk = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(`visualizations/src/chart/${file}.ts`, 'utf8');
      const folder = file.includes('/') ? file.slice(0, file.indexOf('/') + 1) : '';
      expect(text).not.toMatch(/\b(document|window|process)\./);
      for (const [, from] of text.matchAll(/from '([^']+)'/g)) {
        expect(from).toMatch(/^\.{1,2}\/(\w+\/)?\w+\.js$/);
        walk(from!.startsWith('../') ? from!.slice(3, -3) : `${folder}${from!.slice(2, -3)}`);
      }
    };
    for (const file of ['svg/renderChartSvg', 'svg/renderMapSvg', 'takenEdges', 'travelledFlows']) walk(file);
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe('a layout', () => {
  test('of a machine that is not there is refused with the names that are', async () => {
    await expect(layoutChart('breaker')).rejects.toThrow(
      'no machine is called "breaker"; there are bot, accessToken, gateway',
    );
  });

  test('is the same each time, and keeps nobody waiting: this thread is free meanwhile', async () => {
    await layoutChart('gateway', { fresh: true }); // the worker is up
    const before = performance.eventLoopUtilization();
    const fresh = await layoutChart('gateway', { fresh: true });
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.6);
    expect(fresh).toEqual(await layoutChart('gateway'));
  });

  test('is made by elkjs in a worker thread only', () => {
    const folder = 'visualizations/src/chart';
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.m?ts$|\.mjs$/.test(file),
    );
    const users = all.filter((file) => /from 'elkjs/.test(readFileSync(`${folder}/${file}`, 'utf8')));
    expect(users).toEqual(['layout/elkWorker.mjs']);
  });
});

test('a brief chart keeps what leads from state to state; each way names all rules that it stands for', async () => {
  for (const name of machines) {
    // That a state begins somewhere is a dot, without words.
    const moves = transitionsOf(await layoutChart(name)).filter(
      ({ source, target, event }) => target !== null && target !== source && event !== 'born',
    );
    const brief = transitionsOf(await layoutChart(name, { brief: true })).filter(({ event }) => event !== 'born');
    expect(brief.flatMap(({ edge }) => edge.split(' ')).sort()).toEqual(moves.map(({ edge }) => edge).sort());
    for (const { edge, source, target, event, sentence } of brief) {
      const merged = moves.filter((move) => move.source === source && move.target === target && move.event === event);
      expect(edge).toBe(merged.map((move) => move.edge).join(' '));
      expect(sentence).toBe(merged.map((move) => `${move.rule} ${move.sentence}`.trim()).join('\n'));
    }
  }
});

describe('taken edges', () => {
  test('active paths of nested and parallel states', () => {
    expect([...activePaths({ halfOpen: 'probing' })]).toEqual(['', 'halfOpen', 'halfOpen.probing']);
    expect([...activePaths({ diagnosing: { network: 'checking', api: 'checked' } })]).toEqual([
      '',
      'diagnosing',
      'diagnosing.network',
      'diagnosing.network.checking',
      'diagnosing.api',
      'diagnosing.api.checked',
    ]);
  });

  test('of every step of a bot through outage, kill and recovery are in its chart, and lead where the step went', async () => {
    const world = new World();
    world.begin();
    world.connect();
    for (let i = 0; i < 8; i += 1) {
      world.receive(`m${i}`, { channel: `c${i}`, author: `u${i}` });
      world.complete(`m${i}`);
      for (const out of world.calls) world.fail(out);
    }
    world.begin();
    world.connect();
    world.runTo(world.now + 120_000, () => {
      for (const out of world.calls) world.succeed(out);
    });
    const machineOf = (actor: string): string =>
      world.state.actor(actor)?.machine ?? world.state.ended(actor, world.now)!.machine;
    const steps = world.records.flatMap((record) => record.steps).filter(({ rules }) => rules.length > 0);
    for (const step of steps) {
      const layout = await layoutChart(machineOf(step.actor));
      const taken = takenEdges(layout, step);
      expect({ step, taken: [...taken] }).toMatchObject({
        taken: step.rules.map((rule) => expect.stringMatching(`:${rule}$`)),
      });
      const targets = transitionsOf(layout)
        .filter(({ edge, target }) => taken.has(edge) && target !== null)
        .map(({ target }) => target!);
      if (step.from !== null && step.to !== null && step.rules.length === 1 && targets.length === 1)
        expect([...activePaths(step.to)]).toContain(targets[0]);
    }
    expect(steps.length).toBeGreaterThan(100);
  });

  test('the innermost state that has the rule', async () => {
    const layout = await layoutChart('circuitBreaker');
    expect([...takenEdges(layout, { from: { halfOpen: 'ramping' }, rules: ['B52'] })]).toEqual([
      'halfOpen.ramping:B52',
    ]);
    expect([...takenEdges(layout, { from: 'closed', rules: ['B52'] })]).toEqual(['closed:B52']);
    const [root, ...states] = layout.states as [ChartState, ...ChartState[]];
    const anywhere = states
      .flatMap(({ rows }) => rows)
      .map((row) => ({ ...row, transition: row.transition && { ...row.transition, source: '', edge: 'outer' } }));
    const twice = { ...layout, states: [{ ...root, rows: anywhere }, ...states] };
    expect([...takenEdges(twice, { from: 'closed', rules: ['B52'] })]).toEqual(['closed:B52']);
    expect([...takenEdges(layout, { from: null, rules: ['B47'] })]).toEqual([':B47']);
    expect([...takenEdges(layout, { from: 'closed', rules: [] })]).toEqual([]);
    expect([...takenEdges(layout, { from: 'closed', rules: ['X1'] })]).toEqual([]);
  });
});

describe('a page', () => {
  test.each(machines)('of %s: a row for each transition, and every other cell is listed as empty', (name) => {
    const { machine } = topology.machines[name]!;
    const chart = chartOf(name);
    const rows = chartPage(chart)
      .split('## Empty cells')[0]!
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2);
    expect(rows).toHaveLength(chart.transitions.length);
    expect(chart.transitions.filter(isTabled)).toHaveLength(chartTable(machine).length);
    const eventsOf = (config: Config): string[] => [
      ...Object.keys(config.on ?? {}),
      ...Object.values(config.states ?? {}).flatMap(eventsOf),
    ];
    const events = [...new Set(eventsOf(machine.config as Config))];
    for (const { state, events: empty } of emptyCells(chart)) {
      let config = machine.config as Config;
      const around = Object.keys(config.on ?? {});
      for (const key of state.split('.')) {
        config = config.states![key]!;
        around.push(...Object.keys(config.on ?? {}));
      }
      expect(empty).toEqual(events.filter((event) => !around.includes(event)).sort());
    }
  });

  /** What Mermaid surely draws: declarations, nesting, one arrow between two different states, texts without its own signs. */
  test.each(machines)('of %s: its Mermaid text keeps to the part that is drawn without fail', (name) => {
    const [first, ...lines] = mermaidText(chartOf(name)).split('\n');
    expect(first).toBe('stateDiagram-v2');
    const known = new Set(['[*]']);
    const arrows: string[] = [];
    for (const line of lines) {
      const declared = /^ +state "[\w ]+" as (\w+)$/.exec(line);
      if (declared) known.add(declared[1]!);
      const arrow = /^ +(\w+|\[\*\]) --> (\w+|\[\*\])(?: : ([\w .()]|<br\/>)+)?$/.exec(line);
      if (arrow) arrows.push(`${arrow[1]} ${arrow[2]}`);
      expect(declared ?? arrow ?? /^ +(state \w+ \{|\})$/.exec(line)).not.toBeNull();
    }
    const between = arrows.filter((arrow) => !arrow.includes('[*]'));
    expect(new Set(between).size).toBe(between.length);
    expect(between.filter((arrow) => arrow.split(' ')[0] === arrow.split(' ')[1])).toEqual([]);
    expect(arrows.flatMap((arrow) => arrow.split(' ')).filter((state) => !known.has(state))).toEqual([]);
  });
});

describe('visualizations/charts', () => {
  test('is of today (npm run diagrams)', async () => {
    expect(staleDiagrams(await renderDiagrams({ fresh: false }))).toEqual([]);
  });

  test('a file that is stale, missing or foreign is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'charts-'));
    try {
      for (const [name, text] of [
        ['a.svg', 'old'],
        ['b.svg', 'b'],
        ['foreign.txt', ''],
      ] as const)
        writeFileSync(join(folder, name), text);
      const files = new Map([
        ['a.svg', 'new'],
        ['b.svg', 'b'],
        ['missing.md', 'm'],
      ]);
      expect(staleDiagrams(files, `${folder}/`)).toEqual(['a.svg', 'foreign.txt', 'missing.md']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
