import type { Body } from './exchange.js';

/** Parts of one form. */
const PARTS_MAX = 50;

/**
 * The fields of a `multipart/form-data` body; a file is `{filename, bytes}`, objects come as JSON. Null: it is none.
 */
export function readMultipart(raw: Buffer, contentType: string): Body | null {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (!boundary) return null;
  const delimiter = Buffer.from(`--${boundary}`);
  const fields = new Map<string, unknown>();
  let at = raw.indexOf(delimiter);
  for (let i = 0; at >= 0 && i < PARTS_MAX; i += 1) {
    const next = raw.indexOf(delimiter, at + delimiter.length);
    if (next < 0) break;
    const part = raw.subarray(at + delimiter.length + 2, next - 2);
    const end = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, Math.max(0, end)).toString();
    const name = /name="([^"]*)"/.exec(head)?.[1];
    const filename = /filename="([^"]*)"/.exec(head)?.[1];
    const content = part.subarray(end + 4);
    if (name)
      fields.set(name, filename === undefined ? fieldOf(content.toString()) : { filename, bytes: content.length });
    at = next;
  }
  return Object.fromEntries(fields);
}

function fieldOf(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
