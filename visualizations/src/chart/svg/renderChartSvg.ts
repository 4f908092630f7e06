import type { ChartEdge, ChartLayout, ChartMarks, ChartState, ChartTransition, TextLine } from '../chartLayout.js';
import { worded } from '../chartWords.js';
import { CHART_CSS } from './chartStyle.js';
import { arrow, escaped, roundedPath } from './svg.js';

/**
 * The picture of a chart as SVG text, pure. States carry `data-state`; each transition's text is `.way` with
 * `data-edge`, `data-rule` (in a brief chart the rules, with spaces between) and `data-event`; the lines between states
 * are `.edge` with `data-from`, `data-to` and `data-edges`, the ids of all transitions on them. `title` elements say
 * what a rule means.
 */
export function renderChartSvg(layout: ChartLayout, marks: ChartMarks = {}): string {
  const { width, height, machine, states, edges } = layout;
  const body = [
    ...states.filter(({ path }) => path !== '').map((state) => stateSvg(state, marks)),
    ...layout.marks.map((mark) =>
      mark.kind === 'initial'
        ? `<circle class="dot" cx="${mark.box.x + mark.box.width / 2}" cy="${mark.box.y + mark.box.height / 2}" r="${mark.box.width / 2}"/>`
        : `<g class="any"><rect ${boxAttributes(mark.box)} rx="8"/>${mark.title ? lineSvg(mark.title, marks) : ''}</g>`,
    ),
    ...edges.map((edge) => edgeSvg(edge, marks)),
    ...states.flatMap(({ rows }) => rows.map((row) => waySvg(row.transition, row.lines, row.box, marks))),
    ...edges.flatMap(({ labels }) => labels.map((label) => waySvg(label.transition, label.lines, label.box, marks))),
  ];
  const frame = states[0]!;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="kchart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`statechart ${machine}`)}">`,
    marks.standalone ? `<style>${CHART_CSS}</style>` : '',
    `<rect class="bg" width="${width}" height="${height}"/>`,
    `<g class="machine"><rect class="frame" ${boxAttributes(frame.box)} rx="10"/>${lineSvg(frame.title)}${clockSvg(frame)}</g>`,
    ...body,
    '</svg>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function stateSvg(state: ChartState, { active, heat }: ChartMarks): string {
  const { path, kind, box, isRegion } = state;
  const isLeaf = kind === 'atomic' || kind === 'final';
  const classes = classesOf(
    'state',
    kind,
    isLeaf && 'leaf',
    isRegion && 'region',
    active?.has(path) && 'active',
    heatClass(heat?.get(path)),
  );
  const inner =
    kind === 'final'
      ? `<rect class="inner" x="${box.x + 3}" y="${box.y + 3}" width="${box.width - 6}" height="${box.height - 6}" rx="6"/>`
      : '';
  return `<g class="${classes}" data-state="${escaped(path)}"><rect ${boxAttributes(box)} rx="8"/>${inner}${lineSvg(state.title)}${clockSvg(state)}</g>`;
}

function clockSvg({ clock, path }: ChartState): string {
  return clock ? `<text class="clock" data-clock="${escaped(path)}" x="${clock.x}" y="${clock.y}"></text>` : '';
}

function edgeSvg({ source, target, points, labels, isInitial }: ChartEdge, { taken, never, heat }: ChartMarks): string {
  const ids = labels.map(({ transition }) => transition.edge);
  const hottest = Math.max(-1, ...ids.map((id) => heat?.get(id) ?? -1));
  const classes = classesOf(
    'edge',
    isInitial && 'initial',
    ids.some((id) => taken?.has(id)) && 'taken',
    ids.length > 0 && ids.every((id) => never?.has(id)) && 'never',
    heatClass(hottest < 0 ? undefined : hottest),
  );
  return `<g class="${classes}" data-from="${escaped(source)}" data-to="${escaped(target)}" data-edges="${escaped(ids.join(' '))}"><path class="line" d="${roundedPath(points)}"/><path class="tip" d="${arrow(points)}"/></g>`;
}

function waySvg(
  transition: ChartTransition | null,
  lines: readonly TextLine[],
  box: ChartState['box'],
  marks: ChartMarks,
): string {
  if (!transition) return `<g class="actionsRow">${lines.map((line) => lineSvg(line, marks)).join('')}</g>`;
  const { edge, rule, event, sentence } = transition;
  const count = marks.counts?.get(edge);
  const classes = classesOf('way', marks.taken?.has(edge) && 'taken', marks.never?.has(edge) && 'never');
  const title = escaped(`${rule} ${sentence}`.trim());
  const text = lines.map((line) => lineSvg(line, marks, count)).join('');
  return `<g class="${classes}" data-edge="${escaped(edge)}" data-rule="${escaped(rulesOf(edge).join(' '))}" data-event="${escaped(event)}"><title>${title}</title><rect class="hit" ${boxAttributes(box)} rx="3"/>${text}</g>`;
}

const rulesOf = (edge: string): string[] => [
  ...new Set(edge.split(' ').map((id) => id.slice(id.lastIndexOf(':') + 1))),
];

/** `count` stands in the place of the rule. */
function lineSvg({ x, y, parts }: TextLine, { words }: ChartMarks = {}, count?: number): string {
  const [first] = parts;
  if (first && parts.length === 1) {
    const text = first.role === 'rule' && count !== undefined ? compactCount(count) : worded(first.text, words);
    return `<text class="${first.role}" x="${x}" y="${y}">${escaped(text)}</text>`;
  }
  return `<text x="${x}" y="${y}">${parts.map(({ text, role }) => `<tspan class="${role}">${escaped(worded(text, words))}</tspan>`).join('')}</text>`;
}

/** At most four characters: `999`, `1.2k`, `34k`, `1.2M`. */
export function compactCount(count: number): string {
  for (const [unit, size] of [
    ['', 1],
    ['k', 1e3],
    ['M', 1e6],
    ['G', 1e9],
  ] as const) {
    const value = count / size;
    if (value < 999.5 || unit === 'G')
      return unit !== '' && value < 9.95 ? `${value.toFixed(1)}${unit}` : `${Math.round(value)}${unit}`;
  }
  return String(count);
}

function heatClass(heat: number | undefined): string | false {
  return heat !== undefined && `heat${Math.min(5, Math.max(1, Math.ceil(heat * 5)))}`;
}
function classesOf(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
function boxAttributes({ x, y, width, height }: ChartState['box']): string {
  return `x="${x}" y="${y}" width="${width}" height="${height}"`;
}
