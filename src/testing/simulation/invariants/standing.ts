import type { SystemState } from '../../../actors/step/state.js';
import { contextIn, stateOf } from './contexts.js';
import type { Fail } from './violation.js';

const RULE = '[core 34] nobody waits for what has been said';
const CONCERNED = ['gateway', 'token', 'bot', 'intake', 'recovery', 'breaker:messages'] as const;

/**
 * States of the gateway in which nobody has been told that the session is lost: it may yet come back, or a drain needs
 * none.
 */
const UNTOLD: readonly string[] = ['closing', 'stopped'];

/** An actor that has begun anew knows what holds as well as one that heard of it when it began to hold. */
export function checkStanding(changed: ReadonlyMap<string, unknown>, state: SystemState, fail: Fail): void {
  if (!CONCERNED.some((id) => changed.has(id))) return;
  const stateIn = (id: (typeof CONCERNED)[number]): string => {
    const actor = state.actor(id);
    return actor ? stateOf(actor) : '';
  };
  const bot = stateIn('bot');
  if (bot === 'stopped') return;
  if (bot === 'draining') {
    if (stateIn('intake') !== 'draining') fail(RULE, `the bot drains, the intake is ${stateIn('intake')}`);
    return;
  }
  // One that QQ refused it waits to be replaced.
  const { ref } = contextIn(state, 'token', 'accessToken') ?? {};
  if (stateIn('gateway') === 'disconnected' && ref && contextIn(state, 'gateway', 'gateway')?.tokenRef !== ref)
    fail(RULE, 'there is a token, and the gateway waits for one');
  if (contextIn(state, 'recovery', 'recovery')?.isReduced && !contextIn(state, 'intake', 'intake')?.isReduced)
    fail(RULE, 'load is reduced, and the intake knows nothing of it');
  if (contextIn(state, 'intake', 'intake')?.isReduced && !contextIn(state, 'recovery', 'recovery')?.isReduced)
    fail(RULE, 'load is no longer reduced, and the intake knows nothing of it');
  if (!state.actor('gateway')?.snapshot.hasTag('linked')) {
    if (!UNTOLD.includes(stateIn('gateway')) && contextIn(state, 'intake', 'intake')?.isLinked)
      fail(RULE, 'the session is lost, and the intake counts on it');
    return;
  }
  if (bot === 'starting') fail(RULE, 'the session stands, and the bot is starting');
  if (stateIn('recovery') === 'dormant') fail(RULE, 'the session stands, and the recovery loop has not begun');
  if (!contextIn(state, 'intake', 'intake')?.isLinked) fail(RULE, 'the session stands, and the intake waits for it');
  if (contextIn(state, 'breaker:messages', 'circuitBreaker')?.held)
    fail(RULE, 'the session stands, and the breaker holds back');
}
