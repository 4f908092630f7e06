import type { Limit } from '../../../base/limit.js';
import { defaultsOf, optionsIn, type ValuesOf } from './kinds.js';
import { OPTIONS } from './rows.js';

/**
 * Every number that a machine decides by; `rows.ts` says what each means. Options are part of the journaled state: they
 * enter with `run.started`, so a replay decides as the past did. Durations are milliseconds.
 */
export type BotOptions = ValuesOf<typeof OPTIONS>;
export const defaultOptions: BotOptions = defaultsOf(OPTIONS);

const defaults: ReadonlyMap<string, unknown> = new Map(
  [...optionsIn(OPTIONS)].map(([name, { fallback }]) => [name, fallback]),
);
/** A limit that an option sets; its maximum is the default. */
export function setBy(option: string, id: string, what: string, atMax: string): Limit {
  return { id, what, max: defaults.get(option) as number, option, atMax };
}
