import type { Dispatcher } from 'undici';
import { createSystemClock } from '../../adapters/process/systemClock.js';
import { type AccessTokens, createAccessTokens } from '../../adapters/qq/calls/accessTokens.js';
import { createDiscovery } from '../../adapters/qq/calls/discovery.js';
import { type CallClass, classify } from '../../adapters/qq/http/errorTaxonomy.js';
import { createAgent } from '../../adapters/qq/http/httpTransport.js';
import { createOpenApi } from '../../adapters/qq/http/openApi.js';
import { version } from '../../base/version.js';
import type { Config } from '../../config/config.js';
import type { Fact, FactOf } from '../../machines/vocabulary/facts/facts.js';
import { withDeadline } from './deadline.js';

/** Code of a wait that we ended ourselves. */
const DEADLINE = 'DEADLINE';

export type TokenAnswer = FactOf<'token.fetched'> | FactOf<'token.fetchFailed'>;
export type GatewayAnswer = FactOf<'gateway.discovered'> | FactOf<'gateway.discoveryFailed'>;
export interface ApiAnswer {
  readonly class: CallClass;
  readonly code: number | string | null;
  readonly status: number | null;
  /** What QQ calls the bot; null without an answer. */
  readonly name: string | null;
}
/** The three calls that a bot makes before it connects, each over within `deadlineMs`. */
export interface QQCalls {
  readonly tokens: AccessTokens;
  fetchToken(): Promise<TokenAnswer>;
  /** Local time minus the server's at its first answer, ms; null: no answer told the time. */
  skewMs(): number | null;
  me(): Promise<ApiAnswer>;
  discover(): Promise<GatewayAnswer>;
  close(): Promise<void>;
}

export interface QQCallsOptions {
  readonly config: Config;
  readonly deadlineMs: number;
  /** Wall time, ms. */
  readonly now: () => number;
}

/** The bot's own adapters over a connection pool that also reads the `Date` header. */
export function createQQCalls({ config, deadlineMs, now }: QQCallsOptions): QQCalls {
  const { appId, secret } = config.credentials!;
  const clock = createSystemClock();
  const agent = createAgent(clock, deadlineMs);
  let skew: number | null = null;
  const dispatcher = agent.compose(
    watchDate((date) => {
      // The header has whole seconds: half of one is the best guess at the rest.
      skew ??= now() - (date + 500);
    }),
  );
  const shared = { appId, clock, dispatcher, timeoutMs: deadlineMs };
  const tokens = createAccessTokens({ ...shared, tokenUrl: config.tokenUrl, secret });
  const openApi = createOpenApi({ ...shared, baseUrl: config.apiUrl, tokens, userAgent: `kintsugi/${version}` });
  const discovery = createDiscovery({ openApi, now });

  async function me(): Promise<ApiAnswer> {
    const outcome = await openApi.groups.meApi.me();
    const { class: judged, code, status } = classify(outcome, now());
    const name = (outcome.body as { username?: unknown } | null)?.username;
    return { class: judged, code, status, name: typeof name === 'string' ? name : null };
  }
  return {
    tokens,
    fetchToken: () => {
      const late = { effectId: EFFECT.id, class: 'transient', code: DEADLINE, status: null } as const;
      const answer = perform<TokenAnswer>((post) =>
        tokens.performers['token.fetch']({ type: 'token.fetch', ...EFFECT }, post),
      );
      return withDeadline(deadlineMs, answer, { type: 'token.fetchFailed', ...late });
    },
    skewMs: () => skew,
    me: () => withDeadline(deadlineMs, me(), { class: 'transient', code: DEADLINE, status: null, name: null }),
    discover: () => {
      const late = { effectId: EFFECT.id, class: 'transient', code: DEADLINE, status: null } as const;
      const answer = perform<GatewayAnswer>((post) =>
        discovery['gateway.discover']({ type: 'gateway.discover', ...EFFECT }, post),
      );
      return withDeadline(deadlineMs, answer, { type: 'gateway.discoveryFailed', ...late });
    },
    close: () => agent.destroy(),
  };
}

const EFFECT = { id: 'doctor', actor: 'doctor' };

/** The one fact that a performer of a call posts. */
async function perform<T extends Fact>(run: (post: (fact: Fact) => void) => void | Promise<void>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    void Promise.resolve(run((fact) => resolve(fact as T))).catch(reject);
  });
}

/** Tells the `Date` of every answer, as ms since 1970. */
function watchDate(tell: (date: number) => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onResponseStart: (controller, status, headers, message) => {
        const date = Date.parse(String(headers.date));
        if (!Number.isNaN(date)) tell(date);
        handler.onResponseStart?.(controller, status, headers, message);
      },
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
    });
}
