import type { MapLayout } from './chartLayout.js';
import { mermaidText } from './mermaidText.js';
import type { Chart } from './readChart.js';

/** The page of one machine: its picture, its table, the cells of the table that are empty, its Mermaid text. */
export function chartPage(chart: Chart): string {
  const { machine, transitions } = chart;
  const rows = transitions.map(({ source, event, guard, target, source: from, reenter, actions, rule, sentence }) => {
    const to = target === null ? '–' : target === from ? (reenter ? `${target} (again)` : target) : target;
    return [source || 'any', event, guard, to, actions.join(', '), rule, sentence];
  });
  return page([
    `# ${machine}`,
    `The chart of [\`${machine}Machine\`](../../src/machines/${machine}/chart.ts). Written by \`npm run diagrams\`; [all charts](README.md).`,
    `![The chart of ${machine}](${machine}.svg)`,
    '## Transitions',
    'State `any`: in every state without a row of its own for that event. Target `–`: the state stays. Event `at once`: as soon as its guard holds; `after x`: the named delay `x` has passed.',
    table(['state', 'event', 'guard', 'target', 'actions', 'rule', 'what'], rows),
    '## Empty cells',
    'Events that this machine knows and that a state has no row for, nor any state around it. They are recorded and ignored.',
    table(
      ['state', 'ignores'],
      emptyCells(chart).map(({ state, events }) => [
        state,
        events.map((event) => `\`${event}\``).join(', ') || 'nothing',
      ]),
    ),
    '## As Mermaid text',
    'Without the transitions that stay in their state.',
    `\`\`\`mermaid\n${mermaidText(chart)}\n\`\`\``,
  ]);
}

/** For each innermost state the events that neither it nor a state around it has a row for. */
export function emptyCells({ states, transitions }: Chart): { state: string; events: string[] }[] {
  const events = [...new Set(transitions.map(({ event }) => event))].filter(
    (event) => event !== 'born' && event !== 'at once' && !event.startsWith('after '),
  );
  const leaves = states.filter(({ path }) => path !== '' && !states.some(({ parent }) => parent === path));
  return leaves.map(({ path }) => {
    const around = (source: string): boolean => source === '' || source === path || path.startsWith(`${source}.`);
    const heard = new Set(transitions.filter(({ source }) => around(source)).map(({ event }) => event));
    return { state: path, events: events.filter((event) => !heard.has(event)).sort() };
  });
}

/** The page of all charts. */
export function indexPage(charts: readonly Chart[], map: MapLayout): string {
  const sections = charts.flatMap(({ machine, states, transitions }) => [
    `## [${machine}](${machine}.md)`,
    `${states.length - 1} states, ${transitions.filter(({ event }) => event !== 'born').length} transitions; [with guards, actions and rules](${machine}.svg).`,
    `[![The states of ${machine}](${machine}.brief.svg)](${machine}.md)`,
  ]);
  const flows = map.edges.flatMap(({ from, to, events, back }) => [
    [from, to, events],
    ...(back ? [[to, from, back.events]] : []),
  ]) as [string, string, readonly string[]][];
  return page([
    '# All charts',
    "Written from the code by `npm run diagrams`; `npm run diagrams -- --check` fails when a file here is stale. Pictures follow the reader's light or dark; open one and hover over a line of text for what its rule says.",
    '## The map',
    'Every actor, what comes from the world and what goes to it. Behind a double border stand many actors of one kind.',
    '![The map of all actors](map.svg)',
    '<details><summary>Who tells whom what</summary>',
    table(
      ['from', 'to', 'what'],
      flows.map(([from, to, events]) => [from, to, events.map((event) => `\`${event}\``).join(', ')]),
    ),
    '</details>',
    ...sections,
  ]);
}

function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
