import { type Checkpoint, CheckpointDamage, type Journal, JournalError } from '../ports.js';
import type { Topology } from '../step/routes.js';
import { SystemState } from '../step/state.js';
import { CheckpointError, loadingOf } from './checkpoint.js';
import { anyDifference, type Divergence, difference } from './difference.js';
import { isForeign, refold } from './refold.js';

export interface Folded {
  readonly state: SystemState;
  readonly divergence: Divergence | null;
  /** Records folded; the rest was in the checkpoint. */
  readonly records: number;
  /** Of the code that wrote the last record; null: nothing has been written. */
  readonly machineVersions: { readonly [machine: string]: string } | null;
  /** Checkpoints that could not be used, newest first, and why. */
  readonly passedOver: readonly string[];
}
export interface FoldOptions {
  /** Stop after this seq (default: the end). */
  readonly upTo?: number;
  /** Ignore checkpoints and fold from the first record. */
  readonly fromStart?: boolean;
  /** Start from a checkpoint no newer than this seq (default: `upTo`). */
  readonly checkpointUpTo?: number;
  /** Records read and folded at once (default 1,000). */
  readonly slice?: number;
  /** Waited for between slices, and before a checkpoint is loaded, so that a long fold leaves room for others. */
  readonly pause?: () => Promise<void>;
  /** Told after every slice. */
  readonly onProgress?: (seq: number) => void;
  /** Compares a record with its recomputation (default: `difference`); for what measures it. */
  readonly compare?: typeof difference;
}

const READ_BATCH = 1_000;

/**
 * Folds a journal to a state with the options it recorded, comparing each recomputed step and effect with the record.
 * After the first difference the fold goes on without comparing: what follows differs because of it. What was written
 * under another behaviour is not compared, nor what follows once such a record would go otherwise today.
 *
 * Starts from the newest checkpoint that can be read and fits the present charts; else from the first record, provided
 * that refolding then agrees with what was recorded. Else throws CheckpointError of the newest one. Throws
 * JournalError.
 */
export async function fold(journal: Journal, topology: Topology, options: FoldOptions = {}): Promise<Folded> {
  const upTo = options.upTo ?? Number.MAX_SAFE_INTEGER;
  const checkpointUpTo = options.fromStart ? await beforeFirst(journal) : (options.checkpointUpTo ?? upTo);
  const start = await startOf(journal, topology, checkpointUpTo, options.pause);
  const { state, failures } = start;
  const { slice = READ_BATCH, pause } = options;
  let { machineVersions } = start;
  const compare = options.compare ?? difference;
  let divergence: Divergence | null = null;
  let isApart = false;
  let records = 0;
  for (;;) {
    const batch = await journal.read(state.seq, Math.min(slice, upTo - state.seq));
    for (const record of batch) {
      if (record.seq !== state.seq + 1)
        throw new JournalError(
          'JOURNAL_CORRUPT',
          `record ${state.seq + 1} is not in this journal; the next one there is ${record.seq}`,
        );
      const changes = refold(topology, state, record);
      isApart ||= isForeign(topology, changes) && anyDifference(record, changes) !== null;
      if (!isApart) divergence ??= compare(topology, record, changes);
      state.apply(changes);
      records += 1;
      if (record.fact.type === 'run.started') machineVersions = record.fact.machineVersions;
    }
    state.merge();
    // What was folded is in the record; the first checkpoint of a process life is complete.
    state.touched.actors.clear();
    state.touched.effects.clear();
    options.onProgress?.(state.seq);
    if (batch.length === 0 || state.seq >= upTo) break;
    await pause?.();
  }
  const misfit = failures.find((failure) => failure instanceof CheckpointError);
  if (misfit && divergence) throw misfit;
  const passedOver = failures.map(({ message }) => message);
  return { state, divergence, records, machineVersions, passedOver };
}

interface Start {
  readonly state: SystemState;
  readonly machineVersions: Folded['machineVersions'];
  readonly failures: readonly Error[];
}

/** The newest checkpoint up to a seq that can be used; an empty state when there is none. */
async function startOf(
  journal: Journal,
  topology: Topology,
  upTo: number,
  pause: FoldOptions['pause'],
): Promise<Start> {
  const failures: Error[] = [];
  for (let before = upTo; before > 0; ) {
    let checkpoint: Checkpoint | null = null;
    try {
      checkpoint = await journal.checkpoint(before, pause);
      if (!checkpoint) break;
      await pause?.();
      const state = new SystemState();
      const loading = loadingOf(state, checkpoint, topology);
      let step = loading.next();
      for (; !step.done; step = loading.next()) await pause?.();
      return { state, machineVersions: step.value, failures };
    } catch (error) {
      const isDamage = error instanceof CheckpointDamage;
      if (!(error instanceof CheckpointError) && !isDamage) throw error;
      failures.push(error as Error);
      before = (isDamage ? error.seq : checkpoint!.seq) - 1;
    }
  }
  return { state: new SystemState(), machineVersions: null, failures };
}

/** 0; of a journal that does not begin with record 1 (an excerpt) what its first checkpoint reaches to. */
async function beforeFirst(journal: Journal): Promise<number> {
  const [first] = await journal.read(0, 1);
  return (first?.seq ?? 1) - 1;
}
