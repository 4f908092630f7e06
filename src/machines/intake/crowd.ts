import { randomFrom } from '../kit/randomness.js';

/**
 * Messages of one place that count as in hand; others of it wait for its pace or for its end, and are no reason to keep
 * others out.
 */
export const PLACE_MAX = 5;
/** Numbers in a row, and rows: so many places are told apart; two that fall together count as one. */
const ROW = 32;

/** How many are in hand of each place, and how many of them all are beyond what counts. */
export interface Crowd {
  readonly places: readonly (readonly number[])[];
  readonly beside: number;
}
export const nobody: Crowd = { places: [], beside: 0 };

/** With one more of this place; without a name it is of no place. */
export function joined(crowd: Crowd, place: string | undefined): Crowd {
  return changed(crowd, place, 1);
}

export function left(crowd: Crowd, place: string | undefined): Crowd {
  return changed(crowd, place, -1);
}

function changed({ places, beside }: Crowd, place: string | undefined, by: 1 | -1): Crowd {
  if (place === undefined) return { places, beside };
  const slot = Math.floor(randomFrom(place, 'crowd') * ROW * ROW);
  const row = Math.floor(slot / ROW);
  const before = places[row]?.[slot % ROW] ?? 0;
  // Lives that did not count them had messages in hand.
  const now = Math.max(0, before + by);
  const numbers = [...(places[row] ?? Array<number>(ROW).fill(0))];
  numbers[slot % ROW] = now;
  const rows = places.length === 0 ? Array<readonly number[]>(ROW).fill(Array<number>(ROW).fill(0)) : [...places];
  rows[row] = numbers;
  return { places: rows, beside: beside + beyond(now) - beyond(before) };
}

const beyond = (count: number): number => Math.max(0, count - PLACE_MAX);
