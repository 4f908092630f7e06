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
import { type AnyCard, type StateCard, stateCard } from './vocabulary/card.js';

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

export function cardOf(machine: string): AnyCard | undefined {
  return Object.hasOwn(CARDS, machine) ? CARDS[machine as MachineName] : undefined;
}

/** What is known of this state of this machine; undefined: nothing, the machine or the state is not of this version. */
export function stateOf(machine: string, path: string): StateCard<never> | undefined {
  const card = cardOf(machine);
  return card && stateCard(card, path);
}
