import type { EffectRequest, Fact, Stamped } from '../machines/facts.js';
import type { BotOptions } from '../machines/options.js';
import { deepFreeze, takeCheckpoint } from './checkpoint.js';
import { Deadlines } from './deadlines.js';
import type { Divergence } from './difference.js';
import {
  type Clock,
  type Effect,
  type EventSource,
  type Journal,
  JournalError,
  type Log,
  type Performer,
  type Record,
} from './ports.js';
import { admit, fold, recordOf, stepOrReject } from './recovery.js';
import type { Topology } from './routes.js';
import { type ActorState, SystemState } from './state.js';

/** Facts waiting to be stepped; past it the sources are paused until half of it is free. */
export const INBOX_MAX = 10_000;
/** Facts in one append. */
export const BATCH_MAX = 128;
/** A checkpoint is written with the first append after this many records or this much time. */
export const CHECKPOINT_RECORDS = 10_000;
export const CHECKPOINT_MS = 30_000;
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
  readonly machineVersions?: { readonly [machine: string]: string };
}
export interface Recovered {
  readonly epoch: number;
  readonly records: number;
  readonly interrupted: number;
  readonly divergence: Divergence | null;
}
export type RecordListener = (record: Record, state: SystemState) => void;

/**
 * The bot as a fold: facts in, records durable, then effects out.
 *
 * Guarantees: no effect starts before its record is durable; effects of one record start in their order and records in
 * seq order; a failed append changes nothing and its facts come again, in order; one append is under way at a time.
 */
export class ActorSystem {
  state = new SystemState();
  private inbox: Stamped<Fact>[] = [];
  private readonly listeners = new Set<RecordListener>();
  private readonly sources = new Set<EventSource>();
  private deadlines: Deadlines;
  private epoch = 0;
  private skewMs = 0;
  private lastAt = 0;
  private turning = false;
  private scheduled = false;
  private paused = false;
  private stopped = false;
  private failure: unknown = null;
  private appends = { failures: 0, slowestMs: 0 };
  private checkpointed = { seq: 0, at: 0 };

  constructor(private readonly deps: ActorSystemDependencies) {
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
   * Throws JournalError and what `loadCheckpoint` throws.
   */
  async start(): Promise<Recovered> {
    const { journal, topology, options, machineVersions = {} } = this.deps;
    this.epoch = await journal.beginEpoch();
    const folded = await fold(journal, topology);
    this.state = folded.state;
    this.skewMs = Math.max(0, this.state.at - this.deps.clock.now());
    this.lastAt = this.state.at;
    this.checkpointed = { seq: this.state.seq - folded.records, at: this.deps.clock.now() + this.skewMs };
    const interrupted = [...this.state.openEffects.entries()].map(([id]) => id);
    this.post({ type: 'run.started', epoch: this.epoch, options, machineVersions });
    if (folded.divergence) this.post({ type: 'actor.quarantined', ...folded.divergence });
    for (const effectId of interrupted) this.post({ type: 'effect.interrupted', effectId });
    this.deadlines.rebuild();
    await this.turn();
    if (this.failure) throw this.failure;
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
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get inboxLength(): number {
    return this.inbox.length;
  }
  /** Failed appends and the slowest one since this was last asked. */
  takeAppends(): { readonly failures: number; readonly slowestMs: number } {
    const taken = this.appends;
    this.appends = { failures: 0, slowestMs: 0 };
    return taken;
  }
  get deadlineCount(): number {
    return this.deadlines.size;
  }
  /** The last append's error while appends fail; null when they work. */
  get journalFailure(): unknown {
    return this.failure;
  }

  /** Writes a checkpoint and takes no more facts. What is in the inbox unstepped was never accepted. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    while (this.turning || (this.inbox.length > 0 && !this.failure)) await this.turn();
    this.stopped = true;
    this.deadlines.stop();
    if (this.failure) return;
    await this.deps.journal.append(this.epoch, [], takeCheckpoint(this.state));
  }

  private schedule(): void {
    if (this.scheduled || this.turning || this.failure) return; // a failed append is tried again by the clock
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
    const startedAt = this.deps.clock.now();
    try {
      await this.append(records);
      this.appends.slowestMs = Math.max(this.appends.slowestMs, this.deps.clock.now() - startedAt);
    } catch (error) {
      this.refuse(facts, error);
      return false;
    }
    this.failure = null;
    this.state.merge();
    for (const [id, actor] of before) this.deadlines.track(id, actor, this.state.actors.get(id) ?? null);
    this.act(records);
    this.deadlines.wake();
    return true;
  }

  private durableActor(id: string): ActorState | undefined {
    return this.state.actors.durableValue(id);
  }

  private async append(records: readonly Record[]): Promise<void> {
    const { journal } = this.deps;
    const last = records.at(-1)!;
    const isDue =
      last.seq - this.checkpointed.seq >= CHECKPOINT_RECORDS || last.at - this.checkpointed.at >= CHECKPOINT_MS;
    try {
      await journal.append(this.epoch, records, isDue ? takeCheckpoint(this.state) : undefined);
    } catch (error) {
      if (error instanceof JournalError && error.code === 'JOURNAL_FENCED') throw error;
      // The answer may have been lost after the write: look, never write blindly again.
      const position = await journal.position();
      if (position.epoch !== this.epoch || position.seq !== last.seq) throw error;
    }
    if (isDue) this.checkpointed = { seq: last.seq, at: last.at };
  }

  /** Nothing happened: the facts go back to the head of the inbox, in order. */
  private refuse(facts: readonly Stamped<Fact>[], error: unknown): void {
    this.state.drop();
    this.inbox.unshift(...facts);
    this.failure = error;
    this.appends.failures += 1;
    const code = error instanceof JournalError ? error.code : 'JOURNAL_FAILED';
    this.deps.log.error(
      { code, error: String(error) },
      'the journal refused an append; nothing was done about its facts',
    );
    if (code === 'JOURNAL_FENCED') {
      this.stopped = true;
      this.deadlines.stop();
      this.pause(true);
      this.perform({ type: 'process.exit', code: 73, reason: String(error), id: 'fenced', actor: 'system' });
      return;
    }
    this.deps.clock.schedule(this.deps.clock.now() + APPEND_RETRY_MS, () => void this.turn());
  }

  private act(records: readonly Record[]): void {
    for (const record of records) {
      for (const effect of record.effects) this.perform(effect);
      for (const listener of this.listeners) this.tell(listener, record);
    }
  }

  private perform(effect: Effect): void {
    const failed = (error: unknown): void => {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      this.deps.log.error({ effect: effect.type, id: effect.id, error: message }, 'an adapter failed');
      this.post({ type: 'effect.failed', effectId: effect.id, error: message });
    };
    const performer = this.deps.performers[effect.type];
    if (!performer) {
      failed(new Error(`no performer for effect ${effect.type}`));
      return;
    }
    try {
      const pending = performer(effect as EffectRequest & Effect, (fact) => this.post(fact));
      pending?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  private tell(listener: RecordListener, record: Record): void {
    try {
      listener(record, this.state);
    } catch (error) {
      this.deps.log.error({ seq: record.seq, error: String(error) }, 'a listener of records threw');
    }
  }

  private pause(paused: boolean): void {
    this.paused = paused;
    for (const source of this.sources) {
      if (paused) source.pause();
      else source.resume();
    }
  }
}
