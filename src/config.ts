import { type BotOptions, defaultOptions } from './machines/options.js';
export class ConfigError extends Error {}
export interface Config {
  world: 'demo' | 'qq';
  credentials: { appId: string; secret: string } | null;
  apiUrl: string;
  tokenUrl: string;
  sandbox: boolean;
  journalPath: string;
  durability: 'process' | 'power';
  admins: string[];
  http: { host: string; port: number } | null;
  botModule: string | null;
  locale: 'en' | 'zh';
  log: { level: string; parts: Record<string, string>; format: 'pretty' | 'json' };
  options: BotOptions;
}
export function readConfig({
  env,
  isTTY,
}: {
  env: NodeJS.ProcessEnv;
  cwd: string;
  sets: string[];
  isTTY: boolean;
}): Config {
  const credentials =
    env.QQ_BOT_APP_ID && env.QQ_BOT_SECRET ? { appId: env.QQ_BOT_APP_ID, secret: env.QQ_BOT_SECRET } : null;
  const [host = '127.0.0.1', port = '7070'] = (env.KINTSUGI_HTTP ?? '127.0.0.1:7070').split(':');
  return {
    world: credentials ? 'qq' : 'demo',
    credentials,
    apiUrl: env.QQ_BOT_API_URL ?? 'https://api.sgroup.qq.com',
    tokenUrl: env.QQ_BOT_TOKEN_URL ?? 'https://bots.qq.com/app/getAppAccessToken',
    sandbox: false,
    journalPath: env.KINTSUGI_JOURNAL ?? (credentials ? '.kintsugi/bot.db' : '.kintsugi/demo.db'),
    durability: 'process',
    admins: [],
    http: env.KINTSUGI_HTTP === 'off' ? null : { host, port: Number(port) },
    botModule: env.KINTSUGI_BOT ?? null,
    locale: 'en',
    log: { level: env.LOG_LEVEL ?? 'info', parts: {}, format: isTTY ? 'pretty' : 'json' },
    options: defaultOptions,
  };
}
