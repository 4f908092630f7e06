import type { Journal } from '../../../src/actors/ports.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { readOperatorToken } from '../../../src/adapters/operator/http/operatorToken.js';
import { createRedaction } from '../../../src/adapters/process/redaction.js';
import { exitCodes } from '../../../src/base/exitCodes.js';
import { complain, tell as tellResult } from '../../../src/base/terminal.js';
import { type CopyState, copyRecords } from '../copyRecords.js';
import { InspectError } from '../inspectError.js';
import { type InspectTexts, inspectTexts } from '../inspectTexts.js';
import { ActorFeed } from './actorFeed.js';
import { STATELY } from './attachPage.js';
import { SHOWN_MAX } from './bridgeLimits.js';
import { createOperatorActions } from './operatorActions.js';
import { createShow } from './shownValue.js';
import { createStatelyBridge } from './statelyBridge.js';
import type { ViewerServer } from './viewerServer.js';
import { createXstateBridge } from './xstateBridge.js';

export interface BridgesOptions {
  /** A journal or an exported stretch; without it the records of the bot at `url` are copied. */
  readonly journal?: string;
  /** The bot: where records and operator actions go. */
  readonly url: string;
  /** Port of the bridge for @xstate/inspect; null: none. */
  readonly xstate: number | null;
  /** Port of the bridge for Stately's inspector; null: none. */
  readonly stately: number | null;
  /** File with the operator token; null: viewers may look only. */
  readonly tokenFile: string | null;
  /** Pages that may attach besides those on loopback and of stately.ai. */
  readonly origins: readonly string[];
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Time for copying what a bot has written so far, ms. */
const COPY_MS = 120_000;
const PROGRESS_MS = 1_000;

/** What one journal gives, until it ends or another is at its address. */
interface Source {
  readonly journal: Journal;
  readonly name: string;
  /** Aborted when the records come from another journal now. */
  readonly replaced: AbortSignal;
  close(): Promise<void>;
}

/**
 * Shows the actors of a journal or of a running bot to viewers of others, until `signal` is aborted. Gives the exit
 * code. Fails with InspectError and JournalError.
 */
export async function runBridges(options: BridgesOptions): Promise<number> {
  const texts = inspectTexts();
  const token = options.tokenFile === null ? null : readToken(options.tokenFile, texts);
  const tell = (line: string): void => void complain(line);
  let source = await openSource(options, texts, tell);
  let servers: readonly ViewerServer[] = [];
  try {
    const feed = await openFeed(source, texts, tell);
    servers = await listen(options, feed, token, texts, tell);
    announce(options, source, feed, servers, texts);
    for (;;) {
      await feed.follow(AbortSignal.any([options.signal, source.replaced]));
      if (options.signal.aborted) return exitCodes.drained;
      await source.close();
      source = await openSource(options, texts, tell);
      await feed.reopen(source.journal);
    }
  } finally {
    for (const server of servers) await server.close();
    await source.close();
  }
}

async function openSource(
  { journal: path, url, signal }: BridgesOptions,
  texts: InspectTexts,
  tell: (line: string) => void,
): Promise<Source> {
  const replaced = new AbortController();
  if (path !== undefined) {
    const journal = await storeOf(path).openReader();
    for (const notice of journal.notices) tell(notice);
    return { journal, name: path, replaced: replaced.signal, close: () => journal.close() };
  }
  let isLost = false;
  const onState = (state: CopyState, message: string | null): void => {
    if (message !== null) tell(message);
    if (state === 'following' && isLost) tell(texts.following(url));
    isLost = state === 'lost';
    if (state === 'other') replaced.abort();
  };
  const copy = await copyRecords({ url, onState, onProgress: progress(tell, texts.copying) });
  const tooLong = AbortSignal.timeout(COPY_MS);
  const stop = AbortSignal.any([signal, tooLong, replaced.signal]);
  await Promise.race([copy.caughtUp, new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()))]);
  if (tooLong.aborted) {
    await copy.close();
    throw new InspectError(texts.copyTooLong(COPY_MS / 1_000), exitCodes.stuck);
  }
  return { journal: copy.journal, name: url, replaced: replaced.signal, close: () => copy.close() };
}

function openFeed(source: Source, texts: InspectTexts, tell: (line: string) => void): Promise<ActorFeed> {
  return ActorFeed.open(source.journal, {
    topology,
    onProgress: progress(tell, texts.folding),
    onDivergence: (seq, actor) => tell(texts.diverged(seq, actor)),
    onFull: (hidden) => tell(texts.hidden(hidden, SHOWN_MAX)),
  });
}

async function listen(
  options: BridgesOptions,
  feed: ActorFeed,
  token: string | null,
  texts: InspectTexts,
  tell: (line: string) => void,
): Promise<readonly ViewerServer[]> {
  const { xstate, stately, url } = options;
  const origins = [STATELY, ...options.origins];
  const act = createOperatorActions({ url, token, actor: (id) => feed.actor(id), texts, tell });
  const onEvent = (event: Parameters<typeof act>[0]): void => void act(event);
  const onNonsense = (what: string): void => tell(texts.nonsense(what));
  const taken = (port: number, flag: string) => (error: { code?: string; message: string }) => {
    throw new InspectError(texts.portTaken(port, flag, error.code ?? error.message), exitCodes.stuck);
  };
  const show = createShow(createRedaction([process.env.QQ_BOT_SECRET ?? '', token ?? '']));
  const servers: ViewerServer[] = [];
  if (xstate !== null)
    servers.push(
      await createXstateBridge({ feed, port: xstate, origins, show, onEvent, onNonsense }).catch(
        taken(xstate, '--port'),
      ),
    );
  const flag = xstate === null ? '--port' : '--stately-port';
  if (stately !== null)
    servers.push(await createStatelyBridge({ feed, port: stately, origins, show }).catch(taken(stately, flag)));
  return servers;
}

function announce(
  { xstate, stately, json }: BridgesOptions,
  { name }: Source,
  feed: ActorFeed,
  servers: readonly ViewerServer[],
  texts: InspectTexts,
): void {
  const urls = servers.map(({ url }) => url);
  const addresses = {
    ...(xstate === null ? {} : { xstate: urls[0] }),
    ...(stately === null ? {} : { stately: urls.at(-1) }),
  };
  const { size: actors, hidden, seq } = feed;
  const lines = [
    texts.shown(actors, name),
    ...(addresses.xstate ? [texts.listening('@xstate/inspect', addresses.xstate)] : []),
    ...(addresses.stately ? [texts.listening('@statelyai/inspect', addresses.stately)] : []),
  ];
  tellResult(json ? JSON.stringify({ ...addresses, actors, hidden, seq }) : lines.join('\n'));
}

function readToken(path: string, texts: InspectTexts): string {
  const token = readOperatorToken(path);
  if (token === null) throw new InspectError(texts.noToken(path), exitCodes.usage);
  return token;
}

/** A line each second, for what takes longer than one. */
function progress(tell: (line: string) => void, text: (seq: number, last: number) => string) {
  let next = Date.now() + PROGRESS_MS;
  return (seq: number, last: number): void => {
    if (Date.now() < next || seq >= last) return;
    next = Date.now() + PROGRESS_MS;
    tell(text(seq, last));
  };
}
