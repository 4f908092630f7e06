import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
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
  const isRead = readerOf(1);
  const look = setInterval(() => {
    if (!isRead() || (isOfNpm && process.ppid !== ppid)) end();
  }, LOOK_MS);
  look.unref();
}

/** Asks whether somebody reads what is written there, without writing anything. Of a file, and of a terminal, it is always so. */
function readerOf(fd: number): () => boolean {
  try {
    const found = fstatSync(fd);
    // systemd says which socket is its log's: it may be without a reader for a moment, and the service goes on
    if (found.isSocket() && process.env.JOURNAL_STREAM !== `${found.dev}:${found.ino}`)
      return () => !fails(() => writeSync(fd, NOTHING), 'EPIPE', 'ECONNRESET');
    if (found.isFIFO() && process.platform === 'linux')
      return () => !fails(() => closeSync(openSync(`/proc/self/fd/${fd}`, FOR_WRITING)), 'ENXIO');
  } catch {
    // no output at all
  }
  return () => true;
}
/** To a socket (a program in Node gives its children such ones) that nobody reads even this cannot be written. */
const NOTHING = Buffer.alloc(0);
/** Linux refuses it for a pipe that nobody reads. */
const FOR_WRITING = constants.O_WRONLY | constants.O_NONBLOCK;

function fails(work: () => unknown, ...codes: readonly string[]): boolean {
  try {
    work();
    return false;
  } catch (error) {
    return codes.includes((error as { code?: string }).code ?? '');
  }
}
