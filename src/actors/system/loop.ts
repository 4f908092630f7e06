import type { Stamped } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Checkpoint, Clock, JournalError, Log, Record } from '../ports.js';
import type { Reached } from '../step/crashPoints.js';
import { admit, recordOf, stepOrReject } from '../step/records.js';
import type { Topology } from '../step/routes.js';
import type { ActorState, SystemState } from '../step/state.js';
import type { Acting } from './acting.js';
import { type Appends, isLost } from './appends.js';
import type { Checkpointing } from './checkpointing.js';
import type { Deadlines } from './deadlines.js';
import type { Inbox } from './inbox.js';

/** Facts in one append. */
export const BATCH_MAX = 128;
/** Pause before a failed append is tried again, or one whose answer was lost is looked for again. */
export const APPEND_RETRY_MS = 1_000;

export interface LoopParts {
  readonly epoch: number;
  readonly state: SystemState;
  readonly topology: Topology;
  readonly inbox: Inbox;
  readonly appends: Appends;
  readonly acting: Acting;
  readonly deadlines: Deadlines;
  readonly checkpointing: Checkpointing;
  readonly clock: Clock;
  readonly log: Log;
  readonly defer: (turn: () => void) => void;
  readonly reached: Reached;
  /** Another process owns the journal now, or it is gone. */
  readonly onLost: (error: JournalError) => void;
  /** After each batch that is durable. */
  readonly onBatch: () => void;
}

/** Facts that were stepped and what came of it, until its append is known to be durable or not. */
interface Batch {
  readonly facts: readonly Stamped<Fact>[];
  readonly records: readonly Record[];
  readonly changed: ReadonlySet<string>;
  readonly checkpoint: Checkpoint | undefined;
}

/**
 * Steps, appends and acts, one batch in a turn of the event loop, so that I/O has its turn between two of them; one
 * append is under way at a time. A failed append changes nothing and its facts come again, in order; one of which
 * nobody knows keeps what is pending until the journal can be looked at.
 */
export class Loop {
  private turning = false;
  private scheduled = false;
  private stopped = false;
  private unsettled: Batch | null = null;
  private wasHeld = false;

  constructor(private readonly parts: LoopParts) {}

  /** A turn will come. A failed append is tried again by the clock alone. */
  schedule(): void {
    if (this.scheduled || this.turning || this.stopped || this.parts.appends.failure || !this.hasWork) return;
    this.scheduled = true;
    this.parts.defer(() => {
      this.scheduled = false;
      void this.turn();
    });
  }

  /** Whether a turn would do something. */
  get hasWork(): boolean {
    return this.parts.inbox.hasNext || this.unsettled !== null || this.parts.checkpointing.isUnderWay;
  }
  get isTurning(): boolean {
    return this.turning;
  }

  /** One batch; resolves when its append has ended. */
  async turn(): Promise<void> {
    if (this.turning) {
      await new Promise<void>((resolve) => this.parts.defer(resolve));
      return;
    }
    if (this.stopped || !this.hasWork) return;
    this.turning = true;
    try {
      await this.batch();
    } finally {
      this.turning = false;
    }
    this.schedule();
  }

  /** No further turn does anything. */
  stop(): void {
    this.stopped = true;
  }

  private async batch(): Promise<void> {
    const { epoch, appends, reached } = this.parts;
    const batch = this.unsettled ?? this.step();
    let end: Awaited<ReturnType<Appends['append']>>;
    if (this.unsettled) end = await appends.look(epoch, batch.records, appends.failure);
    else {
      reached('append.before');
      end = await appends.append(epoch, batch.records, batch.checkpoint);
    }
    this.unsettled = end === 'unknown' ? batch : null;
    if (end === 'durable') this.finish(batch);
    else this.wait(end === 'refused' ? batch : null);
  }

  private step(): Batch {
    const { inbox, state, topology, log, checkpointing, reached } = this.parts;
    const facts: Stamped<Fact>[] = [];
    const records: Record[] = [];
    const changed = new Set<string>();
    while (facts.length < BATCH_MAX) {
      const fact = inbox.take();
      if (fact === undefined) break;
      facts.push(fact);
      const admitted = admit(fact, state);
      const { changes, error } = stepOrReject(topology, state, admitted);
      if (error)
        log.error(
          { fact: fact.type, id: fact.id, error: String(error) },
          'a fact could not be stepped; it is recorded without effect',
        );
      state.apply(changes);
      for (const id of changes.actors.keys()) changed.add(id);
      for (const { type } of changes.effects) {
        if (type === 'sources.pause' || type === 'sources.resume') inbox.isHeld = type === 'sources.pause';
      }
      records.push(recordOf(admitted, changes));
    }
    reached('step.after');
    const checkpoint = checkpointing.due(records.at(-1));
    if (checkpoint) reached('checkpoint.taken');
    return { facts, records, changed, checkpoint };
  }

  private finish({ records, changed, checkpoint }: Batch): void {
    const { state, inbox, deadlines, acting, checkpointing, reached } = this.parts;
    reached('append.after');
    if (checkpoint) reached('checkpoint.after');
    this.wasHeld = inbox.isHeld;
    const before = [...changed].map((id): [string, ActorState | undefined] => [id, state.actors.durableValue(id)]);
    state.merge();
    if (checkpoint) checkpointing.done(checkpoint);
    for (const [id, actor] of before) deadlines.track(id, actor, state.actors.get(id) ?? null);
    acting.act(records, state);
    deadlines.wake();
    this.parts.onBatch();
  }

  /** `refused`: what did not happen; its facts go back to the head of the inbox, in order. */
  private wait(refused: Batch | null): void {
    const { state, inbox, appends, checkpointing, clock } = this.parts;
    if (refused) {
      state.drop();
      checkpointing.refused();
      inbox.isHeld = this.wasHeld;
      inbox.giveBack(refused.facts);
      if (isLost(appends.failure)) {
        this.stopped = true;
        this.parts.onLost(appends.failure);
        return;
      }
    }
    clock.schedule(clock.now() + APPEND_RETRY_MS, () => void this.turn());
  }
}
