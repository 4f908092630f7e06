import type { ActorGroup, MarkKind } from '../../../src/protocol.js';

/** What a state means to a reader at a glance. */
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle';

const TONES: readonly (readonly [RegExp, Tone])[] = [
  [/^(circuitBreaker|operatorBreaker) open/, 'bad'],
  [/^(circuitBreaker|operatorBreaker) (halfOpen|isolated)/, 'warn'],
  [/^(circuitBreaker|operatorBreaker) (disabled|observing)/, 'idle'],
  [/^feature (suspended|forcedOff)/, 'bad'],
  [/^feature (probing|restoring|forcedOn)/, 'warn'],
  [/^gateway (ready\.awaitingAck|resuming|connecting|identifying|discovering|greeting|closing)/, 'busy'],
  [/^gateway (backingOff|disconnected|exhausted)/, 'warn'],
  [/^(gateway|bot) stopped/, 'bad'],
  [/^bot draining/, 'warn'],
  [/^health unhealthy/, 'bad'],
  [/^health degraded/, 'warn'],
  [/^health unknown/, 'idle'],
  [/^accessToken refused/, 'bad'],
  [/^accessToken (absent|doubted)/, 'warn'],
  [/^accessToken (fetching|refreshing)/, 'busy'],
  [/^recovery escalated/, 'bad'],
  [/^recovery (acting|verifying|diagnosing)/, 'warn'],
  [/^recovery /, 'idle'],
  [/^lane blocked/, 'warn'],
  [/^lane pacing/, 'busy'],
  [/^(message|delivery|externalCall|interaction) (deadLettered|refused|failed)/, 'bad'],
  [/^(message|delivery) (uncertain|backingOff|awaitingPermit)/, 'warn'],
  [/^(message|delivery|externalCall|interaction) (answered|silent|delivered)/, 'good'],
  [/^(message|delivery|externalCall|interaction) /, 'busy'],
  [/^(lane|audits|intake) idle/, 'idle'],
];

/** `state`: a dotted path. */
export function toneOf(machine: string, state: string): Tone {
  return TONES.find(([pattern]) => pattern.test(`${machine} ${state}`))?.[1] ?? 'good';
}
const WORST: readonly Tone[] = ['bad', 'warn', 'busy', 'good', 'idle'];
export function worstTone({ machine, byState }: ActorGroup): Tone {
  const tones = new Set(Object.keys(byState).map((state) => toneOf(machine, state)));
  return WORST.find((tone) => tones.has(tone)) ?? 'idle';
}

export const MARK_TONES: Readonly<Record<MarkKind, Tone>> = {
  breakerOpened: 'bad',
  breakerClosed: 'good',
  featureOff: 'bad',
  featureOn: 'good',
  gatewayLost: 'bad',
  gatewayReady: 'good',
  recoveryActed: 'warn',
  escalated: 'bad',
  restart: 'busy',
  stop: 'idle',
  deadLetter: 'bad',
  uncertain: 'warn',
  crash: 'bad',
  quarantine: 'bad',
  operator: 'busy',
};
/** Of an outcome of a call: `ok`, a class of error. */
export function outcomeTone(outcome: string | null): Tone {
  if (outcome === null) return 'busy';
  if (outcome === 'ok' || outcome === 'duplicate') return 'good';
  return /^(underAudit|throttled|interrupted|ambiguous|rejectedForm)$/.test(outcome) ? 'warn' : 'bad';
}
