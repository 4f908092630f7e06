import type { ContextCard } from '../vocabulary/card.js';
import type { Lease, Self } from '../vocabulary/leases.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { ExternalCallContext } from './chart.js';

const { timeoutMs, permitMs } = defaultOptions.externalCalls;

export const externalCallContext: ContextCard<ExternalCallContext> = {
  input: ({ id, at, needed }) => ({ ...needed, isFeatureOn: true, isBreakerOpen: false, timeoutMs, permitMs, id, at }),
  nullable: { permit: [{ id: '', generation: 0 }], refusal: ['tooMany'], reason: [''] },
  optional: {},
  needed: { run: '', ordinal: 0, breaker: '' },
};

/** What a call of a foreign API holds and waits for. */
export function externalCallLeases({ id, value, context, permits }: Self<ExternalCallContext>): readonly Lease[] {
  const { breaker, deadline } = context;
  const ask = { type: 'permit.requested', delivery: id, deadline, operator: false, breaker } as const;
  if (value === 'awaitingPermit')
    return [
      { kind: 'permit', isHeld: false, back: { type: 'permit.cancelled', delivery: id, breaker, deadline }, ask },
    ];
  return permits.map((permit) => ({ kind: 'permit', isHeld: true, back: { type: 'permit.released', ...permit }, ask }));
}
