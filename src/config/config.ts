import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { CrashPoint } from '../actors/step/crashPoints.js';
import { exitCodes } from '../base/exitCodes.js';
import { wholeAddress } from '../base/journalAddress.js';
import { nearest, UnknownName } from '../base/nearest.js';
import { onOneLine } from '../base/printable.js';
import { readText } from '../base/readText.js';
import type { BotOptions } from '../machines/vocabulary/options/options.js';
import { configTextsFor, type Problem } from './configTexts.js';
import { readCrashAt } from './crashAt.js';
import { OptionSettings } from './optionValues.js';

export interface Config {
  /** `demo`: no credentials, a simulated platform on loopback. */
  readonly world: 'demo' | 'qq';
  readonly credentials: { readonly appId: string; readonly secret: string } | null;
  /** Base of the OpenAPI. */
  readonly apiUrl: string;
  /** Full address of the token endpoint. */
  readonly tokenUrl: string;
  readonly sandbox: boolean;
  /** Address of the journal; a path is whole: the author's code may go to another folder. */
  readonly journalPath: string;
  readonly durability: 'process' | 'power';
  /** Where QQ pushes its events, for a proxy with TLS to pass on; null: the gateway socket. */
  readonly webhook: { readonly host: string; readonly port: number; readonly path: string } | null;
  /** Whether `options.gateway.intents` was set by someone. */
  readonly intentsAreSet: boolean;
  /** User ids that may use admin commands everywhere. */
  readonly admins: readonly string[];
  readonly http: { readonly host: string; readonly port: number } | null;
  /** Where `npm start` serves the inspector; null: nowhere. */
  readonly inspector: { readonly host: string; readonly port: number } | null;
  /** The author's file; null: the built-in bot. */
  readonly botModule: string | null;
  readonly locale: 'en' | 'zh';
  readonly log: {
    readonly level: string;
    readonly parts: Readonly<Record<string, string>>;
    readonly format: 'pretty' | 'json';
  };
  /** Where this process is to kill itself, in tests; null: nowhere. */
  readonly crashAt: { readonly point: CrashPoint; readonly time: number } | null;
  readonly options: BotOptions;
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `.env` and `kintsugi.config.json` are looked for. */
  readonly cwd: string;
  /** Texts of `--set`. */
  readonly sets: readonly string[];
  readonly isTTY: boolean;
  /** Names of intents to their bits; throws UnknownName. Default: numbers only. */
  readonly parseIntents?: (names: readonly string[]) => number;
}

/** All that is wrong with the configuration, each with the name, the value, and the fix, in the configured language. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode = exitCodes.configuration;
  /** One line each, whatever stands in the values. */
  readonly problems: readonly string[];
  constructor(
    problems: readonly string[],
    readonly locale: Config['locale'] = 'en',
  ) {
    const lines = problems.map(onOneLine);
    super(lines.join('\n'));
    this.problems = lines;
  }
}

const VARIABLES = [
  'QQ_BOT_APP_ID',
  'QQ_BOT_SECRET',
  'QQ_BOT_SANDBOX',
  'QQ_BOT_API_URL',
  'QQ_BOT_TOKEN_URL',
  'QQ_BOT_GATEWAY_URL',
  'QQ_BOT_INTENTS',
  'QQ_BOT_WEBHOOK',
  'KINTSUGI_JOURNAL',
  'KINTSUGI_ADMINS',
  'KINTSUGI_HTTP',
  'KINTSUGI_INSPECTOR',
  'KINTSUGI_BOT',
  'KINTSUGI_LOCALE',
  'KINTSUGI_DURABILITY',
  // For tests: where the process is to die.
  'KINTSUGI_CRASH_AT',
  // Set by the demo world for the bot that it starts.
  'KINTSUGI_DEMO',
  'KINTSUGI_CHILD',
] as const;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const FILE = 'kintsugi.config.json';

/**
 * Reads the configuration once: `--set` wins over the environment, that over `.env` and `kintsugi.config.json`, those
 * over the defaults. The result is frozen. Throws ConfigError with every problem at once.
 */
export function readConfig(sources: ConfigSources): Config {
  const problems: Problem[] = [];
  const env = withDotEnv(sources, problems);
  const read = new Reader(env, problems);
  const settings = new OptionSettings(problems);
  readFile(sources.cwd, settings, problems);
  const credentials = readCredentials(env, problems);
  const sandbox = read.choice('QQ_BOT_SANDBOX', ['0', '1'], '0') === '1';
  const gatewayUrl = read.url('QQ_BOT_GATEWAY_URL', ['ws:', 'wss:'], null);
  if (gatewayUrl !== null) settings.set('gateway.url', gatewayUrl, 'QQ_BOT_GATEWAY_URL');
  readIntents(env.QQ_BOT_INTENTS, sources, settings, problems);
  if (env.KINTSUGI_LOCALE !== undefined) settings.set('locale', env.KINTSUGI_LOCALE, 'KINTSUGI_LOCALE');
  const webhook = read.webhook('QQ_BOT_WEBHOOK');
  if (webhook) settings.set('gateway.source', 'webhook', 'QQ_BOT_WEBHOOK');
  for (const text of sources.sets) settings.setText(text);
  if (settings.isSet('gateway.source') && !webhook && settings.get('gateway.source') === 'webhook')
    problems.push((texts) => texts.webhookAddress);
  const options = settings.build();
  const http = read.address('KINTSUGI_HTTP', { host: '127.0.0.1', port: 7070 });
  const world = credentials && env.KINTSUGI_DEMO !== '1' ? 'qq' : 'demo';
  const config: Config = {
    world,
    credentials,
    apiUrl:
      read.url(
        'QQ_BOT_API_URL',
        ['http:', 'https:'],
        sandbox ? 'https://sandbox.api.sgroup.qq.com' : 'https://api.sgroup.qq.com',
      ) ?? '',
    tokenUrl: read.url('QQ_BOT_TOKEN_URL', ['http:', 'https:'], 'https://bots.qq.com/app/getAppAccessToken') ?? '',
    sandbox,
    journalPath: wholeAddress(sources.cwd, env.KINTSUGI_JOURNAL || `.kintsugi/${world === 'qq' ? 'bot' : 'demo'}.db`),
    durability: read.choice('KINTSUGI_DURABILITY', ['process', 'power'], 'process') as Config['durability'],
    webhook,
    intentsAreSet: settings.isSet('gateway.intents'),
    admins: (env.KINTSUGI_ADMINS ?? '')
      .split(',')
      .map((id) => id.trim())
      .filter(Boolean),
    http,
    inspector: read.address('KINTSUGI_INSPECTOR', http && { host: '127.0.0.1', port: besides(http.port) }),
    botModule: env.KINTSUGI_BOT || null,
    locale: options.locale,
    log: {
      ...read.levels(),
      format: read.choice('LOG_FORMAT', ['pretty', 'json'], sources.isTTY ? 'pretty' : 'json') as 'pretty' | 'json',
    },
    crashAt: readCrashAt(env, problems),
    options,
  };
  if (problems.length > 0) {
    const texts = configTextsFor(options.locale);
    throw new ConfigError(
      problems.map((problem) => problem(texts)),
      options.locale,
    );
  }
  return freeze(config);
}

/** The configuration for a person to read: the secret is masked. */
export function redacted(config: Config): object {
  return { ...config, credentials: config.credentials && { appId: config.credentials.appId, secret: '***' } };
}

function withDotEnv({ env, cwd }: ConfigSources, problems: Problem[]): ConfigSources['env'] {
  const path = join(cwd, '.env');
  const merged = { ...(existsSync(path) ? parseEnv(readText(path)) : {}), ...env };
  for (const name of Object.keys(merged)) {
    if (!/^(QQ_BOT|KINTSUGI)_/.test(name) || (VARIABLES as readonly string[]).includes(name)) continue;
    const near = nearest(name, VARIABLES);
    problems.push((texts) => texts.unknownVariable(name, near, VARIABLES));
  }
  return merged;
}

function readCredentials(env: ConfigSources['env'], problems: Problem[]): Config['credentials'] {
  const [appId = '', secret = ''] = [env.QQ_BOT_APP_ID?.trim(), env.QQ_BOT_SECRET?.trim()];
  if (appId && secret) return { appId, secret };
  if (appId || env.NODE_ENV === 'production') problems.push((texts) => texts.secretRequired);
  if (secret || (env.NODE_ENV === 'production' && !appId)) problems.push((texts) => texts.appIdRequired);
  return null;
}

function readFile(cwd: string, settings: OptionSettings, problems: Problem[]): void {
  const path = join(cwd, FILE);
  if (!existsSync(path)) return;
  let tree: unknown;
  try {
    tree = JSON.parse(readText(path));
  } catch (error) {
    problems.push((texts) => texts.notJson(FILE, (error as Error).message));
    return;
  }
  if (typeof tree === 'object' && tree !== null && !Array.isArray(tree)) settings.setAll(tree, FILE);
  else problems.push((texts) => texts.notAnObject(FILE));
}

function readIntents(
  text: string | undefined,
  sources: ConfigSources,
  settings: OptionSettings,
  problems: Problem[],
): void {
  if (!text) return;
  if (/^\d+$/.test(text)) {
    settings.set('gateway.intents', Number(text), 'QQ_BOT_INTENTS');
    return;
  }
  if (!sources.parseIntents) {
    problems.push((texts) => texts.notIntents(text));
    return;
  }
  try {
    settings.set('gateway.intents', sources.parseIntents(text.split(',').map((name) => name.trim())), 'QQ_BOT_INTENTS');
  } catch (error) {
    if (!(error instanceof UnknownName)) throw error;
    const { unknown, near, known } = error;
    problems.push((texts) => texts.unknownIntent(text, unknown, near, known));
  }
}

class Reader {
  constructor(
    private readonly env: ConfigSources['env'],
    private readonly problems: Problem[],
  ) {}

  choice(name: string, allowed: readonly string[], fallback: string): string {
    const value = this.env[name] || fallback;
    if (!allowed.includes(value)) this.problems.push((texts) => texts.choice(name, value, allowed));
    return value;
  }
  url(name: string, protocols: readonly string[], fallback: string | null): string | null {
    const value = this.env[name] || fallback;
    if (value === null) return null;
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      const starts = protocols.map((protocol) => `${protocol}//`);
      this.problems.push((texts) => texts.address(name, value, starts));
    }
    return value.replace(/\/+$/, '');
  }
  address(name: string, fallback: Config['http']): Config['http'] {
    const value = this.env[name];
    if (!value) return fallback;
    if (value === 'off') return null;
    const match = /^(?:(\[[0-9a-fA-F:]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(value);
    const port = Number(match?.[2]);
    if (!match || port > 65_535) {
      this.problems.push((texts) => texts.hostPort(name, value));
      return fallback;
    }
    return { host: match[1]?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port };
  }
  /** `127.0.0.1:8080/qq`, `8080/qq`, `8080`. */
  webhook(name: string): Config['webhook'] {
    const value = this.env[name];
    if (!value) return null;
    const match = /^(?:(\[[0-9a-fA-F:]+\]|[^:[\]/]+):)?(\d{1,5})(\/[\w./~-]*)?$/.exec(value);
    const port = Number(match?.[2]);
    if (!match || port > 65_535) {
      this.problems.push((texts) => texts.hostPortPath(name, value));
      return null;
    }
    return { host: match[1]?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port, path: match[3] ?? '/' };
  }
  /** `info,qq=debug`: the default level, and levels for parts. */
  levels(): { level: string; parts: Record<string, string> } {
    const result = { level: 'info', parts: {} as Record<string, string> };
    for (const item of (this.env.LOG_LEVEL || 'info').split(',')) {
      const [name = '', level] = item.trim().split('=');
      const given = level ?? name;
      if (!LEVELS.includes(given)) this.problems.push((texts) => texts.level(item.trim(), LEVELS));
      else if (level === undefined) result.level = given;
      else result.parts[name] = given;
    }
    return result;
  }
}

/** The port after this one; any, where there is none. */
const besides = (port: number): number => (port === 0 || port === 65_535 ? 0 : port + 1);

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}
