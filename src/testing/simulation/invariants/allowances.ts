/**
 * Faults of the bot that are known and being mended: each is named, and allowed only where it stands. An allowance that a
 * whole batch did not need is told, so that it is deleted with the fault.
 */
export interface Allowance {
  readonly id: string;
  /** What is wrong, and what will make it impossible. */
  readonly why: string;
  readonly covers: (invariant: string, detail: string) => boolean;
}

export const ALLOWANCES: readonly Allowance[] = [];

/** Machines whose actors are not taken out yet. */
export const QUARANTINES_WITHHELD: readonly string[] = [];
