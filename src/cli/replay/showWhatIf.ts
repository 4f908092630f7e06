import type { RunSummary, WhatIfResult } from '../../actors/whatIf/whatIf.js';
import type { ReplayTexts } from './texts.js';

/** Recorded beside what-if, for a person. */
export function whatIfText(result: WhatIfResult, texts: ReplayTexts): string {
  const { set, from, to, recorded, whatIf, inferred, divergence } = result;
  const changes = Object.entries(set)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  const names = Object.keys(texts.rows) as (keyof ReplayTexts['rows'])[];
  const width = Math.max(...names.map((name) => widthOf(texts.rows[name])));
  const row = (name: string, was: string, is: string): string =>
    `${name}${' '.repeat(width - widthOf(name))}  ${was.padStart(12)}  ${is.padStart(12)}`;
  const cell = (summary: RunSummary, name: (typeof names)[number]): string =>
    name === 'timeToRecover' ? recoverText(summary, texts) : String(summary[name]);
  return [
    texts.whatIf(changes, from.seq, to.seq),
    '',
    row('', texts.recorded, 'what-if'),
    ...names.map((name) => row(texts.rows[name], cell(recorded, name), cell(whatIf, name))),
    '',
    ...differenceLines(result, texts),
    texts.inferred(
      inferred.calls,
      inferred.ofCalls,
      `${(100 * inferred.callShare).toFixed(1)} %`,
      inferred.messages,
      inferred.ofMessages,
    ),
    ...(divergence ? [texts.divergent(divergence.seq)] : []),
  ].join('\n');
}

function differenceLines({ firstDifference }: WhatIfResult, texts: ReplayTexts): string[] {
  if (!firstDifference) return [texts.same];
  const { seq, at, recorded, whatIf } = firstDifference;
  return [
    texts.firstDifference(seq, new Date(at).toISOString()),
    `  ${texts.recorded}  ${recorded ?? texts.nothing}`,
    `  what-if  ${whatIf ?? texts.nothing}`,
  ];
}

/** The middle one of the outages of the stretch. */
function recoverText({ recoverMs }: RunSummary, texts: ReplayTexts): string {
  if (recoverMs.length === 0) return '-';
  const sorted = recoverMs.map((ms) => ms ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]!;
  return Number.isFinite(middle) ? `${(middle / 1_000).toFixed(1)} s` : texts.never;
}

/** Cells of a terminal: a Chinese character takes two. */
function widthOf(text: string): number {
  return [...text].reduce((width, char) => width + (char.charCodeAt(0) > 0x2e80 ? 2 : 1), 0);
}
