import { randomFrom } from '../../../machines/kit/randomness.js';

/**
 * All luck of one run. A number depends on the seed and on what it is for, not on how many were thrown before: when a
 * shrunk schedule leaves something out, the rest meets the same luck. Asked again for the same thing it is the next
 * number.
 */
export class Dice {
  private readonly thrown = new Map<string, number>();

  constructor(private readonly seed: number) {}

  /** In [0, 1). */
  next(purpose: string): number {
    const nth = (this.thrown.get(purpose) ?? 0) + 1;
    this.thrown.set(purpose, nth);
    return randomFrom(`${this.seed}.${nth}`, purpose);
  }
  /** A whole number below `n`. */
  below(n: number, purpose: string): number {
    return Math.floor(this.next(purpose) * n);
  }
  pick<T>(list: readonly T[], purpose: string): T {
    return list[this.below(list.length, purpose)]!;
  }
  chance(probability: number, purpose: string): boolean {
    return probability > 0 && this.next(purpose) < probability;
  }
}
