import { CARDS } from '../../machines/cards.js';
import type { Topology } from '../step/routes.js';
import { BEHAVIOUR } from './behaviour.js';
import { bornAnew, leasesOf, refusalOf, triesOf, waitsAt } from './leases.js';
import { EFFECTS } from './rows/effectRows.js';
import { FACTS } from './rows/factRows.js';
import { routingOf } from './rows/rows.js';
import { SIGNALS } from './rows/signalRows.js';
import { standingOf, takenBack } from './standing.js';
import { dependentsOf } from './words/ends.js';

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
