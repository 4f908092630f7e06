import type { ActorState, SystemState } from '../../actors/step/state.js';
import { isKeyed } from '../../machines/delivery/context.js';
import type { Stepped } from './bot/bot.js';
import { contextOf, stateOf } from './invariants/contexts.js';
import type { Moment, NextLife } from './plan/acts.js';

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
  /** The process dies then, instead of the actor. */
  readonly next?: NextLife;
}

/** A death while a reply is in this state. */
export type HuntedMoment = 'uploading' | 'sending';
export const isHunted = (moment: Moment): moment is HuntedMoment => moment === 'uploading' || moment === 'sending';
export const huntTo = (state: HuntedMoment, next: NextLife): Hunt => ({ machine: 'delivery', state, next });

/** What `luck` says to wait for; null: of this machine one always lives. */
export function huntOf({ machine, luck }: { readonly machine: string; readonly luck: number }): Hunt | null {
  const states = MOMENTARY[machine];
  return states ? { machine, state: states[Math.floor(luck * states.length)]! } : null;
}

/** The first that is hunted among those that this record brought there; null: none. */
export function sighted(
  hunts: readonly Hunt[],
  { changes }: Stepped,
  state: SystemState,
): readonly [index: number, actor: string | null] {
  if (hunts.length > 0) {
    for (const id of changes.actors.keys()) {
      const actor = state.actor(id);
      const index = actor ? hunts.findIndex((hunt) => isSighted(hunt, actor)) : -1;
      if (index < 0 || !actor) continue;
      return [index, hunts[index]!.state === TRYING ? contextOf(actor, 'feature').canary : id];
    }
  }
  return [-1, null];
}

function isSighted({ machine, state, next }: Hunt, actor: ActorState): boolean {
  if (state === TRYING) return actor.machine === 'feature' && stateOf(actor) === 'probing';
  if (actor.machine !== machine || stateOf(actor) !== state) return false;
  // What has a key is cut off often enough by chance, and nothing is in doubt then.
  return next === undefined || state !== 'sending' || !isKeyed(contextOf(actor, 'delivery'));
}
