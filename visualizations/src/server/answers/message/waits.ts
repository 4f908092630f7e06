import type { Step } from '../../../../../src/actors/ports.js';
import { waitedFor } from '../../../../../src/actors/reading/waitedFor.js';
import type { Member } from '../../../../../src/actors/step/routes.js';
import { pathOf, type Wait } from '../../../protocol.js';

/** Why an actor stays in the state that it entered with step `i`, for the page. */
export function waitOf(member: Member, state: string, steps: readonly Step[], i: number): Wait | null {
  const wait = waitedFor(member, state, steps, i);
  return wait && { kind: wait.kind, on: wait.on, onState: wait.asked?.to ? pathOf(wait.asked.to) : null, dueAt: null };
}
