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

export const ALLOWANCES: readonly Allowance[] = [
  {
    id: 'window',
    why: 'a deadline spent while a call was out is not judged again: core rule 35',
    covers: (invariant, detail) => invariant.startsWith('[core 35]') && detail.includes('delivery:'),
  },
  {
    id: 'L1',
    why: 'the breakers of external APIs do not hear of a new process life: core rule 33',
    covers: (_invariant, detail) => detail.startsWith('breaker:external:'),
  },
  {
    id: 'L2',
    why: 'a waiter that has ended stays in a line of the other breaker, and what is granted to it is lost: core rule 31',
    covers: (invariant, detail) =>
      /delivery:.* waits at breaker:|^breaker:operator is inUse, 0 calls|^breaker:messages .* calls/.test(detail) ||
      (invariant.startsWith('[core 15]') && detail.startsWith('breaker:')),
  },
  {
    id: 'canary',
    why: 'a try of a form that ends neither accepted nor refused waits for its lease: core rule 31',
    covers: (_invariant, detail) => detail.includes(' tries feature:'),
  },
];

/** Machines whose actors are not taken out yet, since what stands around them is left (`L3`). */
export const QUARANTINES_WITHHELD: readonly string[] = [
  'message',
  'lane',
  'circuitBreaker',
  'operatorBreaker',
  'intake',
  'feature',
  'health',
  'gateway',
  'accessToken',
  'recovery',
  'audits',
  'ownMessages',
  'bot',
];
