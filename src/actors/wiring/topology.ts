import { CARDS } from '../../machines/cards.js';
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
  machines: CARDS,
  effects: EFFECTS,
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
