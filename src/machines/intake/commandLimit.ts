import { type ByKey, entriesOf, at as kept, mapOf, withKey, withoutKey } from '../kit/byKey.js';
import type { BotOptions } from '../vocabulary/options/options.js';

/** Users whose commands are remembered; past it those whose window is over go, then the oldest. */
export const USERS_MAX = 1_000;

/** By the user's id. */
export type Usage = ByKey<{ readonly at: readonly number[]; readonly isTold: boolean }>;

/** Whether one more built-in command of this user is one too many. */
export function isOverLimit(usage: Usage, author: string, at: number, options: BotOptions['commands']): boolean {
  return recent(usage, author, at, options).length >= options.perUserMax;
}

/** Whether the user has been refused since the last command that was let through. */
export function isTold(usage: Usage, author: string): boolean {
  return kept(usage, author)?.isTold ?? false;
}

/**
 * The usage with one more command: one that was let through, or one refused, which does not count against the limit.
 */
export function withCommand(
  usage: Usage,
  author: string,
  at: number,
  options: BotOptions['commands'],
  refused: boolean,
): Usage {
  const own = recent(usage, author, at, options);
  const others = pruned(withoutKey(usage, author), at, options);
  return withKey(others, author, { at: refused ? own : [...own, at], isTold: refused });
}

function recent(usage: Usage, author: string, at: number, { windowMs }: BotOptions['commands']): readonly number[] {
  return (kept(usage, author)?.at ?? []).filter((used) => at - used < windowMs);
}

function pruned(usage: Usage, at: number, { windowMs }: BotOptions['commands']): Usage {
  const entries = entriesOf(usage);
  if (entries.length < USERS_MAX) return usage;
  const live = entries.filter(([, { at: used }]) => at - (used.at(-1) ?? 0) < windowMs);
  return mapOf(live.slice(1 - USERS_MAX));
}
