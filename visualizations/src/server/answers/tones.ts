import type { Topology } from '../../../../src/actors/step/routes.js';
import type { Overview } from '../../protocol.js';

/** What the states of each machine mean at a glance, from their cards. */
export function tonesOf({ machines }: Pick<Topology, 'machines'>): Overview['tones'] {
  return Object.fromEntries(
    Object.entries(machines).map(([machine, { states = {} }]) => [
      machine,
      Object.fromEntries(Object.entries(states).map(([path, { tone }]) => [path, tone])),
    ]),
  );
}
