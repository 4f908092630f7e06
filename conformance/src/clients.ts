import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Kind } from './platform.js';
import { ROOT } from './processes.js';

/** What a connection that ended leads to. `nothing`: the client takes no notice. */
export type Reaction = 'RESUME' | 'IDENTIFY' | 'nothing';
export interface Client {
  readonly name: string;
  /** The package whose version is shown. */
  readonly package: string;
  readonly file: string;
  readonly args?: readonly string[];
  /** The chats that it knows. */
  readonly kinds: readonly Kind[];
  /** The chat and the form in which it says more than a text. */
  readonly form: { readonly kind: Kind; readonly form: string };
  /** What the platform refuses it; a fault where the client offers no way to do wrong. */
  readonly refusal: { readonly code: number; readonly fault?: object };
  /** What it does, right or wrong (its defects are no failure of the platform). */
  readonly on: {
    readonly close4009: Reaction;
    readonly reconnect: Reaction;
    readonly drop: Reaction;
    readonly invalid: Reaction;
  };
  /**
   * It replaces one connection that ends by two at once, and these by more: IDENTIFYs may be spent besides the RESUME,
   * and what comes meanwhile may be lost.
   */
  readonly isTwofold?: boolean;
  readonly simulator: readonly string[];
  /** What HELLO asks for: short, so that heartbeats are seen within seconds. */
  readonly heartbeatMs: number;
  env(url: string): { readonly [name: string]: string };
}

const ALL: readonly Kind[] = ['guild', 'direct', 'group', 'c2c'];
/** Where a fault refuses what a client sends. */
export const REFUSED_CHANNEL = 'refused';
const NO_SUCH_MESSAGE = 304026;
const BLOCKED = 304025;
const url = (base: string) => ({ CONFORMANCE_URL: base });

export const CLIENTS: readonly Client[] = [
  {
    name: 'qq-guild-bot',
    package: 'qq-guild-bot',
    file: 'conformance/clients/qqGuildBot.ts',
    kinds: ['guild', 'direct'],
    form: { kind: 'guild', form: 'embed' },
    refusal: { code: NO_SUCH_MESSAGE },
    // Op 7 is only logged; a lost connection costs it its session.
    on: { close4009: 'RESUME', reconnect: 'nothing', drop: 'IDENTIFY', invalid: 'IDENTIFY' },
    simulator: ['--legacy-auth'],
    heartbeatMs: 1_000,
    env: url,
  },
  {
    name: 'qq-official-bot',
    package: 'qq-official-bot',
    file: 'conformance/clients/qqOfficialBot.ts',
    kinds: ALL,
    form: { kind: 'group', form: 'markdown' },
    refusal: { code: NO_SUCH_MESSAGE },
    // Only 4008 and 4009 resume; see isTwofold.
    on: { close4009: 'RESUME', reconnect: 'RESUME', drop: 'IDENTIFY', invalid: 'IDENTIFY' },
    isTwofold: true,
    simulator: [],
    // Its second connections stay silent; the platform must not end them while others are struck.
    heartbeatMs: 3_000,
    env: url,
  },
  {
    name: '@satorijs/adapter-qq',
    package: '@satorijs/adapter-qq',
    file: 'conformance/clients/satori.ts',
    kinds: ALL,
    form: { kind: 'group', form: 'keyboard' },
    refusal: { code: NO_SUCH_MESSAGE },
    // Op 7 is only logged.
    on: { close4009: 'RESUME', reconnect: 'nothing', drop: 'RESUME', invalid: 'IDENTIFY' },
    simulator: [],
    heartbeatMs: 1_000,
    env: url,
  },
  {
    name: 'kintsugi',
    package: ROOT,
    file: 'src/cli/start.ts',
    args: ['conformance/clients/kintsugi.ts'],
    kinds: ALL,
    form: { kind: 'guild', form: 'embed' },
    refusal: { code: BLOCKED, fault: { kind: 'errors', status: 400, code: BLOCKED, channelId: REFUSED_CHANNEL } },
    on: { close4009: 'RESUME', reconnect: 'RESUME', drop: 'RESUME', invalid: 'IDENTIFY' },
    simulator: [],
    heartbeatMs: 1_000,
    env: (base) => ({
      QQ_BOT_APP_ID: '102000001',
      QQ_BOT_SECRET: 'conformance-secret-0123456789abcdef',
      QQ_BOT_API_URL: base,
      QQ_BOT_TOKEN_URL: `${base}/app/getAppAccessToken`,
      QQ_BOT_INTENTS: String((1 << 0) | (1 << 12) | (1 << 25) | (1 << 30)),
      KINTSUGI_HTTP: '127.0.0.1:0',
      KINTSUGI_JOURNAL: join(journalFolder(), 'bot.db'),
      LOG_LEVEL: 'warn',
    }),
  },
];

/** Of the installed package. */
export function versionOf({ package: name }: Client): string {
  const file = name === ROOT ? join(ROOT, 'package.json') : packageFile(name);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function packageFile(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  while (!folder.endsWith(join('node_modules', ...name.split('/')))) folder = dirname(folder);
  return join(folder, 'package.json');
}

function journalFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-conformance-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
