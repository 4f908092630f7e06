import { forgetOldest } from '../../base/forgetting.js';

/**
 * Keys that changed since the last checkpoint; one too many does no harm. What came and went since is soon not among
 * them.
 */
export class TouchedKeys extends Set<string> {
  private readonly born = new Set<string>();

  /** Before a change. `isThere`: something has the key already. */
  note(key: string, isThere: boolean): void {
    if (this.has(key)) return;
    this.add(key);
    if (!isThere) this.born.add(key);
  }
  /** Nothing has the key any more, and that is durable: of what was born since, no checkpoint knows. */
  gone(key: string): void {
    if (this.born.delete(key)) this.delete(key);
  }
  override clear(): void {
    super.clear();
    this.born.clear();
  }
}

/**
 * Two layers of state. The step reads through both; an append that succeeds merges pending into durable, one that fails
 * drops it. Cost is what changed, never the size of the whole.
 */
export class LayeredMap<V> {
  private readonly durable = new Map<string, V>();
  private readonly pending = new Map<string, V | null>();

  get(key: string): V | undefined {
    const value = this.pending.get(key);
    return value === undefined ? this.durable.get(key) : (value ?? undefined);
  }
  durableValue(key: string): V | undefined {
    return this.durable.get(key);
  }
  /** null removes. */
  set(key: string, value: V | null): void {
    this.pending.set(key, value);
  }
  merge(touched: TouchedKeys): void {
    for (const [key, value] of this.pending) {
      if (value === null) {
        this.durable.delete(key);
        touched.gone(key);
      } else this.durable.set(key, value);
    }
    this.pending.clear();
  }
  drop(): void {
    this.pending.clear();
  }
  /** Both layers, as `get` sees them. */
  *entries(): IterableIterator<[string, V]> {
    for (const [key, value] of this.durable) {
      if (!this.pending.has(key)) yield [key, value];
    }
    for (const [key, value] of this.pending) {
      if (value !== null) yield [key, value];
    }
  }
  get size(): number {
    return this.durable.size;
  }
}

export interface RingEntry<V> {
  readonly ordinal: number;
  readonly at: number;
  readonly value: V;
}
export interface SavedRing<V> {
  readonly total: number;
  readonly entries: readonly (readonly [key: string, ordinal: number, at: number, value: V])[];
}

/**
 * A map that forgets: an entry counts while it is among the newest `countMax` and not older than `ageMaxMs`. What
 * counts is decided by arithmetic on its ordinal, not by when memory is freed, so that a replay with other batches
 * agrees.
 */
export class LayeredRing<V> {
  private readonly durable = new Map<string, RingEntry<V>>();
  private readonly pending = new Map<string, RingEntry<V>>();
  private durableTotal = 0;
  private pendingTotal = 0;

  constructor(
    readonly countMax: number,
    readonly ageMaxMs: number,
  ) {}

  get(key: string, at: number): V | undefined {
    const entry = this.pending.get(key) ?? this.durable.get(key);
    if (!entry) return undefined;
    const total = this.durableTotal + this.pendingTotal;
    if (entry.ordinal <= total - this.countMax || at - entry.at > this.ageMaxMs) return undefined;
    return entry.value;
  }
  add(key: string, at: number, value: V): void {
    this.pendingTotal += 1;
    this.pending.delete(key); // the order of each layer is the order of the ordinals
    this.pending.set(key, { ordinal: this.durableTotal + this.pendingTotal, at, value });
  }
  merge(): void {
    for (const [key, entry] of this.pending) {
      this.durable.delete(key);
      this.durable.set(key, entry);
    }
    this.durableTotal += this.pendingTotal;
    this.drop();
    forgetOldest(this.durable, this.countMax);
  }
  drop(): void {
    this.pending.clear();
    this.pendingTotal = 0;
  }
  /** Both layers, oldest first, without what no longer counts. */
  *entries(): IterableIterator<[string, RingEntry<V>]> {
    const oldest = this.durableTotal + this.pendingTotal - this.countMax;
    for (const [key, entry] of this.durable) {
      if (entry.ordinal > oldest && !this.pending.has(key)) yield [key, entry];
    }
    for (const [key, entry] of this.pending) {
      if (entry.ordinal > oldest) yield [key, entry];
    }
  }
  /** Entries ever added, both layers. */
  get total(): number {
    return this.durableTotal + this.pendingTotal;
  }
  /** What was added after the entry with this ordinal and still counts. */
  save(after = 0): SavedRing<V> {
    const entries: SavedRing<V>['entries'][number][] = [];
    const oldest = Math.max(after, this.total - this.countMax);
    for (const layer of [this.durable, this.pending]) {
      for (const [key, entry] of layer) {
        if (entry.ordinal <= oldest || (layer === this.durable && this.pending.has(key))) continue;
        entries.push([key, entry.ordinal, entry.at, entry.value]);
      }
    }
    return { total: this.total, entries };
  }
  /** Puts pieces back, oldest first, in place of all that is here. */
  load(pieces: readonly SavedRing<V>[]): void {
    this.durable.clear();
    this.drop();
    this.durableTotal = 0;
    for (const { total, entries } of pieces) {
      this.durableTotal = total;
      for (const [key, ordinal, at, value] of entries) {
        this.durable.delete(key);
        this.durable.set(key, { ordinal, at, value });
      }
    }
  }
  get size(): number {
    return this.durable.size;
  }
}
