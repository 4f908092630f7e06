import type { Step } from '../../../../src/actors/ports.js';
import { rowOf } from '../../../../src/machines/kit/byKey.js';
import { pathOf, type Wait } from '../../protocol.js';

/** What each state of a message's actors waits for, and by which signal it asked another actor for it. */
const WAITS: {
  readonly [machine: string]: { readonly [state: string]: readonly [kind: Wait['kind'], asked?: string] };
} = {
  message: { received: ['slot', 'slot.requested'], handling: ['handler'], replying: ['replies'] },
  delivery: {
    queued: ['turn', 'turn.requested'],
    awaitingPermit: ['permit', 'permit.requested'],
    sending: ['call'],
    backingOff: ['backOff'],
    steppingDown: ['rungPause'],
    continuing: ['partPause'],
    underAudit: ['audit'],
  },
  externalCall: { awaitingPermit: ['permit', 'permit.requested'], calling: ['external'] },
  interaction: { acknowledging: ['call'], pausing: ['backOff'] },
};

/** Why an actor stays in the state that it entered with step `i`: the actor asked stands in a later step of the same record. */
export function waitOf(machine: string, state: string, steps: readonly Step[], i: number): Wait | null {
  const wait = rowOf(rowOf(WAITS, machine) ?? {}, state);
  if (!wait) return null;
  const [kind, asked] = wait;
  const heard = asked === undefined ? undefined : steps.find((step, at) => at > i && step.event === asked);
  return {
    kind,
    on: heard?.actor ?? (kind === 'audit' ? 'audits' : null),
    onState: heard?.to ? pathOf(heard.to) : null,
    dueAt: null,
  };
}
