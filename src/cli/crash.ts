import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../exitCodes.js';
import { createSimulator, type Simulator } from '../simulator/createSimulator.js';
import { Random } from '../simulator/random.js';
import { type ChildBot, pause, spawnBot, until } from './childBot.js';
import { examine, judge } from './judge.js';

/** `npm run crash -- --kills N [--seed N] [--json]`: kills the bot at seeded moments with calls in flight, and counts. */
const program = new Command('crash')
  .description(
    'Kills the bot with SIGKILL while calls are in flight, restarts it, and counts by the ledger of the platform',
  )
  .option('--kills <n>', 'how often', whole, 20)
  .option('--seed <n>', 'decides moments, channels and faults', whole, 1)
  .option('--json', 'print one JSON object', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
const { kills, seed, json } = program.opts<{ kills: number; seed: number; json: boolean }>();

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('it must be a whole number >= 0');
  return value;
}

const READY_MS = 20_000;
/** The longest a message may wait for its answer at the end, after the last restart. */
const SETTLE_MS = 60_000;
const BURST = 6;
/** Until the bot has journaled the failures that open its breaker; it stays open for at least half a second. */
const NOTED_MS = 150;
/** How long a kill waits for the backlog of the one before; an outage may leave more, which then stays in flight. */
const BACKLOG_MS = 5_000;

class Harness {
  readonly ids: string[] = [];
  readonly restartsMs: number[] = [];
  inFlightAtKills = 0;
  private handshakes = 0;
  private readonly random = new Random(seed);
  private bot: ChildBot;

  constructor(
    private readonly simulator: Simulator,
    private readonly journalPath: string,
  ) {
    this.bot = this.spawn();
  }
  private spawn(): ChildBot {
    return spawnBot({ simulator: this.simulator, journalPath: this.journalPath, log: 'ignore' });
  }
  private pick(most: number): number {
    return Math.floor(this.random.next() * most);
  }
  private write(): void {
    const kind = this.pick(3) === 0 ? 'direct' : 'guild';
    const user = this.pick(40);
    this.ids.push(
      ...this.simulator.postMessage({
        kind,
        channelId: kind === 'direct' ? `dm-${user}` : `channel-${this.pick(8)}`,
        content: `message ${this.ids.length}`,
        author: { id: `user-${user}` },
      }),
    );
  }
  private unanswered(): number {
    const accepted = new Set(
      this.simulator
        .replies()
        .filter((reply) => reply.accepted)
        .map((reply) => reply.msgId),
    );
    return this.ids.filter((id) => !accepted.has(id)).length;
  }

  async run(): Promise<void> {
    await this.ready();
    for (let kill = 0; kill < kills; kill += 1) {
      await this.killOnce(kill);
      if (!json && (kill + 1) % 10 === 0) process.stdout.write(`${kill + 1} kills, ${this.ids.length} messages\n`);
    }
    this.simulator.clearFaults();
    await until('the last answers', SETTLE_MS, () => this.unanswered() === 0, 50).catch(() => undefined);
    await pause(500);
    this.bot.process.kill('SIGTERM');
    const { code } = await this.bot.exited;
    if (code !== exitCodes.drained) throw new Error(`the drain ended with exit code ${code}`);
  }

  /** Traffic, then SIGKILL at a seeded moment while at least one call is out. */
  private async killOnce(kill: number): Promise<void> {
    this.simulator.clearFaults();
    // What the last kill left is answered first, so that each kill is counted for itself.
    await until('the backlog', BACKLOG_MS, () => this.unanswered() === 0).catch(() => undefined);
    if (kill % 5 === 4) await this.openBreaker();
    else await this.fillFlight();
    await pause(this.pick(120));
    this.inFlightAtKills += this.simulator.inFlight();
    this.bot.process.kill('SIGKILL');
    await this.bot.exited;
    this.write();
    this.bot = this.spawn();
    await this.ready();
    this.restartsMs.push(Date.now() - this.bot.startedAt);
  }
  /** Half of the kills come before the platform has taken the message, half after. */
  private async fillFlight(): Promise<void> {
    this.simulator.addFault({ kind: 'slow', latencyMs: 60 + this.pick(200), afterAccept: this.pick(2) === 0 });
    for (let i = 0; i < BURST; i += 1) {
      this.write();
      if (this.pick(2) === 0) await pause(this.pick(15));
    }
    await until('a call in flight', READY_MS, () => this.simulator.inFlight() > 0, 1).catch(() => undefined);
  }
  /** Every fifth kill comes in an outage, while the breaker is open. */
  private async openBreaker(): Promise<void> {
    const seen = this.simulator.calls().length;
    this.simulator.addFault({ kind: 'outage' });
    for (let i = 0; i < BURST; i += 1) this.write();
    const failed = (): number =>
      this.simulator
        .calls()
        .slice(seen)
        .filter((call) => call.fault === 'outage').length;
    await until('the breaker to open', READY_MS, () => failed() >= BURST, 1).catch(() => undefined);
    await pause(NOTED_MS); // the bot hears of the failures, and its journal too
  }
  /** Waits for one handshake more than there were when this was last asked. */
  private async ready(): Promise<void> {
    const handshakes = (): number => this.simulator.state().identifies + this.simulator.state().resumes;
    await until(
      'the bot to connect',
      READY_MS,
      () => handshakes() > this.handshakes && this.simulator.state().connected > 0,
      5,
    );
    this.handshakes = handshakes();
  }
  stop(): void {
    this.bot.process.kill('SIGKILL');
  }
}

const folder = mkdtempSync(join(tmpdir(), 'kintsugi-crash-'));
const journalPath = join(folder, 'bot.db');
const simulator = await createSimulator({ seed });
const harness = new Harness(simulator, journalPath);
let code: number = exitCodes.internal;
try {
  await harness.run();
  const findings = await examine(journalPath);
  const verdicts = judge(harness.ids, simulator.replies(), findings.ends);
  const { callsCutOff, deadlinesMoved, killsWhileOpen, divergence, records, lives } = findings;
  const sorted = [...harness.restartsMs].sort((a, b) => a - b);
  const restartMs = { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
  const result = {
    kills,
    ...verdicts,
    callsCutOff,
    inFlightAtKills: harness.inFlightAtKills,
    deadlinesMoved,
    killsWhileOpen,
    restartMs,
    records,
    lives,
    divergence,
    seed,
  };
  process.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `${Object.entries(result)
          .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
          .join('\n')}\n`,
  );
  const isGood =
    (kills < 5 || killsWhileOpen > 0) &&
    verdicts.lost === 0 &&
    verdicts.uncertain <= callsCutOff &&
    verdicts.duplicates <= callsCutOff &&
    deadlinesMoved === 0 &&
    divergence === null &&
    lives === kills + 1;
  if (isGood) code = exitCodes.drained;
  else process.stderr.write(`not good; run it again with --seed ${seed}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message} (seed ${seed})\n`);
} finally {
  harness.stop();
  await simulator.close();
  if (code === exitCodes.drained) rmSync(folder, { recursive: true, force: true });
  else process.stderr.write(`the journal is kept: ${journalPath}\n`);
}
process.exit(code);
