import type { Card } from '../vocabulary/card.js';
import type { Lease, Self } from '../vocabulary/leases.js';
import { defaultOptions } from '../vocabulary/options/options.js';
import { type ExternalCallContext, externalCallEventTypes, externalCallMachine, withOptions } from './chart.js';

const { timeoutMs } = defaultOptions.externalCalls;

export const externalCallCard: Card<ExternalCallContext> = {
  machine: externalCallMachine,
  events: externalCallEventTypes,
  lives: 'once',
  group: 'calls',
  options: withOptions,
  delays: { permitMs: 'patience', callMs: 'patience' },
  states: {
    asking: { tone: 'busy' },
    awaitingPermit: { tone: 'busy', wait: { for: 'permit', asked: 'permit.requested' } },
    calling: { tone: 'busy', wait: { for: 'external' } },
    succeeded: { tone: 'good' },
    failed: { tone: 'bad' },
    refused: { tone: 'bad' },
    withdrawn: { tone: 'idle' },
  },
  log: {},
  limits: [],
  context: {
    born: () => ({ isFeatureOn: true, isBreakerOpen: false, timeoutMs }),
    nullable: { permit: [{ id: '', generation: 0 }], refusal: ['tooMany'], reason: [''] },
    optional: {},
    needed: { run: '', ordinal: 0, breaker: '' },
  },
  leases,
};

/** What a call of a foreign API holds and waits for. */
function leases({ id, value, context, permits }: Self<ExternalCallContext>): readonly Lease[] {
  const { breaker, deadline } = context;
  const ask = { type: 'permit.requested', delivery: id, deadline, operator: false, breaker } as const;
  if (value === 'awaitingPermit')
    return [
      { kind: 'permit', isHeld: false, back: { type: 'permit.cancelled', delivery: id, breaker, deadline }, ask },
    ];
  return permits.map((permit) => ({ kind: 'permit', isHeld: true, back: { type: 'permit.released', ...permit }, ask }));
}
