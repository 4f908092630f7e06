import type { EventObject } from 'xstate';
import type { MachineName } from '../../../machines/cards.js';
import { nearestRow } from '../../../machines/kit/byKey.js';
import type { Stamped } from '../../../machines/vocabulary/base.js';
import type { EffectType } from '../../../machines/vocabulary/effects.js';
import type { Fact, FactType } from '../../../machines/vocabulary/facts/facts.js';
import type { Signal, SignalType } from '../../../machines/vocabulary/signals.js';
import type { Effect } from '../../ports.js';
import type { Route } from '../../step/routes.js';
import type { StateView } from '../../step/state.js';

/** Actors, by the machine that each is an instance of; of a kind of many, what their ids begin with. */
export const ACTORS = {
  bot: 'bot',
  token: 'accessToken',
  gateway: 'gateway',
  intake: 'intake',
  message: 'message',
  interaction: 'interaction',
  delivery: 'delivery',
  lane: 'lane',
  audits: 'audits',
  ownMessages: 'ownMessages',
  external: 'externalCall',
  'breaker:messages': 'circuitBreaker',
  'breaker:operator': 'operatorBreaker',
  'breaker:reads': 'circuitBreaker',
  'breaker:uploads': 'circuitBreaker',
  'breaker:external': 'circuitBreaker',
  feature: 'feature',
  health: 'health',
  recovery: 'recovery',
} as const satisfies { readonly [actor: string]: MachineName };
export type Actor = keyof typeof ACTORS;

/** The machine that an actor is an instance of, by its id; null: of none that this version has. */
export function machineOf(id: string): MachineName | null {
  return nearestRow<MachineName>(ACTORS, id, ':') ?? null;
}

/** The world around: what facts come from and effects go to. */
export const OUTSIDE = {
  qqGateway: 'QQ gateway',
  qqApi: 'QQ API',
  author: 'your handlers',
  foreignApi: 'foreign APIs',
  process: 'this process',
  operator: 'operator',
} as const;
export type Outside = keyof typeof OUTSIDE;
export type Place = Actor | Outside;
/** Where a row leads: a place, one actor of a kind, or whatever actor it concerns (`any`: the map does not draw it). */
export type Target = Place | `feature:${string}` | `health:${string}` | 'any';

/**
 * A named word of a row. `cause`: of a fact the effect that it names and that is still open, of a signal its sender's
 * id.
 */
export type Word<E, C, R> = (event: E, view: StateView, cause: C) => R;

/** One way of an event. It has a rule exactly where it decides or changes something. */
export interface Row<E, C> {
  readonly to: Target | readonly Target[];
  /** Who sends it this way; left out: all that the entry names. */
  readonly from?: readonly Place[];
  /** Rule id and what it does, for docs and map. */
  readonly rule?: `P${number} ${string}`;
  readonly when?: Word<E, C, boolean>;
  /** The ids it goes to; left out: `to` is the id. */
  readonly ids?: Word<E, C, string | readonly string[]>;
  /** The name under which it is heard, where that is another one; several only beside an `event` that chooses. */
  readonly as?: string | readonly string[];
  /** What is heard instead. */
  readonly event?: Word<E, C, object>;
  /** Asked when it is delivered, after the deliveries before it. */
  readonly lateEvent?: Word<E, C, (now: StateView) => object>;
  /** Who is born of it, or hears it when he lives already. */
  readonly born?: Word<E, C, readonly Route[]>;
}
/** Who hears one fact or signal, in the order in which they hear it. `from` null: made by the runtime, of any actor. */
export interface Entry<E, C> {
  readonly from: readonly Place[] | null;
  readonly rows: readonly Row<E, C>[];
}
type Named<U, T> = U extends { readonly type: infer K } ? (T extends K ? U : never) : never;
export type FactWord<T extends FactType, R> = Word<Stamped<Named<Fact, T>>, Effect | undefined, R>;
export type SignalWord<T extends SignalType, R> = Word<Named<Signal, T>, string, R>;
/** One entry for each fact: forgetting one does not compile. */
export type FactRows = { readonly [T in FactType]: Entry<Stamped<Named<Fact, T>>, Effect | undefined> };
/** One entry for each signal: forgetting one does not compile. */
export type SignalRows = { readonly [T in SignalType]: Entry<Named<Signal, T>, string> };
/**
 * One entry for each kind of effect. An awaited one stays open until its outcome; when the process dies first,
 * `effect.interrupted` goes to the actor that asked: token, discovery and handlers are repeated, a call becomes
 * uncertain.
 */
export type EffectRows = {
  readonly [T in EffectType]: {
    readonly awaited: boolean;
    readonly from: readonly Place[];
    readonly to: readonly Outside[];
  };
};

export const to = (id: string, event: object): Route => ({ to: id, event: event as EventObject });

type Routing<C> = Word<EventObject, C, readonly Route[]>;
/** Adds the ways of one row: all of an event's are gathered in one list. */
type Way<C> = (routes: Route[], event: EventObject, view: StateView, cause: C) => void;
const NOBODY: readonly Route[] = [];

/** A table as code. A type that it does not know is heard by nobody. */
export function routingOf<C>(table: { readonly [type: string]: Entry<never, C> }): Routing<C> {
  const ways = new Map(
    Object.entries(table).map(([type, { rows }]) => [type, (rows as readonly Row<EventObject, C>[]).map(wayOf)]),
  );
  return (event, view, cause) => {
    const found = ways.get(event.type);
    if (found === undefined || found.length === 0) return NOBODY;
    const routes: Route[] = [];
    for (const way of found) way(routes, event, view, cause);
    return routes;
  };
}

function wayOf<C>(row: Row<EventObject, C>): Way<C> {
  const { when } = row;
  const way = unconditional(row);
  return when
    ? (routes, event, view, cause) => void (when(event, view, cause) && way(routes, event, view, cause))
    : way;
}

function unconditional<C>({ to: target, ids, as, event: made, lateEvent, born }: Row<EventObject, C>): Way<C> {
  if (born) return (routes, event, view, cause) => void routes.push(...born(event, view, cause));
  const renamed = as === undefined || made ? undefined : { type: as as string };
  const targets = [target].flat();
  const fixed = targets.map((id) => routeTo(id, renamed));
  const heardAs = (lateEvent ?? made) as Word<EventObject, C, Route['event']> | undefined;
  if (!ids && !heardAs) return (routes) => void routes.push(...fixed);
  return (routes, event, view, cause) => {
    const found = ids ? ids(event, view, cause) : targets;
    if (typeof found === 'string') routes.push(routeTo(found, heardAs ? heardAs(event, view, cause) : renamed));
    else if (found.length > 0) {
      const heard = heardAs ? heardAs(event, view, cause) : renamed;
      for (const id of found) routes.push(routeTo(id, heard));
    }
  };
}

const routeTo = (id: string, event: Route['event']): Route => (event === undefined ? { to: id } : { to: id, event });

/** A rule of the topology as docs and map tell it. */
export interface RowRule {
  readonly rule: string;
  readonly event: string;
  readonly when: string;
  readonly to: string;
  readonly as: string;
  readonly what: string;
}
export function ruleTable(tables: readonly { readonly [type: string]: Entry<never, never> }[]): RowRule[] {
  const rules = new Map<string, RowRule>();
  for (const [event, { rows }] of tables.flatMap((table) => Object.entries(table))) {
    for (const { rule, when, to: target, as = [] } of rows) {
      if (rule === undefined) continue;
      const [id = '', ...what] = rule.split(' ');
      const events = rules.get(rule)?.event.split(', ') ?? [];
      const told = {
        rule: id,
        when: when?.name ?? '',
        to: [target].flat().join(', '),
        as: [as].flat().join(', '),
        what: what.join(' '),
      };
      rules.set(rule, { ...told, event: [...events, event].join(', ') });
    }
  }
  return [...rules.values()].sort((a, b) => Number(a.rule.slice(1)) - Number(b.rule.slice(1)));
}
