import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import type { InspectorSaid, InspectorTold, InspectorWork } from '../../../src/cli/inspectorProcess.js';
import { answerForTheDead, askToLeave } from './afterlife.js';
import type { InspectionServer } from './createInspectionServer.js';
import { STAY_MS } from './serverLimits.js';

/**
 * The inspector of a running bot, in a process of its own. It listens at once and loads everything else when the first connection
 * comes, so that a bot that nobody looks at pays a process that sleeps. When the bot is gone without having ended it, it says so
 * for a minute, and to a new bot it gives its address.
 */
const say = (said: InspectorSaid): void => void (process.connected && process.send!(said));
/** Connections at once; a browser takes six, and each page that watches one more. */
const CONNECTIONS_MAX = 256;
/** How often it is looked whether the command is there. */
const LOOK_MS = 500;
const connections = new Set<Socket>();
let loading: Promise<InspectionServer> | null = null;
let isBotDead = false;

try {
  setPriority(constants.priority.PRIORITY_LOW); // the bot goes first
} catch {
  // only a wish
}
process.once('message', (work: InspectorWork) => void listen(work));

async function load({ path, host, locale, botUrl, simulatorUrl }: InspectorWork): Promise<InspectionServer> {
  const [{ createInspectionServer }, { liveSource }, { ensurePage }] = await Promise.all([
    import('./createInspectionServer.js'),
    import('./sources.js'),
    import('../ensurePage.js'),
  ]);
  const source = await liveSource(path, {
    watch: (isWatched) => say({ watch: isWatched }),
    onTold: (listener) => process.on('message', (told: InspectorTold) => listener(told)),
  });
  return createInspectionServer({ source, host, locale, botUrl, simulatorUrl, page: ensurePage() });
}

function serve(connection: Socket, work: InspectorWork): void {
  loading ??= load(work);
  loading.then(
    (server) => {
      if (connection.destroyed) return;
      server.serve(connection);
      connection.resume();
    },
    (error: Error) => {
      loading = null; // the next one tries again
      const body = JSON.stringify({ message: `the inspector cannot open the journal: ${error.message}` });
      const head = `HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
      connection.end(head + body);
    },
  );
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
  const listener = createServer({ pauseOnConnect: true }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => connection.destroy());
    if (isBotDead) answerForTheDead(connection, work.path, () => leave(listener));
    else serve(connection, work);
  });
  listener.maxConnections = CONNECTIONS_MAX;
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
    outlive();
  });
  listener.listen(work.port, work.host);
}

function refuse({ code }: { code?: string }): void {
  process.send!({ failed: code ?? 'unknown' } satisfies InspectorSaid, () => process.exit());
}

/** The journal is let go of: the next bot finds nobody beside it. */
function outlive(): void {
  isBotDead = true;
  for (const connection of connections) connection.destroy();
  loading?.then((server) => server.close()).catch(() => undefined);
  setTimeout(() => process.exit(), STAY_MS);
}

/** The address is free before the one who asked is answered. */
function leave(listener: Server): Promise<void> {
  setTimeout(() => process.exit(), 1_000);
  return new Promise((resolve) => {
    listener.close();
    setImmediate(resolve);
  });
}
