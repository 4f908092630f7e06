import type { Keyframe } from '../foldedState.js';

/**
 * Distance of two kept states, in records, until memory is short. A moment between two is folded from the one before
 * it.
 */
export const KEYFRAME_EVERY = 250;
/** States kept along a journal, by seq. */
export class Keyframes {
  private readonly kept: Keyframe[];
  private readonly weights = new Map<Keyframe, number>();
  private bytes = 0;
  every = KEYFRAME_EVERY;

  /** `origin`: the state before the first record. It stays. */
  constructor(
    readonly origin: Keyframe,
    /** Estimated bytes of all of them; past it every second one is given up, and so on. */
    private readonly bytesMax: number,
  ) {
    this.kept = [origin];
  }

  /** The newest one that is not after `seq`. */
  before(seq: number): Keyframe {
    return this.kept[this.indexBefore(seq)]!;
  }
  /** Whether one is wanted at this seq. */
  isDue(seq: number): boolean {
    return seq % this.every === 0 && this.before(seq).seq !== seq;
  }
  /** `bytes`: an estimate of what it does not share with the one before. */
  add(keyframe: Keyframe, bytes: number): void {
    const at = this.indexBefore(keyframe.seq);
    if (this.kept[at]!.seq === keyframe.seq) return;
    this.kept.splice(at + 1, 0, keyframe);
    this.weights.set(keyframe, bytes);
    this.bytes += bytes;
    while (this.bytes > this.bytesMax && this.kept.length > 4) this.thin();
  }

  /** Gives up those that do not lie on the doubled distance; the first and the newest stay. */
  private thin(): void {
    this.every *= 2;
    const last = this.kept.at(-1)!;
    const isKept = (keyframe: Keyframe, i: number): boolean =>
      i === 0 || keyframe === last || keyframe.seq % this.every === 0;
    const given = this.kept.filter((keyframe, i) => !isKept(keyframe, i));
    const left = this.kept.filter(isKept);
    this.kept.splice(0, this.kept.length, ...left);
    for (const keyframe of given) {
      this.bytes -= this.weights.get(keyframe) ?? 0;
      this.weights.delete(keyframe);
    }
  }

  private indexBefore(seq: number): number {
    let [low, high] = [0, this.kept.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.kept[middle]!.seq <= seq) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  get size(): number {
    return this.kept.length;
  }
}
