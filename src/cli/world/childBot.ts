import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '../../simulator/createSimulator.js';

export interface ChildBotOptions {
  readonly simulator: Simulator;
  readonly journalPath: string;
  /** The author's module; default: the built-in bot. */
  readonly module?: string;
  /** `host:port`, or `off`. */
  readonly http?: string;
  /** `host:port`, or `off`; default: off. */
  readonly inspector?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `inherit` shows the bot's log; `ignore` hides it; `pipe` leaves it to be read. */
  readonly log: 'inherit' | 'ignore' | 'pipe';
  readonly sets?: readonly string[];
}
export interface ChildBot {
  readonly process: ChildProcess;
  readonly startedAt: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

const START = fileURLToPath(new URL('../start.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

/** A bot in a process of its own, pointed at a simulator, so that it can be killed. */
export function spawnBot(options: ChildBotOptions): ChildBot {
  const { simulator, journalPath, module, http = 'off', inspector = 'off', env = {}, log, sets = [] } = options;
  const args = ['--import', TSX, START, ...(module ? [module] : []), ...sets.flatMap((set) => ['--set', set])];
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', log, log], // the pipe closes with this process, however it ends, and the bot ends with it
    env: {
      ...process.env,
      KINTSUGI_DEMO: '1',
      KINTSUGI_CHILD: '1',
      QQ_BOT_APP_ID: 'demo',
      QQ_BOT_SECRET: 'demo-secret',
      QQ_BOT_API_URL: simulator.url,
      QQ_BOT_TOKEN_URL: `${simulator.url}/app/getAppAccessToken`,
      KINTSUGI_JOURNAL: journalPath,
      KINTSUGI_HTTP: http,
      KINTSUGI_INSPECTOR: inspector,
      ...env,
    },
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { process: child, startedAt: Date.now(), exited };
}

/** Resolves once `condition` holds; rejects after `timeoutMs`, naming what was waited for. */
export async function until(what: string, timeoutMs: number, condition: () => boolean, everyMs = 10): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
