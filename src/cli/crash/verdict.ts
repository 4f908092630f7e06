import type { JournalFindings, Verdicts } from '../world/judge.js';
import { extraOf, isComplete, isKeyed, type Sent } from './workload.js';

/** What became of all messages and all kills. Times in ms. */
export interface CrashResult extends Verdicts {
  readonly killed: number;
  /** Of kinds that QQ takes once under a key: 0. */
  readonly duplicatesKeyed: number;
  readonly uncertainKeyed: number;
  /** Calls that were durable and had no durable outcome when a process died, over all kills (by the journal). */
  readonly inFlightAtKills: number;
  /** Kills while the inspector's page was open. */
  readonly pagesAtKills: number;
  /** Operator's actions through the page, and readings of the journal by a command, in lives that a kill ended. */
  readonly operationsAtKills: number;
  readonly readingsAtKills: number;
  /** Calls that a foreign API, uploads that the platform had not answered at the kills. */
  readonly externalsAtKills: number;
  readonly uploadsAtKills: number;
  /** Readings that ended otherwise than with 0, and records told to the page that the journal has not: 0. */
  readonly readingsFailed: number;
  readonly pageInVain: number;
  /** From the start of a process to its first request: it has folded its journal and acts. */
  readonly restartMsP50: number;
  readonly restartMsP99: number;
  readonly restartMsMax: number;
  /** What `restartMsP99` is held against. */
  readonly restartMaxMs: number;
  /** From the start of a process to its handshake with the gateway. */
  readonly handshakeMsP50: number;
  readonly handshakeMsP99: number;
  readonly [more: string]: unknown;
}

/** A restart is to be over, but for the handshake, within this, on a machine that is not overloaded. */
const RESTART_MAX_MS = 2_000;
/** So many kills have seen everything that is to be under way at one. */
const ALL_SEEN_AFTER = 20;

/** Counts by the ledger of the platform; what users cannot see (silence, refusal) by the journal. */
export function judgeAll(sent: readonly Sent[], ends: ReadonlyMap<string, string>) {
  const count = { answered: 0, silent: 0, refused: 0, deadLettered: 0, uncertain: 0 };
  let [duplicates, duplicatesKeyed, uncertainKeyed] = [0, 0, 0];
  const lost: string[] = [];
  for (const one of sent) {
    const extra = extraOf(one);
    duplicates += extra;
    if (isKeyed(one.kind)) duplicatesKeyed += extra;
    const end = ends.get(one.id);
    if (end === 'uncertain' && isKeyed(one.kind)) uncertainKeyed += 1;
    if (end === 'uncertain' || end === 'refused' || end === 'silent' || end === 'deadLettered') count[end] += 1;
    else if (isComplete(one) && one.replies > 0) count.answered += 1;
    else lost.push(one.id);
  }
  return {
    received: sent.length,
    ...count,
    duplicates,
    duplicatesKeyed,
    uncertainKeyed,
    lost: lost.length,
    lostIds: lost,
  };
}

/** Where more processes want to run than there are processors, everything takes as much longer. */
export function restartMaxMs(loadPerCore: number): number {
  return Math.round(RESTART_MAX_MS * Math.max(1, loadPerCore));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** The promises that do not hold; empty: all do. */
export function brokenPromises(result: CrashResult, findings: JournalFindings): readonly string[] {
  const { inFlightAtKills: bound } = result;
  return [
    result.lost === 0 ? '' : `${result.lost} messages are lost`,
    result.duplicatesKeyed === 0 ? '' : `${result.duplicatesKeyed} replies came twice where QQ has a key`,
    result.uncertainKeyed === 0 ? '' : `${result.uncertainKeyed} messages are uncertain where QQ has a key`,
    result.uncertain <= bound ? '' : `${result.uncertain} messages are uncertain, ${bound} calls were in flight`,
    result.duplicates <= bound ? '' : `${result.duplicates} replies came twice, ${bound} calls were in flight`,
    result.restartMsP99 <= result.restartMaxMs
      ? ''
      : `a restart took ${result.restartMsP99} ms (p99), ${result.restartMaxMs} are allowed`,
    findings.deadlinesMoved === 0 ? '' : `${findings.deadlinesMoved} deadlines moved with a restart`,
    findings.divergence === null ? '' : `refolding differs: ${findings.divergence}`,
    result.readingsFailed === 0 ? '' : `${result.readingsFailed} times the journal could not be read beside the bot`,
    result.pageInVain === 0 ? '' : `the page was told ${result.pageInVain} records that the journal does not have`,
    ...(result.killed < ALL_SEEN_AFTER ? [] : neverSeen(result, findings)),
  ].filter((promise) => promise !== '');
}

/** What no kill came upon: then it proves less than it says. */
function neverSeen(result: CrashResult, { killsWhileOpen }: JournalFindings): readonly string[] {
  const seen = [
    [killsWhileOpen, 'while the breaker was open'],
    [result.pagesAtKills, "while the inspector's page was open"],
    [result.operationsAtKills, 'after an operator had acted'],
    [result.readingsAtKills, 'while a command read the journal'],
    [result.externalsAtKills, 'while an external call was in flight'],
    [result.uploadsAtKills, 'while an upload was in flight'],
  ] as const;
  return seen.filter(([count]) => count === 0).map(([, when]) => `no kill came ${when}`);
}
