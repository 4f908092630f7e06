import { difference } from '../../actors/fold/difference.js';
import { refold } from '../../actors/fold/refold.js';
import type { Record } from '../../actors/ports.js';
import { contextOf } from '../../actors/step/reading.js';
import { SystemState, type Timer } from '../../actors/step/state.js';
import { topology } from '../../actors/wiring/topology.js';
import { storeOf } from '../../adapters/journal/storeOf.js';
import { deadLettersOf } from '../../machines/intake/deadLetters.js';
import type { Reply } from '../../simulator/world/ledger.js';

/** What became of every message, counted from outside the bot. */
export interface Verdicts {
  readonly received: number;
  readonly answered: number;
  readonly silent: number;
  readonly refused: number;
  readonly deadLettered: number;
  /** Ended without knowing whether a reply was shown once, twice or never. */
  readonly uncertain: number;
  /** Accepted replies beyond the one that a message should get. */
  readonly duplicates: number;
  /** Messages that are in none of the groups above. */
  readonly lost: number;
}
/** What the journal itself shows about kills. */
export interface JournalFindings {
  readonly ends: ReadonlyMap<string, string>;
  /** Dead letters and their reasons. */
  readonly dead: readonly { readonly message: string; readonly reason: string }[];
  readonly records: number;
  readonly lives: number;
  /** Calls that were under way when a process died, over all kills. */
  readonly callsCutOff: number;
  /** Breaker deadlines that a new life changed; must be 0. */
  readonly deadlinesMoved: number;
  /** Kills that came while the main breaker was open. */
  readonly killsWhileOpen: number;
  readonly breakerOpened: number;
  /** Features that were off and came back by themselves. */
  readonly featureRestored: number;
  /** Null: refolding gave the same bytes. */
  readonly divergence: string | null;
  /** Where received was not answered + silent + refused + deadLettered + uncertain + in hand. */
  readonly account: readonly string[];
}

/** Refolds a whole journal, comparing every step, and notes what the judge needs. */
export async function examine(address: string): Promise<JournalFindings> {
  const journal = await storeOf(address).openReader();
  const state = new SystemState();
  const ends = new Map<string, string>();
  const found = {
    records: 0,
    lives: 0,
    callsCutOff: 0,
    deadlinesMoved: 0,
    killsWhileOpen: 0,
    breakerOpened: 0,
    featureRestored: 0,
    divergence: null as string | null,
    account: [] as string[],
  };
  try {
    for (let batch = await journal.read(0, 1_000); batch.length > 0; batch = await journal.read(state.seq, 1_000)) {
      for (const record of batch) {
        const before = state.actor('breaker:messages')?.timers.openMs;
        if (record.fact.type === 'effect.interrupted' && state.openEffect(record.fact.effectId)?.type === 'call.start')
          found.callsCutOff += 1;
        const changes = refold(topology, state, record);
        const differs = difference(topology, record, changes);
        if (differs)
          found.divergence ??= `seq ${differs.seq}, ${differs.actor}: recorded ${differs.recorded}, recomputed ${differs.recomputed}`;
        state.apply(changes);
        if (record.fact.type === 'run.started') {
          found.lives += 1;
          if (before !== undefined) found.killsWhileOpen += 1;
          found.deadlinesMoved += isMoved(before, state.actor('breaker:messages')?.timers.openMs) ? 1 : 0;
        }
        note(record, ends, found);
        found.records += 1;
      }
      state.merge();
      const gap = accountGap(state);
      if (gap) found.account.push(`seq ${state.seq}: ${gap}`);
    }
  } finally {
    await journal.close();
  }
  return { ...found, ends, dead: deadOf(state) };
}

function note(
  record: Record,
  ends: Map<string, string>,
  found: { breakerOpened: number; featureRestored: number },
): void {
  for (const { actor, from, to } of record.steps) {
    if (actor.startsWith('message:') && typeof to === 'string') ends.set(messageOf(actor), to);
    if (actor.startsWith('feature:') && to === 'enabled' && (from === 'restoring' || from === 'suspended'))
      found.featureRestored += 1;
    if (actor === 'breaker:messages' && to === 'open' && from === 'closed') found.breakerOpened += 1;
  }
}

/** A message that an operator had handled again (`message:ID~1`) is the same message. */
function messageOf(actor: string): string {
  return actor.slice('message:'.length).replace(/~\d+$/, '');
}

/** core rule 28. */
function accountGap(state: SystemState): string | null {
  const context = contextOf(state.actor('intake'), 'intake');
  if (!context) return null;
  const { received, inHand, ended } = context;
  const sum = Object.values(ended).reduce((total, n) => total + n, inHand);
  return received === sum ? null : `received ${received}, accounted for ${sum}`;
}

/** The last ones, as many as the desk keeps. */
function deadOf(state: SystemState): JournalFindings['dead'] {
  return deadLettersOf(contextOf(state.actor('intake'), 'intake'));
}

function isMoved(before: Timer | undefined, after: Timer | undefined): boolean {
  return before !== undefined && JSON.stringify(before) !== JSON.stringify(after);
}

/** Counts messages by the ledger of the platform; what users cannot see (silence, refusal) by the journal. */
export function judge(ids: readonly string[], replies: readonly Reply[], ends: ReadonlyMap<string, string>): Verdicts {
  const accepted = new Map<string, number>();
  for (const reply of replies) {
    if (reply.accepted && reply.msgId !== null) accepted.set(reply.msgId, (accepted.get(reply.msgId) ?? 0) + 1);
  }
  const count = { answered: 0, silent: 0, refused: 0, deadLettered: 0, uncertain: 0, duplicates: 0 };
  for (const id of ids) {
    const seen = accepted.get(id) ?? 0;
    const end = ends.get(id);
    count.duplicates += Math.max(0, seen - 1);
    if (end === 'uncertain' || end === 'refused' || end === 'silent' || end === 'deadLettered') count[end] += 1;
    else if (seen > 0) count.answered += 1;
  }
  const { answered, silent, refused, deadLettered, uncertain } = count;
  return { received: ids.length, ...count, lost: ids.length - answered - silent - refused - deadLettered - uncertain };
}
