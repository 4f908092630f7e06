import { type DeadlineQueue, takeFirst, type Waiter } from '../kit/deadlineQueue.js';
import type { BotOptions } from '../vocabulary/options/options.js';

/** Targets (channels, users) whose failures are remembered; past it the one that failed longest ago is forgotten. */
export const TARGETS_MAX = 64;

interface FailingTarget {
  readonly target: string;
  /** Failures since it last answered. */
  readonly failures: number;
  readonly at: number;
  /** When it began to fail; left out: as `at`. */
  readonly since?: number;
  /**
   * An outage has ended since its only failure: the next one counts like a first, and those after it are known; left
   * out: no.
   */
  readonly pardoned?: true;
}

/**
 * What is known of single targets: which fail, and that others answer. Nothing is kept of one that answers but its
 * name.
 */
export interface Targets {
  /** Those that have failed since they last answered, the last failure last. */
  readonly failing: readonly FailingTarget[];
  /** The last two that answered, the latest first: for whichever fails, one of them is another. */
  readonly answered: readonly { readonly target: string; readonly at: number }[];
  /** All failures that opened the breaker were of this one; null: of several, or it is not open. */
  readonly culprit: string | null;
  /** Whom the present probe calls. */
  readonly probed: string | null;
}
export const noTargets: Targets = { failing: [], answered: [], culprit: null, probed: null };

/** Null: targets are not told apart here. */
export function targetIn(
  options: BotOptions['circuitBreaker'],
  { target }: { readonly target?: string },
): string | null {
  // Lives that did not know the option told none apart.
  return options.targetFailures === 'once' && target ? target : null;
}

/**
 * It fails on, and another one has answered since it began, within the window: this failure says nothing new about the
 * API.
 */
export function isKnownToFail({ failing, answered }: Targets, target: string, since: number): boolean {
  const known = failing.find((one) => one.target === target);
  if (!known || known.pardoned) return false;
  const { at, since: began = at } = known;
  return answered.some((one) => one.target !== target && one.at > since && one.at >= began);
}

export function withFailure(targets: Targets, target: string, at: number): Targets {
  const others = targets.failing.filter((one) => one.target !== target);
  const known = targets.failing.find((one) => one.target === target);
  const failing = { target, failures: (known?.failures ?? 0) + 1, at, since: known?.since ?? known?.at ?? at };
  return { ...targets, failing: [...others.slice(1 - TARGETS_MAX), failing] };
}

export function withAnswer(targets: Targets, target: string, at: number): Targets {
  const [latest] = targets.answered;
  const other = latest?.target === target ? targets.answered[1] : latest;
  const answered = other ? [{ target, at }, other] : [{ target, at }];
  const { failing } = targets;
  const isFailing = failing.some((one) => one.target === target);
  return { ...targets, answered, failing: isFailing ? failing.filter((one) => one.target !== target) : failing };
}

/** The only target that has failed since then; null: none or several. */
export function culpritOf({ failing }: Targets, since: number): string | null {
  const late = failing.filter(({ at }) => at > since);
  return late.length === 1 ? late[0]!.target : null;
}

/**
 * An outage is over: of what failed once in it the next failure counts again, what failed again and again goes on to be
 * known for it. Forgotten it is not: of several that fail on each would end every slow start with a first failure, for
 * ever.
 */
export function afterOutage(targets: Targets): Targets {
  const failing = targets.failing.map((one) => (one.failures > 1 ? one : { ...one, pardoned: true as const }));
  return { ...targets, failing, culprit: null, probed: null };
}

/** Someone waits who calls another target than this one. */
export function isAnyElsewhere({ chunks }: DeadlineQueue, culprit: string): boolean {
  return chunks.some((chunk) => chunk.some(({ target }) => target !== culprit));
}

/**
 * Who gives way to one of another target where the line is full: the last of the one target to blame; null: nobody
 * does.
 */
export function givesWay(
  {
    waiting,
    options,
    targets = noTargets,
  }: {
    readonly waiting: DeadlineQueue;
    readonly options: BotOptions['circuitBreaker'];
    readonly targets?: Targets;
  },
  { target }: Waiter,
): Waiter | null {
  const { culprit } = targets;
  if (waiting.size < options.waitingMax || culprit === null || target === culprit) return null;
  for (const chunk of waiting.chunks.toReversed()) {
    const last = chunk.findLast((waiter) => waiter.target === culprit);
    if (last) return last;
  }
  return null;
}

/**
 * Who probes: the earliest deadline among targets that have not failed, else the target whose failure is longest ago.
 */
export function takeProbe(
  waiting: DeadlineQueue,
  { failing }: Targets,
): { readonly taken: readonly Waiter[]; readonly rest: DeadlineQueue } {
  if (failing.length === 0) return takeFirst(waiting, () => 0);
  const ranks = new Map(failing.map(({ target }, n) => [target, n + 1]));
  return takeFirst(waiting, ({ target }) => (target === undefined ? 0 : (ranks.get(target) ?? 0)));
}
