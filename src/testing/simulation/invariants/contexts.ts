import type { Effect, StateValue } from '../../../actors/ports.js';
import { contextOf as read } from '../../../actors/step/reading.js';
import type { ActorState, SystemState } from '../../../actors/step/state.js';
import type { ContextOf, MachineName } from '../../../machines/cards.js';
import type { DeadlineQueue } from '../../../machines/kit/deadlineQueue.js';

/** The context of an actor that is known to be of this machine. Throws when it is of another. */
export function contextOf<M extends MachineName>(actor: ActorState, machine: M, other = machine): ContextOf<M> {
  const context = read(actor, machine, other);
  if (context) return context;
  throw new Error(`an actor of ${actor.machine} was taken for one of ${machine}`);
}
/** The context of an actor of this machine; undefined when it does not live. */
export function contextIn<M extends MachineName>(state: SystemState, id: string, machine: M): ContextOf<M> | undefined {
  return read(state.actor(id), machine);
}

/** `halfOpen.probing`; of a parallel state its name alone. */
export function stateOf(actor: ActorState): string {
  return nameOf(actor.snapshot.value);
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
