import type { Socket } from 'node:net';

/** How often it is looked at what is late. */
export const LOOK_EVERY_MS = 1_000;
const LATE = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

interface Arriving {
  looks: number;
  readonly looksMax: number;
  readonly isHead: boolean;
}

/**
 * What is on its way, and how long it may be. It is counted in looks, not by the clock: between two of them everything that has come is
 * read, so that a process that stands still takes no time from who is not late.
 */
export class Arrivals {
  private readonly all = new Map<Socket, Arriving>();
  private looking: NodeJS.Timeout | null = null;

  constructor(
    private readonly headMs: number,
    private readonly bodyMs: number,
  ) {}

  awaitHead(socket: Socket): void {
    this.await(socket, this.headMs, true);
  }
  awaitBody(socket: Socket): void {
    this.await(socket, this.bodyMs, false);
  }
  isHere(socket: Socket): void {
    this.all.delete(socket);
  }
  private await(socket: Socket, ms: number, isHead: boolean): void {
    if (socket.destroyed) return;
    this.all.set(socket, { looks: 0, looksMax: Math.ceil(ms / LOOK_EVERY_MS), isHead });
    this.looking ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  private look(): void {
    for (const [socket, arriving] of this.all) {
      arriving.looks += 1;
      if (socket.destroyed) this.all.delete(socket);
      else if (arriving.looks > arriving.looksMax) {
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
