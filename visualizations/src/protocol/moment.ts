import type { StateValue } from '../../../src/actors/ports.js';
import type { Tone } from '../../../src/machines/vocabulary/card.js';
import type { RecordSummary } from './summary.js';

export type { StateValue, Tone };

/** Body of every answer that is not 2xx. */
export interface ApiError {
  /** One sentence: what is wrong with which value, and what to do. */
  readonly message: string;
}

/** 202: the moment asked for is not folded yet; the server is at it. Ask again, or show how far it is. */
export interface Pending {
  readonly pending: true;
  /** Records still to fold until then, and in all. */
  readonly left: number;
  readonly of: number;
}

/** What is open, for the head of the page. */
export interface Overview {
  /** Id for `journal=`; `main` is the one that the server was started for. */
  readonly journal: string;
  /** For the title: a file name, or an address. */
  readonly name: string;
  /** `live`: records go on coming. `file`: of a process that is gone. `upload`: a stretch opened through the page. */
  readonly kind: 'live' | 'file' | 'upload';
  readonly source: SourceState;
  /** The records that there are; `first` is greater than 1 when older ones are gone. Both 0: no record yet. */
  readonly first: SeqAt;
  readonly last: SeqAt;
  /** Newest last, at most `LIVES_MAX`. */
  readonly lives: readonly Life[];
  readonly indexing: Indexing;
  /** The first record that folds to something else than was recorded, among those indexed so far; null: none. */
  readonly divergence: { readonly seq: number; readonly actor: string } | null;
  /** Names of the machines that there are charts of. */
  readonly machines: readonly string[];
  /**
   * What the states of each machine mean at a glance, by dotted path; what is said of a state holds for those inside
   * it.
   */
  readonly tones: Readonly<Record<string, Readonly<Record<string, Tone>>>>;
  /** What the rule ids mean: `B4` → its sentence. */
  readonly rules: Readonly<Record<string, string>>;
  /** Types of facts and of signals seen so far, for the search box; most frequent first, at most `TYPES_MAX`. */
  readonly types: readonly string[];
  readonly locale: 'en' | 'zh';
  /** Whether `POST /api/operator` reaches a bot; the token is the user's business. */
  readonly operator: boolean;
  /** Whether `/sim/` is there. */
  readonly demoWorld: boolean;
  /** The server's clock: live deadlines count down against it. */
  readonly now: number;
  /** The journals that are open besides. */
  readonly journals: readonly OpenedJournal[];
  readonly version: string;
}
export interface SeqAt {
  readonly seq: number;
  readonly at: number;
}
export interface OpenedJournal {
  readonly journal: string;
  readonly name: string;
  readonly first: SeqAt;
  readonly last: SeqAt;
}
/** One process life of the bot. */
export interface Life {
  readonly epoch: number;
  readonly seq: number;
  readonly at: number;
}
export interface Indexing {
  /** Records indexed, and in all. Equal: done. */
  readonly done: number;
  readonly of: number;
  /** Distance of two kept states, in records: 250, and more only past the memory bound. */
  readonly every: number;
}
/** `damaged`: shown as far as it could be read; `message` says to where and why. */
export interface SourceState {
  readonly state: 'ok' | 'lost' | 'ended' | 'damaged';
  /** When `ok`: null, or what is not as it should be although everything can be shown. */
  readonly message: string | null;
  /** When `damaged`: the first record that cannot be read. */
  readonly seq?: number;
}

/** Everything at one moment. */
export interface Moment {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  /** Actors by machine, those that always live first. */
  readonly groups: readonly ActorGroup[];
  /** How the last record's fact travelled, to be drawn as pulses; empty at moment 0. */
  readonly hops: readonly Hop[];
  /** That record; null at moment 0. */
  readonly record: RecordSummary | null;
}
export interface ActorGroup {
  readonly machine: string;
  /** Actors of this machine that live at this moment. */
  readonly total: number;
  /** State, as its deepest path (`pathOf`) → how many are in it; at most 64 states. */
  readonly byState: Readonly<Record<string, number>>;
  /** The actors themselves, at most `perGroup` (default 50, at most 500), those that changed last first. */
  readonly actors: readonly ActorView[];
}
export interface ActorView {
  readonly id: string;
  readonly machine: string;
  readonly value: StateValue;
  /** When the value last changed. */
  readonly since: number;
  /** The rule that brought it there. */
  readonly rule: string;
  readonly timers: readonly TimerView[];
  /** The actor that it belongs to: a delivery's message, for one. */
  readonly parent: string | null;
  /** `context.reason` where it is a text. */
  readonly reason: string | null;
}
export interface TimerView {
  readonly timer: string;
  readonly dueAt: number;
  /** The record that armed it. */
  readonly armedAtSeq: number;
}

/** One actor at one moment. `null` in `actor`: it does not live then; `ended` tells if it did before. */
export interface ActorDetail {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly actor: ActorView | null;
  readonly ended: { readonly machine: string; readonly value: StateValue; readonly reason: string | null } | null;
  readonly context: BoundedJson | null;
  /** Its effects without an outcome; at most 100. */
  readonly openEffects: readonly OpenEffect[];
}
export interface OpenEffect {
  readonly id: string;
  readonly type: string;
  /** The record that asked for it; null when it is older than what is kept. */
  readonly seq: number | null;
}

/**
 * JSON as it is, cut to size: at most `CONTEXT_BYTES_MAX` of it, long texts, long lists and deep nesting shortened
 * first. Where something is left out stands a text that begins with `CUT` and says how much.
 */
export interface BoundedJson {
  readonly json: unknown;
  /** Size of the whole, in bytes of JSON. */
  readonly bytes: number;
  readonly isCut: boolean;
}
/** Begins the text that stands for what was left out. A user's text that begins so is shown with a space before it. */
export const CUT = '✂';

/**
 * How something travelled within one record, in order: the fact to the actors that the topology names, signals between
 * actors, effects to the outside.
 */
export interface Hop {
  readonly kind: 'fact' | 'signal' | 'effect';
  /** null: from outside. */
  readonly from: string | null;
  /** null: to the outside (an effect). */
  readonly to: string | null;
  /** Type of the fact, signal or effect. */
  readonly event: string;
  /** Index of its first step in the record's `steps`; null: none (an effect, or a signal that nobody hears). */
  readonly step: number | null;
}

/**
 * All active states as dotted paths, outermost first: `{ready: {heartbeat: 'alive'}}` → ready, ready.heartbeat, …; as
 * in `data-state`.
 */
export function pathsOf(value: StateValue, prefix = ''): readonly string[] {
  if (typeof value === 'string') return [prefix + value];
  return Object.entries(value).flatMap(([state, inner]) => [prefix + state, ...pathsOf(inner, `${prefix}${state}.`)]);
}

/** A state in one line: its deepest path; regions of a parallel state side by side, with ` + ` between. */
export function pathOf(value: StateValue): string {
  const paths = pathsOf(value);
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`))).join(' + ');
}

/** Process lives in an `Overview`. */
export const LIVES_MAX = 200;
/** Types in an `Overview`. */
export const TYPES_MAX = 200;
/** Bytes of one `BoundedJson`. */
export const CONTEXT_BYTES_MAX = 256 * 1024;
