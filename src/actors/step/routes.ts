import type { EventObject } from 'xstate';
import { rowOf } from '../../machines/kit/byKey.js';
import type { Stamped } from '../../machines/vocabulary/base.js';
import type { AnyCard } from '../../machines/vocabulary/card.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Lease } from '../../machines/vocabulary/leases.js';
import type { Signal } from '../../machines/vocabulary/signals.js';
import type { Effect } from '../ports.js';
import type { ActorState, StateView } from './state.js';

/** Where one event goes. */
export interface Route {
  readonly to: string;
  /** Replaces the event; a function is asked when the event is delivered, after the deliveries before it. */
  readonly event?: EventObject | ((view: StateView) => EventObject);
  /** Starts the actor when it does not exist; `deliver` then also gives it the event. */
  readonly spawn?: { readonly machine: string; readonly input: object; readonly deliver: boolean };
}

/** What the topology knows of things that are handed out; `wiring/leases.ts` is the real one. */
export interface Lending {
  leasesOf(id: string, actor: ActorState, view: StateView): readonly Lease[];
  /** The giver at which one waits; null: none has it in line. */
  waitsAt(lease: Lease, view: StateView): string | null;
  /** What goes back when a grant finds nobody who waits for it. */
  refusalOf(to: string, grant: EventObject, giver: string, view: StateView): Signal;
  /** What an actor was given unasked and has no use for any more: the tries of canaries. */
  triesOf(id: string, passage: Passage, view: StateView): readonly Route[];
  /** Living actors that are nothing without this one. */
  dependentsOf(actor: ActorState, view: StateView): readonly string[];
  /** The birth of one that must live, with what is remembered of the one before; null: it may stay away. */
  bornAnew(id: string, before: ActorState, view: StateView): Route | null;
  /** What it had said and holds no more with it: the signals that say so, in its name. */
  takenBack(id: string, before: ActorState): readonly Signal[];
  /** What it must hear then, since it was said before its birth and holds. */
  standing(id: string, before: ActorState, view: StateView): readonly Told[];
}

/** What is heard, and from whom; null: from outside. */
export interface Told {
  readonly event: EventObject;
  readonly from: string | null;
}

/** An actor's way through one event; `after` null: it is no more. */
export interface Passage {
  readonly before: ActorState;
  readonly after: unknown;
  readonly said: readonly EventObject[];
}

/** A machine with its card, or as much of it as there is. */
export type Member = Pick<AnyCard, 'machine' | 'lives'> & Partial<AnyCard>;

/** Whether time that the process did not have does not count in this delay. */
export function isPatience({ machines }: Pick<Topology, 'machines'>, machine: string, delay: string): boolean {
  return rowOf(rowOf(machines, machine)?.delays ?? {}, delay) === 'patience';
}

/** The one table of who hears what; `topology.ts` is the real one. */
export interface Topology {
  /** The number of this behaviour; left out: it has always been this one. */
  readonly behaviour?: number;
  readonly machines: { readonly [name: string]: Member };
  /** A fact that names an effect gets that effect, as far as it is still open. */
  routeFact(fact: Stamped<Fact>, effect: Effect | undefined, view: StateView): readonly Route[];
  routeSignal(signal: EventObject, from: string, view: StateView): readonly Route[];
  /** What is handed out and comes back; left out: nothing is. */
  readonly lending?: Lending;
  /** Kinds of effect, and whether an outcome is awaited; what is not named here is a signal. */
  readonly effects: { readonly [type: string]: { readonly awaited: boolean } };
}

/** Facts that name the effect which they come of, and whether they end it: forgetting one does not compile. */
const ENDS: { readonly [T in Extract<Fact, { readonly effectId: string }>['type']]: boolean } = {
  'token.fetched': true,
  'token.fetchFailed': true,
  'gateway.discovered': true,
  'gateway.discoveryFailed': true,
  'reply.requested': false,
  'handler.completed': true,
  'handler.failed': true,
  'call.succeeded': true,
  'call.failed': true,
  'external.requested': false,
  'external.succeeded': true,
  'external.failed': true,
  'network.checked': true,
  'channel.checked': true,
  'api.checked': true,
  'process.sampled': true,
  'action.completed': true,
  'effect.interrupted': true,
  'effect.failed': true,
};
/** Facts that end the effect they name. */
export const OUTCOMES: ReadonlySet<string> = new Set(
  Object.entries(ENDS).flatMap(([type, isEnd]) => (isEnd ? [type] : [])),
);
