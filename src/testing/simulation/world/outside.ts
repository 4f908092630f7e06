import type { Effect } from '../../../actors/ports.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import type { Weather } from '../plan/acts.js';
import type { Dice } from '../plan/dice.js';

/**
 * What every part of the outside has: luck, weather, and time in which the present process may or may not still live.
 */
export interface Outside {
  readonly dice: Dice;
  readonly weather: Weather;
  now(): number;
  /** Tells that a rule does not hold. */
  fail(invariant: string, detail: string): void;
  /** True with this probability, and never in the calm at the end. */
  bad(probability: number, purpose: string): boolean;
  /** Posts it after so long, unless the process has died by then. */
  later(ms: number, fact: Fact): void;
  /** Runs it after so long, unless the process has died by then. */
  laterRun(ms: number, run: () => void): void;
  /** Runs it after so long, whatever becomes of the process. */
  surely(ms: number, run: () => void): void;
}
export type EffectOfType<T extends Effect['type']> = Extract<Effect, { type: T }>;
