import type { SystemState } from '../../actors/step/state.js';
import type { Stepped } from './bot/bot.js';
import { contextOf, stateOf } from './invariants/contexts.js';

/** Holders that live for moments only: what is to be taken out is waited for in one of these states. */
const MOMENTARY: { readonly [machine: string]: readonly string[] } = {
  delivery: ['sending', 'queued', 'awaitingPermit', 'trying', 'reading', 'steppingDown', 'awaitingUpload', 'uploading'],
  externalCall: ['calling', 'awaitingPermit'],
  message: ['handling', 'received', 'replying'],
};
/** No state of its own: a reply that tries a form. */
const TRYING = 'trying';

/** An actor of this machine is to be taken out as soon as one is seen in that state. */
export interface Hunt {
  readonly machine: string;
  readonly state: string;
}

/** What `luck` says to wait for; null: of this machine one always lives. */
export function huntOf({ machine, luck }: { readonly machine: string; readonly luck: number }): Hunt | null {
  const states = MOMENTARY[machine];
  return states ? { machine, state: states[Math.floor(luck * states.length)]! } : null;
}

/** The actor that is hunted, when this record brought it there. */
export function sighted({ machine, state: wanted }: Hunt, { changes }: Stepped, state: SystemState): string | null {
  for (const id of changes.actors.keys()) {
    const actor = state.actor(id);
    if (!actor) continue;
    if (actor.machine === machine && stateOf(actor) === wanted) return id;
    if (wanted === TRYING && actor.machine === 'feature' && stateOf(actor) === 'probing')
      return contextOf(actor, 'feature').canary;
  }
  return null;
}
