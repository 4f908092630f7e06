import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';

export interface MemoryWatchOptions {
  /** Share of the old space from which on it is told (`intake.heapMax`). */
  readonly heapMax: number;
  readonly now: () => number;
  readonly post: (fact: Fact) => void;
  /** Default: V8's own figures. */
  readonly heapShare?: () => number;
}
export interface MemoryWatch {
  /** Called as often as something happens; it looks at most every `LOOK_MS`. */
  look(): void;
}

export const LOOK_MS = 100;
/** Room again: so much below `heapMax`. */
const EASED = 0.1;

/**
 * Tells when the heap's old space comes near its limit, and when it has left it: the process ends when it is full, so
 * it is looked at while work is done, not by a timer. What is done about it the intake decides.
 */
export function createMemoryWatch({ heapMax, now, post, heapShare = oldSpaceShare }: MemoryWatchOptions): MemoryWatch {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isTight = false;
  return {
    look() {
      const at = now();
      if (at - lookedAt < LOOK_MS) return;
      lookedAt = at;
      const share = Math.round(heapShare() * 1_000) / 1_000;
      const wasTight = isTight;
      isTight = share >= (wasTight ? heapMax - EASED : heapMax);
      if (isTight !== wasTight) post({ type: isTight ? 'memory.tightened' : 'memory.eased', heapShare: share });
    },
  };
}

/** Share of the old space from which on nothing is done that needs much more of it and can be left out. */
export const HALF_FULL = 0.5;

/** The young generation is at most three semi-spaces, which V8 counts into the limit of the whole. */
const SEMI_SPACES = 3;
const SEMI_SPACE_MB = 16;
const YOUNG = new Set(['new_space', 'new_large_object_space', 'read_only_space']);

/** What is in use of the old space, as a share of what it may grow to. */
export function oldSpaceShare(): number {
  const flag = process.execArgv.find((arg) => /^--max[-_]semi[-_]space[-_]size=\d+$/.test(arg));
  const semiMb = flag === undefined ? SEMI_SPACE_MB : Number(flag.split('=')[1]);
  const limit = getHeapStatistics().heap_size_limit - SEMI_SPACES * semiMb * 1_048_576;
  const used = getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !YOUNG.has(name))
    .reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
  return limit > 0 ? used / limit : 0;
}
