import { defaultsOf, type ValuesOf } from './kinds.js';
import { OPTIONS } from './rows.js';

/**
 * Every number that a machine decides by; `rows.ts` says what each means. Options are part of the journaled state: they
 * enter with `run.started`, so a replay decides as the past did. Durations are milliseconds.
 */
export type BotOptions = ValuesOf<typeof OPTIONS>;
export const defaultOptions: BotOptions = defaultsOf(OPTIONS);
