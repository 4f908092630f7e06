import type { Socket } from 'node:net';

/** How often it is looked at what is late. */
export const LOOK_EVERY_MS = 1_000;
/** Bytes of a streamed body that must come between two looks for it to flow. */
export const FLOW_BYTES = 16 * 1024;
const LATE = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

interface Arriving {
  looks: number;
  /** Of a stream, all looks, and the bytes at the last one. */
  streamLooks: number;
  bytes: number;
  readonly looksMax: number;
  readonly isHead: boolean;
  readonly stream: Stream | null;
}
/** A body that is passed on as it comes. */
export interface Stream {
  /** ms that it may take while it flows. */
  readonly ms: number;
  /** Bytes that have come so far. */
  came(): number;
  /** Nothing more is read: it is not the peer who is late. */
  isHeldUp(): boolean;
}

/**
 * What is on its way, and how long it may be; of a body that is streamed only the time in which it does not flow
 * counts. It is counted in looks, not by the clock: between two of them everything that has come is read, so that a
 * process that stands still takes no time from who is not late.
 */
export class Arrivals {
  private readonly all = new Map<Socket, Arriving>();
  private looking: NodeJS.Timeout | null = null;

  constructor(
    private readonly headMs: number,
    private readonly bodyMs: number,
  ) {}

  awaitHead(socket: Socket): void {
    this.await(socket, this.headMs, null, true);
  }
  awaitBody(socket: Socket, stream: Stream | null = null): void {
    this.await(socket, this.bodyMs, stream, false);
  }
  isHere(socket: Socket): void {
    this.all.delete(socket);
  }
  private await(socket: Socket, ms: number, stream: Stream | null, isHead: boolean): void {
    if (socket.destroyed) return;
    this.all.set(socket, { looks: 0, looksMax: looksIn(ms), isHead, stream, streamLooks: 0, bytes: 0 });
    this.looking ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  private look(): void {
    for (const [socket, arriving] of this.all) {
      if (socket.destroyed) this.all.delete(socket);
      else if (isLate(arriving)) {
        this.all.delete(socket);
        if (arriving.isHead) socket.end(LATE, () => socket.destroy());
        else socket.destroy();
      }
    }
    if (this.all.size > 0 || this.looking === null) return;
    clearInterval(this.looking);
    this.looking = null;
  }
}

function looksIn(ms: number): number {
  return Math.ceil(ms / LOOK_EVERY_MS);
}

/** One look at it. */
function isLate(arriving: Arriving): boolean {
  const { stream, looksMax } = arriving;
  if (!stream || !isFlowing(arriving, stream)) arriving.looks += 1;
  if (stream) arriving.streamLooks += 1;
  return arriving.looks > looksMax || (stream !== null && arriving.streamLooks > looksIn(stream.ms));
}
function isFlowing(arriving: Arriving, stream: Stream): boolean {
  const before = arriving.bytes;
  arriving.bytes = stream.came();
  return arriving.bytes - before >= FLOW_BYTES || stream.isHeldUp();
}
