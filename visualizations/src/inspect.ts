import { WebSocket } from 'ws';
import { topology } from '../../src/actors/topology.js';
import type { ChartNode } from './chartDefinition.js';
import { createInspectBridge, type InspectBridge } from './inspectBridge.js';

/**
 * `npm run inspect -- --xstate [--url http://127.0.0.1:7070] [--port 8888]`: the actors that always live, of a running bot, for
 * viewers that speak the protocol of @xstate/inspect.
 */
interface ActorView {
  readonly id: string;
  readonly machine: string;
  readonly value: unknown;
}
interface Step {
  readonly actor: string;
  readonly event: string;
  readonly to: unknown;
}
const PASSING = new Set(['message', 'delivery', 'lane', 'externalCall']);
/** The bot cannot be reached: try later. */
const TRY_LATER = 75;
const USAGE = 64;

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
}
function fail(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

async function actorsOf(url: string): Promise<readonly ActorView[]> {
  try {
    return (await (await fetch(`${url}/actors`, { signal: AbortSignal.timeout(5_000) })).json()) as ActorView[];
  } catch {
    return fail(`no bot answers at ${url}; start one (npm start), or name another with --url`, TRY_LATER);
  }
}

function showAll(bridge: InspectBridge, actors: readonly ActorView[]): Set<string> {
  const shown = new Set<string>();
  for (const { id, machine, value, ...context } of actors) {
    const chart = topology.machines[machine]?.machine.root as ChartNode | undefined;
    if (!chart || PASSING.has(machine)) continue;
    bridge.register(id, chart, { value, context });
    shown.add(id);
  }
  return shown;
}

/** Follows the live feed; when the bot goes away it waits and shows it anew. */
async function follow(bridge: InspectBridge, url: string): Promise<void> {
  const shown = showAll(bridge, await actorsOf(url));
  process.stdout.write(`${shown.size} actors of ${url} are shown at ${bridge.url}\n`);
  const feed = new WebSocket(`${url.replace(/^http/, 'ws')}/records/live`);
  feed.on('message', (data) => {
    const { steps, at } = JSON.parse(String(data)) as { steps: readonly Step[]; at: number };
    for (const { actor, event, to } of steps)
      if (shown.has(actor) && to !== null) bridge.step(actor, event, { value: to, context: { at } });
  });
  feed.on('error', () => undefined);
  feed.on('close', () => fail(`the bot at ${url} has gone; run this again when it is back`, TRY_LATER));
}

if (!process.argv.includes('--xstate'))
  fail('usage: npm run inspect -- --xstate [--url http://127.0.0.1:7070] [--port 8888]', USAGE);
const port = Number(option('port', '8888'));
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  fail(`--port ${option('port', '')}: it must be a port number`, USAGE);
const bridge = await createInspectBridge({
  port,
  onRefused: (actor) => process.stderr.write(`a viewer tried to send an event to ${actor}; this view is read-only\n`),
}).catch((error: { code?: string }) =>
  fail(`port ${port} cannot be used (${error.code}); choose another with --port`, TRY_LATER),
);
await follow(bridge, option('url', 'http://127.0.0.1:7070').replace(/\/+$/, ''));
