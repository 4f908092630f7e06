import { nearestRow } from '../../../../src/machines/kit/byKey.js';
import type { ActorGroup, MarkKind, Tone } from '../../../src/protocol.js';
import { overview } from '../state/data.js';

export type { Tone };

/** `state`: a dotted path. Of what the cards do not name: good. */
export function toneOf(machine: string, state: string): Tone {
  return nearestRow(overview.value?.tones[machine] ?? {}, state, '.') ?? 'good';
}
const WORST: readonly Tone[] = ['bad', 'warn', 'busy', 'good', 'idle'];
export function worstTone({ machine, byState }: ActorGroup): Tone {
  const tones = new Set(Object.keys(byState).map((state) => toneOf(machine, state)));
  return WORST.find((tone) => tones.has(tone)) ?? 'idle';
}

export const MARK_TONES: Readonly<Record<MarkKind, Tone>> = {
  breakerOpened: 'bad',
  breakerClosed: 'good',
  featureOff: 'bad',
  featureOn: 'good',
  gatewayLost: 'bad',
  gatewayReady: 'good',
  recoveryActed: 'warn',
  escalated: 'bad',
  restart: 'busy',
  stop: 'idle',
  deadLetter: 'bad',
  uncertain: 'warn',
  crash: 'bad',
  quarantine: 'bad',
  operator: 'busy',
};
/** Of an outcome of a call: `ok`, a class of error. */
export function outcomeTone(outcome: string | null): Tone {
  if (outcome === null) return 'busy';
  if (outcome === 'ok' || outcome === 'duplicate') return 'good';
  return /^(underAudit|throttled|interrupted|ambiguous|rejectedForm)$/.test(outcome) ? 'warn' : 'bad';
}
