/**
 * Keeps the newest `max` of what was added in order, and up to an eighth more: the oldest go many at a time. A map that
 * gives up its first key for each new one looks for the next first key past all that are gone, thousands of them at
 * `max` 10,000.
 */
export function forgetOldest(kept: Map<unknown, unknown> | Set<unknown>, max: number): void {
  if (kept.size <= max + Math.floor(max / 8)) return;
  for (const key of kept.keys()) {
    if (kept.size <= max) return;
    kept.delete(key);
  }
}
