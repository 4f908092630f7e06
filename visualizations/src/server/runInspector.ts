import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { exitCodes } from '../../../src/base/exitCodes.js';
import { complain, tell } from '../../../src/base/terminal.js';
import { ensurePage } from '../ensurePage.js';
import { InspectError } from '../inspectError.js';
import { inspectLocale, inspectTexts } from '../inspectTexts.js';
import { createInspectionServer } from './createInspectionServer.js';
import { botSource, storedSource } from './sources.js';

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
const HOST = '127.0.0.1';
const PORT = 7072;
const BOT = 'http://127.0.0.1:7070';

/**
 * The inspector in a process of its own, until the signal. Resolves with the exit code. Fails with JournalError and
 * InspectError. Operator actions go to `url`, also when the records come from a file.
 */
export async function runInspector({ journal, url, port = PORT, json, signal }: RunInspectorOptions): Promise<number> {
  const locale = inspectLocale();
  const botUrl = url ?? (journal === undefined ? BOT : null);
  const source = journal === undefined ? await botSource(botUrl!) : await storedSource(storeOf(journal), journal);
  const page = ensurePage();
  page.catch((error: Error) => complain(error.message));
  const server = await createInspectionServer({ source, host: HOST, locale, botUrl, simulatorUrl: null, page });
  const address = await server.listen(port).catch((cause: Error) => {
    throw new InspectError(inspectTexts(locale).portTaken(port, '--port', cause.message), exitCodes.stuck, { cause });
  });
  tell(json ? JSON.stringify({ url: address }) : inspectTexts(locale).inspector(address));
  await new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', resolve);
  });
  await server.close();
  return exitCodes.drained;
}
