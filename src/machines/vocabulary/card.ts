import type { AnyStateMachine } from 'xstate';
import type { Limit } from '../../base/limit.js';
import { nearestRow } from '../kit/byKey.js';
import type { Fact } from './facts/facts.js';
import type { Lease, Self } from './leases.js';
import type { BotOptions } from './options/options.js';
import type { SignalType } from './signals.js';

/**
 * All that is known of a machine outside its chart. Log, checks at a restore, options, inspector, map, CLI and docs
 * read cards and nothing else; a test holds each card against its chart.
 */
export interface Card<C> {
  readonly machine: AnyStateMachine;
  /** Every event that its chart names. */
  readonly events: readonly string[];
  /**
   * `always`: from the first record on; `onDemand`: from when it is first needed, again after an end; `once`: for one
   * message, reply or call.
   */
  readonly lives: 'always' | 'onDemand' | 'once';
  /** Where it stands on the map. */
  readonly group: Group;
  /**
   * What it takes from the options: part of its input at birth, of its context from there on, in a new life and in a
   * what-if.
   */
  readonly options: (options: BotOptions) => object;
  /** Whose time each delay of its chart is (core rule 36). */
  readonly delays: { readonly [delay: string]: Whose };
  /**
   * By dotted path; what is said of a state holds for the states inside it that are not named. Every state is covered.
   */
  readonly states: { readonly [path: string]: StateCard<C> };
  /** Transitions worth a line of the log, by rule id. */
  readonly log: { readonly [rule: string]: LogLine<C> };
  readonly limits: readonly Limit[];
  readonly context: ContextCard<C>;
  /** What it holds and waits for (core rule 30); left out: it asks for nothing that must come back. */
  readonly leases?: (self: Self<C>) => readonly Lease[];
}

/** Actors that belong together, as the map names them. */
export const GROUPS = {
  connection: 'Connection',
  messages: 'Messages',
  replies: 'Replies',
  calls: 'Calls',
  life: 'Life',
  feature: 'Features',
  health: 'Health',
} as const;
export type Group = keyof typeof GROUPS;

/**
 * `patience`: somebody is waited for, outside or in this process; what the process did not have of that time (a blocked
 * event loop, SIGSTOP, a sleeping machine) is not held against him, so the deadline comes by as much later. `schedule`:
 * it comes when it comes.
 */
export type Whose = 'patience' | 'schedule';

/** What a state means to a reader at a glance. */
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle';

export interface StateCard<C> {
  readonly tone: Tone;
  /** Where it is when all is well: what is told of an actor begins where it left this. */
  readonly isRest?: true;
  /** What is waited for in it; left out: nothing that anybody would ask about. */
  readonly wait?: Wait;
  /** Lines of the log when it is entered, and no rule has one: the first whose `from` holds. */
  readonly entered?: readonly EnteredLine<C>[];
}

export const WAITS = [
  'slot',
  'handler',
  'rerun',
  'replies',
  'turn',
  'permit',
  'call',
  'backOff',
  'rungPause',
  'partPause',
  'audit',
  'doubt',
  'external',
  'twin',
] as const;
export type WaitKind = (typeof WAITS)[number];
export interface Wait {
  readonly for: WaitKind;
  /** The signal by which it has asked for it: who heard that is waited for. */
  readonly asked?: SignalType;
  /** Who is waited for, where nobody was asked. */
  readonly on?: string;
}

export interface LogLine<C> {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `{name}` stands for a field. */
  readonly text: string;
  readonly fields?: (seen: Seen<C>) => { readonly [name: string]: unknown };
  /** Where the code that QQ refused with has words of its own, they stand instead of the text. */
  readonly isToldByCode?: true;
}
export interface EnteredLine<C> extends LogLine<C> {
  /** States it came from, by the first part of their paths; left out: from any other. `null`: birth. */
  readonly from?: readonly (string | null)[];
}
/** What a line may tell: the actor after the step, and the fact. */
export interface Seen<C> {
  readonly id: string;
  /** null: it has ended. */
  readonly context: C | null;
  readonly fact: Fact;
  /** Seconds until one of its timers, to a tenth; 0 when it does not run. */
  readonly secondsUntil: (timer: string) => number;
  /** Of one that has ended: the reason that it gave. */
  readonly reason: string | null;
}

/**
 * What is known of a machine's context beside its chart. The context of a birth gives each field its kind and its
 * default; said here is only what a birth does not show.
 */
export interface ContextCard<C> {
  /**
   * Input of a birth beside id, time, options and needed fields, as far as it can be told of an actor that is restored.
   */
  readonly born?: (known: Known<C>) => object;
  /** Each field that may be null, with an example of each kind that it may have else. */
  readonly nullable: { readonly [K in NullableKey<C>]: readonly NonNullable<C[K]>[] };
  /** Each field that may be left out, with an example. */
  readonly optional: { readonly [K in OptionalKey<C>]: NonNullable<C[K]> };
  /** Fields that nothing can stand for, each with an example: an actor without one cannot be restored. */
  readonly needed: Partial<C>;
}
export interface Known<C> {
  /** The actor's own id. */
  readonly id: string;
  /** Time of the checkpoint, ms since 1970. */
  readonly at: number;
  /** The needed fields, as the checkpoint has them. */
  readonly needed: C;
}
type OptionalKey<C> = { [K in keyof C]-?: object extends Pick<C, K> ? K : never }[keyof C];
type NullableKey<C> = { [K in keyof C]-?: null extends C[K] ? K : never }[keyof C];

/** The card of whatever machine. */
export type AnyCard = Omit<Card<never>, 'context'> & { readonly context: AnyContextCard };
export interface AnyContextCard {
  readonly born?: (known: Known<never>) => object;
  readonly nullable: object;
  readonly optional: object;
  readonly needed: object;
}

/** What the card says of a state: of itself, or of the nearest one around it. `path`: dotted. */
export function stateCard({ states }: Pick<AnyCard, 'states'>, path: string): StateCard<never> | undefined {
  return nearestRow(states, path, '.');
}
