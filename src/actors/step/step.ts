import type { AnyStateMachine, EventObject } from 'xstate';
import type { Stamped } from '../../machines/vocabulary/base.js';
import type { EffectRequest } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts.js';
import type { Fold } from '../charts/foldTypes.js';
import { folderOf } from '../charts/inertScope.js';
import type { Effect, StateValue, Step } from '../ports.js';
import { OUTCOMES, type Route, type Topology } from './routes.js';
import type { ActorState, Changes, Ended, StateView, Timer } from './state.js';

/** Signals one fact may cause; more means that machines answer each other for ever. */
export const SIGNALS_MAX = 1_000;

/**
 * What one fact does to the bot. Pure: reads only `view` and `fact`, changes nothing, returns the changes.
 * Time, ids and randomness come from the fact. Throws when machines answer each other without end; then nothing happened.
 */
export function step(topology: Topology, view: StateView, fact: Stamped<Fact>): Changes {
  return new StepRun(topology, view, fact).run();
}

/** What an actor keeps over a step whatever its chart does. */
type Carried = Pick<ActorState, 'machine' | 'timers' | 'open'>;
interface Delivery {
  readonly route: Route;
  readonly event: EventObject;
  /** The actor that signalled; null for a fact. */
  readonly from: string | null;
}

class StepRun implements StateView {
  readonly seq: number;
  readonly at: number;
  epoch: number;
  options: StateView['options'];
  private readonly actors = new Map<string, ActorState | null>();
  private readonly openEffects = new Map<string, Effect | null>();
  private readonly seen: string[] = [];
  private readonly endings: (readonly [string, Ended])[] = [];
  private readonly steps: Step[] = [];
  private readonly effects: Effect[] = [];
  private readonly queue: Delivery[] = [];
  private delivered = 0;
  private signals = 0;

  constructor(
    private readonly topology: Topology,
    private readonly view: StateView,
    private readonly fact: Stamped<Fact>,
  ) {
    this.seq = view.seq + 1;
    this.at = Math.max(fact.at, view.at);
    this.epoch = view.epoch;
    this.options = view.options;
  }

  actor(id: string): ActorState | undefined {
    const actor = this.actors.get(id);
    return actor === undefined ? this.view.actor(id) : (actor ?? undefined);
  }
  openEffect(id: string): Effect | undefined {
    const effect = this.openEffects.get(id);
    return effect === undefined ? this.view.openEffect(id) : (effect ?? undefined);
  }
  ended(id: string, at: number): Ended | undefined {
    return this.endings.find(([ended]) => ended === id)?.[1] ?? this.view.ended(id, at);
  }
  readonly hasSeen: StateView['hasSeen'] = (messageId, at) => this.view.hasSeen(messageId, at);

  run(): Changes {
    const fact = this.fact;
    if (fact.type === 'run.started') {
      this.epoch = fact.epoch;
      this.options = fact.options;
    } else if (fact.type === 'message.received') {
      this.seen.push(fact.message.id);
    }
    if (fact.type === 'timer.elapsed') this.fire(fact);
    else if (fact.type === 'actor.quarantined') this.quarantine(fact);
    else this.routeFact(fact);
    for (let next = this.queue.shift(); next; next = this.queue.shift()) this.deliver(next);
    const { seq, at, epoch, options, actors, openEffects, seen, endings: ended, steps, effects } = this;
    return { seq, at, epoch, options, actors, openEffects, seen, ended, steps, effects };
  }

  private routeFact(fact: Stamped<Fact>): void {
    const effectId = 'effectId' in fact ? fact.effectId : undefined;
    const effect = effectId === undefined ? undefined : this.openEffect(effectId);
    for (const route of this.topology.routeFact(fact, effect, this))
      this.queue.push({ route, event: fact, from: null });
    if (effect && OUTCOMES.has(fact.type)) this.closeEffect(effect);
  }

  private closeEffect(effect: Effect): void {
    this.openEffects.set(effect.id, null);
    const owner = this.actor(effect.actor);
    if (owner) this.actors.set(effect.actor, { ...owner, open: owner.open.filter((id) => id !== effect.id) });
  }

  /** A firing counts only for the arming it was made for, and not before its time. */
  private fire(fact: Extract<Stamped<Fact>, { type: 'timer.elapsed' }>): void {
    const actor = this.actor(fact.actor);
    const timer = actor?.timers[fact.timer];
    const type = actor && folderOf(this.machineOf(actor.machine)).timerEvent(fact.timer);
    if (!actor || !timer || !type || timer.armedAtSeq !== fact.armedAtSeq || this.at < timer.dueAt) {
      this.ignore(fact.actor, 'timer.elapsed', actor);
      return;
    }
    const { [fact.timer]: _fired, ...timers } = actor.timers;
    this.actors.set(fact.actor, { ...actor, timers });
    const { lostMs } = fact;
    this.queue.push({
      route: { to: fact.actor },
      event: { type, ...(lostMs === undefined ? {} : { lostMs }) } as EventObject,
      from: null,
    });
  }

  /** An actor whose recomputed past differs from its record is taken out; a singleton begins anew. */
  private quarantine(fact: Extract<Stamped<Fact>, { type: 'actor.quarantined' }>): void {
    const actor = this.actor(fact.actor);
    if (actor) {
      const value = actor.snapshot.value as StateValue;
      this.steps.push({ actor: fact.actor, event: fact.type, from: value, to: null, rules: [] });
      this.end(fact.actor, actor, { machine: actor.machine, value, reason: 'diverged', parent: null });
      this.crash(fact.actor, actor.machine, fact.type, 'diverged', value, actor.snapshot.context);
    }
    this.routeFact(fact);
  }

  private deliver({ route, event: routed, from }: Delivery): void {
    const event = typeof route.event === 'object' ? route.event : routed;
    let actor = this.actor(route.to);
    // What ended stays ended; only an actor that is made on demand (a lane) may come again.
    if (!actor && route.spawn && (route.spawn.deliver || !this.ended(route.to, this.at))) {
      this.spawn(route.to, route.spawn.machine, route.spawn.input, event);
      if (!route.spawn.deliver) return;
      actor = this.actor(route.to);
    }
    if (!actor) {
      this.ignore(route.to, event.type, undefined);
      this.undeliverable(route.to, event.type, from);
      return;
    }
    this.transition(route.to, actor, typeof route.event === 'function' ? route.event(this) : event);
  }

  private spawn(id: string, machine: string, input: object, cause: EventObject): void {
    const stamped = { ...input, id, at: this.at, cause: this.nextId() };
    try {
      const fold = folderOf(this.machineOf(machine)).start(stamped);
      const born = fold.microsteps.at(-1)?.value ?? (fold.snapshot.value as StateValue);
      const initial = this.machineOf(machine).root.initial as { description?: string } | undefined;
      const rule = initial?.description?.split(' ', 1)[0] ?? '?';
      this.steps.push({ actor: id, event: cause.type, from: null, to: born, rules: [rule] });
      this.absorb(id, { machine, timers: {}, open: [] }, fold, this.at, rule);
    } catch (error) {
      this.steps.push({ actor: id, event: cause.type, from: null, to: null, rules: [] });
      this.crash(id, machine, cause.type, error, null, stamped);
    }
  }

  private transition(id: string, actor: ActorState, event: EventObject): void {
    const stamped = { ...event, at: this.at, id: this.nextId() };
    let from = actor.snapshot.value as StateValue;
    try {
      const fold = folderOf(this.machineOf(actor.machine)).transition(actor.snapshot, stamped);
      let { rule, since } = actor;
      for (const microstep of fold.microsteps) {
        this.steps.push({
          actor: id,
          event: displayName(event.type),
          from,
          to: microstep.value,
          rules: microstep.rules,
        });
        if (!sameValue(from, microstep.value)) {
          since = this.at;
          rule = microstep.rules[0] ?? rule;
        }
        from = microstep.value;
      }
      this.absorb(id, actor, fold, since, rule);
    } catch (error) {
      const ephemeral = this.topology.machines[actor.machine]?.ephemeral;
      this.steps.push({ actor: id, event: displayName(event.type), from, to: ephemeral ? null : from, rules: [] });
      if (ephemeral) this.end(id, actor, { machine: actor.machine, value: from, reason: 'crashed', parent: null });
      this.crash(id, actor.machine, event.type, error, from, actor.snapshot.context);
    }
  }

  /** Takes over what a fold gave: the snapshot, its timers, its signals and effects. */
  private absorb(id: string, { machine, open, timers: armed }: Carried, fold: Fold, since: number, rule: string): void {
    let timers = armed;
    for (const change of fold.timers) {
      if (change.armed) {
        const timer: Timer = { dueAt: this.at + Math.round(change.delayMs), armedAtSeq: this.seq };
        timers = { ...timers, [change.timer]: timer };
      } else if (timers[change.timer]) {
        const { [change.timer]: _cancelled, ...rest } = timers;
        timers = rest;
      }
    }
    const next: ActorState = { machine, snapshot: fold.snapshot, timers, open, since, rule };
    if (fold.snapshot.status === 'active') this.actors.set(id, next);
    else {
      const { reason = null, message = null } = fold.snapshot.context as { reason?: string | null; message?: unknown };
      const value = fold.snapshot.value as StateValue;
      const parent = typeof message === 'string' ? message : null;
      this.end(id, next, { machine, value, reason, parent });
    }
    for (const emitted of fold.emitted) this.emit(id, emitted);
  }

  /** The actor is no more; outcomes of effects that it still awaited will find nobody. */
  private end(id: string, actor: ActorState, ended: Ended): void {
    for (const effectId of actor.open) this.openEffects.set(effectId, null);
    this.actors.set(id, null);
    this.endings.push([id, ended]);
  }

  private emit(from: string, emitted: EventObject): void {
    const kind = this.topology.effects[emitted.type];
    if (!kind) {
      this.signal(emitted, from);
      return;
    }
    const effect = { ...emitted, id: `${this.fact.id}.${this.effects.length}`, actor: from } as unknown as Effect &
      EffectRequest;
    this.effects.push(effect);
    const owner = this.actor(from);
    if (kind.awaited && owner) {
      this.openEffects.set(effect.id, effect);
      this.actors.set(from, { ...owner, open: [...owner.open, effect.id] });
    }
  }

  private signal(signal: EventObject, from: string): void {
    for (const route of this.topology.routeSignal(signal, from, this)) {
      this.signals += 1;
      if (this.signals > SIGNALS_MAX) {
        throw new Error(
          `fact ${this.fact.type} caused more than ${SIGNALS_MAX} signals; the last was ${signal.type} from ${from}`,
        );
      }
      this.queue.push({ route, event: signal, from });
    }
  }

  private crash(
    actor: string,
    machine: string,
    event: string,
    error: unknown,
    value: StateValue | null,
    context: unknown,
  ): void {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.signal({ type: 'actor.crashed', actor, machine, event, error: message, value, context } as EventObject, actor);
  }

  /** A signal to an actor that never was comes back to its sender; one that has ended is left in peace. */
  private undeliverable(to: string, event: string, from: string | null): void {
    if (from === null || event === 'signal.undeliverable' || this.ended(to, this.at) || !this.actor(from)) return;
    this.signal({ type: 'signal.undeliverable', actor: to, event } as EventObject, from);
  }

  /** An event for nobody: recorded. */
  private ignore(id: string, event: string, actor: ActorState | undefined): void {
    const value = (actor?.snapshot.value as StateValue | undefined) ?? this.ended(id, this.at)?.value ?? null;
    this.steps.push({ actor: id, event, from: value, to: value, rules: [] });
  }

  private machineOf(name: string): AnyStateMachine {
    const entry = this.topology.machines[name];
    if (!entry)
      throw new Error(
        `no machine "${name}" in the topology; it knows ${Object.keys(this.topology.machines).join(', ')}`,
      );
    return entry.machine;
  }

  private nextId(): string {
    this.delivered += 1;
    return `${this.fact.id}.e${this.delivered}`;
  }
}

/** XState's own names carry state paths; records do not. */
const displayName = (type: string): string => (type.startsWith('xstate.after.') ? 'timer.elapsed' : type);

function sameValue(a: StateValue, b: StateValue): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
}
