import { exitCodes } from '../../base/exitCodes.js';

/** Every check, in the order in which it is told. */
export const CHECK_NAMES = [
  'configuration',
  'credentials',
  'clock',
  'token',
  'whitelist',
  'api',
  'gateway',
  'intents',
  'journal',
  'ports',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];
export type CheckState = 'ok' | 'warning' | 'failed' | 'skipped';
/** Who has to act on a failed check: the one who configures, the one who talks to QQ, or nobody but time. */
export type Blame = 'configuration' | 'refused' | 'unavailable';

export interface Finding {
  readonly state: CheckState;
  /** What was seen, one sentence. Several lines: a list. */
  readonly detail: string;
  /** What to do; null when there is nothing to do. */
  readonly fix: string | null;
  /** Set when `state` is `failed`. */
  readonly blame: Blame | null;
}
export type Check = Finding & { readonly name: CheckName };

export function ok(detail: string): Finding {
  return { state: 'ok', detail, fix: null, blame: null };
}
export function skipped(detail: string): Finding {
  return { state: 'skipped', detail, fix: null, blame: null };
}
export function warning(detail: string, fix: string): Finding {
  return { state: 'warning', detail, fix, blame: null };
}
export function failed(blame: Blame, detail: string, fix: string): Finding {
  return { state: 'failed', detail, fix, blame };
}

/** The configuration comes first: with a wrong one the other answers mean little. */
const CODES: readonly (readonly [Blame, number])[] = [
  ['configuration', exitCodes.configuration],
  ['refused', exitCodes.refused],
  ['unavailable', exitCodes.stuck],
];

/** 0 when nothing failed, else the code of the first blame in the order of `CODES`. */
export function exitCodeOf(checks: readonly Finding[]): number {
  return CODES.find(([blame]) => checks.some((check) => check.blame === blame))?.[1] ?? exitCodes.drained;
}

/** Replaces every secret by `***`. Shorter values are no secrets of QQ, and masking them would eat ordinary words. */
export function maskOf(secrets: readonly (string | null | undefined)[]): (text: string) => string {
  const values = secrets.filter((secret): secret is string => (secret ?? '').length >= 6);
  return (text) => values.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
