import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Log } from '../../actors/ports.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts.js';

export interface ProcessSamplerOptions {
  /** Failed appends, and the slowest one in ms, since the last time this was asked. */
  readonly appends: () => { readonly failures: number; readonly slowestMs: number };
  /** Heap in use as a share of its limit; default: V8's own figures. */
  readonly heapShare?: () => number;
  /** The clock of the bot, and what the machine says; default of the latter: `Date.now`. */
  readonly now: () => number;
  readonly wallNow?: () => number;
  readonly log: Log;
}
/** The machine's clock has stepped when it parts from the bot's by more than this between two samples. */
const STEP_MS = 1_000;

export interface ProcessSampler {
  sample(effect: EffectOf<'check.run'> & { readonly id: string }, post: (fact: Fact) => void): void;
  close(): void;
}

/**
 * Measures this process: heap, event-loop delay and appends, each since the sample before. Tells when the machine's clock was
 * set, or the machine slept: the bot goes by the time that has passed while it ran, until its next start.
 */
export function createProcessSampler(options: ProcessSamplerOptions): ProcessSampler {
  const { appends, heapShare = usedHeapShare, now, wallNow = Date.now, log } = options;
  let apartMs = wallNow() - now();
  const watchClock = (): void => {
    const stepMs = wallNow() - now() - apartMs;
    if (Math.abs(stepMs) <= STEP_MS) return;
    apartMs += stepMs;
    log.warn(
      { stepMs, apartMs },
      'the clock of this machine stepped, or it slept; the bot goes on by the time that passed while it ran, until its next start',
    );
  };
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    sample({ id: effectId }, post) {
      watchClock();
      const p99 = delay.percentile(99) / 1e6;
      delay.reset();
      const { failures: appendFailures, slowestMs: appendMaxMs } = appends();
      const loopP99Ms = Number.isFinite(p99) ? Math.round(p99) : 0;
      const share = Math.round(heapShare() * 10_000) / 10_000;
      post({ type: 'process.sampled', effectId, heapShare: share, loopP99Ms, appendFailures, appendMaxMs });
    },
    close: () => delay.disable(),
  };
}

function usedHeapShare(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used / limit;
}
