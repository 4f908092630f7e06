import type { CallOutcome } from '../kit/callOutcome.js';
import { type CircuitBreakerContext, heardOf, placeFreed } from './context.js';

/** One target has failed; nothing more is judged by it. */
export function failureNoted(context: CircuitBreakerContext, outcome: CallOutcome): Partial<CircuitBreakerContext> {
  return { targets: heardOf(context, outcome), ...placeFreed(context) };
}

/** So has the target that the probe called; the probe is over. */
export function probeFailureNoted(
  context: CircuitBreakerContext,
  outcome: CallOutcome,
): Partial<CircuitBreakerContext> {
  return { targets: { ...heardOf(context, outcome), probed: null }, probe: null, ...placeFreed(context) };
}
