import { accessTokenMachine } from '../../machines/accessToken/chart.js';
import { auditsMachine } from '../../machines/audits/chart.js';
import { botMachine } from '../../machines/bot/chart.js';
import { circuitBreakerMachine } from '../../machines/circuitBreaker/chart.js';
import { isPatience } from '../../machines/delays.js';
import { deliveryMachine } from '../../machines/delivery/chart.js';
import { externalCallMachine } from '../../machines/externalCall/chart.js';
import { featureMachine } from '../../machines/feature/chart.js';
import { gatewayMachine } from '../../machines/gateway/chart.js';
import { healthMachine } from '../../machines/health/chart.js';
import { intakeMachine } from '../../machines/intake/chart.js';
import { interactionMachine } from '../../machines/interaction/chart.js';
import { laneMachine } from '../../machines/lane/chart.js';
import { messageMachine } from '../../machines/message/chart.js';
import { operatorBreakerMachine } from '../../machines/operatorBreaker/chart.js';
import { ownMessagesMachine } from '../../machines/ownMessages/chart.js';
import { recoveryMachine } from '../../machines/recovery/chart.js';
import type { Topology } from '../step/routes.js';
import { BEHAVIOUR } from './behaviour.js';
import { EFFECTS } from './effectRows.js';
import { dependentsOf } from './ends.js';
import { FACTS } from './factRows.js';
import { bornAnew, leasesOf, refusalOf, triesOf, waitsAt } from './leases.js';
import { routingOf } from './rows.js';
import { SIGNALS } from './signalRows.js';
import { standingOf, takenBack } from './standing.js';

const routeFact = routingOf(FACTS);
const routing = routingOf(SIGNALS);
const routeSignal: Topology['routeSignal'] = (signal, from, view) => routing(signal, view, from);

/** The whole: the machines, who hears what, who asks the outside for what, and what must come back. */
export const topology: Topology = {
  behaviour: BEHAVIOUR.number,
  machines: {
    bot: { machine: botMachine, ephemeral: false },
    accessToken: { machine: accessTokenMachine, ephemeral: false },
    gateway: { machine: gatewayMachine, ephemeral: false },
    intake: { machine: intakeMachine, ephemeral: false },
    circuitBreaker: { machine: circuitBreakerMachine, ephemeral: false },
    operatorBreaker: { machine: operatorBreakerMachine, ephemeral: false },
    lane: { machine: laneMachine, ephemeral: false },
    feature: { machine: featureMachine, ephemeral: false },
    health: { machine: healthMachine, ephemeral: false },
    recovery: { machine: recoveryMachine, ephemeral: false },
    message: { machine: messageMachine, ephemeral: true },
    delivery: { machine: deliveryMachine, ephemeral: true },
    externalCall: { machine: externalCallMachine, ephemeral: true },
    audits: { machine: auditsMachine, ephemeral: false },
    ownMessages: { machine: ownMessagesMachine, ephemeral: false },
    interaction: { machine: interactionMachine, ephemeral: true },
  },
  effects: EFFECTS,
  isPatience,
  routeFact: (fact, effect, view) => routeFact(fact, view, effect),
  routeSignal,
  lending: {
    leasesOf,
    waitsAt,
    refusalOf,
    triesOf,
    dependentsOf,
    bornAnew,
    takenBack,
    standing: standingOf(routeSignal),
  },
};
