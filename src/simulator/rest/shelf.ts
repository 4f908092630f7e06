/** Things of one shelf; past it the oldest go first. */
export const SHELF_MAX = 10_000;

interface Kept<T> {
  readonly owner: string;
  readonly id: string;
  readonly thing: T;
}

/** What bots have put up in a channel or a guild, such as pins, roles or schedules: by its owner and an id. */
export class Shelf<T> {
  private readonly list = new Map<string, Kept<T>>();

  put(owner: string, id: string, thing: T): T {
    this.list.set(keyOf(owner, id), { owner, id, thing });
    if (this.list.size > SHELF_MAX) this.list.delete(this.list.keys().next().value as string);
    return thing;
  }
  find(owner: string, id: string): T | undefined {
    return this.list.get(keyOf(owner, id))?.thing;
  }
  /** In the order in which they came. */
  of(owner: string): readonly T[] {
    return [...this.list.values()].filter((kept) => kept.owner === owner).map(({ thing }) => thing);
  }
  /** False: there was none. */
  remove(owner: string, id: string): boolean {
    return this.list.delete(keyOf(owner, id));
  }
  clear(owner: string): void {
    for (const [key, kept] of this.list) if (kept.owner === owner) this.list.delete(key);
  }
}

function keyOf(owner: string, id: string): string {
  return JSON.stringify([owner, id]);
}
