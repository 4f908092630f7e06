import type { Record } from '../../actors/ports.js';
import type { Topology } from '../../actors/step/routes.js';
import type { Coverage } from './coverage.js';
import type { Violation } from './invariants/violation.js';

export interface RunOptions {
  readonly topology: Topology;
  readonly coverage?: Coverage;
  /** Told of every record, in order (a journal for the inspector). */
  readonly onRecord?: (record: Record) => void;
}
/** What a run has come to. */
export interface Outcome {
  readonly facts: number;
  readonly simulatedMs: number;
  readonly kills: number;
  readonly faults: number;
  readonly violation: Violation | null;
}
