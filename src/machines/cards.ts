import { accessTokenContext } from './accessToken/card.js';
import { auditsContext } from './audits/card.js';
import { botContext } from './bot/card.js';
import { circuitBreakerContext } from './circuitBreaker/card.js';
import { deliveryContext } from './delivery/card.js';
import { externalCallContext } from './externalCall/card.js';
import { featureContext } from './feature/card.js';
import { gatewayContext } from './gateway/card.js';
import { healthContext } from './health/card.js';
import { intakeContext } from './intake/card.js';
import { interactionContext } from './interaction/card.js';
import { laneContext } from './lane/card.js';
import { messageContext } from './message/card.js';
import { operatorBreakerContext } from './operatorBreaker/card.js';
import { ownMessagesContext } from './ownMessages/card.js';
import { recoveryContext } from './recovery/card.js';
import type { AnyContextCard } from './vocabulary/card.js';

/** What is known of each machine beside its chart, by the machine's name. */
export const CONTEXTS: { readonly [machine: string]: AnyContextCard } = {
  accessToken: accessTokenContext,
  audits: auditsContext,
  bot: botContext,
  circuitBreaker: circuitBreakerContext,
  delivery: deliveryContext,
  externalCall: externalCallContext,
  feature: featureContext,
  gateway: gatewayContext,
  health: healthContext,
  intake: intakeContext,
  interaction: interactionContext,
  lane: laneContext,
  message: messageContext,
  operatorBreaker: operatorBreakerContext,
  ownMessages: ownMessagesContext,
  recovery: recoveryContext,
};
