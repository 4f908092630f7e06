import type { Socket } from 'node:net';

/** What is held for one connection. */
export interface Held {
  readonly socket: Socket;
  bytes: number;
  /** It is not given up, whatever else has to be. */
  isSafe: boolean;
}

/** Bytes held for connections. Past the maximum the one that has held some longest is closed, until it fits. */
export class HeldBytes {
  /** In the order in which they began. */
  private readonly all = new Set<Held>();
  private bytes = 0;

  constructor(private readonly max: number) {}

  begin(socket: Socket): Held {
    const held = { socket, bytes: 0, isSafe: false };
    this.all.add(held);
    return held;
  }
  add(held: Held, bytes: number): void {
    if (!this.all.has(held)) return;
    held.bytes += bytes;
    this.bytes += bytes;
    if (this.bytes <= this.max) return;
    for (const other of this.all) {
      if (this.bytes <= this.max) return;
      if (other.isSafe || other.bytes === 0) continue;
      this.end(other);
      other.socket.destroy();
    }
  }
  end(held: Held): void {
    if (this.all.delete(held)) this.bytes -= held.bytes;
  }
}
