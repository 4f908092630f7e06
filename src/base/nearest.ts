/** The name most like `name`, if any is at all alike (edit distance up to a third of its length, at least 2). */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** A name that there is not; the message says so in English, with the nearest one and all that there are. */
export class UnknownName extends RangeError {
  override readonly name = 'UnknownName';
  /** The one that was probably meant; null: none is like it. */
  readonly near: string | null;
  constructor(
    kind: string,
    readonly unknown: string,
    readonly known: readonly string[],
  ) {
    const near = nearest(unknown, known);
    super(`${kind} "${unknown}" is unknown${near ? `; did you mean ${near}?` : ''}; use one of ${known.join(', ')}`);
    this.near = near;
  }
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, change));
    }
    row = next;
  }
  return row[b.length]!;
}
