import type { IntakeContext } from '../../machines/intake/context.js';
import type { Stamped, Verdict } from '../../machines/vocabulary/base.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Rung } from '../../machines/vocabulary/replies/rungs.js';
import { ladderOf } from '../../machines/vocabulary/replies/rungs.js';
import type { Effect, StateValue, Step } from '../ports.js';
import { contextOf } from '../step/reading.js';
import type { SystemState } from '../step/state.js';
import type { Outage } from './whatIfRecorded.js';

/** Marks kept of one run; of more, the first ones. */
export const MARKS_MAX = 1_000;

export interface RunSummary {
  readonly answered: number;
  readonly silent: number;
  readonly refused: number;
  readonly deadLettered: number;
  readonly uncertain: number;
  readonly inHand: number;
  /** Replies that arrived in another form than their best one. */
  readonly degraded: number;
  /** Calls made, and those that failed, by class; calls failed on purpose are not counted. */
  readonly calls: number;
  readonly wastedCalls: number;
  readonly wastedBy: { readonly [errorClass: string]: number };
  /** Of the breaker for messages, probes that opened it again included; those of external APIs. */
  readonly breakerOpenings: number;
  readonly externalOpenings: number;
  readonly featuresOff: number;
  /** For each outage of the record: from its last sign to the first call that went well; null: none did. */
  readonly recoverMs: readonly (number | null)[];
}
/** Something to draw on a line of time. */
export interface Mark {
  readonly at: number;
  readonly actor: string;
  /** `open`, `closed`; `off`, `on`; `started` (a process life). */
  readonly what: string;
}
export interface Series {
  readonly answered: readonly number[];
  readonly failedCalls: readonly number[];
  readonly marks: readonly Mark[];
}
interface Happened {
  readonly at: number;
  readonly fact: Fact;
  readonly steps: readonly Step[];
  readonly effects: readonly Effect[];
}
type Call = EffectOf<'call.start'> & Effect;

const MESSAGES = 'breaker:messages';

/** Counts one run, recorded or not, as its records go by. */
export class Tally {
  private readonly calls = new Map<string, Call>();
  /** The last form of each delivery under way, and whether it is its best. */
  private readonly forms = new Map<string, boolean>();
  private readonly wastedBy: { [errorClass: string]: number } = {};
  private readonly answered: number[];
  private readonly failedCalls: number[];
  private readonly marks: Mark[] = [];
  private readonly recovered: (number | null)[];
  private readonly before: Account;
  private counts = { calls: 0, wasted: 0, degraded: 0, openings: 0, externalOpenings: 0, featuresOff: 0 };

  constructor(
    private readonly state: SystemState,
    private readonly outages: readonly Outage[],
    private readonly buckets: { readonly from: number; readonly bucketMs: number; readonly count: number },
  ) {
    this.answered = new Array<number>(buckets.count).fill(0);
    this.failedCalls = new Array<number>(buckets.count).fill(0);
    this.recovered = outages.map(() => null);
    this.before = accountOf(state);
    for (const [, effect] of state.openEffects.entries()) if (effect.type === 'call.start') this.begin(effect);
  }

  observe({ at, fact, steps, effects }: Happened): void {
    if (fact.type === 'call.succeeded' || fact.type === 'call.failed') this.endCall(fact as Stamped<typeof fact>, at);
    else if (fact.type === 'run.started') this.mark(at, 'bot', 'started');
    for (const step of steps) this.step(step, at);
    for (const effect of effects) {
      if (effect.type !== 'call.start') continue;
      if (!effect.rehearse) this.counts.calls += 1;
      this.begin(effect);
    }
  }

  summary(): RunSummary {
    const now = accountOf(this.state);
    const {
      calls,
      wasted: wastedCalls,
      degraded,
      openings: breakerOpenings,
      externalOpenings,
      featuresOff,
    } = this.counts;
    const since = (verdict: Verdict): number => now.ended[verdict] - this.before.ended[verdict];
    return {
      answered: since('answered'),
      silent: since('silent'),
      refused: since('refused'),
      deadLettered: since('deadLettered'),
      uncertain: since('uncertain'),
      inHand: now.inHand,
      degraded,
      calls,
      wastedCalls,
      wastedBy: { ...this.wastedBy },
      breakerOpenings,
      externalOpenings,
      featuresOff,
      recoverMs: [...this.recovered],
    };
  }
  series(): Series {
    return { answered: this.answered, failedCalls: this.failedCalls, marks: this.marks };
  }

  private begin(effect: Call): void {
    this.calls.set(effect.id, effect);
    this.forms.set(effect.delivery, isBest(effect, this.state));
  }

  private endCall(fact: Stamped<Extract<Fact, { type: 'call.succeeded' | 'call.failed' }>>, at: number): void {
    const call = this.calls.get(fact.effectId);
    this.calls.delete(fact.effectId);
    if (!call || call.rehearse) return;
    if (fact.type === 'call.succeeded') {
      this.outages.forEach(({ to }, i) => {
        if (at >= to) this.recovered[i] ??= at - to;
      });
      return;
    }
    this.counts.wasted += 1;
    this.wastedBy[fact.class] = (this.wastedBy[fact.class] ?? 0) + 1;
    this.count(this.failedCalls, at);
  }

  private step({ actor, from, to }: Step, at: number): void {
    if (actor.startsWith('message:')) {
      if (to === 'answered' && from !== to) this.count(this.answered, at);
    } else if (actor.startsWith('delivery:')) this.endDelivery(actor, to);
    else if (actor.startsWith('breaker:')) {
      if (to === 'open' && from !== 'open') {
        if (actor === MESSAGES) this.counts.openings += 1;
        else if (actor.startsWith('breaker:external:')) this.counts.externalOpenings += 1;
        this.mark(at, actor, 'open');
      } else if (to === 'closed' && from !== 'closed' && from !== null) this.mark(at, actor, 'closed');
    } else if (actor.startsWith('feature:')) {
      if (isOff(to) && !isOff(from)) {
        this.counts.featuresOff += 1;
        this.mark(at, actor, 'off');
      } else if (isOff(from) && !isOff(to)) this.mark(at, actor, 'on');
    }
  }

  private endDelivery(delivery: string, to: StateValue | null): void {
    if (to !== null && to !== 'delivered' && to !== 'uncertain' && to !== 'deadLettered') return;
    if (to === 'delivered' && this.forms.get(delivery) === false) this.counts.degraded += 1;
    this.forms.delete(delivery);
  }

  private count(list: number[], at: number): void {
    const { from, bucketMs, count } = this.buckets;
    const i = Math.min(count - 1, Math.max(0, Math.floor((at - from) / bucketMs)));
    list[i] = (list[i] ?? 0) + 1;
  }
  private mark(at: number, actor: string, what: string): void {
    if (this.marks.length < MARKS_MAX) this.marks.push({ at, actor, what });
  }
}

type Account = Pick<IntakeContext, 'ended' | 'inHand'>;
function accountOf(state: SystemState): Account {
  const nothing = { answered: 0, silent: 0, refused: 0, deadLettered: 0, uncertain: 0 };
  return contextOf(state.actor('intake'), 'intake') ?? { ended: nothing, inHand: 0 };
}

/** The best form of this reply is the first of its ladder, whatever is switched off now. */
function isBest({ form, place, rung }: Call, state: SystemState): boolean {
  const best: Rung = ladderOf(form, place, state.options?.delivery.textMax ?? Number.POSITIVE_INFINITY)[0] ?? 'text';
  return rung === best;
}

/** A feature that is being tried again is still off for all but one reply. */
function isOff(value: StateValue | null): boolean {
  return value === 'suspended' || value === 'probing' || value === 'forcedOff';
}
