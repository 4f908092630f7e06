import type { Stamp } from '../vocabulary/base.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../vocabulary/options/options.js';
import { EMBED_TOO_LONG } from '../vocabulary/replies/forms.js';
import type { Signal } from '../vocabulary/signals.js';

/** Different refused contents, and throttled answers, that are remembered; the oldest goes first. */
export const REFUSALS_MAX = 10;
export const THROTTLES_MAX = 20;

/** QQ gives this bot no right to the form: markdown, keyboard, markdown in replies, native markdown. */
const NOT_PERMITTED = [304036, 304037, 304041, 40034012];
/** Limits of the host or the guild; 20028 is one of a channel alone. */
const HOST_LIMITS = [1100100, 1100308];
const CHANNEL_LIMIT = 20028;

export interface FeatureInput {
  readonly id: string;
  readonly options: BotOptions['features'];
}
export interface FeatureContext {
  readonly id: string;
  readonly options: BotOptions['features'];
  /** Why it is off; null while nothing is wrong. */
  readonly reason: 'refused' | 'notPermitted' | 'network' | 'rateLimited' | 'operator' | null;
  readonly code: number | string | null;
  /** What the operator gave as the reason. */
  readonly note: string | null;
  /** Refused contents since the last accepted one. */
  readonly refusals: readonly { readonly content: string; readonly at: number }[];
  readonly throttles: readonly { readonly channel: string; readonly at: number }[];
  /** What the delays of the states wait. */
  readonly waitMs: number;
  /** The wait after the next refusal grows from this. */
  readonly nextWaitMs: number;
  /** End of the pause for a limit: a repeat never ends it earlier. */
  readonly limitedUntil: number;
  readonly isDue: boolean;
  /** The delivery that tries the form. */
  readonly canary: string | null;
  readonly accepted: number;
}
/** What it hears; the topology makes these of calls, verdicts and facts, and only while they can matter. */
export type FeatureEvent = (
  | Extract<Signal, { type: 'form.refused' | 'network.failed' }>
  | { readonly type: 'form.accepted' | 'form.wanted' | 'form.undecided'; readonly delivery: string }
  | {
      readonly type: 'call.throttled';
      readonly code: number | string | null;
      /** null: the call was for no channel. */
      readonly channel: string | null;
      readonly retryAfterMs: number | null;
    }
  | { readonly type: 'api.answered' | 'recovery.forced' }
  | FactOf<'operator.forced'>
  | FactOf<'operator.unforced'>
  | FactOf<'run.started'>
) &
  Stamp;

type Throttled = Extract<FeatureEvent, { type: 'call.throttled' }>;
type Refused = Extract<FeatureEvent, { type: 'form.refused' }>;

export const emptyContext: FeatureContext = {
  id: '',
  options: defaultOptions.features,
  reason: null,
  code: null,
  note: null,
  refusals: [],
  throttles: [],
  waitMs: 0,
  nextWaitMs: 0,
  limitedUntil: 0,
  isDue: false,
  canary: null,
  accepted: 0,
};
/** What a change of state leaves behind. */
export const forgotten = { refusals: [], throttles: [], isDue: false, canary: null, note: null } as const;

export const isTooLong = ({ code }: Pick<Refused, 'code'>): boolean => code === EMBED_TOO_LONG;
export const isPermission = ({ code }: Pick<Refused, 'code'>): boolean => NOT_PERMITTED.includes(Number(code));

/** Refusals that still count. */
export function kept(context: FeatureContext, at: number): FeatureContext['refusals'] {
  return context.refusals.filter((refusal) => at - refusal.at < context.options.refusalMemoryMs).slice(-REFUSALS_MAX);
}

/** Enough different contents, or enough refusals in a row: it is the form, not the content. */
export function isLastStraw(context: FeatureContext, { content, at }: Pick<Refused, 'content' | 'at'>): boolean {
  const refused = [...kept(context, at).map((refusal) => refusal.content), content];
  return new Set(refused).size >= context.options.refusalsMax || refused.length >= context.options.repeatsMax;
}

/** A limit for all channels: QQ says so, or the call was for none. */
export function isHostWide({ code, channel }: Pick<Throttled, 'code' | 'channel'>): boolean {
  return channel === null || HOST_LIMITS.includes(Number(code));
}

/** The throttled answers of the window with this one; many of them from several channels are one limit of the host. */
export function throttlesWith(
  context: FeatureContext,
  { code, channel, at }: Throttled,
): { readonly list: FeatureContext['throttles']; readonly isMany: boolean } {
  const { throttleWindowMs, throttlesMax, throttledChannels } = context.options;
  const recent = context.throttles.filter((throttle) => at - throttle.at < throttleWindowMs);
  if (code === CHANNEL_LIMIT || channel === null) return { list: recent, isMany: false };
  const list = [...recent, { channel, at }].slice(-THROTTLES_MAX);
  const channels = new Set(list.map((throttle) => throttle.channel)).size;
  return { list, isMany: list.length >= throttlesMax && channels >= throttledChannels };
}

/** Retry-After where there is one, at most `rateLimitedMs`; a limit in force never ends earlier for another one. */
export function waitAfterThrottle(
  context: FeatureContext,
  { retryAfterMs, at }: Throttled,
): Pick<FeatureContext, 'waitMs' | 'limitedUntil'> {
  const { rateLimitedMs } = context.options;
  const asked = Math.min(retryAfterMs ?? rateLimitedMs, rateLimitedMs);
  const limitedUntil = Math.min(Math.max(context.limitedUntil, at + asked), at + rateLimitedMs);
  return { waitMs: limitedUntil - at, limitedUntil };
}

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ features }: BotOptions): Pick<FeatureContext, 'options'> => ({ options: features });
