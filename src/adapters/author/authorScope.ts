import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose code runs, and on what occasion. */
export interface Authored {
  /** The message that is handled; null: another occasion. */
  readonly message: string | null;
  /** The command, or the listener (`onReady`). */
  readonly occasion: string | null;
}

const scope = new AsyncLocalStorage<Authored | undefined>();

/** Runs the author's code. Whatever it starts and leaves behind is known as his, however late it comes back. */
export function asAuthor<T>(occasion: Authored | undefined, run: () => T): T {
  return scope.run(occasion, run);
}

/** Our own code, called by the author's: what goes wrong there is ours. */
export function asOurselves<T>(run: () => T): T {
  return scope.run(undefined, run);
}

/** On what occasion the author's code runs now; undefined: it is ours. */
export function occasionNow(): Authored | undefined {
  return scope.getStore();
}
