import type { Effect, Record } from '../ports.js';
import { factOf, stepOrReject } from '../step/records.js';
import type { Topology } from '../step/routes.js';
import type { ActorState, Changes, StateView } from '../step/state.js';

/**
 * What a record does when it is folded again. Under another behaviour than the present one its recorded effects decide
 * what is open: one that is recomputed takes the name that was recorded, so that its recorded outcome finds it, and one
 * that only the past asked for is open too, until its outcome. What only the present would have asked for stays open,
 * and is uncertain in the next life.
 */
export function refold(topology: Topology, view: StateView, record: Record): Changes {
  const { changes } = stepOrReject(topology, view, factOf(record));
  return isForeign(topology, changes) ? adopted(topology, view, record, changes) : changes;
}

/** The life that a record belongs to did not behave as this code does. */
export function isForeign({ behaviour }: Topology, life: Pick<Changes, 'behaviour'>): boolean {
  return behaviour !== undefined && life.behaviour !== behaviour;
}

function adopted(topology: Topology, view: StateView, record: Record, changes: Changes): Changes {
  const isAwaited = ({ type }: Effect): boolean => topology.effects[type]?.awaited === true;
  const recorded = record.effects.filter(isAwaited);
  const names = new Map<string, Effect>();
  const rest = [...recorded];
  for (const effect of changes.effects.filter(isAwaited)) {
    const place = rest.findIndex(({ actor, type }) => actor === effect.actor && type === effect.type);
    if (place >= 0) names.set(effect.id, rest.splice(place, 1)[0]!);
  }
  const actors = new Map(changes.actors);
  const openEffects = new Map(changes.openEffects);
  const actorNow = (id: string): ActorState | null | undefined => (actors.has(id) ? actors.get(id) : view.actor(id));
  for (const [id, effect] of names) {
    const made = openEffects.get(id);
    if (!made) continue;
    openEffects.delete(id);
    // Its permit is the one that its breaker counts now.
    openEffects.set(effect.id, 'permit' in made ? ({ ...effect, permit: made.permit } as Effect) : effect);
    const owner = actorNow(effect.actor);
    if (owner) actors.set(effect.actor, { ...owner, open: owner.open.map((open) => (open === id ? effect.id : open)) });
  }
  for (const effect of rest) {
    const owner = actorNow(effect.actor);
    if (!owner) continue;
    openEffects.set(effect.id, effect);
    actors.set(effect.actor, { ...owner, open: [...owner.open, effect.id] });
  }
  return { ...changes, actors, openEffects };
}
