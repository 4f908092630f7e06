import { Command, InvalidArgumentError } from 'commander';
import { JournalError } from '../../actors/ports.js';
import { storeOf } from '../../adapters/journal/storeOf.js';
import { exitCodes } from '../../base/exitCodes.js';
import { complain, tell } from '../../base/terminal.js';
import { createSimulator, type Simulator } from '../../simulator/createSimulator.js';
import { Random } from '../../simulator/kit/random.js';
import { endWithOutput } from '../words/endWithOutput.js';
import { type ChildBot, pause, spawnBot, until } from '../world/childBot.js';
import { examine, judge, type Verdicts } from '../world/judge.js';

/** `npm run demo [-- --seed N] [--json]`: the whole story in under 40 s, scripted and finite. */
const program = new Command('demo')
  .description(
    'A conversation, an outage, refused embeds, a kill -9, a restart: told as a timeline and judged from outside',
  )
  .option('--seed <n>', 'decides the moment of the kill', whole, 20)
  .option('--json', 'the last line is one JSON object (it always is; the timeline goes to stderr then)', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
const { seed, json } = program.opts<{ seed: number; json: boolean }>();

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('it must be a whole number >= 0');
  return value;
}

const JOURNAL = '.kintsugi/demo.db';
const READY_MS = 20_000;
const ANSWER_MS = 20_000;
/** Embeds that the feature wants to see after its canary, that one included. */
const PROBATION = 4;

class Story {
  private readonly startedAt = Date.now();
  private readonly ids: string[] = [];
  private readonly random = new Random(seed);
  private bot: ChildBot;
  private openings = 0;

  constructor(private readonly simulator: Simulator) {
    simulator.onReply((reply) => {
      if (!reply.accepted) this.tell(`     ✗ ${reply.form} refused (${reply.httpStatus})`);
    });
    this.bot = this.spawn();
  }

  tell(line: string): void {
    const seconds = ((Date.now() - this.startedAt) / 1_000).toFixed(1).padStart(5);
    (json ? process.stderr : process.stdout).write(`${seconds} s  ${line}\n`);
  }
  private spawn(): ChildBot {
    return spawnBot({ simulator: this.simulator, journalPath: JOURNAL, log: 'ignore' });
  }
  say(content: string, channelId = 'general', kind: 'guild' | 'direct' = 'guild'): void {
    const author = { id: `user-${this.ids.length}`, username: `user-${this.ids.length}` };
    this.ids.push(...this.simulator.postMessage({ kind, channelId, content, author }));
  }
  private answered(): number {
    return new Set(
      this.simulator
        .replies()
        .filter((r) => r.accepted && r.msgId !== null && this.ids.includes(r.msgId))
        .map((r) => r.msgId),
    ).size;
  }
  private async allAnswered(what: string): Promise<void> {
    await until(what, ANSWER_MS, () => this.answered() >= this.ids.length);
  }

  async tellAll(): Promise<void> {
    this.tell('The platform is up; the bot starts in a process of its own.');
    await until('the bot to connect', READY_MS, () => this.simulator.state().connected > 0);
    await this.conversation();
    await this.outage();
    await this.refusedEmbeds();
    await this.kill();
    await this.drain();
  }

  private async conversation(): Promise<void> {
    this.tell('1. Conversation: three users in a channel, one in private.');
    for (const text of ['hello', 'how are you?', '!help']) this.say(text);
    this.say('psst', 'private-1', 'direct');
    await this.allAnswered('answers to the conversation');
    this.tell(`   ${this.answered()} of ${this.ids.length} answered.`);
  }

  private async outage(): Promise<void> {
    this.tell('2. Outage: the API answers 503 for 6 s while users go on writing.');
    const before = this.simulator.calls().length;
    this.simulator.addFault({ kind: 'outage', durationMs: 6_000 });
    for (let i = 0; i < 12; i += 1) {
      this.say(`message ${i} into the outage`, `channel-${i % 4}`);
      await pause(250);
    }
    await until('the outage to end', 10_000, () => this.simulator.faults().length === 0);
    const wasted = this.simulator
      .calls()
      .slice(before)
      .filter((call) => call.fault === 'outage').length;
    this.tell(`   The API is back. The breaker let ${wasted} calls through during the outage; the rest waited.`);
    await this.allAnswered('answers after the outage');
    this.tell(`   All ${this.ids.length} answered.`);
  }

  private async refusedEmbeds(): Promise<void> {
    this.tell('3. Embeds are refused; text still works.');
    this.simulator.addFault({ kind: 'rejectEmbed' });
    const refused = (): number => this.simulator.replies().filter(({ code }) => code === 304011).length;
    const before = refused();
    for (let i = 0; i < 3; i += 1) {
      this.say(`can you read this? ${i}`, `channel-${i}`);
      await this.allAnswered('an answer in text');
    }
    const spent = refused() - before;
    this.tell(`   After ${spent} refusals the feature richEmbeds is off: answers go out as text at once.`);
    await this.talkUntil('a reply tries the embed', () => refused() - before > spent);
    this.tell('   One reply tried the embed, was refused, and arrived as text. Now QQ takes embeds again.');
    this.simulator.clearFaults();
    const embeds = (): number => this.simulator.replies().filter((r) => r.form === 'embed' && r.accepted).length;
    const good = embeds();
    await this.talkUntil('embeds are back', () => embeds() - good >= PROBATION);
    this.tell(`   A trying reply passed; after ${PROBATION} good ones richEmbeds is on again, by itself.`);
  }

  /** Users go on writing until something is seen. */
  private async talkUntil(what: string, condition: () => boolean): Promise<void> {
    const deadline = Date.now() + ANSWER_MS;
    for (let i = 0; !condition(); i += 1) {
      if (Date.now() > deadline) throw new Error(`waited ${ANSWER_MS} ms in vain until ${what}`);
      this.say(`still there? ${i}`, `channel-${i % 4}`);
      await pause(600);
    }
    await this.allAnswered('answers meanwhile');
  }

  private async kill(): Promise<void> {
    this.tell('4. kill -9 in the middle of its answers.');
    this.simulator.addFault({ kind: 'slow', latencyMs: 400, durationMs: 3_000, afterAccept: true });
    for (let i = 0; i < 8; i += 1) this.say(`answer me, whatever happens ${i}`, `channel-${i}`);
    await pause(150 + Math.floor(this.random.next() * 200));
    this.bot.process.kill('SIGKILL');
    await this.bot.exited;
    this.tell('   The bot is dead. Two users write to a dead bot.');
    this.say('are you there?', 'channel-1');
    this.say('hello??', 'private-1', 'direct');
    await pause(300);
    this.bot = this.spawn();
    const { resumes } = this.simulator.state();
    await until('the bot to come back', READY_MS, () => this.simulator.state().resumes > resumes);
    this.tell(
      `   Back after ${Date.now() - this.bot.startedAt} ms: it folded its journal, resumed its session and goes on.`,
    );
    await this.allAnswered('answers after the kill');
    this.tell(`   All ${this.ids.length} answered.`);
  }

  private async drain(): Promise<void> {
    this.tell('5. SIGTERM: it drains and stops.');
    await pause(300);
    this.bot.process.kill('SIGTERM');
    const { code } = await this.bot.exited;
    this.tell(`   Exit code ${code}.`);
    if (code !== exitCodes.drained) throw new Error(`the drain ended with exit code ${code}`);
  }

  /** Counts by the platform's ledger; the journal tells only what users cannot see. */
  async verdict(): Promise<{ summary: Verdicts & { [name: string]: unknown }; isGood: boolean }> {
    const findings = await examine(JOURNAL);
    const verdicts = judge(this.ids, this.simulator.replies(), findings.ends);
    this.openings = findings.breakerOpened;
    const cutOff = findings.callsCutOff;
    const summary = {
      ...verdicts,
      breakerOpened: this.openings,
      featureRestored: findings.featureRestored,
      killed: findings.lives - 1,
      seed,
    };
    const replies = this.simulator.replies();
    const isDegraded =
      replies.some(({ form, code }) => form === 'embed' && code === 304011) &&
      replies.some(({ form, accepted }) => form === 'text' && accepted);
    const isStory =
      isDegraded &&
      findings.featureRestored >= 1 &&
      this.openings >= 1 &&
      findings.lives === 2 &&
      cutOff >= 1 &&
      findings.deadlinesMoved === 0;
    const isGood =
      verdicts.lost === 0 &&
      verdicts.uncertain <= cutOff &&
      verdicts.duplicates <= cutOff &&
      isStory &&
      findings.divergence === null;
    this.tell(
      `Judged from outside: ${cutOff} calls were cut off by the kill; the journal (${findings.records} records) refolds to the same bytes: ${findings.divergence === null}.`,
    );
    return { summary, isGood };
  }
  stop(): void {
    this.bot.process.kill('SIGKILL');
  }
}

const world = await storeOf(JOURNAL)
  .claimForDemo(false)
  .catch((error: Error) => {
    complain(error.message);
    process.exit(error instanceof JournalError ? exitCodes.held : exitCodes.internal);
  });
const simulator = await createSimulator({ seed });
const story = new Story(simulator);
process.once('exit', () => story.stop());
endWithOutput();
let code: number = exitCodes.internal;
try {
  await story.tellAll();
  const { summary, isGood } = await story.verdict();
  tell(JSON.stringify(summary));
  code = isGood ? exitCodes.drained : exitCodes.internal;
} catch (error) {
  story.tell(`The story went wrong: ${(error as Error).message}`);
} finally {
  story.stop();
  await simulator.close();
  world.release();
}
process.exit(code);
