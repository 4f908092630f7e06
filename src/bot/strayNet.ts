import type { Clock } from '../actors/ports.js';
import { catchStrayErrors } from '../adapters/author/strayErrors.js';
import type { Logger } from '../adapters/process/logger.js';
import type { Config } from '../config/config.js';
import type { Fact } from '../machines/vocabulary/facts/facts.js';

export interface StrayNet {
  /** What was caught until now is journaled, and what comes. */
  begin(post: (fact: Fact) => void): void;
  close(): void;
}

/**
 * Catches what the author's code lets go, from before the start (handlers that a kill cut off run again in it);
 * journaled once the bot has begun its life.
 */
export function netUnder({ credentials }: Config, clock: Clock, logger: Logger): StrayNet {
  const early: Fact[] = [];
  let post = (fact: Fact): void => void early.push(fact);
  const secrets = credentials ? [credentials.secret] : [];
  const { close } = catchStrayErrors({ post: (fact) => post(fact), clock, log: logger.part('module'), secrets });
  return {
    close,
    begin(journaled): void {
      post = journaled;
      early.forEach(post);
    },
  };
}
