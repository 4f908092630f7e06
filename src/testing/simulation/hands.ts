import { contextOf } from '../../actors/step/reading.js';
import type { SystemState } from '../../actors/step/state.js';
import { deadLettersOf } from '../../machines/intake/deadLetters.js';
import type { InboundMessage } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import { contextIn } from './invariants/contexts.js';
import type { Act } from './plan/acts.js';

/** Acts that are one fact. */
export type Hand = Extract<
  Act,
  { kind: 'quarantine' | 'operate' | 'force' | 'recover' | 'retry' | 'tokenLost' | 'clockStep' }
>;
const FORCED_MS = 20_000;

/** The fact that an act is; null when there is nothing that it could touch. */
export function factOfAct(
  act: Hand,
  state: SystemState,
  messages: readonly InboundMessage[],
  now: number,
): Fact | null {
  switch (act.kind) {
    case 'quarantine': {
      const living = [...state.actors.entries()].filter(([, { machine }]) => machine === act.machine);
      const [actor] = living[Math.floor(act.luck * living.length)] ?? [];
      return actor === undefined
        ? null
        : { type: 'actor.quarantined', actor, seq: state.seq, recorded: '', recomputed: '' };
    }
    case 'operate':
      return state.actor(act.breaker) ? { type: act.what, breaker: act.breaker } : null;
    case 'force':
      return act.on === null
        ? { type: 'operator.unforced', feature: act.feature }
        : { type: 'operator.forced', feature: act.feature, on: act.on, reason: 'r', forMs: FORCED_MS };
    case 'recover': {
      const breakers = state.actor('breaker:external:a') ? ['breaker:external:a'] : [];
      return { type: 'recovery.requested', by: 'm', force: act.force, breakers };
    }
    case 'retry': {
      const letters = deadLettersOf(contextIn(state, 'intake', 'intake'));
      const letter = letters[Math.floor(act.luck * letters.length)];
      const message = messages.find(({ id }) => id === letter?.message);
      return message ? { type: 'operator.retried', message, receivedAt: now - Math.floor(act.luck * 400_000) } : null;
    }
    case 'clockStep':
      return { type: 'clock.stepped', stepMs: act.ms, apartMs: act.ms };
    case 'tokenLost': {
      const ref = contextOf(state.actor('token'), 'accessToken')?.ref ?? null;
      return ref === null ? null : { type: 'token.lost', ref };
    }
  }
}
