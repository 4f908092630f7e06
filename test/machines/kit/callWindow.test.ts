import { describe, expect, test } from '@jest/globals';
import { BUCKETS_MAX, type CallWindow, sumOf, withCall } from '../../../src/machines/kit/callWindow.js';

const windowMs = 1_000;
const call = (at: number, failed = false, slow = false) => ({ at, windowMs, failed, slow });
const windowOf = (...calls: ReturnType<typeof call>[]) => calls.reduce<CallWindow>(withCall, []);

describe('the window of calls', () => {
  test('sums calls, failures and slow ones', () => {
    const window = windowOf(call(0), call(10, true), call(150, true, true), call(990, false, true));
    expect(sumOf(window)).toEqual({ calls: 4, failures: 2, slow: 2 });
    expect(window.map(({ from }) => from)).toEqual([0, 100, 900]);
  });

  test('forgets a part when it began a whole window ago', () => {
    const window = windowOf(call(0, true), call(150));
    expect(sumOf(withCall(window, call(999))).calls).toBe(3);
    expect(sumOf(withCall(window, call(1_000)))).toEqual({ calls: 2, failures: 0, slow: 0 });
    expect(sumOf(withCall(window, call(9_000))).calls).toBe(1);
  });

  test('[limit window] has ten parts at most, however many calls and however the options change', () => {
    let window: CallWindow = [];
    for (let at = 0; at < 5_000; at += 1) window = withCall(window, call(at));
    expect(window.length).toBe(BUCKETS_MAX);
    for (let at = 5_000; at < 5_050; at += 1) window = withCall(window, { ...call(at), windowMs: 60_000 });
    expect(window.length).toBeLessThanOrEqual(BUCKETS_MAX);
    for (let at = 5_050; at < 5_100; at += 1) window = withCall(window, { ...call(at), windowMs: 3 });
    expect(window.length).toBeLessThanOrEqual(BUCKETS_MAX);
  });

  test('changes nothing in place', () => {
    const window = windowOf(call(0));
    Object.freeze(window);
    Object.freeze(window[0]);
    expect(withCall(window, call(1))).not.toBe(window);
    expect(sumOf(window).calls).toBe(1);
  });
});
