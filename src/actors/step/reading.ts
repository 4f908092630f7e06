import { AFTER } from '../charts/chartNodes.js';
import type { Fold } from '../charts/foldTypes.js';
import type { StateValue } from '../ports.js';
import type { ActorState, StateView } from './state.js';

/** XState's own names carry state paths; records do not. */
export const displayName = (type: string): string => (type.startsWith(AFTER) ? 'timer.elapsed' : type);

export const stateOf = (actor: ActorState): StateValue => actor.snapshot.value as StateValue;

export function sameValue(a: StateValue, b: StateValue): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

/** The armings of an actor after a fold: what it cancelled is gone, what it armed is due from now. */
export function timersAfter(
  armed: ActorState['timers'],
  changes: Fold['timers'],
  { at, seq }: Pick<StateView, 'at' | 'seq'>,
): ActorState['timers'] {
  let timers = armed;
  for (const change of changes) {
    if (change.armed) {
      timers = { ...timers, [change.timer]: { dueAt: at + Math.round(change.delayMs), armedAtSeq: seq } };
    } else if (timers[change.timer]) {
      const { [change.timer]: _cancelled, ...rest } = timers;
      timers = rest;
    }
  }
  return timers;
}
