import { nanoid } from 'nanoid';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import type { Performers, ProcessClock } from '../../../actors/ports.js';
import type { EffectOf } from '../../../machines/vocabulary/effects.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import { classifyToken } from '../http/errorTaxonomy.js';
import { createHttpTransport } from '../http/httpTransport.js';
import { splitUrl } from '../http/splitUrl.js';

/** QQ's tokens live at most this long; a longer promise is not believed. */
export const TOKEN_LIFE_MAX_MS = 7_200_000;
/** Secrets kept: the present one and the one before it, which stays valid for the overlap of 60 s. */
const SECRETS_KEPT = 2;
/** Default time for one request. */
const TOKEN_TIMEOUT_MS = 10_000;

export interface AccessTokensOptions {
  /** Full address of the token endpoint. */
  readonly tokenUrl: string;
  readonly appId: string;
  readonly secret: string;
  readonly dispatcher?: Dispatcher;
  readonly clock: ProcessClock;
  /** Default 10,000 ms. */
  readonly timeoutMs?: number;
}
export interface AccessTokens {
  readonly performers: Performers<'token.fetch'>;
  /** The secret behind a `ref` of `token.fetched`; null when it is not one of the newest two of this process. */
  secretOf(ref: string): string | null;
  /** The newest secret; null before the first. Whether it still holds is not asked here. */
  current(): string | null;
  close(): Promise<void>;
}

/** Visible ASCII only: it goes into a header. */
const answerSchema = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.unknown().optional(),
});

/**
 * Fetches access tokens and keeps the secrets; everyone else knows them by a `ref`.
 * Throws TypeError when `tokenUrl` is no http address.
 */
export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { appId, secret, clock, timeoutMs = TOKEN_TIMEOUT_MS } = options;
  const { origin, path } = splitUrl(options.tokenUrl, 'QQ_BOT_TOKEN_URL');
  const { dispatcher } = options;
  const transport = createHttpTransport({ clock, ...(dispatcher ? { dispatcher } : {}) });
  const secrets = new Map<string, string>();
  let newest: string | null = null;

  function keep(token: string): string {
    const ref = nanoid();
    secrets.set(ref, token);
    newest = token;
    for (const old of [...secrets.keys()].slice(0, -SECRETS_KEPT)) secrets.delete(old);
    return ref;
  }

  async function fetchToken(effect: EffectOf<'token.fetch'> & { id: string }, post: (fact: Fact) => void) {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const body = JSON.stringify({ appId, clientSecret: secret });
    // A token lives from when it was made; its answer may have stood unread for long.
    const askedAt = clock.now();
    const outcome = await transport.send({ method: 'POST', origin, path, headers, body, timeoutMs });
    const answer = outcome.ending === 'answered' ? answerSchema.safeParse(outcome.body) : null;
    if (answer?.success) {
      const expiresAt = askedAt + lifeMsOf(answer.data.expires_in);
      post({ type: 'token.fetched', effectId: effect.id, ref: keep(answer.data.access_token), expiresAt });
      return;
    }
    const failure = classifyToken(outcome);
    post({ type: 'token.fetchFailed', effectId: effect.id, ...failure, status: outcome.status });
  }

  return {
    performers: { 'token.fetch': fetchToken },
    secretOf: (ref) => secrets.get(ref) ?? null,
    current: () => newest,
    close: () => transport.close(),
  };
}

/** `expires_in` is seconds, a string on the wire and a number in the documents; what cannot be read counts as 0. */
function lifeMsOf(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' && expiresIn.trim() !== '' ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return 0;
  return Math.min(TOKEN_LIFE_MAX_MS, Math.max(0, Math.floor(seconds * 1_000)));
}
