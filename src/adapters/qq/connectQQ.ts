import type { EventSource, Log, Performers, ProcessClock } from '../../actors/ports.js';
import { version } from '../../base/version.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Locale } from '../../machines/vocabulary/replies/words.js';
import { createAccessTokens } from './calls/accessTokens.js';
import { createCalls } from './calls/calls.js';
import { createChannelChecks } from './calls/channelChecks.js';
import { createDiscovery } from './calls/discovery.js';
import { createHostChecks, type HostChecks } from './calls/hostChecks.js';
import { Uploads } from './calls/pictures.js';
import { createRecall, type Recall } from './calls/recall.js';
import { createOpenApi } from './http/openApi.js';
import { createQQGateway } from './qqGateway.js';
import { createQQWebhook } from './qqWebhook.js';

/** What of the configuration is about QQ. */
export interface QQConfig {
  readonly credentials: { readonly appId: string; readonly secret: string };
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly webhook: { readonly host: string; readonly port: number; readonly path: string } | null;
  readonly locale: Locale;
  /** Time for one call unless it names its own, ms. */
  readonly timeoutMs: number;
}
export interface ConnectOptions {
  readonly clock: ProcessClock;
  readonly log: Log;
  readonly post: (fact: Fact) => void;
  readonly postDurably: (fact: Fact) => Promise<unknown>;
  /** The bot's user id where READY has not told it in this process. */
  readonly botId: () => string | null;
}
type QQEffect =
  | 'token.fetch'
  | 'gateway.discover'
  | 'webhook.listen'
  | 'channel.check'
  | 'interaction.acknowledge'
  | 'call.start'
  | 'picture.upload'
  | 'socket.open'
  | 'socket.send'
  | 'socket.pause'
  | 'socket.close';
export interface QQ {
  readonly performers: Performers<QQEffect>;
  readonly source: EventSource;
  readonly checks: HostChecks;
  readonly recall: Recall;
  readonly webhookUrl: string | null;
  resetConnections(): void;
  clearUploads(): void;
  close(): Promise<void>;
}

/** The chart asks for it only where one is configured. */
const NO_WEBHOOK: Performers<'webhook.listen'> = {
  'webhook.listen': () => {
    throw new Error('no webhook is configured');
  },
};

/**
 * Everything between the bot and QQ, wired: tokens, OpenAPI, and the source of events, which is the gateway socket or,
 * where one is configured, the webhook. Fails with WebhookListenError and TypeError (a bad address).
 */
export async function connectQQ(config: QQConfig, options: ConnectOptions): Promise<QQ> {
  const { appId, secret } = config.credentials;
  const { clock, log, botId } = options;
  // QQ may say when in words: by a date.
  const now = (): number => clock.wallNow();
  const tokens = createAccessTokens({ tokenUrl: config.tokenUrl, appId, secret, clock });
  const openApi = createOpenApi({
    baseUrl: config.apiUrl,
    appId,
    tokens,
    timeoutMs: config.timeoutMs,
    clock,
    userAgent: `kintsugi/${version}`,
  });
  const uploads = new Uploads(() => clock.now());
  const gateway = createQQGateway({ tokens, post: options.post, botId, log });
  const webhook = config.webhook
    ? await createQQWebhook({ ...config.webhook, secret, postDurably: options.postDurably, botId, clock, log })
    : null;
  if (webhook) log.info({ url: webhook.url }, 'Waiting for QQ to push events');
  return {
    performers: {
      ...tokens.performers,
      ...createDiscovery({ openApi, now }),
      ...createCalls({ openApi, uploads, now, locale: config.locale }),
      ...createChannelChecks({ openApi, now, botId, locale: config.locale }),
      ...gateway.performers,
      ...(webhook?.performers ?? NO_WEBHOOK),
    },
    source: webhook ?? gateway,
    checks: createHostChecks({ baseUrl: config.apiUrl, openApi, clock }),
    recall: createRecall(openApi),
    webhookUrl: webhook?.url ?? null,
    resetConnections: () => openApi.reset(),
    clearUploads: () => uploads.clear(),
    async close(): Promise<void> {
      gateway.close();
      await webhook?.close();
      await openApi.close();
      await tokens.close();
    },
  };
}
