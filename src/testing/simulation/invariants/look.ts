import type { ActorState, SystemState } from '../../../actors/step/state.js';
import type { Census } from './census.js';
import type { Fail } from './violation.js';

/** What a check may see. */
export interface Look {
  readonly state: SystemState;
  readonly census: Census;
  readonly fail: Fail;
}
/** Holds one actor against the others; called when it has changed, or what it stands in a relation to has. */
export type Check = (id: string, actor: ActorState, look: Look) => void;
