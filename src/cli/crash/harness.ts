import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../../base/exitCodes.js';
import type { Simulator } from '../../simulator/createSimulator.js';
import { Random } from '../../simulator/kit/random.js';
import { type ChildBot, pause, spawnBot, until } from '../world/childBot.js';
import type { Company } from './company.js';
import { type Plan, planFor, STOP_POINTS } from './plan.js';
import { Workload } from './workload.js';

const MODULE = fileURLToPath(new URL('../crashBot.ts', import.meta.url));
/** Short texts, so that a long one comes in parts; short waits, so that a kill costs a second and not half a minute. */
const SETS = [
  'delivery.textMax=200',
  'circuitBreaker.openEarlyMaxMs=1000',
  'circuitBreaker.openLateMs=1000',
  'circuitBreaker.rampMs=500',
  'retry.capMs=1000',
  'retry.slowScheduleMs=1000',
  'handlers.rerunMs=2000',
];
/** On a machine that is not overloaded, as `restartMaxMs`. */
const READY_MS = 20_000;
/** The longest a message may wait for its answer at the end, after the last restart. */
const SETTLE_MS = 90_000;
const BURST = 6;
/** Until the bot has journaled the failures that open its breaker; it stays open for at least half a second. */
const NOTED_MS = 150;
/** How long a kill waits for the backlog of the one before; an outage may leave more, which then stays in flight. */
const BACKLOG_MS = 5_000;
/** How long a crash point may take to come; then the process is killed from outside. */
const POINT_MS = 3_000;
/** Kills of one storm, and the time between two of them: start-up takes longer. */
const STORM = { kills: 5, fromMs: 50, toMs: 900 } as const;
const DRAIN_MAX_MS = 80;
/** An upload takes so long when the bot is attended, so that the kill comes meanwhile. */
const UPLOAD_MS = 700;

/** Traffic and kills, by a seed. */
export class Harness {
  readonly workload: Workload;
  /** Of each restart: from the start of the process to its first request, and to its handshake with the gateway. */
  readonly restartsMs: number[] = [];
  readonly handshakesMs: number[] = [];
  /** The highest load average per processor that was seen. */
  loadPerCore = 0;
  killed = 0;
  /** Requests that the platform had not answered at the kills from outside. */
  onWireAtKills = 0;
  readonly kinds = { moment: 0, point: 0, storm: 0, drain: 0 };
  private handshakes = 0;
  private readonly random: Random;
  private plan: Plan;
  private bot: ChildBot;

  constructor(
    private readonly simulator: Simulator,
    private readonly company: Company,
    private readonly journalPath: string,
    private readonly kills: number,
    seed: number,
    private readonly onKill: (killed: number, messages: number) => void,
  ) {
    this.random = new Random(seed);
    this.workload = new Workload(simulator, this.random);
    this.plan = planFor(0, this.random);
    this.bot = this.spawn();
  }

  async run(): Promise<void> {
    let restarted = false;
    while (this.killed < this.kills) {
      const isStarted = await this.ready(restarted);
      await this.killAsPlanned(isStarted);
      this.workload.write();
      this.onKill(this.killed, this.workload.sent.length);
      this.plan = planFor(this.killed, this.random);
      this.bot = this.spawn();
      restarted = true;
    }
    this.simulator.clearFaults();
    if (!(await this.ready(restarted))) await this.startAgain();
    await until('the last answers', SETTLE_MS, () => this.workload.unanswered() === 0, 50).catch(() => undefined);
    await pause(500);
    this.bot.process.kill('SIGTERM');
    const { code } = await this.bot.exited;
    await this.company.leave();
    if (code !== exitCodes.drained) throw new Error(`the drain ended with exit code ${code}`);
  }

  stop(): void {
    this.bot.process.kill('SIGKILL');
  }

  private spawn(): ChildBot {
    const isOver = this.killed >= this.kills;
    const { point, isAttended } = this.plan;
    const { http, inspector, shopUrl } = this.company;
    return spawnBot({
      simulator: this.simulator,
      journalPath: this.journalPath,
      module: MODULE,
      log: 'ignore',
      sets: SETS,
      ...(isAttended ? { http, inspector } : {}),
      env: {
        CRASH_SHOP_URL: shopUrl,
        ...(point && !isOver ? { KINTSUGI_CRASH_AT: `${point.name}:${point.time}` } : {}),
      },
    });
  }
  private async startAgain(): Promise<void> {
    this.bot = this.spawn();
    await this.ready(true);
  }
  private pick(most: number): number {
    return Math.floor(this.random.next() * most);
  }

  private async killAsPlanned(isStarted: boolean): Promise<void> {
    this.simulator.clearFaults();
    if (!isStarted) return this.dead('point');
    if (this.plan.how === 'storm') return this.storm();
    // What the last kill left is answered first, so that each kill is counted for itself.
    await this.orDeath(until('the backlog', BACKLOG_MS, () => this.workload.unanswered() === 0));
    await this.orDeath(this.begin());
    if (this.plan.how === 'drain') return this.drain();
    if (this.plan.how === 'moment') {
      await pause(this.pick(120));
      return this.kill('moment');
    }
    if (STOP_POINTS.includes(this.plan.point!.name)) this.bot.process.kill('SIGTERM');
    const died = await Promise.race([this.bot.exited.then(() => true), pause(POINT_MS).then(() => false)]);
    if (!died) return this.kill('moment');
    return this.dead('point');
  }

  /** Traffic; with company, external calls and uploads come last, so that they are in flight. */
  private async begin(): Promise<void> {
    const { isAttended } = this.plan;
    if (isAttended) await this.company.come();
    await this.traffic();
    if (!isAttended) return;
    this.simulator.addFault({ kind: 'slow', latencyMs: UPLOAD_MS, route: 'files' });
    for (const word of ['shop', 'picture', 'shop', 'picture'] as const) this.workload.write(word);
    await this.company.busy();
  }
  /** Six messages, in the weather of the plan. */
  private async traffic(): Promise<void> {
    const { weather } = this.plan;
    const seen = this.simulator.calls().length;
    if (weather === 'slow')
      this.simulator.addFault({ kind: 'slow', latencyMs: 60 + this.pick(200), afterAccept: this.pick(2) === 0 });
    if (weather === 'outage') this.simulator.addFault({ kind: 'outage' });
    if (weather === 'errors') this.simulator.addFault({ kind: 'errors', code: 304016, probability: 0.5 });
    if (weather === 'noEmbeds') this.simulator.addFault({ kind: 'rejectEmbed' });
    if (weather === 'audits')
      this.simulator.addFault({ kind: 'audit', outcome: 'pass', auditMs: 300 + this.pick(700), probability: 0.5 });
    for (let i = 0; i < BURST; i += 1) {
      this.workload.write(weather === 'outage' ? 'one' : undefined);
      if (this.pick(2) === 0) await pause(this.pick(15));
    }
    if (weather !== 'outage') {
      await until('a call in flight', 1_000, () => this.simulator.inFlight() > 0, 1).catch(() => undefined);
      return;
    }
    const failed = (): number =>
      this.simulator
        .calls()
        .slice(seen)
        .filter((call) => call.fault === 'outage').length;
    await until('the breaker to open', READY_MS, () => failed() >= BURST, 1).catch(() => undefined);
    await pause(NOTED_MS); // the bot hears of the failures, and its journal too
  }

  private async kill(kind: keyof Harness['kinds']): Promise<void> {
    this.countKill();
    this.bot.process.kill('SIGKILL');
    await this.dead(kind);
  }
  private countKill(): void {
    this.onWireAtKills += this.simulator.inFlight();
    this.company.countKill();
  }
  private async dead(kind: keyof Harness['kinds']): Promise<void> {
    const { signal, code } = await this.bot.exited;
    if (signal !== 'SIGKILL') throw new Error(`the bot ended by itself, with exit code ${code}`);
    this.handshakes = this.handshakesSeen(); // an operator may have had it reconnect
    this.killed += 1;
    this.kinds[kind] += 1;
  }
  /** Traffic, a kill, and more kills while it tries to start. */
  private async storm(): Promise<void> {
    await this.begin();
    await this.kill('storm');
    for (let i = 1; i < STORM.kills && this.killed < this.kills; i += 1) {
      this.workload.write();
      this.bot = this.spawn();
      await pause(STORM.fromMs + this.pick(STORM.toMs - STORM.fromMs));
      await this.kill('storm');
    }
    this.handshakes = this.handshakesSeen();
  }
  /** SIGTERM, and no patience. A drain that was quicker is not counted. */
  private async drain(): Promise<void> {
    this.bot.process.kill('SIGTERM');
    await pause(this.pick(DRAIN_MAX_MS));
    if (this.bot.process.exitCode !== null) return;
    this.countKill();
    this.bot.process.kill('SIGKILL');
    const { signal } = await this.bot.exited;
    if (signal !== 'SIGKILL') return;
    this.killed += 1;
    this.kinds.drain += 1;
  }

  private async orDeath(work: Promise<void>): Promise<void> {
    await Promise.race([work.catch(() => undefined), this.bot.exited]);
  }
  private handshakesSeen(): number {
    const { identifies, resumes } = this.simulator.state();
    return identifies + resumes;
  }
  /**
   * Waits for one handshake more than there were; false when the process dies first, as a crash point on its way may
   * want.
   */
  private async ready(restarted: boolean): Promise<boolean> {
    const isThere = (): boolean => this.handshakesSeen() > this.handshakes && this.simulator.state().connected > 0;
    let isDead = false;
    void this.bot.exited.then(() => {
      isDead = true;
    });
    this.loadPerCore = Math.max(this.loadPerCore, loadPerCore());
    const readyMs = READY_MS * Math.max(1, this.loadPerCore);
    await until('the bot to connect', readyMs, () => isDead || isThere(), 2);
    const now = Date.now();
    if (isDead && !isThere()) {
      this.handshakes = this.handshakesSeen();
      if (this.plan.how !== 'point') throw new Error(`the bot did not start: ${JSON.stringify(await this.bot.exited)}`);
      return false;
    }
    this.handshakes = this.handshakesSeen();
    if (restarted) this.time(now);
    return true;
  }
  private time(handshakeAt: number): void {
    const { startedAt } = this.bot;
    const first = this.simulator
      .calls()
      .findLast((call) => call.at >= startedAt && call.route.includes('getAppAccessToken'));
    if (first) this.restartsMs.push(first.at - startedAt);
    this.handshakesMs.push(handshakeAt - startedAt);
  }
}

function loadPerCore(): number {
  return (loadavg()[0] ?? 0) / availableParallelism();
}
