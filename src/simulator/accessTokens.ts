import type { Random } from './random.js';

interface Issued {
  readonly token: string;
  readonly appId: string;
  readonly expiresAt: number;
}
export type TokenAnswer =
  | { readonly access_token: string; readonly expires_in: string }
  | { readonly code: number; readonly message: string };

/** In the last minute of a token a new one is given out; the old one still serves. */
const OVERLAP_MS = 60_000;

/** The token endpoint: failures are HTTP 200 with a code, `expires_in` is a string, a valid token is given again. */
export class AccessTokens {
  private issued: Issued[] = [];

  constructor(
    private readonly random: Random,
    private readonly now: () => number,
    private readonly lifeMs: number,
    private readonly credentials: { readonly appId: string; readonly secret: string } | null,
  ) {}

  request(contentType: string | undefined, body: unknown): TokenAnswer {
    if (!contentType?.startsWith('application/json')) return { code: 100007, message: 'appid invalid' };
    const { appId, clientSecret } = (body ?? {}) as { appId?: unknown; clientSecret?: unknown };
    if (typeof appId !== 'string' || typeof clientSecret !== 'string' || appId === '')
      return { code: 100002, message: 'internal err' };
    if (this.credentials && appId !== this.credentials.appId) return { code: 100007, message: 'appid invalid' };
    if (this.credentials && clientSecret !== this.credentials.secret)
      return { code: 100016, message: 'invalid appid or secret' };
    const now = this.now();
    this.issued = this.issued.filter((token) => token.expiresAt > now);
    const valid = this.issued.find((token) => token.appId === appId && token.expiresAt - now > OVERLAP_MS);
    if (valid) return answer(valid, now);
    const fresh = { token: this.random.hex(64), appId, expiresAt: now + this.lifeMs };
    this.issued.push(fresh);
    return answer(fresh, now);
  }
  isValid(token: string): boolean {
    return this.issued.some((issued) => issued.token === token && issued.expiresAt > this.now());
  }
}

function answer(issued: Issued, now: number): TokenAnswer {
  return { access_token: issued.token, expires_in: String(Math.floor((issued.expiresAt - now) / 1_000)) };
}
