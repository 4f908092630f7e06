import { readlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { InspectorSaid, InspectorTold, InspectorWork } from '../../../src/cli/inspectorThread.js';
import type { InspectionServer } from './createInspectionServer.js';

/**
 * The inspector of a running bot, in a thread of its own. It listens at once and loads everything else when the first connection
 * comes, so that a bot that nobody looks at pays a thread that sleeps.
 */
const { path, host, port, locale, botUrl, simulatorUrl } = workerData as InspectorWork;
const say = (said: InspectorSaid): void => parentPort!.postMessage(said);
let loading: Promise<InspectionServer> | null = null;

/** The bot goes first: where processors are short this thread waits. Linux can say that of a thread; elsewhere it stays as it is. */
function giveWay(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), constants.priority.PRIORITY_LOW);
  } catch {
    // only a wish
  }
}
giveWay();

async function load(): Promise<InspectionServer> {
  const [{ createInspectionServer }, { liveSource }, { ensurePage }] = await Promise.all([
    import('./createInspectionServer.js'),
    import('./sources.js'),
    import('../ensurePage.js'),
  ]);
  const source = await liveSource(path, {
    watch: (isWatched) => say({ watch: isWatched }),
    onTold: (listener) => parentPort!.on('message', (told: InspectorTold) => listener(told)),
  });
  return createInspectionServer({ source, host, locale, botUrl, simulatorUrl, page: ensurePage() });
}

function serve(connection: Socket): void {
  loading ??= load();
  loading.then(
    (server) => {
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

const listener = createServer({ pauseOnConnect: true }, (connection) => {
  connection.on('error', () => connection.destroy());
  serve(connection);
});
listener.once('error', (error: { code?: string }) => say({ failed: error.code ?? String(error) }));
listener.listen(port, host, () => say({ port: (listener.address() as AddressInfo).port }));
