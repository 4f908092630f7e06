import { setTimeout as wait } from 'node:timers/promises';
import { difference } from '../../../src/actors/fold/difference.js';
import { fold } from '../../../src/actors/fold/fold.js';
import { refold } from '../../../src/actors/fold/refold.js';
import type { Journal, Record, StateValue, Step } from '../../../src/actors/ports.js';
import type { Topology } from '../../../src/actors/step/routes.js';
import { type Changes, SystemState } from '../../../src/actors/step/state.js';
import { rowOf } from '../../../src/machines/kit/byKey.js';
import { SHOWN_MAX } from './bridgeLimits.js';
import { type ChartNode, eventlessRules, timerEvents } from './chartDefinition.js';

/** `stopped`: it ended outside its chart, or is no longer shown. */
export type ShownStatus = 'active' | 'done' | 'stopped';
export interface ShownState {
  readonly status: ShownStatus;
  readonly value: StateValue;
  readonly context: unknown;
}
/**
 * An event as its chart names it; of a fact with what it carries, of a signal the name alone: that is all a record has.
 */
export interface ShownEvent {
  readonly type: string;
  /** A timer's name, where the event is its firing. */
  readonly timer?: string;
  readonly [key: string]: unknown;
}
export interface ShownActor {
  readonly id: string;
  readonly machine: string;
  readonly chart: ChartNode;
  readonly state: ShownState;
  /** What brought it there. */
  readonly event: ShownEvent;
}
export interface FeedListener {
  /** An actor that was not shown before: just born, or there is room for it now. */
  readonly born: (actor: ShownActor) => void;
  /** `isEventless`: the chart went on by itself, after the event that is told already. */
  readonly stepped: (actor: ShownActor, isEventless: boolean) => void;
  readonly ended: (actor: ShownActor) => void;
}

export interface ActorFeedOptions {
  readonly topology: Topology;
  /** Told while the journal is folded, about every 1,000 records. */
  readonly onProgress?: (seq: number, last: number) => void;
  /**
   * Told once, at the first record that this version recomputes otherwise: values are the recorded ones, contexts need
   * not be.
   */
  readonly onDivergence?: (seq: number, actor: string) => void;
  /** Told when for the first time there are living actors that are not shown. */
  readonly onFull?: (hidden: number) => void;
  /** Actors shown at once; default SHOWN_MAX. */
  readonly shownMax?: number;
}

/** What is known of a machine's chart. */
interface Chart {
  readonly root: ChartNode;
  readonly timers: ReadonlyMap<string, string>;
  readonly eventless: ReadonlySet<string>;
}

const READ_BATCH = 500;
const POLL_MS = 50;
/** Passing actors come after those that stay, when there is no room for all. */
const PASSING: ReadonlySet<string> = new Set(['message', 'delivery', 'externalCall', 'interaction', 'lane']);
const RESTORED: ShownEvent = { type: 'xstate.init' };

/**
 * The actors of a journal in their present state, and each step from there on. What a chart is in comes from the
 * records; contexts come from folding them. Fails as `fold` and the journal do.
 */
export class ActorFeed {
  private readonly shown = new Map<string, ShownActor>();
  /** Living actors for which there is no room. */
  private readonly hiddenIds = new Set<string>();
  private readonly listeners = new Set<FeedListener>();
  private readonly charts = new Map<string, Chart>();
  private readonly shownMax: number;
  private state = new SystemState();
  private hasDiverged = false;
  private wasFull = false;

  private constructor(
    private readonly options: ActorFeedOptions,
    private journal: Journal,
  ) {
    this.shownMax = options.shownMax ?? SHOWN_MAX;
  }

  /** Folds the journal to its end. */
  static async open(journal: Journal, options: ActorFeedOptions): Promise<ActorFeed> {
    const feed = new ActorFeed(options, journal);
    await feed.reopen(journal);
    return feed;
  }

  /** Goes over to another journal: what was shown ends, its actors are shown. */
  async reopen(journal: Journal): Promise<void> {
    const { topology, onProgress } = this.options;
    const { seq: last } = await journal.position();
    const { state, divergence } = await fold(journal, topology, { onProgress: (seq) => onProgress?.(seq, last) });
    this.hiddenIds.clear();
    for (const id of [...this.shown.keys()]) this.end(id, undefined, 'stopped');
    this.journal = journal;
    this.state = state;
    this.hasDiverged = false;
    if (divergence) this.diverged(divergence.seq, divergence.actor);
    const rank = (machine: string): number => (PASSING.has(machine) ? 1 : 0);
    const living = [...state.actors.entries()].sort(([, a], [, b]) => rank(a.machine) - rank(b.machine));
    for (const [id] of living) this.show(id);
  }

  get actors(): IterableIterator<ShownActor> {
    return this.shown.values();
  }
  get size(): number {
    return this.shown.size;
  }
  /** Living actors beyond the bound. */
  get hidden(): number {
    return this.hiddenIds.size;
  }
  get seq(): number {
    return this.state.seq;
  }
  actor(id: string): ShownActor | undefined {
    return this.shown.get(id);
  }
  subscribe(listener: FeedListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Follows the journal while its writer, or the next one, writes. Resolves when `signal` is aborted. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const isBehind = await this.advance();
      await wait(isBehind ? 0 : POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Takes over the next records. True: there may be more. */
  async advance(): Promise<boolean> {
    const batch = await this.journal.read(this.state.seq, READ_BATCH);
    for (const record of batch) {
      const changes = refold(this.options.topology, this.state, record);
      const first = this.hasDiverged ? null : difference(this.options.topology, record, changes);
      if (first) this.diverged(first.seq, first.actor);
      this.state.apply(changes);
      this.state.merge();
      this.take(record, changes);
    }
    return batch.length === READ_BATCH;
  }

  private take(record: Record, changes: Changes): void {
    const last = new Map(record.steps.map(({ actor }, index) => [actor, index]));
    for (const [index, step] of record.steps.entries()) {
      const isLast = last.get(step.actor) === index;
      const status = isLast && !this.state.actor(step.actor) ? 'done' : 'active';
      if (step.to === null) {
        this.end(step.actor, eventOf(record, step, this), 'stopped');
        continue;
      }
      const state: ShownState = { status, value: step.to, context: this.contextOf(step.actor, changes, isLast) };
      if (step.from === null) this.bear(step, changes, state, record);
      else this.move(record, step, state);
    }
    for (const id of last.keys()) if (!this.state.actor(id)) this.end(id, undefined, 'done');
  }

  /** After the last step of an actor its new context; before that, and when it ended, the one before. */
  private contextOf(id: string, changes: Changes, isLast: boolean): unknown {
    const before = this.shown.get(id)?.state.context;
    const after = changes.actors.get(id)?.snapshot.context;
    return (isLast ? (after ?? before) : (before ?? after)) ?? {};
  }

  private bear(step: Step, changes: Changes, state: ShownState, record: Record): void {
    const id = step.actor;
    const machine =
      changes.actors.get(id)?.machine ?? changes.ended.find(([ended]) => ended === id)?.[1].machine ?? null;
    const chart = machine === null ? undefined : this.chartOf(machine);
    if (machine === null || !chart) return;
    this.end(id, undefined, 'stopped'); // a lane may end and come again within one record
    const actor: ShownActor = { id, machine, chart: chart.root, state, event: eventOf(record, step, this) };
    if (this.shown.size >= this.shownMax) this.hide(id);
    else this.place(actor);
  }

  private move(record: Record, step: Step, state: ShownState): void {
    const before = this.shown.get(step.actor);
    if (!before) return;
    const actor = { ...before, state, event: eventOf(record, step, this) };
    this.shown.set(step.actor, actor);
    const eventless = this.chartOf(before.machine)!.eventless;
    const isEventless = step.rules.length > 0 && step.rules.every((rule) => eventless.has(rule));
    for (const listener of this.listeners) listener.stepped(actor, isEventless);
  }

  private end(id: string, event: ShownEvent | undefined, status: ShownStatus): void {
    const before = this.shown.get(id);
    this.hiddenIds.delete(id);
    if (!before) return;
    this.shown.delete(id);
    const actor = { ...before, state: { ...before.state, status }, event: event ?? before.event };
    for (const listener of this.listeners) listener.ended(actor);
    for (const next of this.hiddenIds) {
      if (this.shown.size >= this.shownMax) return;
      this.hiddenIds.delete(next);
      this.show(next);
    }
  }

  /** Shows a living actor in its present state, if there is room. */
  private show(id: string): void {
    const living = this.state.actor(id);
    const chart = living && this.chartOf(living.machine);
    if (!living || !chart) return;
    if (this.shown.size >= this.shownMax) return this.hide(id);
    const { value, context } = living.snapshot;
    const state: ShownState = { status: 'active', value: value as StateValue, context };
    this.place({ id, machine: living.machine, chart: chart.root, state, event: RESTORED });
  }

  private hide(id: string): void {
    this.hiddenIds.add(id);
    if (!this.wasFull) this.options.onFull?.(this.hiddenIds.size);
    this.wasFull = true;
  }

  private place(actor: ShownActor): void {
    this.shown.set(actor.id, actor);
    for (const listener of this.listeners) listener.born(actor);
  }

  private chartOf(machine: string): Chart | undefined {
    const root = rowOf(this.options.topology.machines, machine)?.machine.root as ChartNode | undefined;
    let chart = this.charts.get(machine);
    if (!chart && root) {
      chart = { root, timers: timerEvents(root), eventless: eventlessRules(root) };
      this.charts.set(machine, chart);
    }
    return chart;
  }

  /** `xstate.after.openMs.circuitBreaker.open` for the timer `openMs` of an actor. */
  timerEvent(id: string, timer: string): string | undefined {
    const actor = this.shown.get(id);
    return actor && this.chartOf(actor.machine)?.timers.get(timer);
  }

  private diverged(seq: number, actor: string): void {
    this.hasDiverged = true;
    this.options.onDivergence?.(seq, actor);
  }
}

/** The event of a step: the record's fact with what it carries, a timer by its own name, or a signal's name. */
function eventOf({ seq, at, fact }: Record, step: Step, feed: ActorFeed): ShownEvent {
  const where = { seq, at, rules: step.rules };
  if (step.event !== fact.type) return { type: step.event, ...where };
  if (fact.type !== 'timer.elapsed') return { ...fact, ...where };
  const type = step.actor === fact.actor ? feed.timerEvent(fact.actor, fact.timer) : undefined;
  return { type: type ?? fact.type, timer: fact.timer, ...where };
}
