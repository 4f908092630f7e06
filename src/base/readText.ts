import { readFileSync } from 'node:fs';

/**
 * A text file as people save it: UTF-8 with or without a byte order mark, or UTF-16 with one (what some editors call
 * Unicode). Throws what the file system says.
 */
export function readText(path: string): string {
  const bytes = readFileSync(path);
  const isBigEndian = bytes[0] === 0xfe && bytes[1] === 0xff;
  const isLittleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
  const encoding = isBigEndian ? 'utf-16be' : isLittleEndian ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
