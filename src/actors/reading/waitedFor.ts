import { stateCard, type WaitKind } from '../../machines/vocabulary/card.js';
import type { Step } from '../ports.js';
import type { Member } from '../step/routes.js';

export interface WaitedFor {
  readonly kind: WaitKind;
  /** Who heard that it was asked, in the same record; null: nobody was asked, or it is not told. */
  readonly asked: Step | null;
  /** The actor that is waited for; null: a time of its own. */
  readonly on: string | null;
}

/**
 * What an actor waits for in the state that it has entered with step `i`, as its card says; null: nothing that anybody
 * would ask about.
 */
export function waitedFor({ states = {} }: Member, state: string, steps: readonly Step[], i: number): WaitedFor | null {
  const wait = stateCard({ states }, state)?.wait;
  if (!wait) return null;
  const asked = wait.asked === undefined ? undefined : steps.find((step, at) => at > i && step.event === wait.asked);
  return { kind: wait.for, asked: asked ?? null, on: asked?.actor ?? wait.on ?? null };
}
