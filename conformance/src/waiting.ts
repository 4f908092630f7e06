/** Every wait of the suite ends: with what was waited for, or with the name of it. */
export const WAIT_MS = 10_000;
/**
 * A program that has to be compiled first, on a machine that has other things to do. One that ends is not waited for.
 */
export const START_MS = 45_000;
const LOOK_MS = 20;

/** Asks again and again until there is something. */
export async function waitFor<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  limitMs = WAIT_MS,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await pause(LOOK_MS);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
