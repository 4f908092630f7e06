import { createOpenAPI, type IOpenAPI } from 'qq-guild-bot';
import type { Dispatcher } from 'undici';
import type { ProcessClock } from '../../../actors/ports.js';
import { createHttpTransport, type HttpOutcome, unsent } from './httpTransport.js';
import { Multipart } from './multipart.js';
import { splitUrl } from './splitUrl.js';

/** A request as qq-guild-bot's groups describe it. */
export interface OpenApiRequest {
  readonly method: Dispatcher.HttpMethod;
  /** Path with `:name` for each entry of `rest`. */
  readonly url: string;
  readonly rest?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Sent as JSON; a `Multipart` as it is. */
  readonly data?: unknown;
}
type GroupName = Exclude<keyof IOpenAPI, 'config' | 'request'>;
type Answering<Group> = {
  [Method in keyof Group]: Group[Method] extends (...args: infer Args) => unknown
    ? (...args: Args) => Promise<HttpOutcome>
    : never;
};
/** The package's typed groups; every call resolves with how it ended and never rejects. */
export type OpenApiGroups = { readonly [Name in GroupName]: Answering<IOpenAPI[Name]> } & {
  /** For what has no group. */
  readonly request: (request: OpenApiRequest) => Promise<HttpOutcome>;
};

export interface OpenApiOptions {
  /** Base address; a path in it is kept. */
  readonly baseUrl: string;
  readonly appId: string;
  readonly tokens: { current(): string | null };
  /** Time for one call, ms, unless `within` says otherwise. */
  readonly timeoutMs: number;
  readonly clock: ProcessClock;
  readonly dispatcher?: Dispatcher;
  /** Default `kintsugi`. */
  readonly userAgent?: string;
}
export interface OpenApi {
  readonly groups: OpenApiGroups;
  /** The same with another time limit for each call. */
  within(timeoutMs: number): OpenApiGroups;
  /** Makes connections anew; calls under way end on the old ones. */
  reset(): void;
  close(): Promise<void>;
}

/**
 * qq-guild-bot's OpenAPI over our own transport: its paths and types, none of its HTTP. Without a token a call ends as
 * `unsent` with code `NO_TOKEN`; with an id that cannot stand in a path, with `BAD_PATH`.
 * Throws TypeError when `baseUrl` is no http address.
 */
export function createOpenApi(options: OpenApiOptions): OpenApi {
  const { appId, tokens, clock, dispatcher, timeoutMs, userAgent = 'kintsugi' } = options;
  const base = splitUrl(options.baseUrl, 'QQ_BOT_API_URL');
  const prefix = base.path.replace(/\/$/, '');
  const transport = createHttpTransport({ clock, ...(dispatcher ? { dispatcher } : {}) });

  function groupsWithin(limitMs: number): OpenApiGroups {
    const send = async (request: OpenApiRequest): Promise<HttpOutcome> => {
      const path = pathOf(request);
      if (path === null) return unsent('BAD_PATH');
      const token = tokens.current();
      if (token === null) return unsent('NO_TOKEN');
      const { body, type } = bodyOf(request.data);
      const headers = {
        authorization: `QQBot ${token}`,
        'x-union-appid': appId,
        'user-agent': userAgent,
        accept: 'application/json',
        ...(type === null ? {} : { 'content-type': type }),
      };
      const { method } = request;
      return transport.send({ method, origin: base.origin, path: prefix + path, headers, body, timeoutMs: limitMs });
    };
    return regroup(send);
  }

  const groups = groupsWithin(timeoutMs);
  const kept = new Map([[timeoutMs, groups]]);
  return {
    groups,
    within(limitMs) {
      const known = kept.get(limitMs) ?? groupsWithin(limitMs);
      if (kept.size >= LIMITS_KEPT) kept.clear();
      kept.set(limitMs, known);
      return known;
    },
    reset: () => transport.reset(),
    close: () => transport.close(),
  };
}

function bodyOf(data: unknown): { readonly body: string | Buffer | null; readonly type: string | null } {
  if (data === undefined) return { body: null, type: null };
  return data instanceof Multipart ? data : { body: JSON.stringify(data), type: 'application/json' };
}

/** Time limits whose groups are kept: calls and checks use one each. */
const LIMITS_KEPT = 8;

/** Builds the groups anew around `send`; the ones that the constructor made hold the package's own transport. */
function regroup(send: OpenApiGroups['request']): OpenApiGroups {
  const api = createOpenAPI({ appID: '', token: '' });
  api.request = send as unknown as typeof api.request;
  api.register(api);
  return api as unknown as OpenApiGroups;
}

/** The path with its parameters encoded and its query; null when a parameter is missing or would change the path. */
function pathOf({ url, rest = {}, params = {} }: OpenApiRequest): string | null {
  let isBad = false;
  const path = url.replace(/:([A-Za-z]\w*)/g, (_, name: string) => {
    const segment = segmentOf(rest[name]);
    isBad ||= segment === null;
    return segment ?? '';
  });
  if (isBad) return null;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null) query.append(name, String(value));
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

function segmentOf(value: unknown): string | null {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (text === '' || text === '.' || text === '..') return null;
  try {
    return encodeURIComponent(text);
  } catch {
    return null; // half a surrogate pair
  }
}
