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
    why: 'a waiter that has ended stays in a line of the other breaker: core rule 31',
    covers: (invariant, detail) =>
      /delivery:.* waits at breaker:/.test(detail) ||
      (invariant.startsWith('[core 15]') && detail.startsWith('breaker:')),
  },
  {
    id: 'canary',
    why: 'a trying reply that was taken out keeps its try until the lease ends: core rule 31',
    covers: (_invariant, detail) => /tries feature:/.test(detail),
  },
  {
    id: 'parts',
    why: 'a part that was sent does not count for the pace when its reply ends before the next one',
    covers: (invariant) => invariant === '[L5] pace of a channel',
  },
  {
    id: 'orphans',
    why: 'replies of a message that was taken out go on without it: core rule 34',
    covers: (invariant) => invariant === '[core 28] a reply has its message',
  },
  {
    id: 'deadInLine',
    why: 'a message taken out while it waits stays in the line for slots: core rule 31',
    covers: (invariant, detail) =>
      /intake: .* stand in a line|message:.*\(ended\) waits at intake/.test(`${invariant} ${detail}`),
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
