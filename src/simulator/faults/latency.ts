import type { Random } from '../kit/random.js';

/** What a latency can be made of. */
export interface LatencyRequest {
  readonly latencyMs?: number | undefined;
  readonly latencyP50Ms?: number | undefined;
  readonly latencyP99Ms?: number | undefined;
}
/** Standard deviations between the median and the 99th percentile of a normal distribution. */
const P99_SIGMAS = 2.326_347_874;
/** A log-normal tail has no end; a latency has. */
export const LATENCY_MAX_MS = 600_000;

/** One latency: constant, or drawn from the log-normal distribution through the two percentiles, or both added. */
export function latencyOf(request: LatencyRequest, random: Random, defaultMs: number): number {
  const { latencyMs, latencyP50Ms, latencyP99Ms } = request;
  if (latencyP50Ms === undefined && latencyP99Ms === undefined) return latencyMs ?? defaultMs;
  const p50 = latencyP50Ms ?? (latencyP99Ms as number) / 4;
  const p99 = Math.max(p50, latencyP99Ms ?? p50 * 4);
  const drawn = p50 === 0 ? 0 : Math.exp(Math.log(p50) + (Math.log(p99 / p50) / P99_SIGMAS) * normal(random));
  return Math.min(LATENCY_MAX_MS, (latencyMs ?? 0) + drawn);
}

/** Box and Muller's transform; always two numbers, so that the luck that follows stays in step. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
