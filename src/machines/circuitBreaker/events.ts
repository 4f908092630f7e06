import type { CallOutcome } from '../kit/callOutcome.js';
import type { Stamped } from '../vocabulary/base.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import type { OperatorFact } from '../vocabulary/facts/operatorFacts.js';
import type { Signal } from '../vocabulary/signals.js';

type SignalOf<T extends Signal['type']> = Extract<Signal, { type: T }>;

/** What it hears. The runtime adds the permit to the facts of a call, and sends only what concerns this breaker. */
export type CircuitBreakerEvent =
  | Stamped<Pick<SignalOf<'permit.requested'>, 'type' | 'delivery' | 'deadline' | 'operator' | 'target' | 'waits'>>
  | Stamped<Pick<SignalOf<'permit.cancelled'>, 'type' | 'delivery' | 'deadline'>>
  | Stamped<Pick<SignalOf<'permit.released'>, 'type' | 'permit'>>
  | CallOutcome
  | Stamped<{
      readonly type:
        | 'evidence.gathered'
        | 'probe.requested'
        | 'gateway.readied'
        | 'gateway.lost'
        | 'token.changed'
        | 'load.reduced'
        | 'load.restored';
    }>
  | Stamped<Pick<FactOf<'run.started'>, 'type' | 'options'>>
  | Stamped<Pick<OperatorFact, 'type'>>;

export type CircuitBreakerEmitted = SignalOf<'permit.granted' | 'permit.denied' | 'breaker.opened' | 'breaker.closed'>;

/** Every event of the chart; a test compares it with the chart's own keys. */
export const circuitBreakerEventTypes = [
  'permit.requested',
  'permit.cancelled',
  'permit.released',
  'call.succeeded',
  'call.failed',
  'evidence.gathered',
  'probe.requested',
  'gateway.readied',
  'gateway.lost',
  'token.changed',
  'load.reduced',
  'load.restored',
  'run.started',
  'operator.isolated',
  'operator.released',
  'operator.disabled',
  'operator.observed',
  'operator.enabled',
  'operator.reset',
] as const satisfies readonly CircuitBreakerEvent['type'][];
