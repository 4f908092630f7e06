import { Command, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from '../base/exitCodes.js';
import { complain, tell } from '../base/terminal.js';
import { createSimulator } from '../simulator/createSimulator.js';
import { DEFAULT_POLICIES, type Policies, readPolicy as parsePolicy } from '../simulator/world/policies.js';
import { endWithOutput } from './words/endWithOutput.js';

/** `npm run simulator -- --port 9200 [--seed N] [--private] [--legacy-auth] [--policy NAME=VALUE] [--json]` */
const integer =
  (max: number) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isInteger(value) && value >= 0 && value <= max) return value;
    throw new InvalidArgumentError(`it must be a whole number from 0 to ${max}`);
  };
function readPolicy(text: string): Partial<Policies> {
  try {
    return parsePolicy(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
/** `--policy replyWindowMs={"c2c":300000}`; the value is JSON, or else text. */
function policyOption(): Option {
  const names = Object.keys(DEFAULT_POLICIES).join(', ');
  return new Option('--policy <name=value>', `what the documents leave open; may be repeated: ${names}`)
    .default({} as Partial<Policies>)
    .argParser((text: string, all: Partial<Policies>) => ({ ...all, ...readPolicy(text) }));
}
const program = new Command('simulator')
  .description('The QQ platform on loopback: token, OpenAPI, gateway, and a control API (docs/SIMULATOR.md)')
  .option('--port <n>', 'port to listen on; 0: any', integer(65_535), 9200)
  .option('--seed <n>', 'decides ids and the luck of faults', integer(2 ** 32), 1)
  .option('--host <address>', 'address to listen on; anything but loopback lets others command it', '127.0.0.1')
  .option('--private', 'bots are private ones: they may hear every message (intents 9 and 28)', false)
  .option('--no-markdown', 'bots may not send native Markdown')
  .option('--no-keyboard', 'bots may not send buttons')
  .option('--legacy-auth', 'take "Bot APPID.TOKEN", which QQ has switched off, too', false)
  .addOption(policyOption())
  .option('--heartbeat <ms>', 'interval that HELLO asks for', integer(2 ** 31 - 1), 41_250)
  .option('--lenient', 'deliver missed events on the next IDENTIFY too', false)
  .option('--json', 'print {"url"} when it listens', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCodes.usage))
  .parse();
interface Flags {
  readonly port: number;
  readonly seed: number;
  readonly host: string;
  readonly private: boolean;
  readonly markdown: boolean;
  readonly keyboard: boolean;
  readonly legacyAuth: boolean;
  readonly policy: Partial<Policies>;
  readonly lenient: boolean;
  readonly heartbeat: number;
  readonly json: boolean;
}
const flags = program.opts<Flags>();
const { port, seed, host, lenient, json } = flags;

try {
  const simulator = await createSimulator({
    port,
    seed,
    host,
    heartbeatMs: Math.max(1, flags.heartbeat),
    lenient,
    isPrivate: flags.private,
    mayMarkdown: flags.markdown,
    mayKeyboard: flags.keyboard,
    policies: { ...flags.policy, ...(flags.legacyAuth ? { legacyAuth: true } : {}) },
  });
  const help = `QQ simulator on ${simulator.url}\nPoint a bot at it:\n  QQ_BOT_APP_ID=demo QQ_BOT_SECRET=demo QQ_BOT_API_URL=${simulator.url} QQ_BOT_TOKEN_URL=${simulator.url}/app/getAppAccessToken npm start\nWrite as a user:  POST ${simulator.url}/sim/messages {"kind":"guild","channelId":"c1","content":"hello"}\n`;
  const stop = (): void => void simulator.close().then(() => process.exit(exitCodes.drained));
  endWithOutput(stop);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // Who reads the address may end it at once.
  tell(json ? JSON.stringify({ url: simulator.url }) : help.trimEnd());
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  const isTaken = code === 'EADDRINUSE';
  // The system's own errors: the port is privileged, the address is not of this machine, there is no such name.
  const isRefused = code !== undefined && /^E[A-Z]+$/.test(code);
  const why = `${host}:${port} cannot be listened on (${code}); choose others with --host and --port`;
  complain(isTaken ? `port ${port} is in use; choose another with --port` : isRefused ? why : message);
  process.exit(isTaken || isRefused ? exitCodes.stuck : exitCodes.internal);
}
