import { type CallWindow, sumOf, withCall } from '../kit/callWindow.js';
import type { BotOptions } from '../vocabulary/options/options.js';
import type { Crowd } from './crowd.js';

/** How much may be in hand: what the bot ends in `aheadMs` at its present pace (core rule 38). */
export interface Pace {
  readonly intake: BotOptions['intake'];
  /** Messages that ended in the last `aheadMs`. */
  readonly lately: CallWindow;
  /** The heap is nearly full. */
  readonly isTight: boolean;
  /**
   * The gateway session stands. Without one nothing ends, and the one that comes back may tell so behind many messages.
   */
  readonly isLinked: boolean;
  readonly inHand: number;
  /** Of these, those that may wait for what only the source of messages brings: the word of an audit. */
  readonly aside: number;
  /** How many are in hand of each place. */
  readonly crowd: Crowd;
  readonly handling: number;
}

/** While memory is tight, this part of `aheadMin`, and of `unlinkedMax`. */
const TIGHT_PART = 8;

/**
 * So many set aside, or beyond what counts of their place, do not count as in hand: to pause the source for them would
 * keep away what they wait for, or all other places.
 */
export const ASIDE_MAX = 1_000;

/** Messages that may be in hand at a moment. */
export function aheadOf({ intake, lately, isTight }: Pace, at: number): number {
  if (isTight) return tightened(intake.aheadMin);
  const recent = lately.filter((bucket) => bucket.from > at - intake.aheadMs);
  return Math.max(intake.aheadMin, sumOf(recent).calls);
}

/**
 * Whether no more is to be read. Handlers may take long and be many: while one of their slots is free, only what is in
 * hand outside of them counts.
 */
export function isCrowded(pace: Pace, slots: number, at: number): boolean {
  return isBeyond(pace, slots, at, 1);
}

/** Whether there is room again: half of it, so that the sources are not switched with every message. */
export function hasEased(pace: Pace, slots: number, at: number): boolean {
  return !isBeyond(pace, slots, at, 1 / 2);
}

function isBeyond(pace: Pace, slots: number, at: number, part: number): boolean {
  const { handling, intake, isTight, isLinked } = pace;
  const inHand = pace.inHand - uncountedOf(pace);
  // Never fewer than `aheadMin` while there is memory: what is calm needs no look at the pace.
  if (!isLinked || !(isTight || reaches(inHand, intake.aheadMin, part))) return false;
  if (!reaches(inHand, aheadOf(pace, at), part)) return false;
  return isTight || handling >= slots || reaches(inHand - handling, intake.aheadMin, part);
}

/** Of those in hand. While memory is tight one place may well keep the others out. */
export function uncountedOf({ aside, crowd, isTight }: Pick<Pace, 'aside' | 'crowd' | 'isTight'>): number {
  return Math.min(aside + (isTight ? 0 : crowd.beside), ASIDE_MAX);
}

const tightened = (max: number): number => Math.max(1, Math.floor(max / TIGHT_PART));

function reaches(count: number, max: number, part: number): boolean {
  return part === 1 ? count >= max : count > max * part;
}

/**
 * Whether one more would be too many without a gateway session. Then reading must go on, for the session comes back
 * behind what is replayed, and nothing ends but with its reply window; so what comes beyond the bound is refused.
 */
export function isOverfilled({ inHand, intake, isTight, isLinked }: Pace): boolean {
  // Lives that did not know the option had no bound.
  const { unlinkedMax = Number.POSITIVE_INFINITY } = intake;
  return !isLinked && inHand >= (isTight ? tightened(unlinkedMax) : unlinkedMax);
}

/** With one more that ended. */
export function endedOne({ lately, intake }: Pace, at: number): CallWindow {
  return withCall(lately, { at, windowMs: intake.aheadMs, failed: false, slow: false });
}
