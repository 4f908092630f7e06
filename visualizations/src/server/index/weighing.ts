/** Estimates the bytes of values that share parts: what was counted once is not counted again. */
export class Scales {
  private readonly counted = new WeakSet<object>();

  weigh(value: unknown): number {
    if (typeof value === 'string') return 16 + value.length;
    if (typeof value !== 'object' || value === null) return 8;
    if (this.counted.has(value)) return 8;
    this.counted.add(value);
    let bytes = 24;
    for (const inner of Object.values(value)) bytes += 8 + this.weigh(inner);
    return bytes;
  }
}
