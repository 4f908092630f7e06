/** Someone who waits, and until when (ms since 1970). */
export interface Waiter {
  readonly deadline: number;
  readonly delivery: string;
  /** What it calls; left out: not told apart. */
  readonly target?: string;
}

/**
 * Who waits, earliest deadline first; among equal deadlines by delivery id. Immutable and plain JSON: sorted chunks, so
 * that a change copies one chunk and the list of chunks, O(sqrt n), and finding a place is O(log n). Each operation
 * returns a new queue, or the very same object when nothing changed. It has no maximum of its own: the machine that
 * holds it checks `size`.
 */
export interface DeadlineQueue {
  readonly size: number;
  /** Never holds an empty chunk. */
  readonly chunks: readonly (readonly Waiter[])[];
}

/** A chunk that outgrows this is cut in half. */
export const CHUNK_MAX = 128;
/** Neighbours that fit together in this are joined, which keeps the number of chunks below about n / 32. */
const JOIN_MAX = CHUNK_MAX / 2;

export const emptyDeadlineQueue: DeadlineQueue = { size: 0, chunks: [] };

/** Adds a waiter. One that waits already, with the same deadline, stays once. */
export function enqueue(queue: DeadlineQueue, waiter: Waiter): DeadlineQueue {
  const { chunks, size } = queue;
  if (chunks.length === 0) return { size: 1, chunks: [[waiter]] };
  // Behind the last of all: the last chunk takes it.
  const at = Math.min(chunkOf(chunks, waiter), chunks.length - 1);
  const chunk = chunks[at]!;
  const place = placeIn(chunk, waiter);
  if (place < chunk.length && compare(chunk[place]!, waiter) === 0) return queue;
  const grown = [...chunk.slice(0, place), waiter, ...chunk.slice(place)];
  if (grown.length <= CHUNK_MAX) return { size: size + 1, chunks: replace(chunks, at, 1, grown) };
  const half = grown.length >>> 1;
  return { size: size + 1, chunks: replace(chunks, at, 1, grown.slice(0, half), grown.slice(half)) };
}

/** Takes a waiter out by its deadline and delivery, the pair it was added with. Unknown: the same queue. */
export function withdraw(queue: DeadlineQueue, waiter: Waiter): DeadlineQueue {
  const { chunks, size } = queue;
  const at = chunkOf(chunks, waiter);
  const chunk = chunks[at];
  if (chunk === undefined) return queue;
  const place = placeIn(chunk, waiter);
  if (place >= chunk.length || compare(chunk[place]!, waiter) !== 0) return queue;
  const rest = [...chunk.slice(0, place), ...chunk.slice(place + 1)];
  if (rest.length === 0) return { size: size - 1, chunks: replace(chunks, at, 1) };
  return { size: size - 1, chunks: joined(chunks, at, rest) };
}

/** The `count` waiters with the earliest deadlines (fewer when fewer wait), and the queue without them. */
export function takeEarliest(
  queue: DeadlineQueue,
  count: number,
): { readonly taken: readonly Waiter[]; readonly rest: DeadlineQueue } {
  const taken: Waiter[] = [];
  let whole = 0;
  let cut = 0;
  while (taken.length < count && whole < queue.chunks.length) {
    const chunk = queue.chunks[whole]!;
    cut = Math.min(chunk.length, count - taken.length);
    for (let index = 0; index < cut; index += 1) taken.push(chunk[index]!);
    if (cut < chunk.length) break;
    whole += 1;
    cut = 0;
  }
  if (taken.length === 0) return { taken, rest: queue };
  const remaining = queue.chunks.slice(whole);
  if (cut > 0) remaining[0] = remaining[0]!.slice(cut);
  return { taken, rest: { size: queue.size - taken.length, chunks: remaining } };
}

/**
 * The waiter of the lowest rank (0 is the lowest there is), the earliest among equals, and the queue without it. Looks
 * at all when none has 0.
 */
export function takeFirst(
  queue: DeadlineQueue,
  rankOf: (waiter: Waiter) => number,
): { readonly taken: readonly Waiter[]; readonly rest: DeadlineQueue } {
  let best: Waiter | null = null;
  let bestRank = Number.POSITIVE_INFINITY;
  search: for (const chunk of queue.chunks) {
    for (const waiter of chunk) {
      const rank = rankOf(waiter);
      if (rank >= bestRank) continue;
      best = waiter;
      bestRank = rank;
      if (rank === 0) break search;
    }
  }
  return best ? { taken: [best], rest: withdraw(queue, best) } : { taken: [], rest: queue };
}

/** The waiter with the earliest deadline; null when nobody waits. */
export function earliest(queue: DeadlineQueue): Waiter | null {
  return queue.chunks[0]?.[0] ?? null;
}

// By code unit, never by locale: the order must be the same on every machine.
function compare(a: Waiter, b: Waiter): number {
  if (a.deadline !== b.deadline) return a.deadline - b.deadline;
  if (a.delivery === b.delivery) return 0;
  return a.delivery < b.delivery ? -1 : 1;
}

/** The first chunk whose last waiter is not before this one; the number of chunks when all are before it. */
function chunkOf(chunks: DeadlineQueue['chunks'], waiter: Waiter): number {
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const chunk = chunks[middle]!;
    if (compare(chunk[chunk.length - 1]!, waiter) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function placeIn(chunk: readonly Waiter[], waiter: Waiter): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(chunk[middle]!, waiter) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function joined(chunks: DeadlineQueue['chunks'], at: number, rest: readonly Waiter[]): DeadlineQueue['chunks'] {
  const next = chunks[at + 1];
  if (next !== undefined && rest.length + next.length <= JOIN_MAX) return replace(chunks, at, 2, [...rest, ...next]);
  const previous = chunks[at - 1];
  if (previous !== undefined && rest.length + previous.length <= JOIN_MAX) {
    return replace(chunks, at - 1, 2, [...previous, ...rest]);
  }
  return replace(chunks, at, 1, rest);
}

function replace<T>(list: readonly T[], at: number, removed: number, ...added: readonly T[]): readonly T[] {
  return [...list.slice(0, at), ...added, ...list.slice(at + removed)];
}
