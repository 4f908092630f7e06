import type { Random } from '../kit/random.js';
import type { Bot, Bots } from './bots.js';

interface Issued {
  readonly token: string;
  readonly appId: string;
  readonly expiresAt: number;
}
export type TokenAnswer =
  | { readonly access_token: string; readonly expires_in: string | number }
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
    private readonly bots: Bots,
    /** Only bots that are known may log in. */
    private readonly isClosed: boolean,
  ) {}

  /** `expiresIn` is said instead of the truth. */
  request(contentType: string | undefined, body: unknown, expiresIn?: string | number): TokenAnswer {
    if (!/^application\/json\b/i.test(contentType ?? '')) return { code: 100007, message: 'appid invalid' };
    const { appId, clientSecret } = (body ?? {}) as { appId?: unknown; clientSecret?: unknown };
    if (typeof appId !== 'string' || typeof clientSecret !== 'string' || appId === '' || appId.length > 64)
      return { code: 100002, message: 'internal err' };
    const known = this.bots.find(appId);
    if ((this.isClosed && !known) || known?.state === 'banned') return { code: 100007, message: 'appid invalid' };
    if (known && known.secret !== null && known.secret !== clientSecret)
      return { code: 100016, message: 'invalid appid or secret' };
    this.bots.of(appId);
    const now = this.now();
    this.issued = this.issued.filter((token) => token.expiresAt > now);
    const valid = this.issued.find((token) => token.appId === appId && token.expiresAt - now > OVERLAP_MS);
    const token = valid ?? { token: this.random.hex(64), appId, expiresAt: now + this.lifeMs };
    if (!valid) this.issued.push(token);
    return {
      access_token: token.token,
      expires_in: expiresIn ?? String(Math.floor((token.expiresAt - now) / 1_000)),
    };
  }
  /** Whose token it is; null: nobody's, or it has expired. */
  ownerOf(token: string): Bot | null {
    const found = this.issued.find((issued) => issued.token === token && issued.expiresAt > this.now());
    return found ? this.bots.of(found.appId) : null;
  }
  /** `Bot APPID.TOKEN`: any token goes. */
  legacyOwnerOf(credentials: string): Bot | null {
    const [appId = '', token = ''] = credentials.split('.', 2);
    return appId === '' || token === '' || appId.length > 64 ? null : this.bots.of(appId);
  }
  /** All tokens, or those of one bot, end now. */
  expire(appId?: string): void {
    this.issued = appId === undefined ? [] : this.issued.filter((token) => token.appId !== appId);
  }
}
