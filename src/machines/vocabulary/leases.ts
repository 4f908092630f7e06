import type { Permit } from './base.js';
import type { Signal, SignalType } from './signals.js';

/** How one kind of thing that must come back is asked for, given, and given back. */
interface LeaseKind {
  /** Machines that give it. */
  readonly givers: readonly string[];
  readonly grant: SignalType;
  readonly refusal: SignalType;
  /** Given back after use, or no longer waited for. */
  readonly returns: readonly SignalType[];
}

/**
 * Whatever is handed out, each kind once. A canary's try is a lease too: features give it unasked, with
 * `permit.granted`.
 */
export const LEASES = {
  slot: {
    givers: ['intake'],
    grant: 'slot.granted',
    refusal: 'slot.denied',
    returns: ['slot.released', 'slot.cancelled'],
  },
  turn: { givers: ['lane'], grant: 'turn.granted', refusal: 'turn.denied', returns: ['turn.returned'] },
  permit: {
    givers: ['circuitBreaker', 'operatorBreaker'],
    grant: 'permit.granted',
    refusal: 'permit.denied',
    returns: ['permit.released', 'permit.cancelled'],
  },
} as const satisfies { readonly [kind: string]: LeaseKind };
export type LeaseName = keyof typeof LEASES;

/** What one actor has and has not given back, or waits for: read from its own state, kept nowhere. */
export interface Lease {
  readonly kind: LeaseName;
  readonly isHeld: boolean;
  /** Gives it back, or no longer waits. */
  readonly back: Signal;
  /** Asks for it again. */
  readonly ask: Signal;
}

/** An actor as its card sees it. */
export interface Self<C> {
  readonly id: string;
  readonly value: unknown;
  readonly context: C;
  /** Permits of its calls that are out: one is held as long as the effect that runs under it is open. */
  readonly permits: readonly { readonly breaker: string; readonly permit: Permit }[];
}
