/** What a close code of QQ's gateway asks for (docs/SPEC.md, table of close codes). */
export type ClosePolicy = 'resume' | 'identify' | 'renewToken' | 'stop';

const STOP: ReadonlySet<number> = new Set([4001, 4002, 4010, 4011, 4012, 4013, 4014, 4914, 4915]);
const RENEW_TOKEN: ReadonlySet<number> = new Set([4004]);
const IDENTIFY: ReadonlySet<number> = new Set([4000, 4003, 4005, 4006, 4007]);

/** Intents that this bot may not use: the base intents are worth one try. */
export const INTENTS_REFUSED = 4014;
/** "Create session error": the day's sessions are spent, or QQ cannot make one for the moment. */
export const SESSION_REFUSED = 4903;
/** Our own code for a socket given up without a close frame (missed heartbeats, deadlines); the wire says 1006. */
export const GIVEN_UP = 1006;

/** Unknown codes resume: a session too many tried costs one refused RESUME, a session too few loses events. */
export function closePolicyOf(code: number): ClosePolicy {
  if (STOP.has(code)) return 'stop';
  if (RENEW_TOKEN.has(code)) return 'renewToken';
  if (IDENTIFY.has(code) || (code >= 4900 && code <= 4913)) return 'identify';
  return 'resume';
}
