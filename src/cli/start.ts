import { Command } from 'commander';
import { intentsOf } from '../adapters/qq/wire/intents.js';
import { exitCodes } from '../base/exitCodes.js';
import { complain, tell } from '../base/terminal.js';
import { thrownOf } from '../base/thrown.js';
import { type Bot, createBot } from '../bot/createBot.js';
import { textsFor } from '../bot/texts.js';
import { type Config, readConfig } from '../config/config.js';
import { loadModule } from './authorFile.js';
import { runDemoWorld } from './demo/demoWorld.js';
import { endWithOutput } from './words/endWithOutput.js';
import { type InspectorProcess, startInspectorProcess } from './words/inspectorProcess.js';
import { setOption } from './words/setOption.js';
import { startErrorCode, startErrorText } from './words/startErrors.js';

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

async function runBot(config: Config): Promise<number> {
  if (config.sandbox) complain(textsFor(config.locale).sandboxBanner);
  const { locale, journalPath } = config;
  const module = await loadModule(config.botModule, {
    ended: (error) => complain(startErrorText(error, locale, journalPath)),
    slow: (path) => complain(textsFor(locale).stillLoading(path)),
  });
  const bot = await createBot(config, module);
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // before the author's listeners: one that throws keeps those after it from being called
    process.prependListener(signal, () => {
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

/** A listener of the author's that throws at the end has no part in the exit code either; the second call asks none. */
function endNow(code: number): never {
  try {
    process.exit(code);
  } catch (error) {
    complain(thrownOf(error).text);
    process.exit(code);
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
  const code = config.credentials ? await runBot(config) : await runDemoWorld(config, { keep, sets: set });
  endNow(code);
} catch (error) {
  const { locale = 'en', journalPath = '' } = config ?? {};
  complain(startErrorText(error, locale, journalPath));
  process.exit(startErrorCode(error));
}
