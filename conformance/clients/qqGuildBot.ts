import { createRequire } from 'node:module';
import { appId, base, hear, tell } from './hearing.js';

/** qq-guild-bot: its own WebSocket client and OpenAPI, on the fixed token that it knows alone. */
const require = createRequire(import.meta.url);
// Its REST address is a constant; the only way around it is the interceptor of the very copy of resty-client that it loads.
const resty = createRequire(require.resolve('qq-guild-bot'))('resty-client') as {
  useReq(interceptor: (config: { url: string }) => object): void;
};
resty.useReq((config) => ({ ...config, url: config.url.replace('https://api.sgroup.qq.com', base) }));
const { createOpenAPI, createWebsocket } = require('qq-guild-bot') as typeof import('qq-guild-bot');

interface Heard {
  readonly eventType: string;
  readonly msg: {
    readonly id: string;
    readonly content?: string;
    readonly channel_id: string;
    readonly guild_id: string;
  };
}
const config = {
  appID: appId,
  token: 'fixed-token',
  intents: ['GUILDS', 'DIRECT_MESSAGE', 'PUBLIC_GUILD_MESSAGES'],
  sandbox: false,
} as Parameters<typeof createOpenAPI>[0];
const api = createOpenAPI(config);
const socket = createWebsocket(config);

socket.on('READY', () => tell({ type: 'ready' }));
socket.on('PUBLIC_GUILD_MESSAGES', ({ eventType, msg }: Heard) => {
  if (eventType === 'AT_MESSAGE_CREATE')
    answer(msg, (body) => api.messageApi.postMessage(msg.channel_id, { msg_id: msg.id, ...body }));
});
socket.on('DIRECT_MESSAGE', ({ eventType, msg }: Heard) => {
  if (eventType === 'DIRECT_MESSAGE_CREATE')
    answer(msg, (body) => api.directMessageApi.postDirectMessage(msg.guild_id, { msg_id: msg.id, ...body }));
});

function answer({ content = '' }: Heard['msg'], send: (body: object) => Promise<unknown>): void {
  void hear(content, {
    say: (text) => send({ content: text }),
    form: (tag) => send({ embed: { title: tag, prompt: tag, fields: [{ name: tag }] } }),
    refuse: () => send({ content: 'x', msg_id: '08no-such-message' }),
  });
}
