import { loadCheckpoint } from '../../../../../src/actors/fold/checkpoint.js';
import type { Journal } from '../../../../../src/actors/ports.js';
import type { Topology } from '../../../../../src/actors/step/routes.js';
import { SystemState } from '../../../../../src/actors/step/state.js';
import { GENESIS, type Keyframe, keyframeOf } from '../foldedState.js';

export interface Kept {
  readonly keyframe: Keyframe | null;
  /** Why a checkpoint could not be used; null: it could, or there is none. */
  readonly failure: string | null;
}

/** The state of the newest checkpoint up to `seq` that this version can use. */
export async function keptState(journal: Journal, topology: Topology, upTo: number): Promise<Kept> {
  let failure: string | null = null;
  for (let before = upTo, tries = 0; before > 0 && tries < 3; tries += 1) {
    let seq = before;
    try {
      const checkpoint = await journal.checkpoint(before);
      if (!checkpoint) break;
      seq = checkpoint.seq;
      const state = new SystemState();
      if ((loadCheckpoint(state, checkpoint, topology) as unknown) !== false)
        return { keyframe: keyframeOf(state), failure };
      failure ??= `checkpoint ${seq} is of another version`;
    } catch (error) {
      failure ??= (error as Error).message;
      seq = (error as { seq?: number }).seq ?? seq;
    }
    before = Math.min(seq, before) - 1;
  }
  return { keyframe: null, failure };
}

/** The state before the first record that there is. */
export async function originOf(journal: Journal, topology: Topology, first: number): Promise<Kept> {
  if (first <= 1) return { keyframe: GENESIS, failure: null };
  const { keyframe, failure } = await keptState(journal, topology, first - 1);
  if (keyframe?.seq === first - 1) return { keyframe, failure };
  const unknown = `records before ${first} are gone, and so is the state that they led to; actors are shown from their first step on`;
  return { keyframe: { ...GENESIS, seq: first - 1 }, failure: unknown };
}
