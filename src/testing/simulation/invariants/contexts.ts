import type { Effect, StateValue } from '../../../actors/ports.js';
import type { ActorState, SystemState } from '../../../actors/step/state.js';
import type { AccessTokenContext } from '../../../machines/accessToken/chart.js';
import type { CircuitBreakerContext } from '../../../machines/circuitBreaker/context.js';
import type { DeliveryContext } from '../../../machines/delivery/context.js';
import type { ExternalCallContext } from '../../../machines/externalCall/chart.js';
import type { FeatureContext } from '../../../machines/feature/context.js';
import type { GatewayContext } from '../../../machines/gateway/context.js';
import type { IntakeContext } from '../../../machines/intake/context.js';
import type { DeadlineQueue } from '../../../machines/kit/deadlineQueue.js';
import type { LaneContext } from '../../../machines/lane/chart.js';
import type { MessageContext } from '../../../machines/message/chart.js';
import type { OperatorBreakerContext } from '../../../machines/operatorBreaker/chart.js';
import type { RecoveryContext } from '../../../machines/recovery/context.js';

interface Contexts {
  readonly accessToken: AccessTokenContext;
  readonly circuitBreaker: CircuitBreakerContext;
  readonly operatorBreaker: OperatorBreakerContext;
  readonly delivery: DeliveryContext;
  readonly externalCall: ExternalCallContext;
  readonly feature: FeatureContext;
  readonly gateway: GatewayContext;
  readonly intake: IntakeContext;
  readonly lane: LaneContext;
  readonly message: MessageContext;
  readonly recovery: RecoveryContext;
}

/** The context of an actor that is known to be of this machine. */
export function contextOf<M extends keyof Contexts>(actor: ActorState, _machine: M): Contexts[M] {
  return actor.snapshot.context as Contexts[M];
}
/** The context of an actor of this machine; undefined when it does not live. */
export function contextIn<M extends keyof Contexts>(
  state: SystemState,
  id: string,
  machine: M,
): Contexts[M] | undefined {
  const actor = state.actor(id);
  return actor && contextOf(actor, machine);
}

/** `halfOpen.probing`; of a parallel state its name alone. */
export function stateOf(actor: ActorState): string {
  return nameOf(actor.snapshot.value as StateValue);
}
export function nameOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (!first) return '';
  const [name, child] = first;
  return entries.length > 1 || typeof child !== 'string' ? `${name}` : `${name}.${child}`;
}

export function* waitersOf(queue: DeadlineQueue): Generator<string> {
  for (const chunk of queue.chunks) for (const { delivery } of chunk) yield delivery;
}

/** Effects that carry a permit: one place at its breaker each. */
const PERMITTED = ['call.start', 'picture.upload', 'channel.check', 'external.run'] as const;
export type Permitted = Extract<Effect, { type: (typeof PERMITTED)[number] }>;
export function permitted(effect: Effect | null | undefined): Permitted | null {
  if (!effect) return null;
  return (PERMITTED as readonly string[]).includes(effect.type) ? (effect as Permitted) : null;
}
