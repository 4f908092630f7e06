import type { ErrorClass, Permit, Stamped } from '../vocabulary/base.js';
import type { FactOf } from '../vocabulary/facts/facts.js';

type Succeeded = Pick<FactOf<'call.succeeded'>, 'type' | 'class' | 'latencyMs'>;
type Failed = Pick<FactOf<'call.failed'>, 'type' | 'class' | 'latencyMs' | 'retryAfterMs' | 'status'>;

/** The end of a call, with the permit that it was made under and what it called (the runtime adds both). */
export type CallOutcome = Stamped<(Succeeded | Failed) & { readonly permit: Permit; readonly target?: string }>;

/**
 * What each class says of the API; `nothing`: it is about this call, this channel or us. Forgetting one does not
 * compile.
 */
const SAYS: { readonly [C in ErrorClass]: 'fails' | 'works' | 'worksIfAnswered' | 'nothing' } = {
  throttled: 'nothing',
  transient: 'fails',
  ambiguous: 'fails',
  auth: 'nothing',
  rejectedForm: 'works',
  rejectedTarget: 'works',
  fatal: 'nothing',
  local: 'worksIfAnswered',
};

/** The classes that speak against the API's health. */
export function isFailureClass(errorClass: ErrorClass): boolean {
  return SAYS[errorClass] === 'fails';
}

/**
 * Whether this outcome shows that the API works. A refusal of the form or the target does: QQ read the call and judged
 * it. `local` does only if there was an answer (a status). `throttled`, `auth` and `fatal` do not: something answered,
 * but it says nothing about whether the next message would go through.
 */
export function provesAlive(outcome: CallOutcome): boolean {
  if (outcome.type === 'call.succeeded') return true;
  const says = SAYS[outcome.class];
  return says === 'works' || (says === 'worksIfAnswered' && outcome.status !== null);
}
