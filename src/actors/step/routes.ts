import type { AnyStateMachine, EventObject } from 'xstate';
import type { Stamped } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts.js';
import type { Effect } from '../ports.js';
import type { StateView } from './state.js';

/** Where one event goes. */
export interface Route {
  readonly to: string;
  /** Replaces the event; a function is asked when the event is delivered, after the deliveries before it. */
  readonly event?: EventObject | ((view: StateView) => EventObject);
  /** Starts the actor when it does not exist; `deliver` then also gives it the event. */
  readonly spawn?: { readonly machine: string; readonly input: object; readonly deliver: boolean };
}

/** The one table of who hears what; `topology.ts` is the real one. */
export interface Topology {
  readonly machines: { readonly [name: string]: { readonly machine: AnyStateMachine; readonly ephemeral: boolean } };
  /** A fact that names an effect gets that effect, as far as it is still open. */
  routeFact(fact: Stamped<Fact>, effect: Effect | undefined, view: StateView): readonly Route[];
  routeSignal(signal: EventObject, from: string, view: StateView): readonly Route[];
  /** Kinds of effect, and whether an outcome is awaited; what is not named here is a signal. */
  readonly effects: { readonly [type: string]: { readonly awaited: boolean } };
}

/** Facts that end the effect they name. */
export const OUTCOMES: ReadonlySet<string> = new Set([
  'token.fetched',
  'token.fetchFailed',
  'gateway.discovered',
  'gateway.discoveryFailed',
  'handler.completed',
  'handler.failed',
  'call.succeeded',
  'call.failed',
  'external.succeeded',
  'external.failed',
  'network.checked',
  'channel.checked',
  'api.checked',
  'process.sampled',
  'action.completed',
  'effect.interrupted',
  'effect.failed',
]);
