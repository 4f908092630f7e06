import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import { createSimulator } from '../src/simulator/createSimulator.js';

/**
 * How much the simulator carries: `npm run bench:simulator -- [--messages 50000] [--churn 50000] [--json]`. The
 * simulator has a process of its own; users and a bare bot share this one. Every message is written over HTTP, heard
 * over the gateway and answered over HTTP, over 1,000 channels.
 */
const CHANNELS = 1_000;
const INTENTS = (1 << 0) | (1 << 30);
/** Requests of the bot, and of the users, under way at once. */
const BOT_AT_ONCE = 128;
const BATCH = 100;

if (process.send) await serve();
else await measure();

async function serve(): Promise<void> {
  const simulator = await createSimulator({ paceMax: 0, policies: { framesPerMinute: 0 } });
  process.send!({ url: simulator.url });
  process.on('message', () => {
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    process.send!({ rss, heapUsed });
  });
}

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      messages: { type: 'string', default: '50000' },
      churn: { type: 'string', default: '50000' },
      json: { type: 'boolean', default: false },
    },
  });
  const child = fork(import.meta.filename, { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const next = <T>(): Promise<T> =>
    new Promise((resolve) => child.once('message', resolve as (message: unknown) => void));
  const memory = async (): Promise<Memory> => {
    const answer = next<Memory>();
    child.send({});
    return answer;
  };
  const { url } = await next<{ url: string }>();
  const pool = new Pool(url, { connections: BOT_AT_ONCE, pipelining: 1 });
  const token = await logIn(pool);
  const messages = Number(values.messages);
  await converse(url, pool, token, Math.min(5_000, messages)); // warm
  const warm = await memory();
  const speed = await converse(url, pool, token, messages);
  const churn = Number(values.churn);
  await connectAndDrop(url, token, Math.min(500, churn));
  const before = await memory();
  const seconds = await connectAndDrop(url, token, churn);
  const after = await memory();
  const result = {
    ...speed,
    connections: churn,
    connectionsPerSec: Math.round(churn / seconds),
    heapBytesPerConnection: Math.round((after.heapUsed - before.heapUsed) / Math.max(1, churn)),
    /** Before the messages, before and after the connections. */
    heapMB: [warm.heapUsed, before.heapUsed, after.heapUsed].map((bytes) => Math.round(bytes / 1e6)),
    rssMB: [warm.rss, before.rss, after.rss].map((bytes) => Math.round(bytes / 1e6)),
  };
  process.stdout.write(`${values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2)}\n`);
  child.kill();
  await pool.destroy();
}

async function post(
  pool: Pool,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const { statusCode, body: answer } = await pool.request({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: statusCode, text: await answer.text() };
}

async function logIn(pool: Pool): Promise<string> {
  const { text } = await post(pool, '/app/getAppAccessToken', { appId: 'bench', clientSecret: 'x' });
  return (JSON.parse(text) as { access_token: string }).access_token;
}

function identify(url: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/websocket`, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('message', function hear(data: Buffer) {
      const frame = JSON.parse(String(data)) as { op: number; t?: string };
      if (frame.op === 10)
        socket.send(JSON.stringify({ op: 2, d: { token: `QQBot ${token}`, intents: INTENTS, shard: [0, 1] } }));
      if (frame.t !== 'READY') return;
      socket.off('message', hear);
      resolve(socket);
    });
  });
}

/** Users write as fast as the bot answers; the time is that of the last answer. */
async function converse(url: string, pool: Pool, token: string, messages: number) {
  const socket = await identify(url, token);
  const headers = { authorization: `QQBot ${token}` };
  const waiting: { channel: string; id: string }[] = [];
  let [heard, answered, running] = [0, 0, 0];
  let done: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const answer = async (): Promise<void> => {
    running += 1;
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      const { status, text } = await post(
        pool,
        `/channels/${one.channel}/messages`,
        { msg_id: one.id, content: 'pong' },
        headers,
      );
      if (status !== 200) throw new Error(`HTTP ${status}: ${text}`);
      answered += 1;
      if (answered === messages) done();
    }
    running -= 1;
  };
  socket.on('message', (data: Buffer) => {
    const { t, d } = JSON.parse(String(data)) as { t?: string; d: { id: string; channel_id: string } };
    if (t !== 'AT_MESSAGE_CREATE') return;
    heard += 1;
    waiting.push({ channel: d.channel_id, id: d.id });
    if (running < BOT_AT_ONCE) void answer();
  });
  const startedAt = performance.now();
  const users = new Pool(url, { connections: 4 });
  for (let sent = 0; sent < messages; ) {
    const repeat = Math.min(BATCH, messages - sent);
    const channelId = `c${(sent / BATCH) % CHANNELS}`;
    await post(users, '/sim/messages', { kind: 'guild', channelId, content: 'ping', repeat });
    sent += repeat;
    while (sent - answered > 20 * BATCH) await new Promise((resolve) => setImmediate(resolve));
  }
  await finished;
  const seconds = (performance.now() - startedAt) / 1_000;
  socket.terminate();
  await users.destroy();
  return { messages, heard, answered, messagesPerSec: Math.round(messages / seconds) };
}

/** Connections that identify and go; returns seconds. */
async function connectAndDrop(url: string, token: string, count: number): Promise<number> {
  const startedAt = performance.now();
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      (await identify(url, token)).terminate();
    }
  };
  await Promise.all(Array.from({ length: 32 }, one));
  return (performance.now() - startedAt) / 1_000;
}
