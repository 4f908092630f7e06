/**
 * A long list in plain JSON, in chunks: to add at its end or to take from its front copies one chunk and the list of
 * chunks, never the whole. Each operation gives a new list and leaves the old one as it is. No chunk is empty.
 */
export type Chunks<T> = readonly (readonly T[])[];

/** Items of one chunk. */
export const CHUNK = 64;

/** As chunks what is a flat list; states of before were kept so. What is in chunks is given back as it is. */
export function chunked<T>(list: Chunks<T> | readonly T[]): Chunks<T> {
  if (list.length === 0 || Array.isArray(list[0])) return list as Chunks<T>;
  const chunks: T[][] = [];
  for (let from = 0; from < list.length; from += CHUNK) chunks.push((list as readonly T[]).slice(from, from + CHUNK));
  return chunks;
}

export function sizeOf<T>(chunks: Chunks<T>): number {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  return size;
}

export function firstOf<T>(chunks: Chunks<T>): T | undefined {
  return chunks[0]?.[0];
}

/** With one more at the end. */
export function pushed<T>(chunks: Chunks<T>, item: T): Chunks<T> {
  const last = chunks.at(-1);
  const next = chunks.slice();
  if (last === undefined || last.length >= CHUNK) next.push([item]);
  else next[next.length - 1] = [...last, item];
  return next;
}

/** Without the first one. */
export function shifted<T>(chunks: Chunks<T>): Chunks<T> {
  const [first, ...rest] = chunks;
  return first === undefined || first.length <= 1 ? rest : [first.slice(1), ...rest];
}

/** Without the oldest, as far as whole chunks go: at least `max` stay, and fewer than `max` + CHUNK. */
export function trimmed<T>(chunks: Chunks<T>, max: number): Chunks<T> {
  let size = sizeOf(chunks);
  let from = 0;
  while (from < chunks.length && size - chunks[from]!.length >= max) {
    size -= chunks[from]!.length;
    from += 1;
  }
  return from === 0 ? chunks : chunks.slice(from);
}

/** All of it as one list: for who reads, never on the path of a message. */
export function flattened<T>(chunks: Chunks<T>): readonly T[] {
  return chunks.flat() as readonly T[];
}

/** Without this one; a scan, for what happens seldom. */
export function without<T>(chunks: Chunks<T>, gone: T): Chunks<T> {
  return chunks.map((chunk) => chunk.filter((item) => item !== gone)).filter((chunk) => chunk.length > 0);
}
