import { EFFECTS as EFFECT_ROWS } from '../../../src/actors/wiring/rows/effectRows.js';
import { FACTS as FACT_ROWS } from '../../../src/actors/wiring/rows/factRows.js';
import type { Entry, Place, Row } from '../../../src/actors/wiring/rows/rows.js';
import { SIGNALS as SIGNAL_ROWS } from '../../../src/actors/wiring/rows/signalRows.js';
import { placeOf } from './travelledFlows.js';

export { ACTORS, type Actor, OUTSIDE, type Outside, type Place } from '../../../src/actors/wiring/rows/rows.js';

/**
 * Who tells whom, for the map: a way is `from>to`, or `from>to as heard` where the receiver hears it under another
 * name. Read from the rows of the topology; what the runtime itself makes, for whatever actor, is not drawn.
 */
export type Way = string;
type Ways = { readonly [type: string]: readonly Way[] };

export const FACTS: Ways = waysOf(FACT_ROWS);
export const SIGNALS: Ways = waysOf(SIGNAL_ROWS);
export const EFFECTS: Ways = Object.fromEntries(
  Object.entries(EFFECT_ROWS).map(([type, { from, to }]) => [type, cross(from, to, [])]),
);

function waysOf(table: { readonly [type: string]: Entry<never, never> }): Ways {
  return Object.fromEntries(
    Object.entries(table).map(([type, { from, rows }]) => [
      type,
      [...new Set(rows.flatMap((row) => waysOfRow(from ?? [], row)))],
    ]),
  );
}
function waysOfRow(all: readonly Place[], { from = all, to, as = [] }: Row<never, never>): readonly Way[] {
  const targets = [to].flat().filter((target) => target !== 'any');
  return cross(from, targets.map(placeOf), [as].flat());
}
function cross(from: readonly string[], to: readonly string[], as: readonly string[]): readonly Way[] {
  const names = as.length === 0 ? [''] : as.map((name) => ` as ${name}`);
  return from.flatMap((sender) => to.flatMap((receiver) => names.map((name) => `${sender}>${receiver}${name}`)));
}
