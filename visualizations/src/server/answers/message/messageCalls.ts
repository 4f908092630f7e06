import type { Effect, Record } from '../../../../../src/actors/ports.js';
import { OUTCOMES } from '../../../../../src/actors/step/routes.js';
import type { Call } from '../../../protocol.js';
import { effectIdOf } from '../../index/readRecord.js';

export type OpenCall = { -readonly [key in keyof Call]: Call[key] };

/** A call to the outside, as it begins. */
export function callOf(effect: Effect, _record: Record, from: Call['from']): OpenCall {
  const { id, type } = effect;
  const call = { effect: id, type, from, to: null, outcome: null, status: null, code: null };
  if (effect.type === 'call.start')
    return { ...call, form: effect.rung, attempt: effect.attempt, isProbe: effect.probe };
  return { ...call, form: null, attempt: effect.type === 'handler.run' ? effect.attempt : null, isProbe: false };
}

/** Notes the end of the call that a record tells of, if it is one of these. */
export function endCall(calls: readonly OpenCall[], record: Record, here: Call['from']): void {
  const { fact } = record;
  const effect = OUTCOMES.has(fact.type) ? effectIdOf(record) : null;
  const call = effect === null ? undefined : calls.find((candidate) => candidate.effect === effect);
  if (!call || call.to) return;
  call.to = here;
  const told = fact as {
    readonly class?: string;
    readonly status?: number | null;
    readonly code?: Call['code'];
    readonly reason?: string;
  };
  call.outcome = outcomeOf(fact.type, told);
  call.status = told.status ?? null;
  call.code = told.code ?? null;
}

function outcomeOf(
  type: string,
  { class: kind, reason }: { readonly class?: string; readonly reason?: string },
): string {
  if (type === 'effect.interrupted') return 'interrupted';
  if (type === 'effect.failed') return 'local';
  if (type === 'handler.failed') return reason ?? 'failed';
  return kind ?? 'ok';
}
