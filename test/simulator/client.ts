import { WebSocket } from 'ws';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/createSimulator.js';

/** A bare client of the platform, for tests. */
export interface Frame {
  readonly op: number;
  readonly s?: number;
  readonly t?: string;
  readonly id?: string;
  readonly d?: Record<string, unknown>;
}
export interface Client {
  readonly frames: Frame[];
  readonly closed: Promise<number>;
  send(frame: object | string): void;
  /** Waits for the first frame that fits, also among those already there. */
  frame(what: string, fits: (frame: Frame) => boolean): Promise<Frame>;
  dispatched(t: string): Frame[];
  drop(): void;
}
const open: (() => unknown)[] = [];
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await createSimulator(options);
  open.push(() => simulator.close());
  return simulator;
}
export async function json<T = Record<string, unknown>>(
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
  method = body === undefined ? 'GET' : 'POST',
): Promise<{ status: number; body: T; headers: Headers }> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : null) as T };
}
export async function login(simulator: Simulator): Promise<string> {
  const { body } = await json<{ access_token: string }>(`${simulator.url}/app/getAppAccessToken`, {
    appId: 'a',
    clientSecret: 'b',
  });
  return body.access_token;
}
export function connect(simulator: Simulator): Promise<Client> {
  const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/websocket`);
  open.push(() => socket.terminate());
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data)) as Frame));
  socket.on('error', () => undefined);
  const client: Client = {
    frames,
    closed: new Promise((resolve) => socket.on('close', resolve)),
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    async frame(what, fits) {
      await until(what, () => frames.some(fits));
      return frames.find(fits)!;
    },
    dispatched: (t) => frames.filter((frame) => frame.t === t),
    drop: () => socket.terminate(),
  };
  return client.frame('HELLO', (frame) => frame.op === 10).then(() => client);
}
export const ALL_PUBLIC = (1 << 0) | (1 << 12) | (1 << 30);
/** HELLO, IDENTIFY, READY. */
export async function identified(
  simulator: Simulator,
  intents = ALL_PUBLIC,
): Promise<{ client: Client; token: string; session: string }> {
  const token = await login(simulator);
  const client = await connect(simulator);
  client.send({ op: 2, d: { token: `QQBot ${token}`, intents, shard: [0, 1] } });
  const ready = await client.frame('READY', (frame) => frame.t === 'READY');
  return { client, token, session: ready.d?.session_id as string };
}
export async function until(what: string, condition: () => boolean, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
