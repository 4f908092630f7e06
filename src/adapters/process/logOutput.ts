import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Bytes of log lines that are kept while nobody takes them; further lines are dropped, and counted. */
export const LOG_WAITING_MAX = 1_048_576;

/**
 * Where the log goes. It never waits and never fails: a pipe that nobody reads, a stopped terminal or a full disk costs
 * lines of the log and nothing else. What waits goes out, whole lines in their order, before the next line that is
 * written.
 */
export class LogOutput {
  private readonly waiting: Buffer[] = [];
  private bytes = 0;
  private lost = 0;

  /** `onUnread`: nobody will ever read it. Default: standard output fails, as when it is written to itself. */
  constructor(
    private readonly fd: number = standardOutput(),
    private readonly onUnread: (cause: Error) => void = failStandardOutput,
  ) {}

  write(line: string): void {
    const written = Buffer.from(line);
    if (this.bytes + written.length > LOG_WAITING_MAX) this.lost += 1;
    else {
      this.waiting.push(written);
      this.bytes += written.length;
    }
    this.drain();
  }

  /** How many lines were dropped until now, once all that waited has gone out; told once. */
  takeLost(): number {
    if (this.waiting.length > 0) return 0;
    const { lost } = this;
    this.lost = 0;
    return lost;
  }

  private drain(): void {
    try {
      for (let head = this.waiting[0]; head; head = this.waiting[0]) {
        const written = writeSync(this.fd, head);
        this.bytes -= written;
        if (written < head.length) this.waiting[0] = head.subarray(written);
        else this.waiting.shift();
      }
    } catch (cause) {
      // EAGAIN, ENOSPC: it is tried again with the next line
      if (['EPIPE', 'ECONNRESET'].includes((cause as { code?: string }).code ?? '')) this.onUnread(cause as Error);
    }
  }
}

function failStandardOutput(cause: Error): void {
  if (process.stdout.listenerCount('error') > 0) process.stdout.emit('error', cause);
}

/**
 * Standard output, without waiting where one can wait: opened anew, since whoever shares it would find it changed. A
 * file is written where it stands.
 */
function standardOutput(): number {
  try {
    const found = fstatSync(1);
    if (process.platform !== 'linux' || !(found.isFIFO() || found.isCharacterDevice())) return 1;
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 1;
  }
}
