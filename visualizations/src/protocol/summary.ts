import type { Step } from '../../../src/actors/ports.js';

/** One record in a list. */
export interface RecordSummary {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  /** Type of the fact. */
  readonly type: string;
  /**
   * What is particular about it, as it was written and at most `TEXT_MAX` long: a message's text, a class and code, a
   * timer's name.
   */
  readonly text: string;
  /** At most `SUMMARY_STEPS_MAX`; all of them are in `RecordDetail`. */
  readonly steps: readonly Step[];
  readonly stepsTotal: number;
  /** Types of its effects, at most 16. */
  readonly effects: readonly string[];
  /** Id of the message that it is about, as far as that can be told. */
  readonly message: string | null;
  /** Id of the message's author. */
  readonly user: string | null;
  /** Class of the error that the fact tells of. */
  readonly errorClass: string | null;
  readonly marks: readonly MarkKind[];
}

/** What one wants to find again in a long journal. */
export const MARK_KINDS = [
  'breakerOpened',
  'breakerClosed',
  'featureOff',
  'featureOn',
  'gatewayLost',
  'gatewayReady',
  'recoveryActed',
  'escalated',
  'restart',
  'stop',
  'deadLetter',
  'uncertain',
  'crash',
  'quarantine',
  'operator',
] as const;
export type MarkKind = (typeof MARK_KINDS)[number];
export interface Mark {
  readonly seq: number;
  readonly at: number;
  readonly kind: MarkKind;
  /** The actor; null where there is none (a restart). */
  readonly actor: string | null;
  /** A reason, a code: short. */
  readonly text: string;
}

export const TEXT_MAX = 200;
export const SUMMARY_STEPS_MAX = 24;
