import { createRequire } from 'node:module';
import { appId, base, hear, secret, tell, tokenUrl } from './hearing.js';

/** @satorijs/adapter-qq under @satorijs/core, as koishi runs it. */
const request = globalThis.fetch;
// The token's address is a constant in it.
globalThis.fetch = (input, init) =>
  request(String((input as Request).url ?? input).includes('bots.qq.com') ? tokenUrl : input, init);

const require = createRequire(import.meta.url);
const { Context } = require('@satorijs/core') as typeof import('@satorijs/core');
const { HTTP } = require('@cordisjs/plugin-http') as typeof import('@cordisjs/plugin-http');
const { QQBot } = require('@satorijs/adapter-qq') as { QQBot: unknown };

/** GUILDS, DIRECT_MESSAGE, GROUP_AND_C2C_EVENT, PUBLIC_GUILD_MESSAGES. */
const INTENTS = (1 << 0) | (1 << 12) | (1 << 25) | (1 << 30);
const ctx = new Context();
ctx.plugin(HTTP as never);
ctx.plugin(
  QQBot as never,
  {
    id: appId,
    secret,
    token: '',
    type: 'public',
    sandbox: false,
    endpoint: base,
    authType: 'bearer',
    intents: INTENTS,
    protocol: 'websocket',
    retryTimes: 20,
    retryInterval: 100,
    retryLazy: 100,
    retryWhen: [],
    manualAcknowledge: false,
  } as never,
);
ctx.on('login-updated', ({ bot }) => {
  if (bot.platform === 'qq' && bot.isActive) tell({ type: 'ready' });
});
ctx.on('message', (session) => {
  const { channelId, platform } = session;
  const isGuild = platform === 'qqguild';
  const buttons = '<button-group><button id="b1">go</button></button-group>';
  const internal = session.bot.internal as { sendMessage(channel: string, body: object): Promise<unknown> };
  const send = (content: string) => session.bot.sendMessage(channelId ?? '', content, undefined, { session });
  void hear(session.content ?? '', {
    say: send,
    form: (tag) => send(isGuild ? '<img src="https://example.com/a.png"/>' : `${tag}${buttons}`),
    refuse: () => internal.sendMessage(channelId ?? '', { content: 'x', msg_id: '08no-such-message' }),
  });
});
await ctx.start();
