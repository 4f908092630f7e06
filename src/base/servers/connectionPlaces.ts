import type { Socket } from 'node:net';

/** ms that a request may be worked on before its connection may have to make room for others. */
export const BUSY_MS = 10_000;

/**
 * The places of a server's connections. Where there is none left, the one that has waited longest for its peer makes
 * room (no whole request has come, or its answer is not taken); with none such the one whose request has been worked on
 * longest, if for more than `BUSY_MS`.
 */
export class ConnectionPlaces {
  /** Both in the order in which they came to it. */
  private readonly waiting = new Set<Socket>();
  private readonly busy = new Map<Socket, number>();
  /** WebSockets; whoever serves them bounds their number. */
  private readonly upgraded = new Set<Socket>();

  constructor(
    private readonly max: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** False: there is no place for it. */
  takes(socket: Socket): boolean {
    if (this.waiting.size + this.busy.size + this.upgraded.size >= this.max) {
      const oldest = this.dispensable();
      if (!oldest) return false;
      this.forget(oldest);
      oldest.destroy();
    }
    this.waiting.add(socket);
    socket.once('close', () => this.forget(socket));
    return true;
  }
  isBusy(socket: Socket): void {
    if (this.waiting.delete(socket)) this.busy.set(socket, this.now());
  }
  isWaiting(socket: Socket): void {
    if (this.busy.delete(socket)) this.waiting.add(socket);
  }
  isUpgraded(socket: Socket): void {
    if (this.waiting.delete(socket) || this.busy.delete(socket)) this.upgraded.add(socket);
  }
  destroyAll(): void {
    for (const socket of [...this.waiting, ...this.busy.keys(), ...this.upgraded]) socket.destroy();
  }

  private dispensable(): Socket | null {
    const [waiting] = this.waiting;
    if (waiting) return waiting;
    const [busy] = this.busy;
    return busy && this.now() - busy[1] > BUSY_MS ? busy[0] : null;
  }
  private forget(socket: Socket): void {
    this.waiting.delete(socket);
    this.busy.delete(socket);
    this.upgraded.delete(socket);
  }
}
