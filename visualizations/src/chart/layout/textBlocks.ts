import type { Box, ChartTransition, Point, TextLine, TextPart } from '../chartLayout.js';

/**
 * Texts of a chart as blocks of known size. Widths are those of the widest usual fonts, so that a text stays inside its
 * block whatever the reader's system has; a Chinese character is as wide as it is high.
 */
export const FONT_PX = 11;
export const TITLE_PX = 13;
export const LINE_PX = 15;
const MONO_EM = 0.605;
const TITLE_EM = 0.68;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;
/** A line longer than this is broken before its actions. */
const CHARS_MAX = 46;
const GAP_PX = 7;

export function widthOf(text: string, fontPx: number = FONT_PX, em: number = MONO_EM): number {
  let width = 0;
  for (const char of text) width += WIDE.test(char) || char.length > 1 ? fontPx * 1.2 : fontPx * em;
  return Math.ceil(width);
}
export function titleWidth(text: string): number {
  return widthOf(text, TITLE_PX, TITLE_EM);
}

/** Lines relative to the block's own corner. */
export interface TextBlock {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly TextLine[];
}

/** A transition in words: rule, event, guard, then its actions; `isRow`: it stays in its state. */
export function transitionBlock(transition: ChartTransition, ruleWidth: number, isRow: boolean): TextBlock {
  const { event, guard, actions, rule, target, source, reenter, delay } = transition;
  const head: TextPart[] = [{ text: event, role: delay ? 'delay' : 'event' }];
  if (guard !== '') head.push({ text: ` [${guard}]`, role: 'guard' });
  if (isRow && target !== null && (reenter || target !== source)) head.push({ text: ' ↻', role: 'target' });
  if (isRow && target === null && actions.length === 0) head.push({ text: ' nothing', role: 'note' });
  const lines: TextPart[][] = [head];
  for (const text of wrapped(actions)) {
    const last = lines.at(-1)!;
    if (lines.length === 1 && lengthOf(last) + text.length + 1 <= CHARS_MAX && isRow)
      last.push({ text: ` ${text}`, role: 'actions' });
    else lines.push([{ text, role: 'actions' }]);
  }
  if (rule !== '') lines[0] = [{ text: rule, role: 'rule' }, ...lines[0]!];
  return block(lines, rule === '' ? 0 : ruleWidth + GAP_PX);
}

/** `entry / a, b`. */
export function actionsBlock(word: 'entry' | 'exit', actions: readonly string[]): TextBlock {
  const [first = '', ...rest] = wrapped(actions);
  return block([
    [
      { text: word, role: 'note' },
      { text: ` ${first}`, role: 'actions' },
    ],
    ...rest.map((text): TextPart[] => [{ text: `  ${text}`, role: 'actions' }]),
  ]);
}

/** Width of the column of rules; a count of up to four characters may stand there instead. */
export function ruleWidthOf(transitions: readonly ChartTransition[]): number {
  return Math.max(widthOf('9.9k'), ...transitions.map(({ rule }) => widthOf(rule)));
}

/** `/ a, b, c` broken where it gets too long. */
function wrapped(actions: readonly string[]): string[] {
  const lines: string[] = [];
  for (const [index, action] of actions.entries()) {
    const text = index === actions.length - 1 ? action : `${action},`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + text.length + 1 <= CHARS_MAX) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(index === 0 ? `/ ${text}` : `  ${text}`);
  }
  return lines;
}

function lengthOf(parts: readonly TextPart[]): number {
  return parts.reduce((sum, { text }) => sum + text.length, 0);
}

/** The rule stands in a column of its own, as wide as `indent`. */
function block(lines: readonly (readonly TextPart[])[], indent = 0): TextBlock {
  const placed: TextLine[] = [];
  let width = 0;
  for (const [index, parts] of lines.entries()) {
    const y = index * LINE_PX + FONT_PX;
    const [first, ...rest] = parts;
    const isRuled = first?.role === 'rule';
    if (isRuled) placed.push({ x: 0, y, parts: [first] });
    const text = isRuled ? rest : parts;
    placed.push({ x: indent, y, parts: text });
    width = Math.max(width, indent + widthOf(text.map((part) => part.text).join('')));
  }
  return { width, height: lines.length * LINE_PX, lines: placed };
}

export function moved(lines: readonly TextLine[], by: Point): TextLine[] {
  return lines.map(({ x, y, parts }) => ({ x: round(x + by.x), y: round(y + by.y), parts }));
}
export function boxOf({ x, y }: Point, { width, height }: { readonly width: number; readonly height: number }): Box {
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}
/** Tenths of a pixel are enough, and keep files small and equal everywhere. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
