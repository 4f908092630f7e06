import { Checkpointer, PIECE_PARTS } from '../fold/checkpointer.js';
import { fold } from '../fold/fold.js';
import type { Checkpoint, Journal, Log, Record } from '../ports.js';
import type { Topology } from '../step/routes.js';
import type { SystemState } from '../step/state.js';

/** When one is due: after so many records; or after so much time, if there were records enough to be worth it. */
export interface CheckpointRhythm {
  readonly records: number;
  readonly ms: number;
  readonly recordsMin: number;
}
/**
 * To take one stops the event loop for as long as there are changes since the one before: at `records` a few
 * milliseconds. What a restart folds without one is not felt at `recordsMin`.
 */
export const CHECKPOINTS: CheckpointRhythm = { records: 4_000, ms: 30_000, recordsMin: 1_000 };
/**
 * A part is written, and deleted when a newer one overtakes it: as dear as two or three records, or as a dozen to fold.
 * So many records come before the next checkpoint for each part of the last one: what a bot has in hand may be more
 * than it does meanwhile.
 */
export const RECORDS_A_PART = 4;
/** Each so manieth checkpoint is refolded from the one before and compared: 5 % of the work of a busy bot. */
export const REFOLD_EVERY = 20;
/** Records refolded in one turn of the event loop: a few milliseconds. */
const REFOLD_SLICE = 25;

/** Where refolding a stretch did not give the checkpoint at its end. */
export interface CheckpointDivergence {
  readonly seq: number;
  readonly part: string;
  readonly recorded: string;
  readonly recomputed: string;
}

export interface CheckpointingDependencies {
  readonly journal: Journal;
  readonly topology: Topology;
  readonly state: SystemState;
  readonly machineVersions: Readonly<{ [machine: string]: string }>;
  readonly log: Log;
  readonly defer: (turn: () => void) => void;
  /** Default: `CHECKPOINTS`. */
  readonly rhythm?: CheckpointRhythm | undefined;
  /** Whether there is memory for a second state beside this one; without it one is not checked. Default: always. */
  readonly hasRoom?: (() => boolean) | undefined;
  readonly onDivergence: (divergence: CheckpointDivergence) => void;
}

/** When checkpoints are written, and what is done after each: the standing check and the journal's housekeeping. */
export class Checkpointing {
  private readonly checkpointer: Checkpointer;
  /** `parts`: of which it consisted. */
  private last: { seq: number; at: number; parts: number };
  private parts = 0;
  private written = 0;
  private previous: number | null = null;
  private working: Promise<void> = Promise.resolve();

  /** `last`: the checkpoint that this life started from. `now`: one is due with the first append. */
  constructor(
    private readonly deps: CheckpointingDependencies,
    last: { readonly seq: number; readonly at: number },
    private now: boolean,
  ) {
    this.checkpointer = new Checkpointer(deps.state, deps.machineVersions);
    this.last = { ...last, parts: 0 };
  }

  /** Whether pieces of one wait to be written, with whatever append comes next. */
  get isUnderWay(): boolean {
    return this.checkpointer.isUnderWay;
  }

  /**
   * The piece that goes with the next append, the one of records up to `record` if there are any; undefined: none is
   * due.
   */
  due(record: Record | undefined): Checkpoint | undefined {
    if (!this.isUnderWay) {
      if (!record || !this.isDue(record)) return undefined;
      this.checkpointer.begin();
    }
    return this.checkpointer.piece();
  }

  /** The append that was to bring the piece did not happen. What was taken with its records did not either. */
  refused(): void {
    if (!this.checkpointer.isBegun) this.checkpointer.abandon();
  }

  private isDue({ seq, at }: Record): boolean {
    const { records, ms, recordsMin } = this.deps.rhythm ?? CHECKPOINTS;
    const count = seq - this.last.seq;
    const worth = Math.max(records, RECORDS_A_PART * this.last.parts);
    return this.now || count >= worth || (count >= recordsMin && at - this.last.at >= ms);
  }

  /** The piece that `due` gave is durable. */
  done({ seq, at, parts, more = false }: Checkpoint): void {
    this.checkpointer.written();
    this.parts += parts.size;
    if (more) return;
    this.now = false;
    this.last = { seq, at, parts: this.parts };
    this.parts = 0;
    this.written += 1;
    const from = this.previous;
    this.previous = seq;
    const isChecked = from !== null && this.written % REFOLD_EVERY === 0 && (this.deps.hasRoom?.() ?? true);
    this.working = this.working.then(() => this.afterwards(isChecked ? from : null, seq));
  }

  /** One more, for a clean stop; `write` resolves when a piece is durable. */
  async final(write: (piece: Checkpoint) => Promise<void>): Promise<void> {
    this.checkpointer.begin();
    while (this.isUnderWay) {
      await write(this.checkpointer.piece());
      this.checkpointer.written();
    }
  }

  /** Resolves when the work begun is done. */
  idle(): Promise<void> {
    return this.working;
  }

  private async afterwards(from: number | null, seq: number): Promise<void> {
    const { journal, topology, log, defer, onDivergence } = this.deps;
    const pause = (): Promise<void> => new Promise((resolve) => defer(resolve));
    try {
      if (from !== null) {
        const divergence = await refold(journal, topology, from, seq, pause);
        if (divergence) onDivergence(divergence);
        log.debug({ from, seq, agrees: divergence === null }, 'a checkpoint was refolded');
      }
      await journal.tidy();
    } catch (error) {
      log.warn(
        { seq, error: String(error) },
        'housekeeping of the journal failed; it is tried again after the next checkpoint',
      );
    }
  }
}

/** Folds from the checkpoint at `from` to the one at `seq`, and gives the first part in which they differ. */
export async function refold(
  journal: Journal,
  topology: Topology,
  from: number,
  seq: number,
  pause: () => Promise<void>,
): Promise<CheckpointDivergence | null> {
  const refolded = await fold(journal, topology, { checkpointUpTo: from, upTo: seq, slice: REFOLD_SLICE, pause });
  await pause();
  const read = await fold(journal, topology, { upTo: seq, pause });
  if (refolded.divergence) {
    const { actor, recorded, recomputed } = refolded.divergence;
    return { seq, part: `actor:${actor}`, recorded, recomputed };
  }
  await pause();
  const recorded = await partsOf(read.state, pause);
  const recomputed = await partsOf(refolded.state, pause);
  let compared = 0;
  for (const key of new Set([...recorded.keys(), ...recomputed.keys()])) {
    compared += 1;
    if (compared % PIECE_PARTS === 0) await pause();
    const [was, is] = [JSON.stringify(recorded.get(key) ?? null), JSON.stringify(recomputed.get(key) ?? null)];
    if (was !== is) return { seq, part: key, recorded: was.slice(0, SIDE_MAX), recomputed: is.slice(0, SIDE_MAX) };
  }
  return null;
}

/** All parts of a state, with a pause after each piece. */
async function partsOf(state: SystemState, pause: () => Promise<void>): Promise<ReadonlyMap<string, unknown>> {
  const checkpointer = new Checkpointer(state, {});
  const parts = new Map<string, unknown>();
  checkpointer.begin();
  while (checkpointer.isUnderWay) {
    await pause();
    for (const [key, part] of checkpointer.piece().parts) parts.set(key, part);
    checkpointer.written();
  }
  return parts;
}
/** Characters of each side that are told. */
const SIDE_MAX = 2_000;
