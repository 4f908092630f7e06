import type { ChartTransition } from './chartLayout.js';
import type { Chart, StateOfChart } from './readChart.js';

/**
 * A chart as Mermaid text, in the part of its language that it draws without fail: nested states, no parallel regions
 * (they are drawn as nested states side by side), one arrow between two states, no arrow from a state to itself or into
 * its own inside. What is left out stands in the table.
 */
export function mermaidText({ states, transitions }: Chart): string {
  const lines = ['stateDiagram-v2'];
  const childrenOf = (path: string): StateOfChart[] => states.filter(({ parent }) => parent === path);
  const initialOf = (path: string) =>
    transitions.find(({ source, event }) => source === path && event === 'born')?.target;
  const declare = (path: string, indent: string): void => {
    const initial = initialOf(path);
    if (initial) lines.push(`${indent}[*] --> ${idOf(initial)}`);
    for (const state of childrenOf(path)) {
      const id = idOf(state.path);
      lines.push(`${indent}state "${state.name}" as ${id}`);
      if (childrenOf(state.path).length === 0) continue;
      lines.push(`${indent}state ${id} {`);
      declare(state.path, `${indent}  `);
      lines.push(`${indent}}`);
    }
    for (const state of childrenOf(path))
      if (state.kind === 'final') lines.push(`${indent}${idOf(state.path)} --> [*]`);
  };
  const arrows = arrowsOf(transitions);
  if (arrows.some(({ from }) => from === ANY)) lines.push(`  state "any state" as ${ANY}`);
  declare('', '  ');
  for (const { from, to, texts } of arrows) lines.push(`  ${from} --> ${to} : ${texts.join('<br/>')}`);
  return lines.join('\n');
}

const ANY = 'any_state';

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly texts: string[];
}

function arrowsOf(transitions: readonly ChartTransition[]): Arrow[] {
  const arrows: Arrow[] = [];
  for (const { source, target, event, guard, rule } of transitions) {
    if (target === null || target === source || event === 'born') continue;
    if (source !== '' && target.startsWith(`${source}.`)) continue;
    const [from, to] = [source === '' ? ANY : idOf(source), idOf(target)];
    const text = `${rule} ${event}${guard === '' ? '' : ` (${guard})`}`;
    const arrow = arrows.find((other) => other.from === from && other.to === to);
    if (arrow) arrow.texts.push(text);
    else arrows.push({ from, to, texts: [text] });
  }
  return arrows;
}

function idOf(path: string): string {
  return path.replaceAll('.', '_');
}
