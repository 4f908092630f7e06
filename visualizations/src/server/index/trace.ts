import type { Effect, Record, Step } from '../../../../src/actors/ports.js';
import type { Topology } from '../../../../src/actors/step/routes.js';
import type { Changes } from '../../../../src/actors/step/state.js';
import type { Hop } from '../../protocol.js';
import type { FoldedState } from './foldedState.js';

interface Sent {
  readonly kind: 'fact' | 'signal';
  readonly from: string | null;
  readonly to: string | null;
  readonly event: string;
}
export interface Traced {
  readonly changes: Changes;
  readonly hops: readonly Hop[];
  /** Actors that crashed in this record. */
  readonly crashed: readonly string[];
}

/**
 * Steps records while it notes who sent what to whom: the topology is asked as always, and its answers are written
 * down.
 */
export class Tracer {
  private sent: Sent[] = [];
  private crashed: string[] = [];
  private readonly topology: Topology;

  constructor(topology: Topology) {
    this.topology = {
      ...topology,
      routeFact: (fact, effect, view) => {
        const routes = topology.routeFact(fact, effect, view);
        for (const route of routes) this.note('fact', null, route.to, eventOf(route.event, fact.type));
        return routes;
      },
      routeSignal: (signal, from, view) => {
        const routes = topology.routeSignal(signal, from, view);
        if (signal.type === 'actor.crashed') this.crashed.push(from);
        if (routes.length === 0) this.note('signal', from, null, signal.type);
        for (const route of routes) this.note('signal', from, route.to, eventOf(route.event, signal.type));
        return routes;
      },
    };
  }

  trace(state: FoldedState, record: Record): Traced {
    this.sent = [];
    this.crashed = [];
    const changes = state.changesOf(record, this.topology);
    return { changes, hops: hopsOf(record, this.sent, changes.steps, changes.effects), crashed: this.crashed };
  }

  private note(kind: Sent['kind'], from: string | null, to: string | null, event: string): void {
    this.sent.push({ kind, from, to, event });
  }
}

function eventOf(event: unknown, fallback: string): string {
  return typeof event === 'object' && event !== null && 'type' in event ? String(event.type) : fallback;
}

/**
 * What was sent, with the step that each thing caused: deliveries are made in the order in which they were routed, and
 * each begins with a step of its receiver. An effect stands after the last step of the actor that asked for it.
 */
function hopsOf(record: Record, sent: readonly Sent[], steps: readonly Step[], effects: readonly Effect[]): Hop[] {
  const hops: Hop[] = [];
  const fact = record.fact as { readonly type: string; readonly actor?: unknown };
  // A timer's firing and a quarantine are no matter of the topology: they go to the actor that they name.
  if ((fact.type === 'timer.elapsed' || fact.type === 'actor.quarantined') && typeof fact.actor === 'string')
    hops.push({ kind: 'fact', from: null, to: fact.actor, event: fact.type, step: steps.length > 0 ? 0 : null });
  let next = hops.length;
  for (const { kind, from, to, event } of sent) {
    const step = to === null ? -1 : steps.findIndex((candidate, i) => i >= next && candidate.actor === to);
    if (step >= 0) next = step + 1;
    hops.push({ kind, from, to, event, step: step < 0 ? null : step });
  }
  for (const effect of effects)
    hops.push({ kind: 'effect', from: effect.actor, to: null, event: effect.type, step: null });
  return hops;
}
