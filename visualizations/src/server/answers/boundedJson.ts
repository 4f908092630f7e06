import { type BoundedJson, CONTEXT_BYTES_MAX, CUT } from '../../protocol.js';

/** What one value may be of: shortened more and more until it fits. */
const SHAPES = [
  { text: 4_000, items: 500, depth: 12 },
  { text: 500, items: 100, depth: 8 },
  { text: 200, items: 20, depth: 6 },
  { text: 100, items: 5, depth: 4 },
] as const;
type Shape = (typeof SHAPES)[number];

/** A value of any size as JSON of a bounded one. Where something is left out stands a text that begins with `CUT`. */
export function boundedJson(value: unknown, bytesMax = CONTEXT_BYTES_MAX): BoundedJson {
  const whole = JSON.stringify(value) ?? 'null';
  const bytes = Buffer.byteLength(whole);
  if (bytes <= bytesMax && !whole.includes(CUT)) return { json: value ?? null, bytes, isCut: false };
  for (const shape of SHAPES) {
    const json = cut(value, shape, 0);
    if (Buffer.byteLength(JSON.stringify(json)) <= bytesMax) return { json, bytes, isCut: bytes > bytesMax };
  }
  return { json: `${CUT} ${bytes} bytes`, bytes, isCut: true };
}

function cut(value: unknown, shape: Shape, depth: number): unknown {
  if (typeof value === 'string') return cutText(value, shape.text);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (depth >= shape.depth) return entries.length === 0 ? value : `${CUT} ${entries.length} inside`;
  const left = entries.length - shape.items;
  const inner = entries.slice(0, shape.items).map(([key, child]) => [key, cut(child, shape, depth + 1)] as const);
  if (Array.isArray(value)) return [...inner.map(([, child]) => child), ...(left > 0 ? [`${CUT} ${left} more`] : [])];
  return Object.fromEntries(left > 0 ? [...inner, [`${CUT} more`, left] as const] : inner);
}

function cutText(text: string, max: number): string {
  const own = text.startsWith(CUT) ? ` ${text}` : text;
  return own.length <= max ? own : `${own.slice(0, max)}${CUT} ${own.length - max} more`;
}
