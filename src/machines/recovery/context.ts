import type { RecoveryAction, Stamp } from '../vocabulary/base.js';
import type { CheckFact } from '../vocabulary/facts/checkFacts.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';

export interface RecoveryInput {
  readonly options: BotOptions['recovery'];
}
/** What an action's past allows: its last run, its present cool-down, and its runs of the last hour. */
export interface ActionPast {
  readonly coolMs: number;
  readonly runs: readonly number[];
}
export type RecoveryVerdict = 'well' | 'network' | 'memory' | 'auth' | 'remote';

export interface RecoveryContext {
  readonly options: BotOptions['recovery'];
  /** Results of the present diagnosis; null: not there yet. */
  readonly network: { readonly ok: boolean; readonly code: string | null; readonly latencyMs: number } | null;
  readonly memory: { readonly ok: boolean; readonly heapShare: number; readonly loopP99Ms: number } | null;
  readonly api: {
    readonly class: string;
    readonly status: number | null;
    readonly code: number | string | null;
  } | null;
  /** Bad samples of the process in a row. */
  readonly badSamples: number;
  /** Of the last whole diagnosis. */
  readonly verdict: RecoveryVerdict | null;
  readonly checkedAt: number;
  /** Actions taken since things were last well. */
  readonly tried: readonly RecoveryAction[];
  readonly past: Readonly<Partial<Record<RecoveryAction, ActionPast>>>;
  readonly isReduced: boolean;
  readonly isAlerted: boolean;
  readonly waitMs: number;
}
export type RecoveryEvent = (
  | CheckFact
  | FactOf<'effect.failed'>
  | FactOf<'effect.interrupted'>
  | FactOf<'run.started'>
  | Extract<Signal, { type: 'gateway.readied' | 'drain.started' | 'health.changed' }>
) &
  Stamp;

export const emptyContext: RecoveryContext = {
  options: defaultOptions.recovery,
  network: null,
  memory: null,
  api: null,
  badSamples: 0,
  verdict: null,
  checkedAt: 0,
  tried: [],
  past: {},
  isReduced: false,
  isAlerted: false,
  waitMs: 0,
};

const HOUR_MS = 3_600_000;

/**
 * One verdict, by the most basic part that fails. `remote`: only QQ's side fails, so waiting is the right thing to do.
 */
export function verdictOf({ network, api, badSamples, options }: RecoveryContext): RecoveryVerdict {
  if (network && !network.ok) return 'network';
  if (badSamples >= options.samplesMax) return 'memory';
  if (api?.class === 'auth') return 'auth';
  if (api && api.class !== 'ok') return 'remote';
  return 'well';
}

/**
 * Whether the action may run now: not tried in vain since things were well, cooled down, and not too often in an hour.
 */
export function mayRun(context: RecoveryContext, action: RecoveryAction, at: number): boolean {
  if (context.tried.includes(action) || (action === 'reduceLoad' && context.isReduced)) return false;
  const past = context.past[action];
  const last = past?.runs.at(-1);
  if (!past || last === undefined) return true;
  const lastHour = past.runs.filter((run) => at - run < HOUR_MS).length;
  return at - last >= past.coolMs && lastHour < context.options.actionsMax;
}

/** The context after the action has been started. Its cool-down doubles, and begins anew after a quiet hour. */
export function afterRun(context: RecoveryContext, action: RecoveryAction, at: number): Partial<RecoveryContext> {
  const { coolDownMs, actionsMax } = context.options;
  const past = context.past[action];
  const isQuiet = past === undefined || at - (past.runs.at(-1) ?? 0) >= HOUR_MS;
  const coolMs = isQuiet ? coolDownMs : past.coolMs * 2;
  const runs = [...(past?.runs ?? []), at].slice(-actionsMax);
  return { tried: [...context.tried, action], past: { ...context.past, [action]: { coolMs, runs } } };
}

type Sample = FactOf<'process.sampled'>;
export const isHeapWell = ({ heapShare }: Pick<Sample, 'heapShare'>, { heapMax }: BotOptions['recovery']): boolean =>
  heapShare <= heapMax;
export const isLoopWell = ({ loopP99Ms }: Pick<Sample, 'loopP99Ms'>, options: BotOptions['recovery']): boolean =>
  loopP99Ms <= options.loopP99Ms;

/** The sample as good or bad, and the bad ones in a row. */
export function sampled(
  context: RecoveryContext,
  { heapShare, loopP99Ms }: FactOf<'process.sampled'>,
): Pick<RecoveryContext, 'memory' | 'badSamples'> {
  const ok = isHeapWell({ heapShare }, context.options) && isLoopWell({ loopP99Ms }, context.options);
  return { memory: { ok, heapShare, loopP99Ms }, badSamples: ok ? 0 : context.badSamples + 1 };
}

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ recovery }: BotOptions): Pick<RecoveryContext, 'options'> => ({ options: recovery });
