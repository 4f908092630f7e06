import type { MapLayout } from './chartLayout.js';

/** What of a record is needed. */
export interface Travelled {
  readonly fact: { readonly type: string };
  readonly steps: readonly { readonly actor: string; readonly event: string }[];
  readonly effects: readonly { readonly type: string; readonly actor: string }[];
}

/** The node or group of the map that an actor belongs to: `delivery:m7.0` to `delivery`, `health:send` to `health`. */
export function placeOf(actor: string): string {
  if (!actor.startsWith('breaker:')) return actor.split(':', 1)[0]!;
  return actor.startsWith('breaker:external:') ? 'breaker:external' : actor;
}

/**
 * Ids of the flows on which something went in one record, in that order: from outside to the first actors, from actor
 * to actor, and out with its effects. Who signalled is not recorded: it is the actor that can, and that stepped last
 * before.
 */
export function travelledFlows(map: MapLayout, { fact, steps, effects }: Travelled): string[] {
  const flows = map.edges.flatMap(({ id, events, back }) => [{ id, events }, ...(back ? [back] : [])]);
  const found = new Set<string>();
  for (const [index, { actor, event }] of steps.entries()) {
    const to = placeOf(actor);
    const earlier = steps.slice(0, index).map((step) => placeOf(step.actor));
    const coming = flows.filter(
      ({ id, events }) => id.endsWith(`>${to}`) && events.some((said) => heardOf(said) === event),
    );
    const signalled = coming
      .map(({ id }) => ({ id, last: earlier.lastIndexOf(id.slice(0, id.indexOf('>'))) }))
      .filter(({ last }) => last >= 0)
      .sort((a, b) => b.last - a.last)[0];
    const fromOutside = coming.find(({ events }) => events.some((said) => sentOf(said) === fact.type));
    const flow = signalled ?? fromOutside;
    if (flow) found.add(flow.id);
  }
  for (const { type, actor } of effects) {
    const out = flows.find(({ id, events }) => id.startsWith(`${placeOf(actor)}>`) && events.includes(type));
    if (out) found.add(out.id);
  }
  return [...found];
}

/** An event of a line is written `sent`, or `sent as heard`. */
function heardOf(said: string): string {
  return said.slice(said.lastIndexOf(' ') + 1);
}
function sentOf(said: string): string {
  return said.split(' ', 1)[0]!;
}
