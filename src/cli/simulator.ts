import { Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../exitCodes.js';
import { createSimulator } from '../simulator/createSimulator.js';

/** `npm run simulator -- --port 9200 [--seed N] [--lenient] [--legacy-auth] [--heartbeat MS] [--json]` */
const integer = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 2 ** 32)
    throw new InvalidArgumentError('it must be a whole number >= 0');
  return value;
};
const program = new Command('simulator')
  .description('The QQ platform on loopback: token, OpenAPI, gateway, and a control API (docs/SIMULATOR.md)')
  .option('--port <n>', 'port to listen on; 0: any', integer, 9200)
  .option('--seed <n>', 'decides ids and the luck of faults', integer, 1)
  .option('--lenient', 'deliver missed events on the next IDENTIFY too', false)
  .option('--legacy-auth', 'take "Bot APPID.TOKEN", which QQ has switched off, too', false)
  .option('--heartbeat <ms>', 'how often HELLO asks for a heartbeat', integer, 41_250)
  .option('--json', 'print {"url"} when it listens', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCodes.usage))
  .parse();
const { port, seed, lenient, legacyAuth, heartbeat, json } = program.opts<{
  port: number;
  seed: number;
  lenient: boolean;
  legacyAuth: boolean;
  heartbeat: number;
  json: boolean;
}>();

try {
  const simulator = await createSimulator({ port, seed, lenient, heartbeatMs: heartbeat, policies: { legacyAuth } });
  const help = `QQ simulator on ${simulator.url}\nPoint a bot at it:\n  QQ_BOT_APP_ID=demo QQ_BOT_SECRET=demo QQ_BOT_API_URL=${simulator.url} QQ_BOT_TOKEN_URL=${simulator.url}/app/getAppAccessToken npm start\nWrite as a user:  POST ${simulator.url}/sim/messages {"kind":"guild","channelId":"c1","content":"hello"}\n`;
  process.stdout.write(json ? `${JSON.stringify({ url: simulator.url })}\n` : help);
  const stop = (): void => void simulator.close().then(() => process.exit(exitCodes.drained));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  const isTaken = code === 'EADDRINUSE';
  process.stderr.write(isTaken ? `port ${port} is in use; choose another with --port\n` : `${message}\n`);
  process.exit(isTaken ? exitCodes.stuck : exitCodes.internal);
}
