import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, setPriority } from 'node:os';
import type { GuardedServer } from '../../../src/base/servers/guardedServer.js';
import type { InspectorSaid, InspectorTold, InspectorWork } from '../../../src/cli/words/inspectorProcess.js';
import { answerForTheDead, askToLeave } from './afterlife.js';
import type { InspectionServer } from './createInspectionServer.js';
import { openDoor } from './http/door.js';
import { STAY_MS } from './serverLimits.js';

/**
 * The inspector of a running bot, in a process of its own. It listens at once and loads everything else when the first
 * request comes, so that a bot that nobody looks at pays a process that sleeps. When the bot is gone without having
 * ended it, it says so for a minute, and to a new bot it gives its address.
 */
const say = (said: InspectorSaid): void => void (process.connected && process.send!(said));
/** How often it is looked whether the command is there. */
const LOOK_MS = 500;
let loading: Promise<InspectionServer> | null = null;
let isBotDead = false;

try {
  setPriority(constants.priority.PRIORITY_LOW); // the bot goes first
} catch {
  // only a wish
}
process.once('message', (work: InspectorWork) => void listen(work));

async function load({ path, host, locale, botUrl, simulatorUrl }: InspectorWork): Promise<InspectionServer> {
  const [{ createInspectionServer }, { liveSource }, { ensurePage }, { serverTexts }] = await Promise.all([
    import('./createInspectionServer.js'),
    import('./sources.js'),
    import('../ensurePage.js'),
    import('./serverTexts.js'),
  ]);
  const source = await liveSource(path, {
    watch: (isWatched) => say({ watch: isWatched }),
    onTold: (listener) => process.on('message', (told: InspectorTold) => 'seq' in told && listener(told)),
    ask: () => say({ ask: true }),
    onAlive: (listener) => process.on('message', (told: InspectorTold) => 'alive' in told && listener()),
    silent: (seconds) => serverTexts(locale).botSilent(seconds),
  });
  return createInspectionServer({ source, host, locale, botUrl, simulatorUrl, page: ensurePage() });
}

function loaded(work: InspectorWork): Promise<InspectionServer> {
  loading ??= load(work);
  loading.catch(() => {
    loading = null; // the next one tries again
  });
  return loading;
}
function answerUnopened(response: ServerResponse, { message }: Error): void {
  response.writeHead(503, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  response.end(JSON.stringify({ message: `the inspector cannot open the journal: ${message}` }));
}

/** With the command that started the bot all ends, this process too when the bot is dead already. */
function endWith(pid: number): void {
  setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch {
      process.exit();
    }
  }, LOOK_MS);
}

function listen(work: InspectorWork): void {
  if (work.commandPid !== null) endWith(work.commandPid);
  const listener: GuardedServer = openDoor(work.host, {
    request(request, response) {
      if (isBotDead) return answerForTheDead(request, response, work.path, () => leave(listener));
      loaded(work).then(
        (server) => server.request(request, response),
        (error: Error) => answerUnopened(response, error),
      );
    },
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      if (isBotDead) return void socket.destroy();
      loaded(work).then(
        (server) => server.upgrade(request, socket, head),
        () => socket.destroy(),
      );
    },
  });
  let asked = false;
  listener.on('error', async (error: { code?: string }) => {
    if (error.code !== 'EADDRINUSE' || asked) return refuse(error);
    asked = true;
    if (!(await askToLeave(work.host, work.port))) return refuse(error);
    listener.listen(work.port, work.host);
  });
  listener.on('listening', () => say({ port: (listener.address() as AddressInfo).port }));
  process.once('disconnect', () => {
    if (!listener.listening) process.exit();
    outlive(listener, work.stayMs);
  });
  listener.listen(work.port, work.host);
}

function refuse({ code }: { code?: string }): void {
  process.send!({ failed: code ?? 'unknown' } satisfies InspectorSaid, () => process.exit());
}

/** The journal is let go of: the next bot finds nobody beside it. */
function outlive(door: GuardedServer, stayMs = STAY_MS): void {
  isBotDead = true;
  door.destroyAllConnections();
  loading?.then((server) => server.close()).catch(() => undefined);
  setTimeout(() => process.exit(), stayMs);
}

/** The address is free before the one who asked is answered. */
function leave(listener: GuardedServer): Promise<void> {
  setTimeout(() => process.exit(), 1_000);
  return new Promise((resolve) => {
    listener.close();
    setImmediate(resolve);
  });
}
