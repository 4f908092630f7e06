import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { ConnectionFaults } from '../faults/connectionFaults.js';
import { FrameFaults } from '../faults/frames/frameFaults.js';
import type { Platform } from '../platform.js';
import { Connection, type GatewayCounts } from './connection.js';
import { SessionBudget } from './sessionBudget.js';

/** Bytes of one frame to the gateway. */
export const FRAME_MAX = 1024 * 1024;
const PATH = /^\/websocket\/?(\?|$)/;

/** The WebSocket side: takes connections in, and acts on all of them. */
export class GatewayServer {
  readonly counts: GatewayCounts = { identifies: 0, resumes: 0, heartbeats: 0, intents: 0 };
  readonly frameFaults: FrameFaults;
  readonly connectionFaults: ConnectionFaults;
  readonly budget: SessionBudget;
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: FRAME_MAX, perMessageDeflate: false });
  private readonly connections = new Set<Connection>();

  constructor(
    http: Server,
    readonly platform: Platform,
    readonly heartbeatMs: number,
  ) {
    const { faults, options } = platform;
    this.frameFaults = new FrameFaults(faults, options.timers);
    this.connectionFaults = new ConnectionFaults(faults, options.timers);
    this.budget = new SessionBudget(options.policies, platform.now);
    http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }
  /** Every connection, with a session or without. */
  all(): Iterable<Connection> {
    return this.connections;
  }
  /** Ends the connections of one bot. */
  closeBot(appId: string, code: number): void {
    for (const connection of [...this.connections]) if (connection.appId === appId) connection.close(code);
  }
  /** Sends bytes as they are to the bots that are connected, or to one; the number of them. */
  sendRaw(raw: string, appId?: string): number {
    const live = [...this.connections].filter(
      ({ session }) => session && (appId === undefined || session.bot.appId === appId),
    );
    for (const connection of live) connection.deliver(raw);
    return live.length;
  }
  close(): void {
    for (const connection of this.connections) connection.close(1006);
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!PATH.test(request.url ?? '')) return refuseUpgrade(socket, '404 Not Found');
    const refusal = this.connectionFaults.refusesUpgrade();
    if (refusal === 'reset') return void socket.destroy();
    if (refusal === 'refused') return refuseUpgrade(socket, '503 Service Unavailable');
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(this, webSocket, () => this.connections.delete(connection));
      this.connections.add(connection);
      connection.greet();
    });
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
