import { onOneLine } from '../../../base/printable.js';

/** How wide text is on a terminal, and aligned columns of it. */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const MARKS = /^[\p{Mark}\p{Cf}]+$/u;
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u;
/** East Asian wide and full-width blocks. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;

/** Cells that the text takes; colours take none. */
export function widthOf(text: string): number {
  const plain = text.replace(COLOUR, '');
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of segmenter.segment(plain)) {
    if (MARKS.test(segment)) continue;
    width += EMOJI.test(segment) || WIDE.test(segment) ? 2 : 1;
  }
  return width;
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Cut to so many cells; what is left out is shown as `…`. A text that is cut loses its colours. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text.replace(COLOUR, ''))) {
    const next = widthOf(segment);
    if (used + next > width - 1) break;
    cut += segment;
    used += next;
  }
  return `${cut}…`;
}

/** What users write, on one line: it must not steer a terminal. */
export function printable(text: string): string {
  return onOneLine(text.replace(/\s+/g, ' '));
}

const MIDDLE_FROM = 24;

/** A long id by its ends: `089b…239f`; the commands take it in this form too. */
export function shortId(id: string): string {
  const clean = printable(id);
  return clean.length > MIDDLE_FROM ? `${clean.slice(0, 4)}…${clean.slice(-4)}` : clean;
}

/** The id of an actor with the ids in it shortened: `delivery:089b…239f.0`. */
export function shortActor(actor: string): string {
  const [, kind = '', id = '', rest = ''] = /^([a-z]+:)([^:]{25,}?)((?:~\d+)?(?:\.\d+)?)$/u.exec(actor) ?? [];
  return id === '' ? printable(actor) : `${kind}${shortId(id)}${rest}`;
}

/** Whether `id` is what was asked for: the same, or shortened as shown (`089b…239f`, or with `..`). */
export function isMeant(asked: string, id: string): boolean {
  if (asked === id) return true;
  const [start = '', end, ...more] = asked.split(/…|\.\.\.?/u);
  if (end === undefined || more.length > 0 || start.length + end.length < 4) return false;
  return id.length > start.length + end.length && id.startsWith(start) && id.endsWith(end);
}

export type Align = 'left' | 'right';
export interface Column {
  readonly title: string;
  readonly align?: Align;
}

/**
 * Rows under titles, columns as wide as their widest cell; what is too wide for the terminal is cut. Written piece by
 * piece, so that a long table needs no memory: later pieces keep the widths of the earlier ones or grow.
 */
export class Table {
  private readonly widths: number[];
  private isBegun = false;

  constructor(
    private readonly columns: readonly Column[],
    private readonly look: { readonly max: number; dim(text: string): string },
  ) {
    this.widths = columns.map(({ title }) => widthOf(title));
  }

  lines(rows: readonly (readonly string[])[]): string[] {
    for (const row of rows)
      for (const [i, cell] of row.entries()) this.widths[i] = Math.max(this.widths[i] ?? 0, widthOf(cell));
    const head = this.isBegun ? [] : [this.look.dim(this.line(this.columns.map(({ title }) => title)))];
    this.isBegun = true;
    return [...head, ...rows.map((row) => this.line(row))];
  }

  private line(row: readonly string[]): string {
    const widths = fitted(this.widths, this.look.max);
    const cells = this.columns.map(({ align = 'left' }, i) => {
      const cell = cutTo(row[i] ?? '', widths[i] ?? 0);
      if (i === this.columns.length - 1) return cell;
      return align === 'right'
        ? ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell))) + cell
        : padTo(cell, widths[i] ?? 0);
    });
    return cells.join('  ').trimEnd();
  }
}

/** Cells that no column is cut below. */
const COLUMN_MIN = 8;

/** Narrower where the whole is too wide: the widest column gives first. */
function fitted(widths: readonly number[], max: number): readonly number[] {
  const fit = [...widths];
  const excess = (): number => fit.reduce((sum, width) => sum + width, 2 * (fit.length - 1)) - max;
  while (excess() > 0) {
    const [second = COLUMN_MIN, widest = COLUMN_MIN] = [...fit].sort((a, b) => a - b).slice(-2);
    if (widest <= COLUMN_MIN) break;
    const goal = Math.min(widest - 1, Math.max(second, widest - excess()));
    fit[fit.indexOf(widest)] = Math.max(COLUMN_MIN, goal);
  }
  return fit;
}

/** Names and values, the values under each other. */
export function labelled(rows: readonly (readonly [string, string])[], look: { dim(text: string): string }): string[] {
  const width = Math.max(...rows.map(([name]) => widthOf(name)));
  return rows.map(([name, value]) => `${look.dim(padTo(name, width))}  ${value}`);
}
