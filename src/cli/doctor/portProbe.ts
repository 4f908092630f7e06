import { createServer } from 'node:net';
import { z } from 'zod';
import { createSystemClock } from '../../adapters/process/systemClock.js';
import { createHttpTransport } from '../../adapters/qq/http/httpTransport.js';
import type { Config } from '../../config/config.js';
import { withDeadline } from './deadline.js';

/** As much of /healthz as tells a bot of ours from another program. */
const healthSchema = z.object({
  version: z.string(),
  world: z.string(),
  uptimeMs: z.number(),
  parts: z.object({ journal: z.string() }),
});
export type Health = z.infer<typeof healthSchema>;

/** `taken` with `health`: by a bot of ours. */
export interface PortFound {
  readonly kind: 'off' | 'free' | 'taken' | 'unusable';
  /** `host:port` for a person. */
  readonly address: string;
  readonly code: string;
  readonly health: Health | null;
}

/** Whether the bot could listen there; if not, who does, unless nobody wants to know. */
export async function probePort(http: Config['http'], deadlineMs: number, asksWho = true): Promise<PortFound> {
  if (!http) return { kind: 'off', address: '', code: '', health: null };
  const address = `${bracketed(http.host)}:${http.port}`;
  const code = await withDeadline(deadlineMs, listenOnce(http), 'DEADLINE');
  if (code === null) return { kind: 'free', address, code: '', health: null };
  if (code !== 'EADDRINUSE') return { kind: 'unusable', address, code, health: null };
  return { kind: 'taken', address, code, health: asksWho ? await askHealth(http, deadlineMs) : null };
}

/** The code of the error; null: it can be listened on. */
function listenOnce({ host, port }: { host: string; port: number }): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

async function askHealth({ host, port }: { host: string; port: number }, deadlineMs: number): Promise<Health | null> {
  // A server for all addresses is asked at loopback.
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const transport = createHttpTransport({ clock: createSystemClock() });
  const headers = { accept: 'application/json' };
  const origin = `http://${bracketed(name)}:${port}`;
  try {
    const asked = transport.send({
      method: 'GET',
      origin,
      path: '/healthz',
      headers,
      body: null,
      timeoutMs: deadlineMs,
    });
    const answer = await withDeadline(deadlineMs, asked, null);
    return healthSchema.safeParse(answer?.body).data ?? null;
  } finally {
    await transport.close();
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
