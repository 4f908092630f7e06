import { FACT_VERSION, type Fact, type Stamped } from '../machines/facts.js';
import { deepFreeze, loadCheckpoint } from './checkpoint.js';
import { type Divergence, difference } from './difference.js';
import { type Journal, JournalError, type Record } from './ports.js';
import type { Topology } from './routes.js';
import { type Changes, type StateView, SystemState } from './state.js';
import { step } from './step.js';

export interface Folded {
  readonly state: SystemState;
  readonly divergence: Divergence | null;
  /** Records folded; the rest was in the checkpoint. */
  readonly records: number;
}
export interface FoldOptions {
  /** Stop after this seq (default: the end). */
  readonly upTo?: number;
  /** Ignore checkpoints and fold from the first record. */
  readonly fromStart?: boolean;
  /** Told about every this many records. */
  readonly onProgress?: (seq: number) => void;
  /** Compares a record with its recomputation (default: `difference`); for what measures it. */
  readonly compare?: typeof difference;
}

const READ_BATCH = 1_000;

/** The record of a step. */
export function recordOf(fact: Stamped<Fact>, changes: Changes): Record {
  const { id, at: _at, ...payload } = fact;
  const { seq, at, epoch, steps, effects } = changes;
  return { seq, id, at, epoch, fact: { ...payload, ver: FACT_VERSION } as Record['fact'], steps, effects };
}

/** The fact of a record, as the inbox gave it. */
export function factOf(record: Record): Stamped<Fact> {
  const { ver, ...fact } = record.fact;
  if (ver > FACT_VERSION) {
    throw new Error(
      `record ${record.seq}: fact ${fact.type} has version ${ver}, this version reads up to ${FACT_VERSION}; use a newer one`,
    );
  }
  return deepFreeze({ ...fact, id: record.id, at: record.at } as Stamped<Fact>);
}

/**
 * Steps a fact. A step that throws changes nothing but is still a record, with no steps: nothing is lost in silence.
 */
export function stepOrReject(
  topology: Topology,
  view: StateView,
  fact: Stamped<Fact>,
): { changes: Changes; error: unknown } {
  try {
    return { changes: step(topology, view, fact), error: null };
  } catch (error) {
    const at = Math.max(fact.at, view.at);
    const rejected: Changes = {
      seq: view.seq + 1,
      at,
      epoch: view.epoch,
      options: view.options,
      actors: new Map(),
      openEffects: new Map(),
      seen: [],
      ended: [],
      steps: [],
      effects: [],
    };
    return { changes: rejected, error };
  }
}

/**
 * Folds a journal to a state with the options it recorded, comparing each recomputed step and effect with the record.
 * After the first difference the fold goes on without comparing: what follows differs because of it.
 */
export async function fold(journal: Journal, topology: Topology, options: FoldOptions = {}): Promise<Folded> {
  const state = new SystemState();
  const upTo = options.upTo ?? Number.MAX_SAFE_INTEGER;
  const checkpoint = await journal.checkpoint(options.fromStart ? await beforeFirst(journal) : upTo);
  if (checkpoint) loadCheckpoint(state, checkpoint, topology);
  const compare = options.compare ?? difference;
  let divergence: Divergence | null = null;
  let records = 0;
  for (;;) {
    const batch = await journal.read(state.seq, Math.min(READ_BATCH, upTo - state.seq));
    for (const record of batch) {
      if (record.seq !== state.seq + 1)
        throw new JournalError(
          'JOURNAL_CORRUPT',
          `record ${state.seq + 1} is not in this journal; the next one there is ${record.seq}`,
        );
      const { changes } = stepOrReject(topology, state, factOf(record));
      divergence ??= compare(record, changes);
      state.apply(changes);
      records += 1;
    }
    state.merge();
    options.onProgress?.(state.seq);
    if (batch.length === 0 || state.seq >= upTo) return { state, divergence, records };
  }
}

/** 0; of a journal that does not begin with record 1 (an excerpt) what its first checkpoint reaches to. */
async function beforeFirst(journal: Journal): Promise<number> {
  const [first] = await journal.read(0, 1);
  return (first?.seq ?? 1) - 1;
}

/** A message that was seen before enters as the fact that it is: a duplicate. */
export function admit(fact: Stamped<Fact>, state: SystemState): Stamped<Fact> {
  if (fact.type !== 'message.received' || !state.hasSeen(fact.message.id, fact.at)) return fact;
  const { id, at, socket, s } = fact;
  return deepFreeze({ type: 'message.duplicated', socket, s, message: fact.message.id, id, at });
}
