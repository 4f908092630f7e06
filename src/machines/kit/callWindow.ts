/** Calls that ended within one part of the window. */
export interface CallBucket {
  /** When this part begins, ms since 1970, a multiple of the part's length. */
  readonly from: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** The last `windowMs` of counted calls, oldest part first; at most `BUCKETS_MAX` parts, whatever the traffic. */
export type CallWindow = readonly CallBucket[];

/** The window moves in tenths: it covers between nine tenths and the whole of `windowMs`. */
export const BUCKETS_MAX = 10;

/** The window with one more call in it and without what has grown too old. `at` must not decrease. */
export function withCall(
  window: CallWindow,
  call: { readonly at: number; readonly windowMs: number; readonly failed: boolean; readonly slow: boolean },
): CallWindow {
  const length = Math.max(1, Math.ceil(call.windowMs / BUCKETS_MAX));
  const from = Math.floor(call.at / length) * length;
  let old = 0;
  while (old < window.length && window[old]!.from <= call.at - call.windowMs) old += 1;
  const kept = window.slice(old);
  const last = kept.at(-1);
  const open = last !== undefined && last.from >= from ? kept.pop()! : { from, calls: 0, failures: 0, slow: 0 };
  kept.push({
    from: open.from,
    calls: open.calls + 1,
    failures: open.failures + (call.failed ? 1 : 0),
    slow: open.slow + (call.slow ? 1 : 0),
  });
  return kept.length > BUCKETS_MAX ? kept.slice(-BUCKETS_MAX) : kept;
}

/** Calls, failures and slow calls in the window. */
export function sumOf(window: CallWindow): { calls: number; failures: number; slow: number } {
  const sum = { calls: 0, failures: 0, slow: 0 };
  for (const bucket of window) {
    sum.calls += bucket.calls;
    sum.failures += bucket.failures;
    sum.slow += bucket.slow;
  }
  return sum;
}
