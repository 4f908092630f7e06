import type { Stamped } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { BotOptions } from '../../machines/vocabulary/options/options.js';
import type { Divergence } from '../fold/difference.js';
import { type Folded, fold } from '../fold/fold.js';
import { machineVersionsOf, upgradesOf } from '../fold/machineVersions.js';
import { isForeign } from '../fold/refold.js';
import type { AllPerformers, Clock, EventSource, Journal, JournalError, Log, Performer } from '../ports.js';
import type { Reached } from '../step/crashPoints.js';
import { deepFreeze } from '../step/freeze.js';
import { isPatience, type Topology } from '../step/routes.js';
import { SystemState } from '../step/state.js';
import { Acting, type RecordListener } from './acting.js';
import { Appends } from './appends.js';
import { type CheckpointDivergence, Checkpointing, type CheckpointRhythm } from './checkpointing.js';
import { Deadlines } from './deadlines.js';
import { Inbox } from './inbox.js';
import { Interpreted } from './interpreted.js';
import { Loop } from './loop.js';

/** Facts waiting to be stepped; past it the sources are paused until half of it is free. */
export const INBOX_MAX = 1_000;
/** A clock that is behind the journal by more than this is told of. */
const SKEW_TOLD_MS = 1_000;

export interface ActorSystemDependencies {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly topology: Topology;
  readonly options: BotOptions;
  /** `AllPerformers` in a bot; what none of them does fails as `effect.failed`. */
  readonly performers: Partial<AllPerformers>;
  /** Ids of facts: unique, made at the edge. */
  readonly newId: () => string;
  readonly log: Log;
  /** Runs `turn` after the I/O that is waiting; batches what one turn of the event loop brings. */
  readonly defer: (turn: () => void) => void;
  /** When checkpoints are written (tests). */
  readonly checkpoints?: CheckpointRhythm;
  /** Whether there is memory for a second state beside this one (the standing check); default: always. */
  readonly hasRoom?: () => boolean;
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
 * Outcomes are stepped before arrivals, arrivals of sources in their order.
 */
export class ActorSystem {
  state = new SystemState();
  private readonly inbox = new Inbox();
  private readonly sources = new Set<EventSource>();
  private deadlines: Deadlines;
  private epoch = 0;
  private skewMs = 0;
  private lastAt = 0;
  /** Told by the actors (`sources.pause`): enough is in hand. */
  private isHeld = false;
  private paused = false;
  private stopped = false;
  private loop: Loop | null = null;
  private readonly appends: Appends;
  private readonly acting: Acting;
  private checkpointing: Checkpointing | null = null;
  private readonly reached: Reached;

  constructor(private readonly deps: ActorSystemDependencies) {
    this.reached = deps.reached ?? (() => undefined);
    const performers = { ...deps.performers, 'sources.pause': this.hold(true), 'sources.resume': this.hold(false) };
    this.acting = new Acting(performers, deps.log, (fact) => void this.post(fact), this.reached);
    this.appends = new Appends(deps.journal, deps.log, () => deps.clock.now());
    this.deadlines = new Deadlines(
      deps.clock,
      () => this.skewMs,
      (id) => this.state.actors.get(id),
      () => this.state.actors.entries(),
      (fired) => this.post({ type: 'timer.elapsed', ...fired }),
      (machine, timer) => isPatience(deps.topology, machine, timer),
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
    const isUpgrade = this.state.seq > 0 && isForeign(topology, this.state);
    this.checkpointing = this.newCheckpointing(folded, machineVersions, changes.length > 0 || isUpgrade);
    const interrupted = [...this.state.openEffects.entries()].map(([id]) => id);
    const { behaviour = 1 } = topology;
    this.post({ type: 'run.started', epoch: this.epoch, behaviour, options, machineVersions });
    if (changes.length > 0) this.post({ type: 'machines.upgraded', changes });
    if (folded.divergence) this.post({ type: 'actor.quarantined', ...folded.divergence });
    for (const effectId of interrupted) this.post({ type: 'effect.interrupted', effectId });
    this.deadlines.rebuild();
    const posted = this.state.seq + this.inbox.length;
    const loop = this.newLoop(this.checkpointing);
    this.loop = loop;
    while (this.state.seq < posted && !this.appends.failure) await loop.turn();
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
    this.inbox.put(stamped);
    this.reached('inbox.taken');
    this.adjustSources();
    this.loop?.schedule();
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
  /** Whether nothing in the inbox can be stepped now: it is empty, or what is in it waits for room. */
  get isIdle(): boolean {
    return !this.inbox.hasNext;
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
    const { loop } = this;
    while (loop && (loop.isTurning || (loop.hasWork && !this.appends.failure))) await loop.turn();
    this.stopped = true;
    loop?.stop();
    this.deadlines.stop();
    await this.checkpointing?.idle();
    if (this.appends.failure || !this.checkpointing) return;
    this.reached('checkpoint.taken');
    await this.checkpointing
      .final((piece) => this.deps.journal.append(this.epoch, [], piece))
      .then(
        () => this.reached('checkpoint.after'),
        (error) =>
          this.deps.log.warn({ error: String(error) }, 'no last checkpoint: the next start folds a little more'),
      );
  }

  /**
   * The journal is lost for good: nothing is taken, stepped or done any more. One that another process owns ends this
   * process; one that is gone leaves it up to say so.
   */
  lose(error: JournalError): void {
    this.stopped = true;
    this.appends.failure = error;
    this.loop?.stop();
    this.deadlines.stop();
    this.pause(true);
    if (error.code === 'JOURNAL_FENCED')
      this.acting.perform({ type: 'process.exit', code: 73, reason: String(error), id: 'fenced', actor: 'system' });
  }

  private newLoop(checkpointing: Checkpointing): Loop {
    const { epoch, state, inbox, appends, acting, deadlines, reached } = this;
    const { topology, clock, log, defer } = this.deps;
    const onLost = (error: JournalError): void => this.lose(error);
    const interpreted = new Interpreted(topology.machines, log);
    const onBatch = (): void => {
      this.adjustSources();
      interpreted.tell();
    };
    const parts = { epoch, state, topology, inbox, appends, acting, deadlines, checkpointing, clock, log, defer };
    return new Loop({ ...parts, reached, onLost, onBatch });
  }

  private hold(isHeld: boolean): Performer {
    return () => {
      this.isHeld = isHeld;
      this.adjustSources();
    };
  }

  private newCheckpointing(
    { state, records }: Folded,
    machineVersions: { readonly [machine: string]: string },
    isDueNow: boolean,
  ): Checkpointing {
    const { journal, topology, log, defer, clock, checkpoints: rhythm, hasRoom } = this.deps;
    const onDivergence = (divergence: CheckpointDivergence): void => {
      log.error(
        divergence,
        'a checkpoint does not follow from the one before; the journal is kept, tell the maintainers',
      );
      this.post({ type: 'checkpoint.diverged', ...divergence });
    };
    return new Checkpointing(
      { journal, topology, state, machineVersions, log, defer, rhythm, hasRoom, onDivergence },
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

  /** Past the inbox's maximum, or on order, nothing more is read. */
  private adjustSources(): void {
    const { inbox } = this;
    const wants = this.isHeld || inbox.length >= INBOX_MAX || (this.paused && inbox.length > INBOX_MAX / 2);
    if (wants !== this.paused) this.pause(wants);
  }

  private pause(paused: boolean): void {
    this.paused = paused;
    for (const source of this.sources) {
      if (paused) source.pause();
      else source.resume();
    }
  }
}
