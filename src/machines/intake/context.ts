import { type CallWindow, withCall } from '../kit/callWindow.js';
import { type Chunks, sizeOf } from '../kit/chunks.js';
import type { Stamp, Verdict } from '../vocabulary/base.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';
import type { Pace } from './ahead.js';
import type { Usage } from './commandLimit.js';
import { nobody } from './crowd.js';
import type { KeptLetters } from './deadLetters.js';

export interface IntakeInput {
  readonly options: BotOptions['handlers'];
  readonly commands: BotOptions['commands'];
  readonly intake: BotOptions['intake'];
  readonly deadLettersMax: number;
  /**
   * Of one that begins anew: the account of the one before, what is in hand without waiting for a slot, and whether its
   * sources are paused.
   */
  readonly left?: Pick<
    IntakeContext,
    | 'handling'
    | 'inHand'
    | 'aside'
    | 'crowd'
    | 'received'
    | 'ended'
    | 'duplicates'
    | 'deadLetters'
    | 'good'
    | 'bad'
    | 'isStillFull'
  >;
}
export interface IntakeContext extends Pace, KeptLetters {
  readonly options: BotOptions['handlers'];
  readonly commands: BotOptions['commands'];
  /** Built-in commands of late, by user. */
  readonly usage: Usage;
  /** Load is reduced: half the handlers at once, and low work waits in `held`. */
  readonly isReduced: boolean;
  readonly held: readonly string[];
  /** Born anew while the sources were paused. */
  readonly isStillFull?: boolean;
  /** Messages that ended in the last `RECENT_MS`, and those of them that went wrong. */
  readonly recent: CallWindow;
  /** The same since the journal began: messages by bots and floods of commands left out. */
  readonly good: number;
  readonly bad: number;
  /** Writers who were told of late that the bot is busy, oldest first. */
  readonly told: readonly { readonly author: string; readonly at: number }[];
  readonly waiting: Chunks<string>;
  readonly received: number;
  readonly duplicates: number;
  readonly ended: Readonly<Record<Verdict, number>>;
  readonly granted: string;
}
export const emptyContext: IntakeContext = {
  options: defaultOptions.handlers,
  commands: defaultOptions.commands,
  usage: {},
  isReduced: false,
  held: [],
  recent: [],
  good: 0,
  bad: 0,
  intake: defaultOptions.intake,
  lately: [],
  isTight: false,
  isLinked: false,
  told: [],
  deadLettersMax: defaultOptions.bot.deadLettersMax,
  handling: 0,
  waiting: [],
  inHand: 0,
  aside: 0,
  crowd: nobody,
  received: 0,
  duplicates: 0,
  ended: { answered: 0, silent: 0, refused: 0, deadLettered: 0, uncertain: 0 },
  deadLetters: [],
  granted: '',
};

/** Length of `recent`. */
export const RECENT_MS = 900_000;

/** What the options give it: at birth, in a new life, in a what-if. */
export function withOptions({ handlers, commands, intake, bot }: BotOptions) {
  // Lives of before did not know how much may be in hand.
  return { options: handlers, commands, intake: intake ?? defaultOptions.intake, deadLettersMax: bot.deadLettersMax };
}

export function pickInput({ options, commands, intake = defaultOptions.intake, deadLettersMax, left }: IntakeInput) {
  return { options, commands, intake, deadLettersMax, ...left };
}

export function concurrencyOf({ isReduced, options }: IntakeContext): number {
  return isReduced ? Math.max(1, Math.floor(options.concurrencyMax / 2)) : options.concurrencyMax;
}

export function hasRoom({ waiting, held, options }: IntakeContext): boolean {
  return sizeOf(waiting) + held.length < options.queueMax;
}

/** Reasons of a refusal that speak against the bot, not against the writer. */
const BUSY: readonly (string | null)[] = ['busy', 'busyAgain', 'unlinked'];

/**
 * A message went well when its handler did and its replies arrived, or it was silent; floods of commands do not count.
 */
export function judged(
  context: IntakeContext,
  { verdict, reason, at }: Extract<Signal, { type: 'message.ended' }> & Stamp,
): Partial<IntakeContext> {
  if (verdict === 'refused' && !BUSY.includes(reason)) return {};
  const failed = verdict === 'deadLettered' || (reason !== null && verdict !== 'uncertain');
  const recent = withCall(context.recent, { at, windowMs: RECENT_MS, failed, slow: false });
  return failed ? { recent, bad: context.bad + 1 } : { recent, good: context.good + 1 };
}
