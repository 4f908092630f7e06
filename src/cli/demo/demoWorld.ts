import { createInterface } from 'node:readline';
import { storeOf } from '../../adapters/journal/storeOf.js';
import { exitCodes } from '../../base/exitCodes.js';
import { tell } from '../../base/terminal.js';
import { textsFor } from '../../bot/texts.js';
import type { Config } from '../../config/config.js';
import { createSimulator, type Simulator } from '../../simulator/createSimulator.js';
import { endWithOutput } from '../words/endWithOutput.js';
import { type ChildBot, spawnBot, until } from '../world/childBot.js';

const CHANNEL = 'demo';
const OWNER = { id: 'owner', username: 'you', roles: ['4'] };
/** How long the first connection may take before the chat says that something is wrong. */
const READY_MS = 20_000;

export interface DemoWorldOptions {
  /** Go on with the last demo journal. */
  readonly keep: boolean;
  readonly sets: readonly string[];
}

/**
 * The demo world: the platform and the terminal in this process, the bot in a child that can be killed and is started
 * again whenever it dies. A line is a message by the owner that mentions the bot. Returns the exit code.
 */
export async function runDemoWorld(config: Config, options: DemoWorldOptions): Promise<number> {
  const texts = textsFor(config.locale);
  const print = tell;
  const world = await storeOf(config.journalPath).claimForDemo(options.keep);
  const simulator = await createSimulator();
  print(texts.demoBanner);
  print(texts.addresses(simulator.url, config.http ? `http://${config.http.host}:${config.http.port}/actors` : 'off'));
  simulator.onReply((reply) => {
    if (reply.accepted) print(`  bot> ${reply.content.replaceAll('\n', '\n       ')}`);
    else print(`  ${texts.refused(reply.form, reply.httpStatus)}`);
  });
  const keeper = new Keeper(config, options, simulator, print);
  process.once('exit', () => keeper.kill());
  endWithOutput();
  keeper.start();
  await until('the bot to connect', READY_MS, () => simulator.state().connected > 0 || keeper.isStopping).catch(
    (error: Error) => print(error.message),
  );
  if (!keeper.isStopping) print(texts.chatHelp);
  await chat(simulator, keeper, print, texts.chatHelp);
  const code = await keeper.stop();
  await simulator.close();
  world.release();
  return code;
}

const textOf = (address: Config['http']): string => {
  if (!address) return 'off';
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
};

/** Keeps one bot alive. */
class Keeper {
  isStopping = false;
  private bot: ChildBot | null = null;
  /** Called when the bot ends in a way that a restart does not mend. */
  onEnd: () => void = () => undefined;

  constructor(
    private readonly config: Config,
    private readonly options: DemoWorldOptions,
    private readonly simulator: Simulator,
    private readonly print: (line: string) => void,
  ) {}

  start(): void {
    const { journalPath, http, inspector, botModule } = this.config;
    const bot = spawnBot({
      simulator: this.simulator,
      journalPath,
      ...(botModule ? { module: botModule } : {}),
      http: textOf(http),
      inspector: textOf(inspector),
      log: 'inherit',
      sets: this.options.sets,
      env: { LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    });
    this.bot = bot;
    void bot.exited.then(({ code, signal }) => {
      if (this.isStopping) return;
      if (signal === null && code !== exitCodes.drained) {
        this.isStopping = true;
        this.print(`  ${textsFor(this.config.locale).botEnded(code ?? exitCodes.internal)}`);
        this.onEnd();
        process.stdin.destroy();
        process.exitCode = code ?? exitCodes.internal;
        return;
      }
      this.print(`  ${textsFor(this.config.locale).botDied}`);
      this.start();
    });
  }
  kill(): void {
    this.bot?.process.kill('SIGKILL');
  }
  async stop(): Promise<number> {
    this.isStopping = true;
    if (this.bot?.process.exitCode === null) this.bot.process.kill('SIGTERM');
    const { code } = (await this.bot?.exited) ?? { code: 0 };
    return code ?? exitCodes.internal;
  }
}

/** Reads lines until the end of input, `:quit` or a signal. */
function chat(simulator: Simulator, keeper: Keeper, print: (line: string) => void, help: string): Promise<void> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  return new Promise((resolve) => {
    const end = (): void => {
      lines.close();
      resolve();
    };
    if (keeper.isStopping) end();
    keeper.onEnd = end;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
    lines.on('close', () => {
      // Input may end before the last answers are there: give them a moment.
      void until('the last answers', 5_000, () => keeper.isStopping || isQuiet(simulator))
        .catch(() => undefined)
        .then(resolve);
    });
    lines.on('line', (text) => {
      const line = text.trim();
      if (line === '') return;
      const [command, ...args] = line.split(/\s+/);
      if (command === ':help') print(help);
      else if (command === ':quit') end();
      else if (command === ':kill') keeper.kill();
      else if (command === ':outage')
        simulator.addFault({ kind: 'outage', durationMs: 1_000 * (Number(args[0]) || 20) });
      else if (command === ':reject' && args[0] === 'embed')
        simulator.addFault({ kind: 'rejectEmbed', durationMs: 60_000 });
      else if (command?.startsWith(':')) print(help);
      else simulator.postMessage({ kind: 'guild', channelId: CHANNEL, content: line, author: OWNER });
    });
  });
}

/** Every message in the demo channel has an accepted answer. */
function isQuiet(simulator: Simulator): boolean {
  const answered = new Set(
    simulator
      .replies()
      .filter((reply) => reply.accepted)
      .map((reply) => reply.msgId),
  );
  return answered.size >= simulator.posted();
}
