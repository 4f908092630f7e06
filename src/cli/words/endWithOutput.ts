import { fstatSync, writeSync } from 'node:fs';
import { exitCodes } from '../../base/exitCodes.js';

/** How often it is looked whether anybody is left. */
const LOOK_MS = 500;
/** What an orderly end may take; then the process ends as it is. */
const END_MS = 1_000;

/**
 * A command that nobody reads any more ends, with all that it started: its output is closed, `npm` that ran it is gone,
 * or the command that started it (it holds the standard input of its children open). `begin` may end it in order; it
 * has a second.
 */
export function endWithOutput(begin: () => void = () => process.exit(exitCodes.drained)): void {
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(exitCodes.drained), END_MS);
    begin();
  };
  const isLasting = isOfSystemd(1);
  process.stdout.on('error', () => void (isLasting || end()));
  process.stderr.on('error', () => undefined);
  if (process.env.KINTSUGI_CHILD === '1') process.stdin.once('end', end).once('error', end).resume();
  const { ppid } = process;
  const isOfNpm = process.env.npm_lifecycle_event !== undefined;
  const isRead = isLasting ? () => true : readerOf(1);
  const look = setInterval(() => {
    if (!isRead() || (isOfNpm && process.ppid !== ppid)) end();
  }, LOOK_MS);
  look.unref();
}

/**
 * Asks whether somebody reads what is written there, without writing anything. Of a socket (a program in Node gives its
 * children such ones) that can be told; of a pipe only the next line tells (`LogOutput`).
 */
function readerOf(fd: number): () => boolean {
  return isSocket(fd) ? () => !fails(() => writeSync(fd, NOTHING), 'EPIPE', 'ECONNRESET') : () => true;
}
const NOTHING = Buffer.alloc(0);

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false; // no output at all
  }
}

/** The log of systemd: it may be without a reader for a moment, and the service goes on. */
function isOfSystemd(fd: number): boolean {
  const { JOURNAL_STREAM: stream } = process.env;
  if (!stream) return false;
  const { dev, ino } = fstatSync(fd);
  return stream === `${dev}:${ino}`;
}

function fails(work: () => unknown, ...codes: readonly string[]): boolean {
  try {
    work();
    return false;
  } catch (error) {
    return codes.includes((error as { code?: string }).code ?? '');
  }
}
