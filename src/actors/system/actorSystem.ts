import type { Stamped } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts.js';
import type { BotOptions } from '../../machines/vocabulary/options.js';
import type { Divergence } from '../fold/difference.js';
import { type Folded, fold } from '../fold/fold.js';
import { machineVersionsOf, upgradesOf } from '../fold/machineVersions.js';
import type { Clock, EventSource, Journal, Log, Performer, Record } from '../ports.js';
import { JournalError } from '../ports.js';
import type { Reached } from '../step/crashPoints.js';
import { deepFreeze } from '../step/freeze.js';
import { admit, recordOf, stepOrReject } from '../step/records.js';
import type { Topology } from '../step/routes.js';
import { type ActorState, SystemState } from '../step/state.js';
import { Acting, type RecordListener } from './acting.js';
import { Appends } from './appends.js';
import { type CheckpointDivergence, Checkpointing } from './checkpointing.js';
import { Deadlines } from './deadlines.js';

/** Facts waiting to be stepped; past it the sources are paused until half of it is free. */
export const INBOX_MAX = 10_000;
/** Facts in one append. */
export const BATCH_MAX = 128;
/** A clock that is behind the journal by more than this is told of. */
const SKEW_TOLD_MS = 1_000;
/** Pause before a failed append is tried again. */
export const APPEND_RETRY_MS = 1_000;

export interface ActorSystemDependencies {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly topology: Topology;
  readonly options: BotOptions;
  readonly performers: { readonly [type: string]: Performer };
  /** Ids of facts: unique, made at the edge. */
  readonly newId: () => string;
  readonly log: Log;
  /** Runs `turn` after the I/O that is waiting; batches what one turn of the event loop brings. */
  readonly defer: (turn: () => void) => void;
  /** Told at each crash point (tests). */
  readonly reached?: Reached | undefined;
}
export interface Recovered {
  readonly epoch: number;
  readonly records: number;
  readonly interrupted: number;
  readonly divergence: Divergence | null;
}

/**
 * The bot as a fold: facts in, records durable, then effects out.
 *
 * Guarantees: no effect starts before its record is durable; effects of one record start in their order and records in
 * seq order; a failed append changes nothing and its facts come again, in order; one append is under way at a time.
 */
export class ActorSystem {
  state = new SystemState();
  private inbox: Stamped<Fact>[] = [];
  private readonly sources = new Set<EventSource>();
  private deadlines: Deadlines;
  private epoch = 0;
  private skewMs = 0;
  private lastAt = 0;
  private turning = false;
  private scheduled = false;
  private paused = false;
  private stopped = false;
  private readonly appends: Appends;
  private readonly acting: Acting;
  private checkpointing: Checkpointing | null = null;
  private readonly reached: Reached;

  constructor(private readonly deps: ActorSystemDependencies) {
    this.reached = deps.reached ?? (() => undefined);
    this.acting = new Acting(deps.performers, deps.log, (fact) => void this.post(fact), this.reached);
    this.appends = new Appends(deps.journal, deps.log, () => deps.clock.now());
    this.deadlines = new Deadlines(
      deps.clock,
      () => this.skewMs,
      (id) => this.state.actors.get(id),
      () => this.state.actors.entries(),
      (fired) => this.post({ type: 'timer.elapsed', ...fired }),
    );
  }

  /**
   * Takes the journal over: folds it, journals the new life and what the dead one left open, then lets the outside in.
   * Throws JournalError, and CheckpointError when nothing that is kept fits the present charts.
   */
  async start(): Promise<Recovered> {
    const { journal, topology, options, clock } = this.deps;
    this.epoch = await journal.beginEpoch();
    this.reached('start.fenced');
    const folded = await fold(journal, topology);
    this.reached('start.folded');
    this.state = folded.state;
    this.skewMs = Math.max(0, this.state.at - clock.now());
    this.lastAt = this.state.at;
    this.tellOf(folded);
    const machineVersions = machineVersionsOf(topology);
    const changes = upgradesOf(folded.machineVersions, machineVersions);
    this.checkpointing = this.newCheckpointing(folded, machineVersions, changes.length > 0);
    const interrupted = [...this.state.openEffects.entries()].map(([id]) => id);
    this.post({ type: 'run.started', epoch: this.epoch, options, machineVersions });
    if (changes.length > 0) this.post({ type: 'machines.upgraded', changes });
    if (folded.divergence) this.post({ type: 'actor.quarantined', ...folded.divergence });
    for (const effectId of interrupted) this.post({ type: 'effect.interrupted', effectId });
    this.deadlines.rebuild();
    await this.turn();
    if (this.appends.failure) throw this.appends.failure;
    this.reached('start.recorded');
    this.deadlines.wake();
    const { records, divergence } = folded;
    return { epoch: this.epoch, records, interrupted: interrupted.length, divergence };
  }

  /** Puts a fact into the inbox; its id and time are given here, once. Returns the id; null after `stop`: ignored. */
  post(fact: Fact): string | null {
    if (this.stopped) return null;
    this.lastAt = Math.max(this.lastAt, this.deps.clock.now() + this.skewMs);
    const stamped = deepFreeze({ ...fact, id: this.deps.newId(), at: this.lastAt } as Stamped<Fact>);
    this.inbox.push(stamped);
    this.reached('inbox.taken');
    if (!this.paused && this.inbox.length >= INBOX_MAX) this.pause(true);
    this.schedule();
    return stamped.id;
  }

  /** Adds a source of facts: it is paused while the inbox is full. */
  addSource(source: EventSource): void {
    this.sources.add(source);
  }

  /** Every durable record, in order, after its effects have started. */
  subscribe(listener: RecordListener): () => void {
    return this.acting.subscribe(listener);
  }

  get inboxLength(): number {
    return this.inbox.length;
  }
  /** Failed appends and the slowest one since this was last asked. */
  takeAppends(): { readonly failures: number; readonly slowestMs: number } {
    return this.appends.take();
  }
  get deadlineCount(): number {
    return this.deadlines.size;
  }
  /** The last append's error while appends fail; null when they work. */
  get journalFailure(): unknown {
    return this.appends.failure;
  }

  /** Writes a checkpoint and takes no more facts. What is in the inbox unstepped was never accepted. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    while (this.turning || (this.inbox.length > 0 && !this.appends.failure)) await this.turn();
    this.stopped = true;
    this.deadlines.stop();
    await this.checkpointing?.idle();
    if (this.appends.failure || !this.checkpointing) return;
    const checkpoint = this.checkpointing.final();
    this.reached('checkpoint.taken');
    await this.deps.journal.append(this.epoch, [], checkpoint).then(
      () => this.reached('checkpoint.after'),
      (error) => this.deps.log.warn({ error: String(error) }, 'no last checkpoint: the next start folds a little more'),
    );
  }

  private newCheckpointing(
    { state, records }: Folded,
    machineVersions: { readonly [machine: string]: string },
    isDueNow: boolean,
  ): Checkpointing {
    const { journal, topology, log, defer, clock } = this.deps;
    const onDivergence = (divergence: CheckpointDivergence): void => {
      log.error(
        divergence,
        'a checkpoint does not follow from the one before; the journal is kept, tell the maintainers',
      );
      this.post({ type: 'checkpoint.diverged', ...divergence });
    };
    return new Checkpointing(
      { journal, topology, state, machineVersions, log, defer, onDivergence },
      { seq: state.seq - records, at: clock.now() + this.skewMs },
      isDueNow,
    );
  }

  private tellOf({ passedOver, divergence }: Folded): void {
    const { log, journal } = this.deps;
    for (const notice of journal.notices) log.warn({ notice }, 'the journal was not closed cleanly');
    for (const reason of passedOver)
      log.warn({ reason }, 'a checkpoint was passed over; an older one was used, or the records');
    if (this.skewMs > SKEW_TOLD_MS)
      log.warn(
        { skewMs: this.skewMs },
        'the clock is behind the last record; deadlines go on by the time of the journal until the clock has caught up',
      );
    if (divergence)
      log.error(
        { ...divergence },
        'refolding differs from the record; the actor is taken out and nothing of it is sent',
      );
  }

  private schedule(): void {
    if (this.scheduled || this.turning || this.appends.failure) return; // a failed append is tried again by the clock
    this.scheduled = true;
    this.deps.defer(() => {
      this.scheduled = false;
      void this.turn();
    });
  }

  /** Steps and appends until the inbox is empty. */
  private async turn(): Promise<void> {
    if (this.turning) {
      await new Promise<void>((resolve) => this.deps.defer(resolve));
      return;
    }
    this.turning = true;
    try {
      while (this.inbox.length > 0 && !this.stopped) {
        if (!(await this.batch())) return;
        if (this.paused && this.inbox.length <= INBOX_MAX / 2) this.pause(false);
      }
    } finally {
      this.turning = false;
    }
  }

  /** One batch: step, append, act. False when the append failed. */
  private async batch(): Promise<boolean> {
    const facts = this.inbox.splice(0, BATCH_MAX);
    const records: Record[] = [];
    const changed = new Set<string>();
    for (const fact of facts) {
      const admitted = admit(fact, this.state);
      const { changes, error } = stepOrReject(this.deps.topology, this.state, admitted);
      if (error)
        this.deps.log.error(
          { fact: fact.type, id: fact.id, error: String(error) },
          'a fact could not be stepped; it is recorded without effect',
        );
      this.state.apply(changes);
      for (const id of changes.actors.keys()) changed.add(id);
      records.push(recordOf(admitted, changes));
    }
    const before = [...changed].map((id) => [id, this.durableActor(id)] as const);
    this.reached('step.after');
    const checkpoint = this.checkpointing!.due(records.at(-1)!);
    if (checkpoint) this.reached('checkpoint.taken');
    this.reached('append.before');
    try {
      await this.appends.append(this.epoch, records, checkpoint);
    } catch (error) {
      this.refuse(facts, error);
      return false;
    }
    this.reached('append.after');
    if (checkpoint) this.reached('checkpoint.after');
    this.state.merge();
    if (checkpoint) this.checkpointing!.done(checkpoint);
    for (const [id, actor] of before) this.deadlines.track(id, actor, this.state.actors.get(id) ?? null);
    this.acting.act(records, this.state);
    this.deadlines.wake();
    return true;
  }

  private durableActor(id: string): ActorState | undefined {
    return this.state.actors.durableValue(id);
  }

  /** Nothing happened: the facts go back to the head of the inbox, in order. */
  private refuse(facts: readonly Stamped<Fact>[], error: unknown): void {
    this.state.drop();
    this.inbox.unshift(...facts);
    if (error instanceof JournalError && error.code === 'JOURNAL_FENCED') {
      this.stopped = true;
      this.deadlines.stop();
      this.pause(true);
      this.acting.perform({ type: 'process.exit', code: 73, reason: String(error), id: 'fenced', actor: 'system' });
      return;
    }
    this.deps.clock.schedule(this.deps.clock.now() + APPEND_RETRY_MS, () => void this.turn());
  }

  private pause(paused: boolean): void {
    this.paused = paused;
    for (const source of this.sources) {
      if (paused) source.pause();
      else source.resume();
    }
  }
}
