import type { OperatorFact } from '../../../machines/vocabulary/facts/operatorFacts.js';

/** What is wrong with the outside for a while. */
export interface Weather {
  /** Calls fail, external APIs too. */
  readonly outage?: true;
  /** Calls take long. */
  readonly slow?: true;
  /** Every form but text is refused. */
  readonly forms?: true;
  readonly throttle?: true;
  readonly gateway?: true;
  readonly network?: true;
  readonly memory?: true;
  readonly auth?: true;
  /** Pictures cannot be uploaded. */
  readonly uploads?: true;
  /** What is sent to this channel, group or user fails. */
  readonly target?: string;
  /** Share of calls that fail at any time. */
  readonly noise: number;
}
export const WEATHERS = [
  'outage',
  'slow',
  'forms',
  'throttle',
  'gateway',
  'network',
  'memory',
  'auth',
  'uploads',
] as const;
/** Who fails when one alone does. */
export const TARGETS = ['guild0', 'guild1', 'direct0', 'group0', 'group1', 'c2c0'] as const;

/**
 * Where a process dies. `idle`: between two facts. `beforeAppend`: it had read a fact and not journaled it.
 * `beforeAct`: the fact was journaled and nothing done about it. `uploading`, `sending`: the next time that a reply
 * does so.
 */
export const MOMENTS = ['idle', 'beforeAppend', 'beforeAct', 'uploading', 'sending'] as const;
export type Moment = (typeof MOMENTS)[number];

/** The life after a death: which options of the plan, and whether its charts count as changed. */
export interface NextLife {
  readonly downMs: number;
  readonly options: number;
  readonly charts: 'same' | 'changed';
}
export type OperatorAct = Exclude<OperatorFact['type'], 'operator.forced' | 'operator.unforced' | 'operator.retried'>;

/**
 * One thing that is done to the bot from outside at a time (ms since the run began); what it does about it is the test.
 */
export type Act = { readonly at: number } & (
  | { readonly kind: 'message'; readonly n: number }
  | { readonly kind: 'weather'; readonly weather: Weather }
  | { readonly kind: 'kill'; readonly moment: Moment; readonly next: NextLife }
  | { readonly kind: 'stop'; readonly next: NextLife }
  | { readonly kind: 'close'; readonly code: number }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'invalidate' }
  | { readonly kind: 'platformEvent'; readonly n: number }
  /** An actor of this machine is taken out; `luck` says which. */
  | { readonly kind: 'quarantine'; readonly machine: string; readonly luck: number }
  | { readonly kind: 'operate'; readonly what: OperatorAct; readonly breaker: string }
  | {
      readonly kind: 'force';
      readonly feature: 'richEmbeds' | 'fileUploads' | 'externalApiCalls';
      readonly on: boolean | null;
    }
  | { readonly kind: 'recover'; readonly force: boolean }
  | { readonly kind: 'retry'; readonly luck: number }
  /** The process does nothing for so long. `timersFirst`: what fell due meanwhile comes before what arrived. */
  | { readonly kind: 'stall'; readonly ms: number; readonly timersFirst: boolean }
  | { readonly kind: 'tokenLost' }
  /** The heap is nearly full for so long. */
  | { readonly kind: 'tighten'; readonly forMs: number }
  /** The machine's clock is set. */
  | { readonly kind: 'clockStep'; readonly ms: number }
);
export type ActKind = Act['kind'];

/** What a run does, whole: it can be made from a seed, shortened, and done again. */
export interface Plan {
  readonly seed: number;
  readonly durationMs: number;
  readonly acts: readonly Act[];
}
