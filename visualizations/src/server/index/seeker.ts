import type { Journal, Record } from '../../../../src/actors/ports.js';
import type { Topology } from '../../../../src/actors/step/routes.js';
import type { Changes } from '../../../../src/actors/step/state.js';
import { type ServerTexts, serverTexts } from '../serverTexts.js';
import { FoldedState } from './foldedState.js';
import { keptState } from './kept/keptStates.js';
import type { Keyframes } from './kept/keyframes.js';
import type { Reading } from './reading.js';

/** A state this many records from a kept one is folded at once. */
const DIRECT_MAX = 2_000;
/** States folded between two kept ones, likely to be wanted again: the scrubber goes on from them. */
const RECENT_MAX = 4;
const BATCH = 200;

/** Finds the state at any record from the kept states before it. */
export class Seeker {
  private readonly recent: FoldedState[] = [];
  private readonly tried = new Set<number>();

  constructor(
    private readonly journal: Journal,
    private readonly topology: Topology,
    private readonly keyframes: Keyframes,
    private readonly reading: Reading,
  ) {}

  /** Records that are folded at once at most. */
  get direct(): number {
    return Math.max(DIRECT_MAX, this.keyframes.every);
  }

  /**
   * Records between `seq` and the kept state before it, or `reached`; the journal's own checkpoints are looked at once.
   */
  async distance(seq: number, reached: number): Promise<number> {
    const { keyframes } = this;
    const left = (): number => seq - Math.max(keyframes.before(seq).seq, seq > reached ? reached : 0);
    const around = Math.floor(seq / this.direct);
    if (left() > this.direct && !this.tried.has(around)) {
      this.tried.add(around);
      const { keyframe } = await keptState(this.journal, this.topology, seq);
      if (keyframe && keyframe.seq > keyframes.before(seq).seq) keyframes.add(keyframe, 0);
    }
    return left();
  }

  /** Folds from the nearest state to `seq`. `use` may fold on. Throws DamagedError. */
  async at<T>(seq: number, use: (state: FoldedState) => T): Promise<T> {
    const state = this.takeRecent(seq) ?? new FoldedState(this.keyframes.before(seq));
    while (state.seq < seq) {
      const batch = await this.reading.read(state.seq, Math.min(BATCH, seq - state.seq));
      if (batch[0]?.seq !== state.seq + 1) throw new DamagedError(state.seq + 1, this.reading.damage?.message);
      for (const record of batch) this.foldOn(state, record);
    }
    const result = use(state);
    this.recent.push(state);
    if (this.recent.length > RECENT_MAX) this.recent.shift();
    return result;
  }

  private foldOn(state: FoldedState, record: Record): void {
    let changes: Changes;
    try {
      changes = state.changesOf(record, this.topology);
    } catch (error) {
      throw new DamagedError(record.seq, (error as Error).message);
    }
    state.apply(changes);
  }

  private takeRecent(seq: number): FoldedState | null {
    const base = this.keyframes.before(seq).seq;
    let best = -1;
    this.recent.forEach((state, i) => {
      if (state.seq <= seq && state.seq > base && state.seq > (this.recent[best]?.seq ?? 0)) best = i;
    });
    return best < 0 ? null : this.recent.splice(best, 1)[0]!;
  }
}

/** A record that is needed cannot be read. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
  constructor(
    readonly seq: number,
    private readonly reason = 'it is not there',
  ) {
    super(serverTexts('en').damaged(seq, reason));
  }
  say(texts: ServerTexts): string {
    return texts.damaged(this.seq, this.reason);
  }
}
