import type { ActorState, SystemState } from '../../../actors/step/state.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import { FEATURES } from '../../../machines/vocabulary/replies/features.js';
import { contextOf, stateOf } from './contexts.js';
import type { Fail } from './violation.js';

/** Within this after the last fault, with a user who writes now and then, everything is as if nothing had been. */
export const NORMAL_MS = 900_000;
/** How often somebody writes in the calm, and how long before its end the last one does. */
export const WRITES_MS = 1_000;
export const LAST_MS = 120_000;
/** Numbers of the messages in the calm. */
export const CALM_MESSAGES = 1_000_000;
/** Ephemeral actors: of each the last has ended. */
const PASSING: readonly string[] = ['message', 'delivery', 'externalCall', 'interaction'];
/** States in which the others may be found. */
const REST: { readonly [machine: string]: readonly string[] } = {
  circuitBreaker: ['closed', 'observing', 'disabled', 'halfOpen.awaitingProbe'],
  operatorBreaker: ['available'],
  lane: ['idle'],
  gateway: ['ready.alive', 'ready.awaitingAck', 'listening'],
  recovery: ['idle', 'diagnosing'],
  accessToken: ['valid', 'refreshing'],
  bot: ['running'],
  intake: ['open'],
};
const ALWAYS = [
  'gateway',
  'recovery',
  'token',
  'bot',
  'intake',
  'breaker:messages',
  'breaker:operator',
  'audits',
] as const;
const RULE = '[simulation] after the last fault everything is normal';

/**
 * Who asks a breaker that awaits its probe is the probe, and in the calm all probes are good: nobody has asked for so
 * long.
 */
const UNASKED_MS = NORMAL_MS / 2;

/** What an operator holds is let go; all else comes right by itself. */
export function lettingGo(state: SystemState): readonly Fact[] {
  const breakers = [...state.actors.entries()].filter(([, { machine }]) => machine === 'circuitBreaker');
  return breakers.map(([breaker]) => ({ type: 'operator.released', breaker }));
}

/** [simulation] What must have become of everything `NORMAL_MS` after the last fault. */
export function checkNormal(state: SystemState, fail: Fail): void {
  for (const [id, actor] of state.actors.entries()) {
    const kind = stateOf(actor);
    if (PASSING.includes(actor.machine)) fail(RULE, `${id} (${kind}) has not ended`);
    const rest = REST[actor.machine];
    if (rest && !rest.includes(kind)) fail(RULE, `${id} is ${kind}`);
    if (actor.machine === 'circuitBreaker') checkBreaker(id, actor, state.at, fail);
  }
  for (const name of FEATURES) {
    const actor = state.actor(`feature:${name}`);
    if (!actor?.snapshot.hasTag('on'))
      fail(RULE, `feature:${name} is off: ${actor && contextOf(actor, 'feature').reason}`);
  }
  for (const id of ALWAYS) if (!state.actor(id)) fail(RULE, `${id} does not live`);
}

function checkBreaker(id: string, actor: ActorState, at: number, fail: Fail): void {
  const { inFlight, waiting } = contextOf(actor, 'circuitBreaker');
  if (inFlight > 0 || waiting.size > 0) fail(RULE, `${id}: ${inFlight} calls are out, ${waiting.size} wait`);
  if (stateOf(actor) === 'halfOpen.awaitingProbe' && at - actor.since < UNASKED_MS)
    fail(RULE, `${id} has awaited its probe for ${at - actor.since} ms only`);
}
