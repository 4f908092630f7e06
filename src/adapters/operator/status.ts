import type { StateValue } from '../../actors/ports.js';
import { contextOf, textOf } from '../../actors/step/reading.js';
import type { SystemState } from '../../actors/step/state.js';
import { HEALTH_PARTS, type HealthLevel, type HealthPart } from '../../machines/vocabulary/base.js';
import { defaultOptions } from '../../machines/vocabulary/options/options.js';
import { FEATURES, type Feature } from '../../machines/vocabulary/replies/features.js';

export interface FeatureStatus {
  readonly name: Feature;
  readonly isOn: boolean;
  readonly state: string;
  readonly reason: string | null;
  /** When it comes back, or is tried again, at the latest, ms; null: with the next reply, or unknown. */
  readonly until: number | null;
}
export interface BreakerStatus {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly until: number | null;
}
/** How the bot is: what `!health`, `!status`, `!features` and `/healthz` tell. */
export interface Status {
  /**
   * More than `health.rateMin` of the last 15 minutes' messages went well, or fewer than 10 were there; and no part is
   * unhealthy.
   */
  readonly isHealthy: boolean;
  readonly isAllWell: boolean;
  readonly parts: Readonly<Record<HealthPart, HealthLevel>>;
  readonly processed: number;
  readonly good: number;
  readonly bad: number;
  /** Of all messages since the journal began; 1 when there were none. */
  readonly rate: number;
  readonly lastError: { readonly class: string; readonly at: number } | null;
  readonly features: readonly FeatureStatus[];
  readonly breakers: readonly BreakerStatus[];
  readonly recovery: { readonly verdict: string | null };
}

type LastError = Status['lastError'];

export function readStatus(state: SystemState): Status {
  const { health } = state.options ?? defaultOptions;
  const { good, bad, recent } = contextOf(state.actors.get('intake'), 'intake') ?? { good: 0, bad: 0, recent: [] };
  const calls = recent.reduce((sum, bucket) => sum + bucket.calls, 0);
  const failures = recent.reduce((sum, bucket) => sum + bucket.failures, 0);
  const parts = levelsOf(state);
  const features = FEATURES.map((name) => featureStatus(state, name));
  const levels = Object.values(parts);
  const isRateGood = calls < health.messagesMin || (calls - failures) / calls > health.rateMin;
  const isHealthy = isRateGood && !levels.includes('unhealthy');
  const breakers = breakersOf(state);
  return {
    isHealthy,
    isAllWell:
      isHealthy &&
      !levels.includes('degraded') &&
      features.every(({ isOn }) => isOn) &&
      breakers.every(({ state: value }) => !['open', 'isolated'].includes(value) && !value.startsWith('halfOpen')),
    parts,
    processed: good + bad,
    good,
    bad,
    rate: good + bad === 0 ? 1 : good / (good + bad),
    lastError: lastErrorOf(state),
    features,
    breakers,
    recovery: { verdict: contextOf(state.actors.get('recovery'), 'recovery')?.verdict ?? null },
  };
}

export function levelsOf(state: SystemState): Readonly<Record<HealthPart, HealthLevel>> {
  return Object.fromEntries(
    HEALTH_PARTS.map((part) => [part, state.actors.get(`health:${part}`)?.snapshot.value ?? 'unknown']),
  ) as Record<HealthPart, HealthLevel>;
}

/** Whether a feature is on; a name that there is not is off. */
export function isFeatureOn(state: SystemState, name: string): boolean {
  return state.actors.get(`feature:${name}`)?.snapshot.hasTag('on') ?? false;
}

function featureStatus(state: SystemState, name: Feature): FeatureStatus {
  const actor = state.actors.get(`feature:${name}`);
  return {
    name,
    isOn: isFeatureOn(state, name),
    state: String(actor?.snapshot.value ?? 'unknown'),
    reason: contextOf(actor, 'feature')?.reason ?? null,
    until: earliest(actor?.timers),
  };
}

function breakersOf(state: SystemState): readonly BreakerStatus[] {
  const found: BreakerStatus[] = [];
  for (const [id, { snapshot, timers }] of state.actors.entries()) {
    if (!id.startsWith('breaker:')) continue;
    found.push({
      name: id.slice('breaker:'.length),
      state: flat(snapshot.value),
      reason: textOf(snapshot, 'reason'),
      until: earliest(timers),
    });
  }
  return found;
}

function lastErrorOf(state: SystemState): LastError {
  let last: LastError = null;
  for (const part of HEALTH_PARTS) {
    const error = contextOf(state.actors.get(`health:${part}`), 'health')?.lastError;
    if (error && (last === null || error.at > last.at)) last = error;
  }
  return last;
}

function earliest(timers: { readonly [name: string]: { readonly dueAt: number } } | undefined): number | null {
  const due = Object.values(timers ?? {}).map(({ dueAt }) => dueAt);
  return due.length === 0 ? null : Math.min(...due);
}

function flat(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([key, child]) => `${key}.${flat(child)}`)
    .join(' ');
}
