/** A binary heap: the first by `isBefore` on top. */
export class Heap<T> {
  private items: T[] = [];

  constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.items.length;
  }
  get top(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    let i = this.items.push(item) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.isBefore(item, this.items[parent]!)) break;
      this.items[i] = this.items[parent]!;
      i = parent;
    }
    this.items[i] = item;
  }

  /** The first, which is taken out. */
  pop(): T | undefined {
    const [first] = this.items;
    const last = this.items.pop();
    if (last !== undefined && this.items.length > 0) {
      this.items[0] = last;
      this.sink(0);
    }
    return first;
  }

  /** Forgets what does not pass. */
  keep(passes: (item: T) => boolean): void {
    this.items = this.items.filter(passes);
    for (let i = (this.items.length >> 1) - 1; i >= 0; i -= 1) this.sink(i);
  }

  clear(): void {
    this.items = [];
  }

  private sink(from: number): void {
    const { items } = this;
    const item = items[from]!;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.isBefore(items[child + 1]!, items[child]!)) child += 1;
      if (!this.isBefore(items[child]!, item)) break;
      items[i] = items[child]!;
      i = child;
    }
    items[i] = item;
  }
}

interface Entry<T> {
  readonly at: number;
  readonly order: number;
  readonly item: T;
}
/** Things to do at a time, earliest first; what was added first wins a tie. */
export class Agenda<T> {
  private readonly heap = new Heap<Entry<T>>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  private added = 0;

  /** When the earliest is due; undefined: there is nothing. */
  get nextAt(): number | undefined {
    return this.heap.top?.at;
  }
  add(at: number, item: T): void {
    this.added += 1;
    this.heap.push({ at, order: this.added, item });
  }
  /** The earliest, which is taken out. */
  take(): T | undefined {
    return this.heap.pop()?.item;
  }
  /** Forgets what does not pass. */
  keep(passes: (item: T) => boolean): void {
    this.heap.keep(({ item }) => passes(item));
  }
}
