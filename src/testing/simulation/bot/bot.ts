import type { Effect, Record } from '../../../actors/ports.js';
import { deepFreeze } from '../../../actors/step/freeze.js';
import { admit, recordOf, stepOrReject } from '../../../actors/step/records.js';
import { isPatience, type Topology } from '../../../actors/step/routes.js';
import { type ActorState, type Changes, SystemState } from '../../../actors/step/state.js';
import { Agenda } from '../../../actors/system/heap.js';
import type { Stamped } from '../../../machines/vocabulary/base.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import type { BotOptions } from '../../../machines/vocabulary/options/options.js';
import type { Fail } from '../invariants/violation.js';
import { Tail } from './tail.js';

/** One fact stepped, with what stood there before. */
export interface Stepped {
  readonly record: Record;
  readonly changes: Changes;
  /** Of each changed actor and effect. */
  readonly actorsBefore: ReadonlyMap<string, ActorState | undefined>;
  readonly effectsBefore: ReadonlyMap<string, Effect | undefined>;
}
export interface BotDependencies {
  readonly topology: Topology;
  readonly now: () => number;
  readonly perform: (effect: Effect) => void;
  readonly watch: (stepped: Stepped, state: SystemState) => void;
  readonly fail: Fail;
}

/** A firing that may fall due. */
export interface Firing {
  readonly actor: string;
  readonly timer: string;
  readonly armedAtSeq: number;
  readonly dueAt: number;
  /** Time lost until it was armed, or put off. */
  readonly lostBefore: number;
}

/** A checkpoint is written, and a restart tried on the side, after so many facts. */
const CHECKED_EVERY = 1_000;

/** The real step, topology and machines, one fact at a time; the loop around them is the simulation's. */
export class SimulatedBot {
  state = new SystemState();
  facts = 0;
  readonly firings = new Agenda<Firing>();
  /** First the fact that is being taken. */
  private readonly inbox: Fact[] = [];
  private readonly tail: Tail;
  private epoch = 0;
  /** Time that passed and that the process did not have. */
  lostMs = 0;
  /** Effects are journaled and not started: the process dies before it does. */
  isDying = false;

  constructor(private readonly deps: BotDependencies) {
    this.tail = new Tail(deps.topology, this.state, deps.fail);
  }

  /** As the loop does: what is posted while another fact has its effects waits for them. */
  post(fact: Fact): void {
    this.inbox.push(fact);
    if (this.inbox.length > 1) return;
    for (let next = this.inbox[0]; next; next = this.inbox[0]) {
      this.take(next);
      this.inbox.shift();
    }
  }

  private take(fact: Fact): void {
    this.facts += 1;
    const { state, deps } = this;
    const stamped = deepFreeze({ ...fact, id: `f${this.facts}`, at: Math.max(deps.now(), state.at) } as Stamped<Fact>);
    const admitted = admit(stamped, state);
    const { changes, error } = stepOrReject(deps.topology, state, admitted);
    if (error) deps.fail('no fact is rejected', `${fact.type}: ${String(error)}`);
    const actorsBefore = new Map([...changes.actors.keys()].map((id) => [id, state.actor(id)]));
    const effectsBefore = new Map([...changes.openEffects.keys()].map((id) => [id, state.openEffect(id)]));
    state.apply(changes);
    state.merge();
    const record = recordOf(admitted, changes);
    this.tail.add(record);
    this.schedule(actorsBefore);
    deps.watch({ record, changes, actorsBefore, effectsBefore }, state);
    if (!this.isDying) for (const effect of changes.effects) deps.perform(effect);
    if (this.tail.length >= CHECKED_EVERY && !this.tail.isCheckpointing) {
      this.tail.restored();
      this.tail.checkpoint();
    }
  }

  /** The earliest firing that still counts; undefined: none is armed. */
  nextFiringAt(): number | undefined {
    return this.firings.nextAt;
  }
  /** Takes the earliest firing and posts it, when it still counts. */
  fire(): void {
    const firing = this.firings.take()!;
    const { actor: id, timer, armedAtSeq, dueAt, lostBefore } = firing;
    const actor = this.state.actor(id);
    if (actor?.timers[timer]?.armedAtSeq !== armedAtSeq) return;
    const owedMs = isPatience(this.deps.topology, actor.machine, timer) ? this.lostMs - lostBefore : 0;
    if (owedMs > 0)
      this.firings.add(dueAt + owedMs, { ...firing, dueAt: dueAt + owedMs, lostBefore: lostBefore + owedMs });
    else this.post({ type: 'timer.elapsed', actor: id, timer, armedAtSeq });
  }

  /** A process life: the state that its journal gives, and the facts that it begins with. */
  begin(options: BotOptions, changed: string | null): void {
    this.state = this.tail.restored(changed);
    this.tail.begin(this.state);
    if (changed !== null) this.tail.checkpointNow();
    this.isDying = false;
    this.epoch += 1;
    this.firings.keep(() => false);
    this.schedule(new Map([...this.state.actors.entries()].map(([id]) => [id, undefined])));
    const interrupted = [...this.state.openEffects.entries()].map(([id]) => id);
    const { machineVersions } = this;
    const { behaviour = 1 } = this.deps.topology;
    this.post({ type: 'run.started', epoch: this.epoch, behaviour, options, machineVersions });
    if (changed !== null)
      this.post({
        type: 'machines.upgraded',
        changes: [{ machine: changed, from: 'another', to: machineVersions[changed] ?? '' }],
      });
    for (const effectId of interrupted) this.post({ type: 'effect.interrupted', effectId });
  }

  /** Tries a restart on the side and holds it against the living state. */
  verify(): void {
    this.tail.restored();
  }

  private get machineVersions(): { readonly [machine: string]: string } {
    return this.tail.machineVersions;
  }

  private schedule(before: ReadonlyMap<string, ActorState | undefined>): void {
    for (const [id, was] of before) {
      for (const [timer, { dueAt, armedAtSeq }] of Object.entries(this.state.actor(id)?.timers ?? {})) {
        if (was?.timers[timer]?.armedAtSeq === armedAtSeq) continue;
        this.firings.add(dueAt, { actor: id, timer, armedAtSeq, dueAt, lostBefore: this.lostMs });
      }
    }
  }
}
