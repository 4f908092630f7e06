import { createRequire } from 'node:module';
import { appId, base, hear, secret, tell, tokenUrl } from './hearing.js';

/** qq-official-bot: `Bot` in its WebSocket mode. */
const { Bot } = createRequire(import.meta.url)('qq-official-bot') as typeof import('qq-official-bot');
type Config = ConstructorParameters<typeof Bot>[0];
interface Heard {
  readonly message_type: 'guild' | 'private' | 'group';
  readonly raw_message: string;
  readonly channel_id: string;
  reply(message: unknown): Promise<unknown>;
}

const bot = new Bot({
  appid: appId,
  secret,
  mode: 'websocket',
  intents: ['GUILDS', 'DIRECT_MESSAGE', 'GROUP_AND_C2C_EVENT', 'PUBLIC_GUILD_MESSAGES'],
  removeAt: true,
  logLevel: 'error',
  maxRetry: 10,
} as unknown as Config);
bot.request.interceptors.request.use((config) => {
  config.baseURL = base;
  if (config.url?.includes('bots.qq.com')) config.url = tokenUrl;
  return config;
});
const { on } = { on: bot.on.bind(bot) as (event: string, listener: (heard: Heard) => void) => void };
on('message', (event) => {
  void hear(event.raw_message, {
    say: (text) => event.reply(text),
    form: (tag) => event.reply({ type: 'markdown', data: { content: `# ${tag}` } }),
    refuse: () => bot.sendGuildMessage(event.channel_id, 'x', { id: '08no-such-message' } as never),
  });
});
await bot.start();
tell({ type: 'ready' });
