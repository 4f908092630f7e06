import type { AnyStateMachine, EventObject } from 'xstate';
import type { Stamped } from '../../machines/vocabulary/base.js';
import type { EffectRequest } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Signal } from '../../machines/vocabulary/signals.js';
import type { Fold } from '../charts/foldTypes.js';
import { folderOf } from '../charts/inertScope.js';
import type { Effect, StateValue, Step } from '../ports.js';
import { Deliveries, type Delivery } from './deliveries.js';
import { isGiver, isGrant, Leases, type Outgoing } from './leases.js';
import { Overlay } from './overlay.js';
import { displayName, sameValue, textOf, timersAfter } from './reading.js';
import { OUTCOMES, type Route, type Topology } from './routes.js';
import type { ActorState, Changes, StateView } from './state.js';

/**
 * What one fact does to the bot. Pure: reads only `view` and `fact`, changes nothing, returns the changes. Time, ids
 * and randomness come from the fact. Throws when machines answer each other without end; then nothing happened.
 */
export function step(topology: Topology, view: StateView, fact: Stamped<Fact>): Changes {
  return new StepRun(topology, view, fact).run();
}

/** What an actor keeps over a step whatever its chart does. */
type Carried = Pick<ActorState, 'machine' | 'timers' | 'open'>;

class StepRun extends Overlay implements Outgoing {
  private readonly steps: Step[] = [];
  private readonly effects: Effect[] = [];
  private readonly queue: Deliveries;
  private readonly leases: Leases;
  private delivered = 0;

  constructor(
    private readonly topology: Topology,
    view: StateView,
    private readonly fact: Stamped<Fact>,
  ) {
    super(view, fact.at);
    this.queue = new Deliveries(fact.type, () => this.living().length);
    this.leases = new Leases(topology.lending, this, this);
  }

  run(): Changes {
    const fact = this.fact;
    if (fact.type === 'run.started') {
      this.epoch = fact.epoch;
      this.behaviour = fact.behaviour;
      this.options = fact.options;
    } else if (fact.type === 'message.received') {
      this.seen.push(fact.message.id);
    }
    if (fact.type === 'timer.elapsed') this.fire(fact);
    else if (fact.type === 'actor.quarantined') this.quarantine(fact);
    else this.routeFact(fact);
    if (fact.type === 'run.started') this.beginLife(fact);
    for (let next = this.queue.take(); next; next = this.queue.take()) this.deliver(next);
    return this.laid(this.steps, this.effects);
  }

  private routeFact(fact: Stamped<Fact>): void {
    const effectId = 'effectId' in fact ? fact.effectId : undefined;
    const effect = effectId === undefined ? undefined : this.openEffect(effectId);
    for (const route of this.topology.routeFact(fact, effect, this)) this.queue.put(route, fact);
    if (effect && OUTCOMES.has(fact.type)) this.closeEffect(effect);
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
    this.queue.put({ to: fact.actor }, { type });
  }

  /** Every living actor that has a row for it hears of a new process life. */
  private beginLife(fact: Stamped<Fact>): void {
    const told = this.queue.hearers;
    for (const id of this.living()) {
      const machine = this.machineOf((this.actor(id) as ActorState).machine);
      if (!told.has(id) && machine.events.includes(fact.type)) this.queue.put({ to: id }, fact);
    }
  }

  /** An actor whose recomputed past differs from its record is taken out; one that must live begins anew. */
  private quarantine(fact: Extract<Stamped<Fact>, { type: 'actor.quarantined' }>): void {
    const actor = this.actor(fact.actor);
    if (!actor) return;
    this.steps.push({ actor: fact.actor, event: fact.type, from: actor.snapshot.value, to: null, rules: [] });
    this.takeOut(fact.actor, actor, fact, 'diverged');
    this.beginAnew(fact.actor, actor);
  }

  /** It ends whatever its chart says: who waits for it is told, what it has goes back, its dependents end too. */
  private takeOut(id: string, actor: ActorState, cause: EventObject, error: unknown): void {
    const { machine, snapshot } = actor;
    const [owed, value] = [this.leases.of(id, actor), actor.snapshot.value];
    const reason = cause.type === 'actor.quarantined' ? 'diverged' : 'crashed';
    this.end(id, actor, { machine, value, reason, parent: null });
    this.crash(id, machine, cause.type, error, value, snapshot.context);
    this.leases.giveBack(id, owed, cause);
    this.leases.passed(id, { before: actor, after: null, said: [] });
    for (const dependent of this.topology.lending?.dependentsOf(actor, this) ?? []) {
      const its = this.actor(dependent) as ActorState;
      this.steps.push({ actor: dependent, event: cause.type, from: its.snapshot.value, to: null, rules: [] });
      this.takeOut(dependent, its, cause, error);
    }
  }

  /**
   * What it was to hear, and what it had granted, goes with it; what it had said is taken back; whoever waited there
   * asks again.
   */
  private beginAnew(id: string, before: ActorState): void {
    const { lending } = this.topology;
    const route = lending?.bornAnew(id, before, this);
    if (!lending || !route) return;
    const isKept = ({ route: { to }, event, from }: Delivery): boolean =>
      to !== id && !(from === id && isGrant(event.type));
    const birth: Delivery = { route, event: { type: this.fact.type }, from: null };
    const takenBack = lending
      .takenBack(id, before)
      .flatMap((signal) =>
        this.topology.routeSignal(signal, id, this).map((route) => ({ route, event: signal, from: id })),
      );
    const told = lending.standing(id, before, this).map((each) => ({ route: { to: id }, ...each }));
    const kept = this.queue.reorder(isKept, [birth, ...takenBack, ...told]);
    const asking = new Set(kept.map(({ from }) => from));
    for (const [asker, ask] of this.leases.waitingAt(id))
      if (!asking.has(asker)) this.queue.put({ to: id }, ask, asker);
  }

  private deliver({ route, event: routed, from }: Delivery): void {
    const event = typeof route.event === 'object' ? route.event : routed;
    let actor = this.actor(route.to);
    // What ended stays ended; one that always lives, or is made on demand (a lane), may come again.
    if (
      !actor &&
      route.spawn &&
      (this.lives(route.spawn.machine) || route.spawn.deliver || !this.ended(route.to, this.at))
    ) {
      this.spawn(route.to, route.spawn.machine, route.spawn.input, event);
      if (!route.spawn.deliver) return;
      actor = this.actor(route.to);
    }
    if (from !== null && isGrant(event.type) && !this.leases.isWanted(route.to, actor, event)) {
      this.ignore(route.to, event.type, actor);
      this.leases.refuse(route.to, event, from);
      return;
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
      const folder = folderOf(this.machineOf(machine));
      const fold = folder.start(stamped);
      const born = fold.microsteps.at(-1)?.value ?? fold.snapshot.value;
      const rule = folder.birthRule;
      this.steps.push({ actor: id, event: cause.type, from: null, to: born, rules: [rule] });
      this.absorb(id, { machine, timers: {}, open: [] }, fold, this.at, rule);
    } catch (error) {
      this.steps.push({ actor: id, event: cause.type, from: null, to: null, rules: [] });
      this.crash(id, machine, cause.type, error, null, stamped);
    }
  }

  private transition(id: string, actor: ActorState, event: EventObject): void {
    const stamped = { ...event, at: this.at, id: this.nextId() };
    let from = actor.snapshot.value;
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
      const { snapshot, emitted } = fold;
      const isOver = snapshot.status !== 'active';
      const owed = isOver ? this.leases.of(id, actor) : null;
      this.absorb(id, actor, fold, since, rule);
      if (owed) this.leases.giveBack(id, owed, stamped, emitted);
      this.leases.passed(id, { before: actor, after: isOver ? null : snapshot.value, said: emitted });
    } catch (error) {
      this.crashed(id, actor, stamped, error);
    }
  }

  /**
   * One of many ends there; a giver begins anew, since a request or a return is lost with its step; another stays as it
   * was.
   */
  private crashed(id: string, actor: ActorState, event: EventObject, error: unknown): void {
    const from = actor.snapshot.value;
    const isOver = !this.lives(actor.machine) || isGiver(actor.machine);
    this.steps.push({ actor: id, event: displayName(event.type), from, to: isOver ? null : from, rules: [] });
    if (!isOver) return this.crash(id, actor.machine, event.type, error, from, actor.snapshot.context);
    this.takeOut(id, actor, event, error);
    this.beginAnew(id, actor);
  }

  /** Takes over what a fold gave: the snapshot, its timers, its signals and effects. */
  private absorb(id: string, { machine, open, timers: armed }: Carried, fold: Fold, since: number, rule: string): void {
    const timers = timersAfter(armed, fold.timers, this);
    const next: ActorState = { machine, snapshot: fold.snapshot, timers, open, since, rule };
    if (fold.snapshot.status === 'active') this.actors.set(id, next);
    else {
      const [reason, parent] = [textOf(fold.snapshot, 'reason'), textOf(fold.snapshot, 'message')];
      this.end(id, next, { machine, value: fold.snapshot.value, reason, parent });
    }
    for (const emitted of fold.emitted) this.emit(id, emitted);
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

  signal(signal: Signal | EventObject, from: string): void {
    for (const route of this.topology.routeSignal(signal, from, this)) this.queue.putSignal(route, signal, from);
  }

  send(route: Route, from: string): void {
    this.queue.put(route, { type: '' }, from);
  }

  private crash(
    actor: string,
    machine: string,
    event: string,
    error: unknown,
    value: StateValue | null,
    context: object,
  ): void {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.signal({ type: 'actor.crashed', actor, machine, event, error: message, value, context }, actor);
  }

  /** A signal to an actor that never was comes back to its sender; one that has ended is left in peace. */
  private undeliverable(to: string, event: string, from: string | null): void {
    if (from === null || event === 'signal.undeliverable' || this.ended(to, this.at) || !this.actor(from)) return;
    this.signal({ type: 'signal.undeliverable', actor: to, event }, from);
  }

  /** An event for nobody: recorded. */
  private ignore(id: string, event: string, actor: ActorState | undefined): void {
    const value = actor?.snapshot.value ?? this.ended(id, this.at)?.value ?? null;
    this.steps.push({ actor: id, event, from: value, to: value, rules: [] });
  }

  private machineOf(name: string): AnyStateMachine {
    const entry = this.topology.machines[name];
    if (entry) return entry.machine;
    throw new Error(`no machine "${name}" in the topology; it knows ${Object.keys(this.topology.machines).join(', ')}`);
  }

  private lives(machine: string): boolean {
    return this.topology.machines[machine]?.lives !== 'once';
  }

  private nextId(): string {
    this.delivered += 1;
    return `${this.fact.id}.e${this.delivered}`;
  }
}
