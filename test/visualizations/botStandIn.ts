import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Record } from '../../src/actors/ports.js';
import { Inbox } from './bridges/bridgeRig.js';

/** What of a bot's HTTP is copied from: /healthz, /records, /records/live. */
export class BotStandIn {
  records: readonly Record[] = [];
  readonly watchers = new Set<WebSocket>();
  /** All that ever came. */
  readonly came = new Inbox<WebSocket>();
  readonly asked: string[] = [];
  private readonly server: Server;
  private readonly sockets = new WebSocketServer({ noServer: true });

  constructor() {
    this.server = createServer((request, response) => {
      const url = new URL(request.url!, 'http://bot');
      this.asked.push(request.url!);
      const [after, limit] = ['after', 'limit'].map((name) => Number(url.searchParams.get(name)));
      const body =
        url.pathname === '/records'
          ? this.records.filter(({ seq }) => seq > after!).slice(0, limit)
          : { seq: this.records.at(-1)?.seq ?? 0 };
      response.end(JSON.stringify(body));
    });
    this.server.on('upgrade', (request, socket, head) => {
      this.sockets.handleUpgrade(request, socket, head, (watcher) => {
        this.watchers.add(watcher);
        this.came.push(watcher);
        watcher.on('close', () => this.watchers.delete(watcher));
      });
    });
  }
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  tell(...records: readonly Record[]): void {
    for (const record of records) for (const watcher of this.watchers) watcher.send(JSON.stringify(record));
  }
  /** The connections to the live feed break off, once there have been `times` of them. */
  async breakOff(times: number): Promise<void> {
    await this.came.until(() => this.came.all.length >= times);
    for (const watcher of this.watchers) watcher.terminate();
  }
  async close(): Promise<void> {
    for (const watcher of this.watchers) watcher.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
