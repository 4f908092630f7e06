import type { Box, MapEdge, MapLayout, MapMarks, MapNode } from '../chartLayout.js';
import { worded } from '../chartWords.js';
import { widthOf } from '../layout/textBlocks.js';
import { CHART_CSS } from './chartStyle.js';
import { arrow, escaped, roundedPath } from './svg.js';

const PAD_PX = 12;

/**
 * The picture of the map as SVG text, pure. Nodes carry `data-node` (and `data-machine`), the text of their state is
 * `.now`; lines are `.flow` with `data-flow` and, when something goes the other way too, `data-back`.
 */
export function renderMapSvg(layout: MapLayout, marks: MapMarks = {}): string {
  const { width, height, groups, nodes, edges } = layout;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="kchart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="map of the actors">`,
    ...(marks.standalone ? [`<style>${CHART_CSS}</style>`] : []),
    `<rect class="bg" width="${width}" height="${height}"/>`,
    ...groups.map(
      ({ id, box, title }) =>
        `<g class="group" data-group="${escaped(id)}">${rect(box, 10)}<text class="title" x="${title.x}" y="${title.y}">${escaped(worded(title.parts[0]!.text, marks.words))}</text></g>`,
    ),
    ...edges.map((edge) => edgeSvg(edge, marks)),
    ...nodes.map((node) => nodeSvg(node, marks)),
    '</svg>',
  ].join('\n');
}

function edgeSvg({ id, points, events, back, kind, from, to }: MapEdge, { pulse }: MapMarks): string {
  const classes = ['flow', kind, pulse?.has(id) && 'pulse', back && pulse?.has(back.id) && 'pulseBack']
    .filter(Boolean)
    .join(' ');
  const said = [
    `${from} → ${to}: ${events.join(', ')}`,
    ...(back ? [`${to} → ${from}: ${back.events.join(', ')}`] : []),
  ].join('\n');
  const tips = [arrow(points), ...(back ? [arrow([...points].reverse())] : [])].map(
    (tip) => `<path class="tip" d="${tip}"/>`,
  );
  return `<g class="${classes}" data-flow="${escaped(id)}"${back ? ` data-back="${escaped(back.id)}"` : ''}><title>${escaped(said)}</title><path class="line" d="${roundedPath(points, back !== null)}"/>${tips.join('')}</g>`;
}

function nodeSvg({ id, machine, isMany, box, title, state }: MapNode, { states, classes, words }: MapMarks): string {
  const name = title.parts[0]!.text;
  const names = ['node', machine === null ? 'outside' : 'actor', isMany && 'many', classes?.get(id)]
    .filter(Boolean)
    .join(' ');
  const behind = isMany ? rect({ ...box, x: box.x + 3, y: box.y + 3 }, 8) : '';
  const now = state
    ? `<text class="now" x="${state.x}" y="${state.y}">${escaped(fitting(states?.get(id) ?? '', box))}</text>`
    : '';
  return `<g class="${names}" data-node="${escaped(id)}"${machine === null ? '' : ` data-machine="${escaped(machine)}"`}>${behind}${rect(box, 8)}<text class="title" x="${title.x}" y="${title.y}">${escaped(machine === null ? worded(name, words) : name)}</text>${now}</g>`;
}

/** As much of a text as has room in a node. */
export function fitting(text: string, { width }: Pick<Box, 'width'>): string {
  if (widthOf(text) <= width - 2 * PAD_PX) return text;
  const chars = [...text];
  while (chars.length > 0 && widthOf(`${chars.join('')}…`) > width - 2 * PAD_PX) chars.pop();
  return `${chars.join('')}…`;
}

function rect({ x, y, width, height }: Box, radius: number): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
}
