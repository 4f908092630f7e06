import { produce } from 'immer';
import { type Chunks, chunked, flattened, pushed, trimmed } from '../kit/chunks.js';

/** A message that could not be answered. */
export interface DeadLetter {
  readonly message: string;
  readonly reason: string;
  readonly at: number;
  /** How often it has been handled again; left out: never. */
  readonly retries?: number;
}

/** What the intake keeps of them. */
export interface KeptLetters {
  readonly deadLetters: Chunks<DeadLetter>;
  readonly deadLettersMax: number;
}

/** The newest `deadLettersMax`, oldest first; of no intake: none. */
export function deadLettersOf(intake: Partial<KeptLetters> | undefined): readonly DeadLetter[] {
  const letters = flattened(chunked<DeadLetter>(intake?.deadLetters ?? []));
  return letters.slice(-(intake?.deadLettersMax ?? letters.length) || letters.length);
}

/** With one more; what it costs does not depend on how many are kept. */
export function withLetter({ deadLetters, deadLettersMax }: KeptLetters, letter: DeadLetter): Chunks<DeadLetter> {
  return trimmed(pushed(chunked<DeadLetter>(deadLetters), letter), deadLettersMax);
}

/** Without one: for an operator's hand. */
export function withoutLetter(kept: KeptLetters, letter: DeadLetter | undefined): Chunks<DeadLetter> {
  return produce(chunked<DeadLetter>(kept.deadLetters), (draft) => {
    for (const [at, chunk] of draft.entries()) {
      const place = chunk.findIndex(({ message }) => message === letter?.message);
      if (place < 0) continue;
      chunk.splice(place, 1);
      if (chunk.length === 0) draft.splice(at, 1);
      return;
    }
  });
}
