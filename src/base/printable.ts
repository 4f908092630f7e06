/** Control characters, ends of lines, and marks that turn the direction of text or annotate it unseen. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f\u2028\u2029\ufeff\ufff9-\ufffb]/gu;

/** On one line and without power over a terminal, whatever others wrote: what would steer it is shown as `\u001b`. */
export function onOneLine(text: string): string {
  return text.replace(STEERING, escaped);
}

/** The same for what we have put together of several lines, and coloured: line feeds and our colours stay. */
export function onScreen(text: string): string {
  return text.replace(STEERING, (c, offset: number) => {
    const isColour = c === '\u001b' && /^\[\d{1,3}m/.test(text.slice(offset + 1, offset + 6));
    return c === '\n' || c === '\t' || isColour ? c : escaped(c);
  });
}

function escaped(c: string): string {
  return `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
