import { fold } from '../../../actors/fold/fold.js';
import type { Effect, Record } from '../../../actors/ports.js';
import { Agenda } from '../../../actors/system/heap.js';
import { createMemoryStore, openMemoryJournal } from '../../../adapters/journal/memoryJournal.js';
import { createManualClock } from '../../../adapters/process/manualClock.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import type { JOURNAL_FAULTS } from '../coverage.js';
import { factOfAct } from '../hands.js';
import { CALM_MESSAGES, checkNormal, LAST_MS, lettingGo, NORMAL_MS, WRITES_MS } from '../invariants/calm.js';
import { contextIn } from '../invariants/contexts.js';
import { Violation } from '../invariants/violation.js';
import type { Act, Plan, Weather } from '../plan/acts.js';
import { Dice } from '../plan/dice.js';
import { optionSet } from '../plan/optionSets.js';
import type { Outcome, RunOptions } from '../run.js';
import type { Outside } from '../world/outside.js';
import { messageOf, otherEvent, received } from '../world/users.js';
import { World } from '../world/world.js';
import { FaultyJournal, type JournalFaults } from './faultyJournal.js';
import { Life } from './life.js';
import { Order } from './order.js';

const START = 1_767_225_600_000;
const NEVER = Number.POSITIVE_INFINITY;
/** Of these deaths one is no death: a second process takes the journal while the first still lives. */
const FENCED_EACH = 2;
const FULL_MS = 20_000;
/** While the bot is behind with what arrived, it comes nearer in each so long a time. */
const NEARER_MS = 300_000;

/**
 * The second world: the real `ActorSystem`, its loop, inbox, deadlines and checkpoints, over a journal in memory that
 * fails, loses answers and is taken over, in virtual time. What the loop promises is held at each append and each
 * effect (`Order`).
 */
export class SystemRun implements Outside {
  readonly dice: Dice;
  weather: Weather = { noise: 0 };
  private readonly clock = createManualClock(START);
  private readonly store = createMemoryStore();
  private readonly agenda = new Agenda<{ readonly life: Life | null; readonly run: () => void }>();
  private readonly world: World;
  private readonly journalFaults: JournalFaults = { failed: 0, lost: 0, unseen: 0 };
  private faults = 0;
  private readonly messages: ReturnType<typeof messageOf>[] = [];
  private isCalm = false;
  private life!: Life;
  private kills = 0;
  private ids = 0;
  private exit = false;

  constructor(
    private readonly plan: Plan,
    private readonly settings: RunOptions,
  ) {
    this.dice = new Dice(plan.seed);
    this.world = new World(
      this,
      (fact) => this.post(fact),
      () => {
        this.exit = true;
      },
    );
  }

  async run(): Promise<Outcome> {
    let violation: Violation | null = null;
    try {
      await this.begin();
      for (const act of this.plan.acts) {
        await this.runTo(START + act.at);
        await this.act(act);
      }
      await this.calmDown();
      await this.checkEnd();
      this.markFaults();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      violation = error;
    }
    for (const line of this.store.records) this.settings.onRecord?.(JSON.parse(line) as Record);
    const { kills, store } = this;
    const { failed, lost, unseen } = this.journalFaults;
    const faults = this.faults + failed + lost + unseen;
    return { facts: store.records.length, simulatedMs: this.clock.now() - START, kills, faults, violation };
  }

  now(): number {
    return this.clock.now();
  }
  bad(probability: number, purpose: string): boolean {
    return !this.isCalm && this.dice.chance(probability, purpose);
  }
  later(ms: number, fact: Fact): void {
    this.laterRun(ms, () => this.post(fact));
  }
  laterRun(ms: number, run: () => void): void {
    this.agenda.add(this.now() + Math.max(0, Math.round(ms)), { life: this.life, run });
  }
  surely(ms: number, run: () => void): void {
    this.agenda.add(this.now() + Math.max(0, Math.round(ms)), { life: null, run });
  }

  readonly fail = (invariant: string, detail: string): void => {
    throw new Violation(invariant, detail, this.store.records.length, this.now() - START);
  };

  private post(fact: Fact): void {
    const { system, order } = this.life;
    if (system.post(fact) !== null) order.arrived(fact);
  }

  private async begin(): Promise<void> {
    const memory = await openMemoryJournal(this.store);
    const order = new Order(this.fail);
    const journal = new FaultyJournal(memory, this.dice, this.journalFaults, (records) => order.durable(records));
    const newId = (): string => {
      this.ids += 1;
      return `e${this.ids}`;
    };
    const perform = (effect: Effect): void => this.world.perform(effect);
    const { clock, settings, plan } = this;
    const options = optionSet(plan.seed, 0);
    const life = new Life({ memory, journal, order, clock, topology: settings.topology, options, newId, perform });
    this.life = life;
    const { platform } = this.world;
    // One that has been followed by another has no connection any more.
    life.system.addSource({
      pause: () => this.life === life && platform.pauseReading(),
      resume: () => this.life === life && platform.resumeReading(),
    });
    const starting = this.life.system.start();
    await this.life.settle();
    await starting;
    journal.isWell = this.isCalm;
  }

  private async runTo(at: number): Promise<void> {
    for (;;) {
      const next = Math.min(this.agenda.nextAt ?? NEVER, ...this.clock.pending);
      if (next > at) break;
      this.clock.advance(Math.max(0, next - this.now()));
      while ((this.agenda.nextAt ?? NEVER) <= this.now()) {
        const item = this.agenda.take()!;
        if (item.life === null || item.life === this.life) item.run();
      }
      await this.life.settle();
      if (this.exit) await this.restart(1_000);
    }
    this.clock.advance(Math.max(0, at - this.now()));
    await this.life.settle();
  }

  private async act(act: Act): Promise<void> {
    const { platform } = this.world;
    if (act.kind !== 'message' && act.kind !== 'weather') this.faults += 1;
    switch (act.kind) {
      case 'message':
        return this.write(act.n);
      case 'weather':
        this.weather = act.weather;
        if (act.weather.memory) this.fillDisk();
        return;
      case 'kill':
        return this.kill(act.next.downMs);
      case 'close':
        return platform.close(act.code);
      case 'reconnect':
        return platform.askToReconnect();
      case 'invalidate':
        return platform.invalidate();
      case 'platformEvent':
        return platform.push(otherEvent(act.n, this.dice));
      case 'operate':
      case 'force':
      case 'recover':
      case 'retry':
      case 'tokenLost': {
        const fact = factOfAct(act, this.life.system.state, this.messages, this.now());
        if (fact) this.post(fact);
        return;
      }
    }
  }

  private write(n: number): void {
    const message = messageOf(n, this.dice);
    this.messages.push(message);
    this.world.platform.push(received(message));
    if (this.bad(0.03, 'again')) this.surely(300, () => this.world.platform.push(received(message)));
  }

  private fillDisk(): void {
    const { journal } = this.life;
    journal.isFull = true;
    this.surely(FULL_MS, () => {
      journal.isFull = false;
    });
  }

  private async kill(downMs: number): Promise<void> {
    this.kills += 1;
    if ((this.plan.seed + this.kills) % FENCED_EACH !== 0) return this.restart(downMs);
    // Another process takes the journal; the first one finds out with its next append, and does nothing more.
    this.mark('fenced');
    const old = this.life;
    old.order.isFenced = true;
    old.memory.kill();
    this.world.drop();
    await this.begin();
    old.journal.isFull = false;
    old.system.post({ type: 'stop.requested', signal: 'SIGTERM' });
    await old.settle();
    if (old.system.post({ type: 'stop.requested', signal: 'SIGTERM' }) !== null && !old.system.journalFailure)
      this.fail('[core 2] a fenced writer stops', 'it still takes facts');
    old.die();
  }

  private async restart(downMs: number): Promise<void> {
    this.exit = false;
    this.life.die();
    this.world.drop();
    const until = this.now() + downMs;
    while ((this.agenda.nextAt ?? NEVER) <= until) {
      const item = this.agenda.take()!;
      if (item.life === null) item.run();
    }
    this.clock.advance(downMs);
    await this.begin();
  }

  private async calmDown(): Promise<void> {
    this.isCalm = true;
    this.weather = { noise: 0 };
    this.life.journal.isWell = true;
    this.life.journal.isFull = false;
    for (const fact of lettingGo(this.life.system.state)) this.post(fact);
    await this.catchUp();
    const end = this.now() + NORMAL_MS;
    for (let n = CALM_MESSAGES; this.now() < end - LAST_MS; n += 1) {
      await this.runTo(this.now() + WRITES_MS);
      if (this.world.platform.isConnected) this.write(n);
    }
    await this.runTo(end);
  }

  /**
   * With one call at a time, a bot that was kept from working may be behind with a thousand messages: no fault. First
   * it ends them, while nobody writes; that it stands still would be one.
   */
  private async catchUp(): Promise<void> {
    const behindBy = (): number => this.life.order.arrivalsCount + this.world.platform.unreadCount;
    for (let before = behindBy(); before > 0; ) {
      await this.runTo(this.now() + NEARER_MS);
      const now = behindBy();
      if (now >= before)
        this.fail('[core 38] what arrived is read on', `${now} wait, ${before} did ${NEARER_MS} ms before`);
      before = now;
    }
  }

  private mark(what: (typeof JOURNAL_FAULTS)[number]): void {
    this.settings.coverage?.mark(`journal: ${what}`);
  }
  private markFaults(): void {
    for (const what of ['failed', 'lost', 'unseen'] as const) if (this.journalFaults[what] > 0) this.mark(what);
  }

  private async checkEnd(): Promise<void> {
    const { system, order, memory } = this.life;
    order.quiet(false);
    checkNormal(system.state, this.fail);
    memory.kill();
    const journal = await openMemoryJournal(this.store);
    const whole = await fold(journal, this.settings.topology, { fromStart: true });
    if (whole.divergence)
      this.fail('[core 20] refolds without a difference', JSON.stringify(whole.divergence).slice(0, 1_000));
    const [lived, folded] = [system.state, whole.state].map((state) => contextIn(state, 'intake', 'intake'));
    if (JSON.stringify(lived) !== JSON.stringify(folded))
      this.fail('[core 32] a restart gives the state that was', 'intake');
  }
}
