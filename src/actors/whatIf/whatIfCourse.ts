import type { Stamped } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import { type Divergence, difference } from '../fold/difference.js';
import { refold } from '../fold/refold.js';
import type { Effect, Record } from '../ports.js';
import { deepFreeze } from '../step/freeze.js';
import { contextOf } from '../step/reading.js';
import { factOf, recordOf, stepOrReject } from '../step/records.js';
import type { Topology } from '../step/routes.js';
import type { ActorState, Changes, SystemState } from '../step/state.js';
import { Agenda } from '../system/heap.js';
import { answersFor, SAME_TIME_MS } from './whatIfAnswers.js';
import { type OptionChanges, withChanges } from './whatIfOptions.js';
import { EffectKeys, isTimeless, type RecordedEffect, type RecordedStretch } from './whatIfRecorded.js';

/** The first place where the two runs part. null on one side: there it did not happen. */
export interface FirstDifference {
  /** The record; of something that only the what-if has, the record before it. */
  readonly seq: number;
  readonly at: number;
  readonly recorded: string | null;
  readonly whatIf: string | null;
}
export interface Counts {
  /**
   * Effects of the other policy that the record answers, at the same time or moved with its own; and those it does not.
   */
  matched: number;
  moved: number;
  inferred: number;
  /** Calls of messages alone, and those of them whose outcome is inferred. */
  calls: number;
  inferredCalls: number;
  /** Outcomes of the record that have no place in the other run. */
  dropped: number;
}
export interface CourseDependencies {
  readonly topology: Topology;
  readonly stretch: RecordedStretch;
  readonly changes: OptionChanges;
  /** The recorded run, and the other one; both at the beginning of the stretch. */
  readonly recorded: SystemState;
  readonly own: SystemState;
  /** Told of every step of the two. */
  readonly onRecorded: (record: Record) => void;
  readonly onOwn: (record: Record) => void;
}

type Due =
  | { readonly kind: 'timer'; readonly actor: string; readonly timer: string; readonly armedAtSeq: number }
  | { readonly kind: 'fact'; readonly fact: Stamped<Fact> };
type Deadline = Extract<Due, { kind: 'timer' }>;

/**
 * Lives a stretch of records again under other options. Beside it the recorded run is folded as it was, so that what is
 * the same in both keeps its place, its time and its id; a run without any change is therefore the recorded one.
 */
export class Course {
  readonly counts: Counts = { matched: 0, moved: 0, inferred: 0, calls: 0, inferredCalls: 0, dropped: 0 };
  /** Messages that an inferred outcome has touched. */
  readonly touched = new Set<string>();
  firstDifference: FirstDifference | null = null;
  /** The journal does not replay under this version: what follows says little. */
  divergence: Divergence | null = null;
  private readonly keys = new EffectKeys();
  /** Recorded effect to ours, where its outcome comes in its recorded place. */
  private readonly links = new Map<string, string>();
  private readonly linked = new Map<string, string>();
  /** Recorded effects whose outcome comes at another time. */
  private readonly moved = new Set<string>();
  private readonly agenda = new Agenda<Due>();
  /** Deadlines that both runs have; the record tells when they fired. */
  private shared: Deadline[] = [];
  /** Effects that died with their process and are not told of yet; null: no restart is going on. */
  private interrupted: string[] | null = null;
  private ids = 0;
  private cursor: number;

  constructor(private readonly deps: CourseDependencies) {
    const { own, recorded } = deps;
    this.cursor = recorded.seq;
    for (const [id, effect] of own.openEffects.entries()) {
      this.keys.addRun(effect);
      this.link(id, id);
    }
    const socket = socketOf(own);
    if (socket !== null) this.link(socket, socket);
    for (const [id, actor] of own.actors.entries()) this.track(id, undefined, actor);
  }

  /** One record of the stretch, in order. */
  take(record: Record): void {
    const { recorded, topology } = this.deps;
    const fact = factOf(record);
    this.cursor = record.seq - 1;
    if (this.interrupted !== null && fact.type !== 'effect.interrupted' && fact.type !== 'actor.quarantined')
      this.interruptRest();
    // What is due while no process lives waits for the next one.
    if (fact.type !== 'run.started') this.runTo(record.at);
    const own = this.translated(fact);
    this.cursor = record.seq;
    const changes = refold(topology, recorded, record);
    this.divergence ??= difference(topology, record, changes);
    recorded.apply(changes);
    this.deps.onRecorded(record);
    if (own === null) {
      if ('effectId' in fact && !this.moved.has(fact.effectId)) this.counts.dropped += 1;
      this.differ({ seq: record.seq, at: record.at, recorded: JSON.stringify(record.fact), whatIf: null });
    } else this.step(own, record);
    this.fireUnshared();
  }

  /** Between batches, and at the end of the stretch: what is due by then. */
  settle(at: number | null): void {
    if (at !== null) {
      if (this.interrupted !== null) this.interruptRest();
      this.runTo(at);
    }
    for (const state of [this.deps.recorded, this.deps.own]) {
      state.merge();
      state.touched.actors.clear();
      state.touched.effects.clear();
    }
  }

  /** The recorded fact as the other run meets it; null: it does not happen there. */
  private translated(fact: Stamped<Fact>): Stamped<Fact> | null {
    const { own, recorded, changes } = this.deps;
    if (fact.type === 'run.started') {
      this.interrupted = [...own.openEffects.entries()].map(([id]) => id);
      this.agenda.keep(({ kind }) => kind === 'timer');
      return { ...fact, options: withChanges(fact.options, changes) };
    }
    if (fact.type === 'timer.elapsed') return this.translatedTimer(fact);
    if ('effectId' in fact) {
      const link = this.links.get(fact.effectId);
      if (link !== undefined) {
        this.interrupted = this.interrupted?.filter((id) => id !== link) ?? null;
        return { ...fact, effectId: link };
      }
      // Nobody waited for it in the record either.
      return recorded.openEffect(fact.effectId) ? null : { ...fact, effectId: 'none' };
    }
    if ('socket' in fact) {
      const link = this.links.get(fact.socket);
      if (link !== undefined) return link === fact.socket ? fact : { ...fact, socket: link };
      if (fact.type === 'socket.opened' || fact.type === 'hello.received' || fact.type.startsWith('session.'))
        return null;
      return { ...fact, socket: fact.socket === socketOf(recorded) ? (socketOf(own) ?? 'none') : 'none' };
    }
    return fact;
  }

  private translatedTimer(fact: Extract<Stamped<Fact>, { type: 'timer.elapsed' }>): Stamped<Fact> | null {
    const was = this.deps.recorded.actor(fact.actor)?.timers[fact.timer];
    const is = this.deps.own.actor(fact.actor)?.timers[fact.timer];
    if (was?.armedAtSeq !== fact.armedAtSeq) return { ...fact, armedAtSeq: 0 }; // it came too late in the record
    return is?.dueAt === was.dueAt ? { ...fact, armedAtSeq: is.armedAtSeq } : null;
  }

  private step(fact: Stamped<Fact>, record: Record | null): void {
    const { own, topology } = this.deps;
    const { changes } = stepOrReject(topology, own, deepFreeze(fact));
    if (record === null) this.differ({ seq: this.cursor, at: fact.at, recorded: null, whatIf: JSON.stringify(fact) });
    else if (this.firstDifference === null) this.compare(record, changes);
    const before = [...changes.actors.keys()].map((id) => [id, own.actor(id)] as const);
    own.apply(changes);
    for (const [id, actor] of before) this.track(id, actor, own.actor(id));
    this.deps.onOwn(recordOf(fact, changes));
    for (const effect of changes.effects) this.answer(effect, changes.at);
  }

  private compare(record: Record, changes: Changes): void {
    const differs = difference(this.deps.topology, record, changes);
    if (differs)
      this.differ({ seq: record.seq, at: record.at, recorded: differs.recorded, whatIf: differs.recomputed });
  }
  private differ(difference: FirstDifference): void {
    this.firstDifference ??= difference;
  }

  /** Finds what comes of an effect of ours: in its recorded place, at its own time, or inferred. */
  private answer(effect: Effect, at: number): void {
    const key = this.keys.take(effect, at);
    if (key === null) return;
    const isCall = effect.type === 'call.start' && !effect.rehearse;
    if (isCall) this.counts.calls += 1;
    const known = this.deps.stretch.find(key);
    if (
      known &&
      known.at === at &&
      isSameForm(known, effect) &&
      (known.answers[0]?.seq ?? Number.POSITIVE_INFINITY) > this.cursor
    ) {
      this.counts.matched += 1;
      this.link(known.effect.id, effect.id);
      return;
    }
    if (known && known.answers.length > 0 && isSameCall(known, effect, at)) {
      this.counts.moved += 1;
      this.moved.add(known.effect.id);
      this.schedule(known, effect, at, true);
      return;
    }
    this.counts.inferred += 1;
    if (isCall) {
      this.counts.inferredCalls += 1;
      this.touched.add(effect.delivery.slice('delivery:'.length, effect.delivery.lastIndexOf('.')));
    }
    this.schedule(this.deps.stretch.nearest(effect, at), effect, at, false);
  }

  /** `isOwn`: the very same effect, so that its facts keep their ids (and with them whatever is derived from those). */
  private schedule(witness: RecordedEffect | undefined, effect: Effect, at: number, isOwn: boolean): void {
    for (const { afterMs, fact, id } of answersFor(effect, witness, at)) {
      const stamped = { ...fact, id: isOwn && id !== null ? id : this.nextId(), at: at + afterMs } as Stamped<Fact>;
      this.agenda.add(stamped.at, { kind: 'fact', fact: stamped });
    }
  }

  private runTo(at: number): void {
    for (let next = this.agenda.nextAt; next !== undefined && next <= at; next = this.agenda.nextAt) {
      const due = this.agenda.take()!;
      if (due.kind === 'fact') this.step({ ...due.fact, at: Math.max(due.fact.at, this.deps.own.at) }, null);
      else if (this.isLive(due)) {
        if (this.isShared(due)) this.shared.push(due);
        else this.fire(due, next);
      }
    }
  }

  private fire({ actor, timer, armedAtSeq }: Deadline, dueAt: number): void {
    const at = Math.max(dueAt, this.deps.own.at);
    this.step({ type: 'timer.elapsed', actor, timer, armedAtSeq, id: this.nextId(), at }, null);
  }
  /** The recorded run has lost a deadline that the other still has, and which is due. */
  private fireUnshared(): void {
    if (this.shared.length === 0 || this.interrupted !== null) return;
    const waiting = this.shared.filter((due) => this.isLive(due));
    this.shared = waiting.filter((due) => this.isShared(due));
    for (const due of waiting) if (!this.shared.includes(due) && this.isLive(due)) this.fire(due, 0);
  }
  private isLive({ actor, timer, armedAtSeq }: Deadline): boolean {
    return this.deps.own.actor(actor)?.timers[timer]?.armedAtSeq === armedAtSeq;
  }
  private isShared({ actor, timer }: Deadline): boolean {
    const dueAt = this.deps.own.actor(actor)?.timers[timer]?.dueAt;
    return dueAt !== undefined && this.deps.recorded.actor(actor)?.timers[timer]?.dueAt === dueAt;
  }
  private track(id: string, before: ActorState | undefined, after: ActorState | undefined): void {
    for (const [timer, { dueAt, armedAtSeq }] of Object.entries(after?.timers ?? {})) {
      if (before?.timers[timer]?.armedAtSeq === armedAtSeq) continue;
      this.agenda.add(dueAt, { kind: 'timer', actor: id, timer, armedAtSeq });
    }
  }

  /** After the recorded interruptions those of the effects that only the other run had under way. */
  private interruptRest(): void {
    const rest = this.interrupted ?? [];
    this.interrupted = null;
    for (const id of rest) {
      const { own, recorded } = this.deps;
      const theirs = this.linked.get(id);
      // A process that died once more before it told of them all: the record tells later.
      if (!own.openEffect(id) || (theirs !== undefined && recorded.openEffect(theirs))) continue;
      this.step({ type: 'effect.interrupted', effectId: id, id: this.nextId(), at: own.at }, null);
    }
  }

  private link(theirs: string, ours: string): void {
    this.links.set(theirs, ours);
    this.linked.set(ours, theirs);
  }
  private nextId(): string {
    this.ids += 1;
    return `~${this.ids}`;
  }
}

/**
 * Whether the recorded outcome stands for this call: the same one, at the same time or of a kind that time does not
 * change.
 */
function isSameCall(known: RecordedEffect, effect: Effect, at: number): boolean {
  const { at: then, answers } = known;
  if (!isSameForm(known, effect)) return false;
  if (effect.type !== 'call.start' && effect.type !== 'external.run') return true;
  return Math.abs(at - then) <= SAME_TIME_MS || isTimeless(answers[0]!.fact);
}

function isSameForm({ effect: was }: RecordedEffect, effect: Effect): boolean {
  return effect.type !== 'call.start' || was.type !== 'call.start' || was.rung === effect.rung;
}

function socketOf(state: SystemState): string | null {
  return contextOf(state.actor('gateway'), 'gateway')?.socket ?? null;
}
