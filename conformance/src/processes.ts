import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** A program of the suite as a process of its own: what it said last, and how it ends. */
export interface Program {
  readonly child: ChildProcess;
  /** The end of what it has written, for whoever looks for the reason. */
  said(): string;
  /** How it ended; null while it runs. */
  ended(): string | null;
  /** Asks it to end, and makes it after `KILL_MS`. */
  stop(): Promise<void>;
}

export const ROOT = resolve(import.meta.dirname, '../..');
const KILL_MS = 5_000;
const SAID_MAX = 4_000;

/** Runs a TypeScript file as `npm run` does. */
export function run(file: string, args: readonly string[], env: { readonly [name: string]: string }): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  let ended: string | null = null;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-SAID_MAX);
    });
  }
  const gone = new Promise<void>((resolveGone) => {
    child.once('error', (error) => {
      ended ??= error.message;
      resolveGone();
    });
    child.once('exit', (code, signal) => {
      ended ??= `ended with ${signal ?? `exit ${code}`}`;
      resolveGone();
    });
  });
  return {
    child,
    said: () => said,
    ended: () => ended,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
