import { accessTokenCard } from './accessToken/card.js';
import { auditsCard } from './audits/card.js';
import { botCard } from './bot/card.js';
import { circuitBreakerCard } from './circuitBreaker/card.js';
import { deliveryCard } from './delivery/card.js';
import { externalCallCard } from './externalCall/card.js';
import { featureCard } from './feature/card.js';
import { gatewayCard } from './gateway/card.js';
import { healthCard } from './health/card.js';
import { intakeCard } from './intake/card.js';
import { interactionCard } from './interaction/card.js';
import { laneCard } from './lane/card.js';
import { messageCard } from './message/card.js';
import { operatorBreakerCard } from './operatorBreaker/card.js';
import { ownMessagesCard } from './ownMessages/card.js';
import { recoveryCard } from './recovery/card.js';
import { type AnyCard, type Card, type StateCard, stateCard } from './vocabulary/card.js';

/** All machines, by name: the only list of them. */
export const CARDS = {
  bot: botCard,
  accessToken: accessTokenCard,
  gateway: gatewayCard,
  intake: intakeCard,
  circuitBreaker: circuitBreakerCard,
  operatorBreaker: operatorBreakerCard,
  lane: laneCard,
  feature: featureCard,
  health: healthCard,
  recovery: recoveryCard,
  message: messageCard,
  delivery: deliveryCard,
  externalCall: externalCallCard,
  audits: auditsCard,
  ownMessages: ownMessagesCard,
  interaction: interactionCard,
} as const satisfies { readonly [machine: string]: AnyCard };
export type MachineName = keyof typeof CARDS;
/** What an actor of this machine has for its context, as its card says. */
export type ContextOf<M extends MachineName> = M extends MachineName
  ? (typeof CARDS)[M] extends Card<infer C>
    ? C
    : never
  : never;

export function cardOf(machine: string): AnyCard | undefined {
  return Object.hasOwn(CARDS, machine) ? CARDS[machine as MachineName] : undefined;
}

/** What is known of this state of this machine; undefined: nothing, the machine or the state is not of this version. */
export function stateOf(machine: string, path: string): StateCard<never> | undefined {
  const card = cardOf(machine);
  return card && stateCard(card, path);
}
