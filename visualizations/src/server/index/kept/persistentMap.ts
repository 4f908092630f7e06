const { imul } = Math;

/**
 * A map whose versions share what is the same in them: a new version costs what changed, so that thousands of kept
 * states of a bot weigh little more than one. Two levels of 32 and small lists below.
 */
export class PersistentMap<V> {
  private constructor(
    private readonly root: readonly (Level<V> | undefined)[],
    readonly size: number,
  ) {}

  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>([], 0);
  }

  get(key: string): V | undefined {
    const hash = hashOf(key);
    const list = this.root[hash & 31]?.[(hash >>> 5) & 31];
    if (!list) return undefined;
    for (let i = 0; i < list.length; i += 2) if (list[i] === key) return list[i + 1] as V;
    return undefined;
  }

  /** The version with these entries set; a null removes. */
  with(changes: Iterable<readonly [string, V | null]>): PersistentMap<V> {
    const root = [...this.root];
    const own = new Set<object>();
    let size = this.size;
    for (const [key, value] of changes) {
      const hash = hashOf(key);
      const level = owned(own, root, hash & 31);
      const at = (hash >>> 5) & 31;
      const list = (level[at] ?? []) as unknown[];
      const found = indexIn(list, key);
      if (value === null && found < 0) continue;
      const copy = own.has(list) ? list : [...list];
      own.add(copy);
      level[at] = copy as List<V>;
      if (value === null) {
        copy.splice(found, 2);
        size -= 1;
      } else if (found >= 0) copy[found + 1] = value;
      else {
        copy.push(key, value);
        size += 1;
      }
    }
    return new PersistentMap(root, size);
  }

  *entries(): IterableIterator<[string, V]> {
    for (const level of this.root) {
      for (const list of level ?? []) {
        if (!list) continue;
        for (let i = 0; i < list.length; i += 2) yield [list[i] as string, list[i + 1] as V];
      }
    }
  }
}

/** Key, value, key, value. */
type List<V> = readonly (string | V)[];
type Level<V> = (List<V> | undefined)[];

/** A second level that this version may change. */
function owned<V>(own: Set<object>, root: (Level<V> | undefined)[], at: number): Level<V> {
  const level = root[at] ?? [];
  if (own.has(level)) return level;
  const copy = [...level];
  own.add(copy);
  root[at] = copy;
  return copy;
}

function indexIn(list: readonly unknown[], key: string): number {
  for (let i = 0; i < list.length; i += 2) if (list[i] === key) return i;
  return -1;
}

/** FNV-1a, 32 bits, never 0. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0 || 1;
}
