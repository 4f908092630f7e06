import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';

export interface ProcessSamplerOptions {
  /** Failed appends, and the slowest one in ms, since the last time this was asked. */
  readonly appends: () => { readonly failures: number; readonly slowestMs: number };
  /** Heap in use as a share of its limit; default: V8's own figures. */
  readonly heapShare?: () => number;
}

export interface ProcessSampler {
  sample(effect: EffectOf<'check.run'> & { readonly id: string }, post: (fact: Fact) => void): void;
  close(): void;
}

/** Measures this process: heap, event-loop delay and appends, each since the sample before. */
export function createProcessSampler(options: ProcessSamplerOptions): ProcessSampler {
  const { appends, heapShare = usedHeapShare } = options;
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    sample({ id: effectId }, post) {
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
