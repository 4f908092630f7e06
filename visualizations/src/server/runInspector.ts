import { fileURLToPath } from 'node:url';
import { exitCodes } from '../../../src/exitCodes.js';
import { InspectError } from '../inspectError.js';
import { inspectTexts } from '../inspectTexts.js';
import { createInspectionServer, InspectorListenError } from './createInspectionServer.js';
import { botSource, fileSource } from './sources.js';

export interface RunInspectorOptions {
  /** A journal or an exported stretch. */
  readonly journal?: string;
  /** A running bot; default http://127.0.0.1:7070 when there is no `journal`. */
  readonly url?: string;
  /** Default 7072; 0: any. */
  readonly port?: number;
  /** Prints `{"url": …}` when it listens. */
  readonly json: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
}
const PORT = 7072;
const BOT = 'http://127.0.0.1:7070';

/**
 * The inspector in a process of its own, until the signal. Resolves with the exit code. Fails with JournalError and InspectError.
 * Operator actions go to `url`, also when the records come from a file.
 */
export async function runInspector({ journal, url, port = PORT, json, signal }: RunInspectorOptions): Promise<number> {
  const locale = process.env.KINTSUGI_LOCALE === 'zh' ? 'zh' : 'en';
  const botUrl = url ?? (journal === undefined ? BOT : null);
  const source = journal === undefined ? await botSource(botUrl!) : await fileSource(journal);
  const page = Promise.resolve(fileURLToPath(new URL('../../page/dist', import.meta.url)));
  const server = await createInspectionServer({
    source,
    host: '127.0.0.1',
    port,
    locale,
    botUrl,
    simulatorUrl: null,
    page,
  }).catch((cause: unknown) => {
    if (!(cause instanceof InspectorListenError)) throw cause;
    throw new InspectError(inspectTexts(locale).portTaken(port, '--port', cause.message), exitCodes.stuck, { cause });
  });
  process.stdout.write(
    json ? `${JSON.stringify({ url: server.url })}\n` : `${inspectTexts(locale).inspector(server.url)}\n`,
  );
  await new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', resolve);
  });
  await server.close();
  return exitCodes.drained;
}
