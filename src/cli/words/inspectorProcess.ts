import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Record } from '../../actors/ports.js';
import { exitCodes } from '../../base/exitCodes.js';

/** What the process is told first. */
export interface InspectorWork {
  readonly path: string;
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly locale: 'en' | 'zh';
  /** Where operator actions go; null: nowhere. */
  readonly botUrl: string | null;
  /** Of the demo world. */
  readonly simulatorUrl: string | null;
  /** Of the process of ours that started the bot and with which all ends; null: none. */
  readonly commandPid: number | null;
  /** How long it stays when the bot was killed or has crashed, ms; default 60,000. */
  readonly stayMs?: number;
}
/** What it says, and what it is told afterwards. */
export type InspectorSaid =
  | { readonly port: number }
  | { readonly failed: string }
  | { readonly watch: boolean }
  /** For a sign of life. */
  | { readonly ask: true };
/** The newest record, or the sign of life. */
export type InspectorTold = { readonly seq: number; readonly at: number } | { readonly alive: true };
export interface InspectorProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process has ended. */
  close(): Promise<void>;
}
type Subscribe = (listener: (record: Record) => void) => () => void;

/** How often it is told of new records at most, while someone watches. */
const TELL_MS = 20;
/** How often one that died is started again in the bot's life, and how long after. */
const RESTARTS_MAX = 3;
const RESTART_MS = 1_000;
const MAIN = fileURLToPath(new URL('../../../visualizations/src/server/inspectorMain.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Exit codes of a crash: Node's own two, and ours. Then the inspector stays for a while, as after a SIGKILL. */
const CRASHES: ReadonlySet<number> = new Set([1, 7, exitCodes.internal]);

/**
 * The inspector of this process's bot, in a process of its own: whoever closes a journal's file drops all locks that
 * its process has on it, so the bot's process opens it once. It reads the journal by itself; while someone watches, and
 * only then, it is told up to which record there is something new. It ends with the bot. Fails with Error: the address
 * cannot be listened on.
 */
export async function startInspectorProcess(
  work: InspectorWork,
  subscribe: Subscribe,
  onLost: (reason: string) => void = () => undefined,
): Promise<InspectorProcess> {
  const keeper = new Keeper(work, subscribe, onLost);
  const port = await keeper.start(work.port);
  const host = work.host.includes(':') ? `[${work.host}]` : work.host;
  return {
    url: `http://${host}:${port}`,
    get pid() {
      return keeper.pid;
    },
    close: () => keeper.close(),
  };
}

class Keeper {
  private child: ChildProcess | null = null;
  private unsubscribe: (() => void) | null = null;
  private restarts = 0;
  private isClosing = false;
  private readonly onExit = (code: number): void => {
    if (!CRASHES.has(code)) this.child?.kill('SIGKILL');
  };

  constructor(
    private readonly work: InspectorWork,
    private readonly subscribe: Subscribe,
    private readonly onLost: (reason: string) => void,
  ) {
    process.once('exit', this.onExit);
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Resolves with the port that it listens on. */
  start(port: number): Promise<number> {
    const child = fork(MAIN, [], { execArgv: ['--import', TSX], env: withoutSecrets(), stdio: STDIO });
    this.child = child;
    // Until it listens somebody waits for it; afterwards it keeps no process alive.
    const release = (): void => {
      child.unref();
      child.channel?.unref();
    };
    child.send({ ...this.work, port }, () => undefined);
    return new Promise<number>((resolve, reject) => {
      let listening: number | null = null;
      child.on('message', (said: InspectorSaid) => {
        if ('watch' in said) this.watch(said.watch);
        else if ('ask' in said) child.send({ alive: true } satisfies InspectorTold, () => undefined);
        else if ('failed' in said)
          reject(new Error(`${this.work.host}:${port} cannot be listened on (${said.failed})`));
        else {
          listening = said.port;
          release();
          resolve(said.port);
        }
      });
      child.on('error', reject);
      child.once('exit', () => {
        this.watch(false);
        reject(new Error('its process has ended'));
        if (listening !== null) this.again(listening);
      });
    });
  }

  async close(): Promise<void> {
    this.isClosing = true;
    process.removeListener('exit', this.onExit);
    this.watch(false);
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL'); // it writes nothing
    await ended;
  }

  private again(port: number): void {
    if (this.isClosing) return;
    this.restarts += 1;
    if (this.restarts > RESTARTS_MAX) return this.onLost(`its process has ended ${this.restarts} times`);
    setTimeout(() => {
      if (!this.isClosing) this.start(port).catch((error: Error) => this.onLost(error.message));
    }, RESTART_MS).unref();
  }
  private watch(isWatched: boolean): void {
    this.unsubscribe?.();
    const { child } = this;
    const tell = (told: InspectorTold): void => void (child?.connected && child.send(told, () => undefined));
    this.unsubscribe = isWatched ? this.subscribe(teller(tell)) : null;
  }
}

/** It holds no terminal and no pipe of the bot's, so that nobody who reads those waits for it. */
const STDIO: ('ignore' | 'ipc')[] = ['ignore', 'ignore', 'ignore', 'ipc'];

/** Nothing that QQ or a proxy knows the bot by; a process that only reads needs none of it. */
function withoutSecrets(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^QQ_BOT_|_PROXY$|SECRET|TOKEN|PASSWORD|_KEY$/i.test(name)),
  );
}

/** Tells the newest record, not each of them; the first of a burst at once. */
function teller(tell: (told: InspectorTold) => void): (record: Record) => void {
  let newest: { readonly seq: number; readonly at: number } | null = null;
  let isQuiet = true;
  const pass = (): void => {
    isQuiet = newest === null;
    if (newest === null) return;
    tell(newest);
    newest = null;
    setTimeout(pass, TELL_MS).unref();
  };
  return ({ seq, at }) => {
    const isFirst = newest === null && isQuiet;
    newest = { seq, at };
    if (!isFirst) return;
    isQuiet = false;
    setImmediate(pass);
  };
}
