import { type Program, run } from './processes.js';
import { START_MS, WAIT_MS, waitFor } from './waiting.js';

export type Kind = 'guild' | 'direct' | 'group' | 'c2c';
export interface Reply {
  readonly kind: Kind;
  readonly form: string;
  readonly content: string;
  readonly accepted: boolean;
  readonly msgId: string | null;
  readonly msgSeq: number | null;
  readonly code: number | null;
}
export interface State {
  readonly identifies: number;
  readonly resumes: number;
  readonly heartbeats: number;
  readonly connected: number;
}

/** How one client wants its simulator. */
interface Setting {
  readonly simulator: readonly string[];
  readonly heartbeatMs: number;
}

/** The simulator as anybody runs it (`npm run simulator`), and its control API. */
export class Platform {
  private constructor(
    readonly program: Program,
    readonly url: string,
  ) {}

  /** For one client, on any free port. */
  static async start({ heartbeatMs, simulator }: Setting): Promise<Platform> {
    const args = ['--port', '0', '--json', '--heartbeat', String(heartbeatMs), ...simulator];
    const program = run('src/cli/simulator.ts', args, {});
    try {
      const url = await waitFor(
        'the simulator to listen',
        () => {
          if (program.ended()) throw new Error(`the simulator ${program.ended()}: ${program.said()}`);
          return /\{"url":"([^"]+)"/.exec(program.said())?.[1];
        },
        START_MS,
      );
      return new Platform(program, url);
    } catch (error) {
      await program.stop();
      throw error;
    }
  }

  /** A user writes; the id of the message. */
  async write(kind: Kind, channelId: string, content: string): Promise<string> {
    return (await this.call<{ id: string }>('POST', '/sim/messages', { kind, channelId, content })).id;
  }
  /** The first accepted answer to a message. */
  async answer(what: string, id: string, isAlive: () => true): Promise<Reply> {
    return waitFor(what, async () => {
      isAlive();
      const replies = await this.call<Reply[]>('GET', '/sim/replies');
      return replies.find((reply) => reply.accepted && reply.msgId === id);
    });
  }
  state(): Promise<State> {
    return this.call<State>('GET', '/sim/state');
  }
  async routes(): Promise<ReadonlySet<string>> {
    const calls = await this.call<{ route: string }[]>('GET', '/sim/calls');
    return new Set(calls.map(({ route }) => route));
  }
  async fault(fault: object): Promise<void> {
    await this.call('POST', '/sim/faults', fault);
  }
  async clearFaults(): Promise<void> {
    await this.call('DELETE', '/sim/faults');
  }
  async frame(frame: object): Promise<void> {
    await this.call('POST', '/sim/frames', { raw: JSON.stringify(frame) });
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: AbortSignal.timeout(WAIT_MS),
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
    return JSON.parse(text) as T;
  }
}
