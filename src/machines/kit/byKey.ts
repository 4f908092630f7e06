declare const kept: unique symbol;

/**
 * A map whose keys others have chosen: users, places, messages. A plain object, so that it goes through checkpoints and
 * comparisons as it is; but one that cannot be read or written by `[key]`, since a user may be called `constructor` or
 * `__proto__`.
 */
export interface ByKey<T> {
  readonly [kept]?: T;
}

/** What is kept under this key; undefined: nothing. */
export function at<T>(map: ByKey<T>, key: string): T | undefined {
  return rowOf(map as { readonly [key: string]: T }, key);
}

/** The map with this under this key, as its last one when the key is new. */
export function withKey<T>(map: ByKey<T>, key: string, value: T): ByKey<T> {
  return { ...map, [key]: value };
}

export function withoutKey<T>(map: ByKey<T>, key: string): ByKey<T> {
  const { [key]: _gone, ...others } = map as { readonly [key: string]: T };
  return others as ByKey<T>;
}

/** Keys and values, oldest first. (Keys that look like array indexes come before all others.) */
export function entriesOf<T>(map: ByKey<T>): readonly (readonly [string, T])[] {
  return Object.entries(map as { readonly [key: string]: T });
}
export function mapOf<T>(entries: readonly (readonly [string, T])[]): ByKey<T> {
  return Object.fromEntries(entries) as ByKey<T>;
}

/**
 * The row of a table of ours that someone else has named; undefined: there is none. What every object inherits is no
 * row.
 */
export function rowOf<T>(table: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The row of the longest beginning of a path that has one: of the path itself, or of what is around it. */
export function nearestRow<T>(
  table: { readonly [path: string]: T },
  path: string,
  separator: '.' | ':',
): T | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf(separator)))) {
    const row = rowOf(table, at);
    if (row !== undefined) return row;
  }
  return undefined;
}
