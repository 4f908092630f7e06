import type { Effect, Record } from '../../../actors/ports.js';
import type { SystemState } from '../../../actors/step/state.js';
import { UPLOAD_MS, UPLOAD_WAIT_MS } from '../../../machines/delivery/pictures.js';
import { isFailureClass } from '../../../machines/kit/callOutcome.js';
import type { Stepped } from '../bot/bot.js';
import type { Act, Weather } from '../plan/acts.js';
import { contextIn, contextOf, stateOf, waitersOf } from './contexts.js';
import type { Fail } from './violation.js';

/** [core 37] One failing target, or one failing service, stops no other. */
const OTHERS = '[core 37] while one thing alone fails, everything else goes on';
const SCHEDULE = '[core 37] what fails on is tried on a schedule that grows';
const ADORNMENT = '[core 37] a picture never withholds its text';

/** What was before is over so long after one thing alone began to fail. */
const SETTLED_MS = 90_000;
/** As long as anyone else may wait for leave. */
const PROMPT_MS = 2_000;
/** Uploading and waiting to upload of one reply: two tries that are cut off, and the waits before four. */
const UPLOADING_MAX_MS = 2 * UPLOAD_MS + 4 * UPLOAD_WAIT_MS + 1_000;
const UPLOADING: readonly string[] = ['awaitingUpload', 'uploading'];
const BREAKER = 'breaker:messages';
const RESERVED = 'breaker:operator';

interface Tried {
  readonly failures: number;
  readonly endedAt: number;
}
type Call = Extract<Effect, { type: 'call.start' }>;

export class Fairness {
  private weather: Weather = { noise: 1 };
  private settledAt = Number.POSITIVE_INFINITY;
  /** Targets that have failed since they last answered, while the breaker let all go; since their lane was made. */
  private readonly tried = new Map<string, Tried>();
  /** When the last call of a reply to the failing target failed under the reserved permit. */
  private readonly reserved = new Map<string, number>();
  /** Since when one that calls another target has asked, and nobody is admitted; null: nobody has. */
  private askedAt: number | null = null;
  /** Replies that upload: for how long, and since when. */
  private readonly uploading = new Map<string, { readonly sumMs: number; readonly since: number | null }>();

  constructor(
    private readonly fail: Fail,
    private readonly mark: (name: string) => void,
  ) {}

  /** Something is done to the bot. */
  disturbed(act: Act, now: number): void {
    if (act.kind === 'weather') this.weather = act.weather;
    if (act.kind !== 'message') this.settledAt = isLonely(this.weather) ? now + SETTLED_MS : Number.POSITIVE_INFINITY;
    if (act.kind !== 'message') this.askedAt = null;
    if (act.kind !== 'message' && act.kind !== 'weather') {
      this.tried.clear();
      this.reserved.clear();
    }
    if (act.kind === 'stall') this.uploading.clear();
  }

  take({ record, actorsBefore, effectsBefore }: Stepped, state: SystemState): void {
    const { fact, at, effects } = record;
    const { target = '' } = this.weather;
    if (fact.type === 'run.started' || fact.type === 'actor.quarantined') this.uploading.clear();
    this.adornments(actorsBefore.keys(), at, state);
    if (at < this.settledAt) return;
    this.others(record, state);
    this.aside(record, state);
    if (!state.actor(laneName(target))) this.tried.delete(target);
    for (const effect of effects) if (effect.type === 'call.start') this.started(effect, at, state);
    for (const effect of effectsBefore.values()) {
      if (effect?.type !== 'call.start' || !('effectId' in fact) || fact.effectId !== effect.id) continue;
      this.ended(effect, fact.type === 'call.failed' && isFailureClass(fact.class), at, state);
      if (fact.type === 'call.succeeded' && effect.place.channelId !== this.weather.target)
        this.mark(markOf(this.weather, effect));
    }
  }

  /** Nobody who calls another target waits, or is refused, while the breaker goes on to admit none. */
  private others({ at, steps }: Record, state: SystemState): void {
    const breaker = state.actor(BREAKER);
    if (!breaker || isOpenToAll(state) || stateOf(breaker) === 'isolated') {
      this.askedAt = null;
      return;
    }
    const refused = steps.filter(({ rules }) => rules.includes('D4')).map(({ actor }) => actor);
    for (const id of [...waitersOf(contextOf(breaker, 'circuitBreaker').waiting), ...refused]) {
      const asker = state.actor(id);
      if (!asker || contextOf(asker, 'delivery').place.channelId === this.weather.target) continue;
      this.askedAt ??= at;
    }
    if (this.askedAt !== null && at - this.askedAt > PROMPT_MS)
      this.fail(OTHERS, `for ${at - this.askedAt} ms others have asked ${BREAKER}, which is ${stateOf(breaker)}`);
  }

  private aside({ steps }: Record, state: SystemState): void {
    const failing = laneName(this.weather.target ?? '');
    const lane = state.actor(failing);
    if (lane && stateOf(lane) === 'blocked') this.mark('fair: the failing target is set aside');
    for (const { actor, rules } of steps)
      if (actor !== failing && rules.includes('L23')) this.fail(OTHERS, `${actor} is set aside`);
  }

  private started(call: Call, at: number, state: SystemState): void {
    const { channelId: channel } = call.place;
    const lane = contextIn(state, laneName(channel), 'lane');
    if (!lane || channel !== this.weather.target) return;
    if (call.breaker === RESERVED) this.startedReserved(call, at, state);
    // The breaker spaces its probes.
    if (!isOpenToAll(state)) return;
    const { failures, endedAt } = this.tried.get(channel) ?? { failures: 0, endedAt: 0 };
    const { asideAfter, asideMs, asideMaxMs, paceMax } = lane.options;
    // Those that had a turn when the lane was first set aside may still be tried.
    const times = failures - asideAfter - paceMax;
    if (times < 0) return;
    const least = Math.min(asideMaxMs, asideMs * 2 ** times);
    if (at - endedAt < least)
      this.fail(SCHEDULE, `${channel} is tried ${at - endedAt} ms after its failure ${failures}, not ${least}`);
  }
  /** The reserved breaker judges nothing; who comes by it keeps to the pauses of its own. */
  private startedReserved({ delivery, attempt }: Call, at: number, state: SystemState): void {
    const failedAt = this.reserved.get(delivery);
    const { retry } = contextIn(state, delivery, 'delivery')!.options;
    if (failedAt === undefined || attempt <= retry.retriesMax + 1) return;
    if (at - failedAt < retry.slowScheduleMs / 2)
      this.fail(SCHEDULE, `${delivery} tries for the ${attempt}th time ${at - failedAt} ms after it failed`);
  }
  private ended(
    { place: { channelId: channel }, breaker, delivery }: Call,
    isFailed: boolean,
    at: number,
    state: SystemState,
  ): void {
    this.reserved.delete(delivery);
    if (!isFailed) this.tried.delete(channel);
    else if (isOpenToAll(state))
      this.tried.set(channel, { failures: (this.tried.get(channel)?.failures ?? 0) + 1, endedAt: at });
    if (isFailed && breaker === RESERVED && channel === this.weather.target) this.reserved.set(delivery, at);
  }

  private adornments(changed: Iterable<string>, at: number, state: SystemState): void {
    for (const id of changed) {
      const actor = state.actor(id);
      const isOut = actor?.machine === 'delivery' && UPLOADING.includes(stateOf(actor));
      const known = this.uploading.get(id);
      if (!isOut && !known) continue;
      if (!actor) this.uploading.delete(id);
      else {
        const sumMs = (known?.sumMs ?? 0) + (known?.since == null ? 0 : at - known.since);
        this.uploading.set(id, { sumMs, since: isOut ? at : null });
        if (sumMs > UPLOADING_MAX_MS) this.fail(ADORNMENT, `${id} has uploaded for ${sumMs} ms`);
      }
    }
  }
}

function isOpenToAll(state: SystemState): boolean {
  return state.actor(BREAKER)?.snapshot.hasTag('admitting') ?? false;
}

function isLonely({ noise, ...more }: Weather): boolean {
  const names = Object.keys(more);
  return noise === 0 && names.length === 1 && (names[0] === 'target' || names[0] === 'uploads');
}

function markOf(
  { uploads }: Weather,
  { rung, form }: { readonly rung: string; readonly form: { readonly image?: string; readonly imageFile?: string } },
): string {
  if (!uploads) return 'fair: others beside a failing target';
  const isPicture = form.image !== undefined || form.imageFile !== undefined;
  return isPicture && rung === 'text' ? 'fair: text alone while uploads fail' : 'fair: others while uploads fail';
}

/** Of the places that the simulation's users write in. */
function laneName(channel: string): string {
  if (channel.startsWith('guild')) return `lane:${channel}`;
  if (channel.startsWith('direct')) return `lane:dm:g${channel}`;
  return `lane:${channel.startsWith('group') ? 'group' : 'c2c'}:${channel}`;
}
