import { type Clock, isGone, type Journal, type Log } from '../actors/ports.js';
import type { ActorSystem } from '../actors/system/actorSystem.js';
import type { Texts } from './texts.js';

/** How often the files of the journal are looked at. */
export const LOOK_MS = 1_000;

/**
 * Looks whether the journal still is the one that was opened. Once it is not, the bot does nothing any more, and it is
 * told once. Closed before the journal is: closing empties its log.
 */
export function watchJournal(
  journal: Pick<Journal, 'assertThere'>,
  system: Pick<ActorSystem, 'lose'>,
  clock: Clock,
  log: Log,
  texts: Pick<Texts, 'journalGone'>,
): { close(): void } {
  let cancel: () => void;
  const again = (): void => {
    cancel = clock.schedule(clock.now() + LOOK_MS, look);
  };
  const look = (): void => {
    try {
      journal.assertThere();
      again();
    } catch (error) {
      if (!isGone(error)) throw error;
      system.lose(error);
      log.error({ code: error.code, error: error.message }, texts.journalGone);
    }
  };
  again();
  return { close: () => cancel() };
}
