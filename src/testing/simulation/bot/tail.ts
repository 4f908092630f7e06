import { loadCheckpoint } from '../../../actors/fold/checkpoint.js';
import { Checkpointer, takeCheckpoint } from '../../../actors/fold/checkpointer.js';
import { difference, isSameJson } from '../../../actors/fold/difference.js';
import { machineVersionsOf } from '../../../actors/fold/machineVersions.js';
import { refold } from '../../../actors/fold/refold.js';
import type { Record } from '../../../actors/ports.js';
import type { Topology } from '../../../actors/step/routes.js';
import { SystemState } from '../../../actors/step/state.js';
import type { Fail } from '../invariants/violation.js';

/**
 * What a journal holds for a restart: the parts of the newest checkpoint and the records after it, all as JSON. A
 * restart is made from nothing else, and what it gives is held against the living state (core rules 20, 24 and 32).
 */
export class Tail {
  private readonly parts = new Map<string, string>();
  /** Pieces of a checkpoint that is not whole yet. */
  private pieces = new Map<string, string | null>();
  private records: { readonly seq: number; readonly line: string }[] = [];
  private checkpointer: Checkpointer;
  readonly machineVersions: Readonly<{ [machine: string]: string }>;
  private at: { readonly seq: number; readonly at: number } = { seq: 0, at: 0 };

  constructor(
    private readonly topology: Topology,
    private state: SystemState,
    private readonly fail: Fail,
  ) {
    this.machineVersions = machineVersionsOf(topology);
    this.checkpointer = new Checkpointer(state, this.machineVersions);
  }

  /** One more record; a checkpoint that is under way goes on with it. */
  add(record: Record): void {
    this.records.push({ seq: record.seq, line: JSON.stringify(record) });
    if (this.checkpointer.isUnderWay) this.writePiece();
  }

  /** Records since the checkpoint. */
  get length(): number {
    return this.records.length;
  }
  get isCheckpointing(): boolean {
    return this.checkpointer.isUnderWay;
  }

  /** Begins a checkpoint of what changed since the one before; it is written a piece with each record. */
  checkpoint(): void {
    this.checkpointer.begin();
    this.pieces = new Map();
  }

  /**
   * A whole checkpoint at once: the charts of a new life are others than those that the one before was written with.
   */
  checkpointNow(): void {
    this.checkpoint();
    while (this.checkpointer.isUnderWay) this.writePiece();
  }

  private writePiece(): void {
    const piece = this.checkpointer.piece();
    for (const [key, part] of piece.parts) this.pieces.set(key, part === null ? null : JSON.stringify(part));
    this.checkpointer.written();
    if (piece.more) return;
    if (piece.complete) this.parts.clear();
    for (const [key, part] of this.pieces) {
      if (part === null) this.parts.delete(key);
      else this.parts.set(key, part);
    }
    this.at = { seq: piece.seq, at: piece.at };
    this.records = this.records.filter(({ seq }) => seq > piece.seq);
  }

  /** The state of a restart. `changed`: a machine whose chart counts as another one than it was. */
  restored(changed: string | null = null): SystemState {
    const state = new SystemState();
    const parts = new Map([...this.parts].map(([key, text]) => [key, JSON.parse(text) as unknown]));
    if (this.at.seq > 0) loadCheckpoint(state, { ...this.at, parts }, this.topology);
    for (const { line } of this.records) {
      const record = JSON.parse(line) as Record;
      const changes = refold(this.topology, state, record);
      const found = difference(this.topology, record, changes);
      if (found) this.fail('[core 20] refolds without a difference', JSON.stringify(found).slice(0, 1_000));
      state.apply(changes);
      state.merge();
    }
    this.compare(state);
    return changed === null ? state : this.upgraded(state, changed);
  }

  /** The next life goes on with this state; its first checkpoint is complete. */
  begin(state: SystemState): void {
    this.state = state;
    state.touched.actors.clear();
    state.touched.effects.clear();
    this.checkpointer = new Checkpointer(state, this.machineVersions);
  }

  private upgraded(from: SystemState, machine: string): SystemState {
    const checkpoint = takeCheckpoint(from, { ...this.machineVersions, [machine]: 'another' });
    const parts = JSON.parse(JSON.stringify([...checkpoint.parts])) as [string, unknown][];
    const state = new SystemState();
    loadCheckpoint(state, { ...checkpoint, parts: new Map(parts) }, this.topology);
    return state;
  }

  private compare(refolded: SystemState): void {
    const [was, is] = [takeCheckpoint(this.state).parts, takeCheckpoint(refolded).parts];
    for (const key of new Set([...was.keys(), ...is.keys()])) {
      const [lived, folded] = [was.get(key), is.get(key)];
      if (isSameJson(lived, folded)) continue;
      const sides = `${JSON.stringify(lived)?.slice(0, 600)} is ${JSON.stringify(folded)?.slice(0, 600)}`;
      this.fail('[core 32] a restart gives the state that was', `${key}: ${sides}`);
    }
  }
}
