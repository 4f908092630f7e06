/** Things to do at a time, earliest first; what was added first wins a tie. */
export class Agenda<T> {
  private readonly heap: { readonly at: number; readonly order: number; readonly item: T }[] = [];
  private added = 0;

  /** When the earliest is due; undefined: there is nothing. */
  get nextAt(): number | undefined {
    return this.heap[0]?.at;
  }

  add(at: number, item: T): void {
    this.added += 1;
    const entry = { at, order: this.added, item };
    let i = this.heap.length;
    this.heap.push(entry);
    for (let parent = (i - 1) >> 1; i > 0 && this.isBefore(i, parent); parent = (i - 1) >> 1) {
      this.swap(i, parent);
      i = parent;
    }
  }

  /** The earliest, which is taken out. */
  take(): T | undefined {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (!first || !last) return undefined;
    if (this.heap.length > 0) {
      this.heap[0] = last;
      this.sink();
    }
    return first.item;
  }

  /** Forgets what does not pass. */
  keep(passes: (item: T) => boolean): void {
    const kept = this.heap.filter(({ item }) => passes(item)).sort((a, b) => a.at - b.at || a.order - b.order);
    this.heap.splice(0, this.heap.length, ...kept);
  }

  private sink(): void {
    for (let i = 0; ; ) {
      let child = 2 * i + 1;
      if (child >= this.heap.length) return;
      if (child + 1 < this.heap.length && this.isBefore(child + 1, child)) child += 1;
      if (!this.isBefore(child, i)) return;
      this.swap(i, child);
      i = child;
    }
  }
  private isBefore(i: number, j: number): boolean {
    const [a, b] = [this.heap[i]!, this.heap[j]!];
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }
  private swap(i: number, j: number): void {
    [this.heap[i], this.heap[j]] = [this.heap[j]!, this.heap[i]!];
  }
}
