import type { AnyMachineSnapshot, EventObject } from 'xstate';
import type { StateValue } from '../ports.js';
import type { TimerChange } from './chartActions.js';

/**
 * Folds machines without running them.
 *
 * A chart that is made of what our machines use is run from tables (`compiledChart.ts`). Any other one, and whatever
 * throws, is XState's own: its `transition()` builds a whole actor for each event, so here one scope per machine is
 * built once and used again. What scope and charts look like is internal to XState: this file and the `chart*.ts` are
 * the only ones that know, and tests hold the results of both ways equal to `transition()` in state and actions.
 */
export interface Fold {
  readonly snapshot: Snapshot;
  /** One entry a microstep, in order. Empty only for a start without eventless transitions. */
  readonly microsteps: readonly Microstep[];
  /** What `emit` gave, in order: signals and effects. */
  readonly emitted: readonly EventObject[];
  /** Timers armed and cancelled, in order. */
  readonly timers: readonly TimerChange[];
}
/** The state of an actor. What else XState keeps in it is known in this folder only. */
export interface Snapshot {
  readonly status: AnyMachineSnapshot['status'];
  readonly value: StateValue;
  /** As its machine has it: `contextOf` reads it. */
  readonly context: object;
  hasTag(tag: string): boolean;
}
export interface Microstep {
  readonly value: StateValue;
  readonly rules: readonly string[];
}
