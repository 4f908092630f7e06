import type { ActorState, SystemState } from '../../../actors/step/state.js';
import type { Stepped } from '../bot/bot.js';
import { Account } from './account.js';
import { Census } from './census.js';
import { contextOf } from './contexts.js';
import * as givers from './givers.js';
import type { Check, Look } from './look.js';
import { Pace } from './pace.js';
import { checkStanding } from './standing.js';
import * as takers from './takers.js';
import type { Fail } from './violation.js';

const CHECKS: { readonly [machine: string]: Check } = {
  circuitBreaker: (...args) => {
    givers.breaker(...args);
    takers.timed(...args);
  },
  operatorBreaker: (...args) => {
    givers.operatorBreaker(...args);
    takers.timed(...args);
  },
  lane: givers.lane,
  intake: givers.intake,
  feature: givers.feature,
  delivery: takers.delivery,
  message: takers.message,
  externalCall: takers.externalCall,
  accessToken: takers.token,
  gateway: takers.timed,
  recovery: takers.timed,
  interaction: takers.timed,
  ownMessages: takers.timed,
  bot: takers.timed,
};

/** Actors that may live at once: what is in hand at most, its replies, and what always lives. */
const ACTORS_MAX = 20_000;
/** Characters of one actor's context, lines and rings included. */
const CONTEXT_MAX = 2_000_000;

/**
 * Holds every rule after each record, at the cost of what the record changed; `scan` holds them over all that lives.
 */
export class Watch {
  readonly account: Account;
  private readonly census = new Census();
  private readonly pace: Pace;

  constructor(private readonly fail: Fail) {
    this.account = new Account(fail);
    this.pace = new Pace(fail);
  }

  take(stepped: Stepped, state: SystemState): void {
    const { census, fail } = this;
    census.take(stepped);
    this.checkSteps(stepped);
    const look: Look = { state, census, fail };
    for (const [id, before] of stepped.actorsBefore) this.checkTimers(id, before, state);
    for (const id of this.concerned(stepped, state)) checkActor(id, look);
    for (const id of census.takeMoved()) givers.waiter(id, look);
    for (const effect of stepped.changes.effects) takers.started(effect.id, look);
    for (const id of stepped.changes.openEffects.keys()) givers.call(id, look);
    checkStanding(stepped.changes.actors, state, fail);
    this.account.take(stepped, state, census);
    this.pace.take(stepped, state);
  }

  /** All rules over the whole state, and the census against one made anew. */
  scan(state: SystemState): void {
    const { census, fail } = this;
    const different = census.differsFrom(Census.of(state));
    if (different !== null) fail('[simulation] the census follows the state', different);
    const look: Look = { state, census, fail };
    for (const [id, actor] of state.actors.entries()) {
      checkActor(id, look);
      for (const [timer, { dueAt }] of Object.entries(actor.timers))
        if (!Number.isFinite(dueAt)) fail('[core 13] deadlines are finite', `${id} ${timer}`);
      const length = JSON.stringify(actor.snapshot.context).length;
      if (length > CONTEXT_MAX) fail('[core 38] contexts are bounded', `${id}: ${length} characters`);
    }
    for (const id of census.waitsAt.keys()) givers.waiter(id, look);
    for (const [id] of state.openEffects.entries()) givers.call(id, look);
    this.account.check(state, census);
    if (census.actors > ACTORS_MAX) fail('[core 38] actors are bounded', `${census.actors} live`);
  }

  private checkSteps({ record: { fact, steps } }: Stepped): void {
    for (const { actor, event, from, to, rules } of steps) {
      if (to !== null) continue;
      if (from !== null && fact.type !== 'actor.quarantined')
        this.fail('[core 10] nobody crashes', `${actor} at ${event}`);
      if (from === null && rules.length === 0) this.fail('[core 10] no signal goes to nobody', `${event} to ${actor}`);
    }
  }

  private checkTimers(id: string, before: ActorState | undefined, state: SystemState): void {
    for (const [timer, { dueAt, armedAtSeq }] of Object.entries(state.actor(id)?.timers ?? {})) {
      if (before?.timers[timer]?.armedAtSeq === armedAtSeq) continue;
      if (!Number.isFinite(dueAt) || dueAt < state.at)
        this.fail('[core 13] deadlines lie ahead', `${id} ${timer}: ${dueAt - state.at} ms`);
    }
  }

  /** Who has changed, and who stands in a relation to it. */
  private concerned({ changes, actorsBefore, effectsBefore }: Stepped, state: SystemState): ReadonlySet<string> {
    const ids = new Set(changes.actors.keys());
    for (const [id, before] of actorsBefore) {
      const actor = before ?? state.actor(id);
      if (!actor) continue;
      if (actor.machine === 'delivery') {
        ids.add(contextOf(actor, 'delivery').lane);
        const feature = this.census.triesFor.get(id);
        if (feature !== undefined) ids.add(feature);
      } else if (actor.machine === 'message') ids.add('intake');
    }
    for (const effect of [...effectsBefore.values(), ...changes.openEffects.values()])
      if (effect && 'breaker' in effect) ids.add(effect.breaker);
    return ids;
  }
}

function checkActor(id: string, look: Look): void {
  const actor = look.state.actor(id);
  if (!actor) return givers.waiter(id, look);
  CHECKS[actor.machine]?.(id, actor, look);
}
