import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { type BotModule, checkModule, ModuleError } from '../adapters/author/authorModule.js';
import { asAuthor } from '../adapters/author/authorScope.js';
import { intentsOf } from '../adapters/qq/intents.js';
import { exitCodes } from '../base/exitCodes.js';
import { complain, tell } from '../base/terminal.js';
import { type Bot, createBot } from '../bot/createBot.js';
import { textsFor } from '../bot/texts.js';
import { type Config, readConfig } from '../config/config.js';
import { runDemoWorld } from './demo/demoWorld.js';
import { endWithOutput } from './endWithOutput.js';
import { type InspectorProcess, startInspectorProcess } from './inspectorProcess.js';
import { setOption } from './setOption.js';
import { startErrorCode, startErrorText } from './startErrors.js';

/** `npm start [-- MODULE] [--set NAME=VALUE …] [--keep] [--json]` */
const program = new Command('start')
  .description('Runs a bot: on QQ with QQ_BOT_APP_ID and QQ_BOT_SECRET, in the demo world without')
  .argument('[module]', 'the bot, a file that exports const bot (default: answers everything)')
  .addOption(setOption())
  .option('--keep', 'demo world: go on with the last journal', false)
  .option('--json', 'print one JSON object when it ends', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.drained : exitCodes.usage))
  .parse();
const { set, keep, json } = program.opts<{ set: string[]; keep: boolean; json: boolean }>();

/** A bot whose every outcome is one sentence: loads the author's file. */
async function loadModule(path: string | null): Promise<BotModule> {
  if (path === null) return {};
  let loaded: { bot?: unknown };
  try {
    const file = pathToFileURL(resolve(path)).href;
    loaded = await asAuthor({ message: null, occasion: 'module' }, () => import(file) as Promise<{ bot?: unknown }>);
  } catch (cause) {
    throw new ModuleError(`${path}: cannot be loaded: ${String((cause as Error).message)}`, { cause });
  }
  return checkModule(loaded.bot, path);
}

async function runBot(config: Config): Promise<number> {
  if (config.sandbox) complain(textsFor(config.locale).sandboxBanner);
  const bot = await createBot(config, await loadModule(config.botModule));
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) process.exit(exitCodes.drained);
      bot.drain(signal);
    });
  }
  endWithOutput(() => bot.drain('SIGHUP'));
  const inspector = inspectorOf(config, bot);
  const { code, reason } = await bot.stopped;
  process.on('uncaughtException', () => undefined); // what the author's code still does has no part in the exit code
  await (await inspector)?.close();
  if (json) tell(JSON.stringify({ code, reason }));
  return code;
}

/** The inspector beside the bot. Without it the bot runs all the same. */
async function inspectorOf(config: Config, bot: Bot): Promise<InspectorProcess | null> {
  const { inspector, journalPath, locale, world, apiUrl } = config;
  if (!inspector) return null;
  const say = config.log.format === 'pretty' ? tell : complain;
  const simulatorUrl = world === 'demo' ? apiUrl : null;
  const commandPid = process.env.KINTSUGI_CHILD === '1' ? process.ppid : null;
  const work = { path: journalPath, ...inspector, locale, botUrl: bot.url, simulatorUrl, commandPid };
  try {
    const onLost = (reason: string): void => void complain(textsFor(locale).noInspector(reason));
    const inspector = await startInspectorProcess(work, (listener) => bot.subscribe(listener), onLost);
    bot.leadTo(inspector.url);
    say(textsFor(locale).inspector(inspector.url));
    return inspector;
  } catch (error) {
    complain(textsFor(locale).noInspector((error as Error).message));
    return null;
  }
}

let config: Config | null = null;
try {
  const [module] = program.args;
  const env = module === undefined ? process.env : { ...process.env, KINTSUGI_BOT: module };
  config = readConfig({
    env,
    cwd: process.cwd(),
    sets: set,
    isTTY: process.stdout.isTTY === true,
    parseIntents: intentsOf,
  });
  process.exitCode = config.credentials ? await runBot(config) : await runDemoWorld(config, { keep, sets: set });
  process.exit();
} catch (error) {
  const { locale = 'en', journalPath = '' } = config ?? {};
  complain(startErrorText(error, locale, journalPath));
  process.exit(startErrorCode(error));
}
