/**
 * A rule that did not hold. `at`: ms of virtual time since the run began; `seq`: the record after which it was seen.
 */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly invariant: string,
    readonly detail: string,
    readonly seq: number,
    readonly at: number,
  ) {
    super(`${invariant}: ${detail} (record ${seq}, ${(at / 1_000).toFixed(1)} s)`);
  }
}

/** Tells that a rule does not hold; throws. */
export type Fail = (invariant: string, detail: string) => void;
