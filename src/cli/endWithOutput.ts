import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { exitCodes } from '../base/exitCodes.js';

/** How often it is looked whether anybody is left. */
const LOOK_MS = 500;
/** What an orderly end may take; then the process ends as it is. */
const END_MS = 1_000;

/**
 * A command that nobody reads any more ends, with all that it started: its output is closed, `npm` that ran it is gone, or the
 * command that started it (it holds the standard input of its children open). `begin` may end it in order; it has a second.
 */
export function endWithOutput(begin: () => void = () => process.exit(exitCodes.drained)): void {
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(exitCodes.drained), END_MS);
    begin();
  };
  process.stdout.on('error', end);
  process.stderr.on('error', () => undefined);
  if (process.env.KINTSUGI_CHILD === '1') process.stdin.once('end', end).once('error', end).resume();
  const { ppid } = process;
  const isOfNpm = process.env.npm_lifecycle_event !== undefined;
  const isPipe = isFifo();
  const look = setInterval(() => {
    if ((isPipe && !isRead()) || (isOfNpm && process.ppid !== ppid)) end();
  }, LOOK_MS);
  look.unref();
}

function isFifo(): boolean {
  try {
    return process.platform === 'linux' && fstatSync(1).isFIFO();
  } catch {
    return false;
  }
}

/** Linux refuses to open a pipe for writing that nobody reads; so it need not be written to, to know. */
function isRead(): boolean {
  try {
    closeSync(openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ENXIO';
  }
}
