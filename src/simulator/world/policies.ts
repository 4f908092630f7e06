import { z } from 'zod';
import { nearest } from '../../base/nearest.js';

/**
 * What the platform does where its documentation is silent, contradicts itself or is said to have changed. Every one
 * can be set; the defaults are what most reports agree on.
 */
export interface Policies {
  /** Messages a channel takes in a second; 0: no limit. */
  readonly paceMax: number;
  /** How long after a message it can be answered, ms. The documents give c2c 60 minutes and 5. */
  readonly replyWindowMs: {
    readonly guild: number;
    readonly direct: number;
    readonly group: number;
    readonly c2c: number;
  };
  /** Replies to one message; 0: no limit. The documents give 5 and 4. */
  readonly repliesMax: {
    readonly guild: number;
    readonly direct: number;
    readonly group: number;
    readonly c2c: number;
  };
  /** Messages that answer nothing. `quota`: the documented daily numbers in guilds, and none in groups and c2c. */
  readonly activeMessages: 'allowed' | 'quota' | 'denied';
  /** Active messages rest from 00:00 to 06:00 (304022). */
  readonly quietHours: boolean;
  /** Characters of a text (40054007); 0: no limit. */
  readonly textMax: number;
  /** Hosts whose links pass; null: all of them. */
  readonly linkHosts: readonly string[] | null;
  /** @everyone in a day (304019); 0: no limit. */
  readonly everyoneMax: number;
  /** `Bot APPID.TOKEN`, switched off on the real platform (11245). */
  readonly legacyAuth: boolean;
  /** `GET /gateway` and `/gateway/bot` in a minute; 0: no limit (documented: 10). */
  readonly gatewayPerMinute: number;
  /** IDENTIFYs in a day (4903). The documented number is 1,000; more by default, so that a day's tests fit in. */
  readonly sessionsMax: number;
  /** IDENTIFYs in 5 seconds (4903); 0: no limit (documented: 1). */
  readonly sessionsAtOnce: number;
  /** Frames of one connection in a minute (4008); 0: no limit. */
  readonly framesPerMinute: number;
  /** Who may read the messages of a channel (11253 to others); the documents do not say. */
  readonly channelHistory: 'all' | 'private' | 'none';
  /** A RESUME while the session is still connected ends the old connection with 4902 instead of 1000. */
  readonly resetByResume: boolean;
}

export const DEFAULT_POLICIES: Policies = {
  paceMax: 5,
  replyWindowMs: { guild: 300_000, direct: 300_000, group: 300_000, c2c: 3_600_000 },
  repliesMax: { guild: 0, direct: 0, group: 5, c2c: 5 },
  activeMessages: 'allowed',
  quietHours: false,
  textMax: 0,
  linkHosts: null,
  everyoneMax: 0,
  legacyAuth: false,
  gatewayPerMinute: 0,
  sessionsMax: 100_000,
  sessionsAtOnce: 0,
  framesPerMinute: 120,
  channelHistory: 'all',
  resetByResume: false,
};

const count = z.int().min(0);
const byKind = z.strictObject({ guild: count, direct: count, group: count, c2c: count }).partial();
const SCHEMAS: { readonly [name in keyof Policies]: z.ZodType } = {
  paceMax: count,
  replyWindowMs: byKind,
  repliesMax: byKind,
  activeMessages: z.enum(['allowed', 'quota', 'denied']),
  quietHours: z.boolean(),
  textMax: count,
  linkHosts: z.array(z.string().min(1)).nullable(),
  everyoneMax: count,
  legacyAuth: z.boolean(),
  gatewayPerMinute: count,
  sessionsMax: count,
  sessionsAtOnce: count,
  framesPerMinute: count,
  channelHistory: z.enum(['all', 'private', 'none']),
  resetByResume: z.boolean(),
};

/** `name=value`, the value as JSON or else text. Throws RangeError naming the policy and the value. */
export function readPolicy(text: string): Partial<Policies> {
  const cut = text.indexOf('=');
  const [name, value] = cut < 1 ? [text, ''] : [text.slice(0, cut), text.slice(cut + 1)];
  if (!Object.hasOwn(SCHEMAS, name)) {
    const near = nearest(name, Object.keys(SCHEMAS));
    const hint = near ? `; did you mean "${near}"?` : `; there are ${Object.keys(SCHEMAS).join(', ')}`;
    throw new RangeError(`there is no policy "${name}"${hint}`);
  }
  const key = name as keyof Policies;
  const parsed = SCHEMAS[key].safeParse(jsonOrText(value));
  if (!parsed.success) throw new RangeError(`${name} is ${value}: ${parsed.error.issues[0]?.message ?? 'not allowed'}`);
  const isMap = key === 'replyWindowMs' || key === 'repliesMax';
  return { [key]: isMap ? { ...DEFAULT_POLICIES[key], ...(parsed.data as object) } : parsed.data };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
