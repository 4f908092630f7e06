import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deepFreeze } from '../../src/actors/step/freeze.js';
import type { BotModule } from '../../src/adapters/author/authorModule.js';
import { type Bot, createBot } from '../../src/bot/createBot.js';
import type { Config } from '../../src/config/config.js';
import { type BotOptions, defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/createSimulator.js';

/** The real bot against the simulator over real sockets, in this process. */
export interface Rig {
  readonly simulator: Simulator;
  readonly bot: Bot;
  readonly journalPath: string;
  /** A JSON endpoint of the bot. */
  get<T>(path: string): Promise<T>;
  /** Writes as a user and waits for the accepted answers. */
  ask(
    content: string,
    more?: { channelId?: string; kind?: 'guild' | 'direct' | 'group' | 'c2c'; author?: object; answers?: number },
  ): Promise<string[]>;
  stop(): Promise<number>;
}
export interface RigOptions {
  readonly module?: BotModule;
  readonly options?: BotOptions;
  readonly simulator?: SimulatorOptions;
  readonly admins?: readonly string[];
  readonly locale?: 'en' | 'zh';
  /** QQ pushes; `simulator.addBot` has to be told where. */
  readonly webhook?: boolean;
}

const open: (() => Promise<unknown>)[] = [];

export function onClose(close: () => unknown): void {
  open.push(async () => close());
}

/** Ends everything that a test has started; for afterEach. */
export async function closeRigs(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-e2e-'));
  open.push(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function configFor(simulatorUrl: string, journalPath: string, more: Partial<Config> = {}): Config {
  return deepFreeze({
    world: 'qq' as const,
    credentials: { appId: 'test-app', secret: 'test-secret-0123456789' },
    apiUrl: simulatorUrl,
    tokenUrl: `${simulatorUrl}/app/getAppAccessToken`,
    sandbox: false,
    journalPath,
    durability: 'process' as const,
    webhook: null,
    intentsAreSet: false,
    admins: [],
    http: { host: '127.0.0.1', port: 0 },
    inspector: null,
    botModule: null,
    locale: 'en' as const,
    log: { level: process.env.E2E_LOG ?? 'silent', parts: {}, format: 'json' as const },
    crashAt: null,
    options: defaultOptions,
    ...more,
  });
}

function withSource({ options = defaultOptions, webhook }: RigOptions, locale: 'en' | 'zh'): BotOptions {
  return { ...options, locale, ...(webhook ? { gateway: { ...options.gateway, source: 'webhook' } } : {}) };
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const folder = temporaryFolder();
  const simulator = await createSimulator(options.simulator);
  open.push(() => simulator.close());
  const journalPath = join(folder, 'bot.db');
  const { admins = [], locale = 'en' } = options;
  const config = configFor(simulator.url, journalPath, {
    webhook: options.webhook ? { host: '127.0.0.1', port: 0, path: '/qq' } : null,
    admins: [...admins],
    locale,
    options: withSource(options, locale),
  });
  const bot = await createBot(config, options.module);
  let stopping: Promise<number> | null = null;
  const stop = (): Promise<number> => {
    stopping ??= (async () => {
      bot.drain('test');
      return (await bot.stopped).code;
    })();
    return stopping;
  };
  open.push(stop);
  if (!options.webhook) await until('the bot to connect', () => simulator.state().connected > 0);
  return {
    simulator,
    bot,
    journalPath,
    stop,
    async get<T>(path: string): Promise<T> {
      return (await (await fetch(`${bot.url}${path}`, { headers: { connection: 'close' } })).json()) as T;
    },
    async ask(content, { channelId = 'c1', kind = 'guild', author, answers = 1 } = {}) {
      const [id] = simulator.postMessage({ kind, channelId, content, ...(author ? { author } : {}) });
      const accepted = () => simulator.replies().filter((reply) => reply.accepted && reply.msgId === id);
      await until(`${answers} answers to "${content}"`, () => accepted().length >= answers);
      return accepted().map((reply) => reply.content);
    },
  };
}

/** One of this machine's that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits for what real sockets bring; rejects after a minute, naming what was waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
