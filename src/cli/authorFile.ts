import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BotModule, checkModule, ModuleError } from '../adapters/author/authorModule.js';
import { asAuthor } from '../adapters/author/authorScope.js';
import { exitCodes } from '../base/exitCodes.js';
import { thrownOf } from '../base/thrown.js';

/** After this it is told that the file is still being loaded. */
export const LOADING_MS = 10_000;

export interface Loading {
  /** The process ends with 64 while the file is loaded: why. */
  ended(error: ModuleError): void;
  /** It takes long; told once, after LOADING_MS. */
  slow(path: string): void;
}

/**
 * The author's file; null: none, so a bot that answers everything. Whatever the file does while it is loaded comes to
 * one sentence: it throws (anything, also where nobody waits for it), ends the process, or waits for what never comes.
 * Fails with ModuleError.
 */
export async function loadModule(path: string | null, { ended, slow }: Loading): Promise<BotModule> {
  if (path === null) return {};
  const cannot = (why: string, cause?: unknown): ModuleError =>
    new ModuleError(`${path}: cannot be loaded: ${why}`, { cause });
  const exiting = (code: number): void => {
    ended(cannot(`it ended the process (${code})`));
    process.exitCode = exitCodes.usage;
  };
  const waiting = setTimeout(() => slow(path), LOADING_MS).unref();
  process.once('exit', exiting);
  let strayed = (_error: unknown): void => undefined;
  const idle = (): void => strayed(cannot('it awaits what never comes'));
  process.once('beforeExit', idle);
  try {
    const file = pathToFileURL(resolve(path)).href;
    const loaded = await new Promise<{ bot?: unknown }>((done, failed) => {
      strayed = failed;
      process.once('uncaughtException', strayed);
      asAuthor({ message: null, occasion: 'module' }, () => import(file)).then(done, failed);
    });
    return checkModule(loaded.bot, path);
  } catch (cause) {
    throw cause instanceof ModuleError ? cause : cannot(thrownOf(cause).text, cause);
  } finally {
    clearTimeout(waiting);
    process.off('uncaughtException', strayed);
    process.off('beforeExit', idle);
    process.off('exit', exiting);
  }
}
