import type { SystemState } from '../../actors/step/state.js';
import { Agenda } from '../../actors/system/heap.js';
import type { InboundMessage } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { BotOptions } from '../../machines/vocabulary/options/options.js';
import { SimulatedBot, type Stepped } from './bot/bot.js';
import { Coverage } from './coverage.js';
import { factOfAct, type Hand } from './hands.js';
import { type Hunt, huntOf, huntTo, isHunted, sighted } from './hunt.js';
import { CALM_MESSAGES, checkNormal, LAST_MS, lettingGo, NORMAL_MS, WRITES_MS } from './invariants/calm.js';
import { Fairness } from './invariants/fairness.js';
import { Violation } from './invariants/violation.js';
import { Watch } from './invariants/watch.js';
import type { Act, Moment, NextLife, Plan, Weather } from './plan/acts.js';
import { Dice } from './plan/dice.js';
import { optionSet } from './plan/optionSets.js';
import type { Outcome, RunOptions } from './run.js';
import type { Outside } from './world/outside.js';
import type { Platform, PlatformEvent } from './world/platform.js';
import { messageOf, otherEvent, received } from './world/users.js';
import { World } from './world/world.js';

/** 2026-01-01T00:00:00Z */
export const START = 1_767_225_600_000;
const RESTART_MS = 1_000;
/** A scan over everything, beside the checks after each record. */
const SCANNED_EVERY = 1_000;

/** One run: the bot, its outside, and all that is done to it, in virtual time. */
export class Simulation implements Outside {
  readonly dice: Dice;
  readonly coverage: Coverage;
  readonly bot: SimulatedBot;
  readonly platform: Platform;
  weather: Weather = { noise: 0 };
  isCalm = false;
  private clock = START;
  private life = 0;
  private kills = 0;
  private faults = 0;
  private options: BotOptions;
  private readonly agenda = new Agenda<{ readonly life: number | null; readonly run: () => void }>();
  private readonly watch: Watch;
  private readonly fairness: Fairness;
  private readonly world: World;
  private readonly messages: InboundMessage[] = [];
  private exit = false;
  private timersFirst = true;
  private readonly hunts: Hunt[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly settings: RunOptions,
  ) {
    this.dice = new Dice(plan.seed);
    this.options = optionSet(plan.seed, 0);
    this.coverage = settings.coverage ?? new Coverage();
    const fail = (invariant: string, detail: string): void => this.fail(invariant, detail);
    this.watch = new Watch(fail);
    this.fairness = new Fairness(fail, (name) => this.coverage.mark(name));
    this.world = new World(
      this,
      (fact) => this.post(fact),
      () => {
        this.exit = true;
      },
    );
    this.platform = this.world.platform;
    this.bot = new SimulatedBot({
      topology: settings.topology,
      now: () => this.clock,
      perform: (effect) => this.world.perform(effect),
      watch: (stepped, state) => this.saw(stepped, state),
      fail,
    });
  }

  /** Runs the plan, then a calm in which everything must come right. Never throws a Violation: it is in the outcome. */
  run(): Outcome {
    let violation: Violation | null = null;
    try {
      this.begin(null);
      for (const act of this.plan.acts) {
        this.runTo(START + act.at);
        this.act(act);
      }
      this.runTo(START + this.plan.durationMs);
      this.calmDown();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      violation = error;
    }
    const { kills, faults } = this;
    return { facts: this.bot.facts, simulatedMs: this.clock - START, kills, faults, violation };
  }

  now(): number {
    return this.clock;
  }
  bad(probability: number, purpose: string): boolean {
    return !this.isCalm && this.dice.chance(probability, purpose);
  }
  later(ms: number, fact: Fact): void {
    this.laterRun(ms, () => this.post(fact));
  }
  laterRun(ms: number, run: () => void): void {
    this.agenda.add(this.clock + Math.max(0, Math.round(ms)), { life: this.life, run });
  }
  surely(ms: number, run: () => void): void {
    this.agenda.add(this.clock + Math.max(0, Math.round(ms)), { life: null, run });
  }

  fail(invariant: string, detail: string): never {
    throw new Violation(invariant, detail, this.bot.state.seq, this.clock - START);
  }

  /** Lets time pass, with all that falls due in it. */
  runTo(at: number): void {
    for (;;) {
      const [firing, item] = [this.bot.nextFiringAt() ?? NEVER, this.agenda.nextAt ?? NEVER];
      // After a stall both lie in the past.
      const isFiring = firing <= this.clock && item <= this.clock ? this.timersFirst : firing < item;
      const next = isFiring ? firing : item;
      if (next > at) break;
      this.clock = Math.max(this.clock, next);
      if (isFiring) this.bot.fire();
      else this.runNext();
      if (this.exit) this.restart({ downMs: RESTART_MS, options: -1, charts: 'same' });
    }
    this.clock = Math.max(this.clock, at);
  }

  /** A user writes; in the calm as before. */
  write(n: number): void {
    const message = messageOf(n, this.dice);
    this.messages.push(message);
    this.platform.push(received(message));
    this.writeAgain(message);
  }

  post(fact: Fact): void {
    this.bot.post(fact);
  }

  /** No more faults, what an operator did is undone, and a user writes now and then. */
  private calmDown(): void {
    this.isCalm = true;
    this.weather = { noise: 0 };
    for (const fact of lettingGo(this.bot.state)) this.post(fact);
    const end = this.clock + NORMAL_MS;
    for (let n = CALM_MESSAGES; this.clock < end - LAST_MS; n += 1) {
      this.runTo(this.clock + WRITES_MS);
      if (this.platform.isConnected) this.write(n);
    }
    this.runTo(end);
    this.bot.verify();
    checkNormal(this.bot.state, (invariant, detail) => this.fail(invariant, detail));
  }

  private runNext(): void {
    const item = this.agenda.take()!;
    if (item.life === null || item.life === this.life) item.run();
  }

  private saw(stepped: Stepped, state: SystemState): void {
    this.settings.onRecord?.(stepped.record);
    this.watch.take(stepped, state);
    this.fairness.take(stepped, state);
    this.coverage.take(stepped, state);
    this.strike(stepped, state);
    if (stepped.record.seq % SCANNED_EVERY === 0) this.watch.scan(state);
  }

  /** QQ tells some messages twice, and those of groups once more with the mention. */
  private writeAgain(message: InboundMessage): void {
    const { dice } = this;
    const purpose = `again ${message.id}`;
    if (!dice.chance(message.place.kind === 'group' && !message.mentionsBot ? 0.4 : 0.03, purpose)) return;
    this.surely(dice.below(400, purpose), () => this.platform.push(received({ ...message, mentionsBot: true })));
  }

  private act(act: Act): void {
    this.fairness.disturbed(act, this.clock);
    if (act.kind !== 'message' && act.kind !== 'weather') {
      this.faults += 1;
      if (act.kind !== 'kill') this.coverage.mark(`fault: ${act.kind}`);
    }
    switch (act.kind) {
      case 'message':
        return this.write(act.n);
      case 'weather':
        this.weather = act.weather;
        return;
      case 'kill':
        this.coverage.mark(`fault: kill ${act.moment}`);
        if (isHunted(act.moment)) return void this.hunts.push(huntTo(act.moment, act.next));
        this.kills += 1;
        return this.kill(act.moment, act.next);
      case 'stop':
        return this.stop(act.next);
      case 'close':
        return this.platform.close(act.code);
      case 'reconnect':
        return this.platform.askToReconnect();
      case 'invalidate':
        return this.platform.invalidate();
      case 'platformEvent':
        return this.platform.push(otherEvent(act.n, this.dice));
      case 'stall':
        this.timersFirst = act.timersFirst;
        this.clock += act.ms;
        this.bot.lostMs += act.ms;
        return this.post({ type: 'time.lost', lostMs: act.ms, cause: 'blocked' });
      case 'tighten':
        this.later(act.forMs, { type: 'memory.eased', heapShare: 0.5 });
        return this.post({ type: 'memory.tightened', heapShare: 0.9 });
      case 'quarantine':
        return this.hunt(act);
      default:
        return this.byHand(act);
    }
  }

  private hunt(act: Extract<Act, { kind: 'quarantine' }>): void {
    const hunt = huntOf(act);
    if (hunt) this.hunts.push(hunt);
    else this.byHand(act);
  }

  private byHand(act: Hand): void {
    const fact = factOfAct(act, this.bot.state, this.messages, this.clock);
    if (fact) this.post(fact);
  }

  /** What was waited for has come: a moment later it is taken out. */
  private strike(stepped: Stepped, state: SystemState): void {
    const [index, actor] = sighted(this.hunts, stepped, state);
    if (actor === null) return;
    const [{ next }] = this.hunts.splice(index, 1) as [Hunt];
    this.laterRun(1, () => {
      if (next) return this.act({ kind: 'kill', at: this.clock, moment: 'idle', next });
      const { state } = this.bot;
      if (state.actor(actor))
        this.post({ type: 'actor.quarantined', actor, seq: state.seq, recorded: '', recomputed: '' });
    });
  }

  private kill(moment: Moment, next: NextLife): void {
    const event: PlatformEvent = otherEvent(this.kills, this.dice);
    if (moment === 'beforeAppend') this.platform.pushUnread(event);
    if (moment === 'beforeAct') {
      this.bot.isDying = true;
      this.step();
    }
    this.restart(next);
  }

  /** The next thing that happens, whatever it is. */
  private step(): void {
    const firing = this.bot.nextFiringAt();
    if (firing === undefined) return;
    this.clock = Math.max(this.clock, firing);
    this.bot.fire();
  }

  private stop(next: NextLife): void {
    this.post({ type: 'stop.requested', signal: 'SIGTERM' });
    // It drains; a supervisor starts it again with what the plan says.
    this.plannedNext = next;
  }
  private plannedNext: NextLife | null = null;

  private restart(wanted: NextLife): void {
    const next = this.exit && this.plannedNext ? this.plannedNext : wanted;
    this.plannedNext = null;
    this.exit = false;
    this.world.drop();
    this.life += 1;
    const until = this.clock + next.downMs;
    // Who writes meanwhile writes into the session, or to nobody.
    for (let due = this.agenda.nextAt; due !== undefined && due <= until; due = this.agenda.nextAt) this.runNext();
    this.clock = until;
    if (next.options >= 0) {
      this.coverage.mark('fault: new options');
      this.options = optionSet(this.plan.seed, next.options);
    }
    if (next.charts === 'changed') this.coverage.mark('fault: changed charts');
    this.begin(next.charts === 'changed' ? this.dice.pick(CHANGED, 'changed chart') : null);
  }

  private begin(changed: string | null): void {
    this.bot.begin(this.options, changed);
    this.watch.scan(this.bot.state);
  }
}

const NEVER = Number.POSITIVE_INFINITY;
const CHANGED = ['delivery', 'message', 'circuitBreaker', 'feature', 'gateway', 'intake', 'recovery'] as const;
