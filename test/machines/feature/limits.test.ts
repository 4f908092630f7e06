import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { featureMachine } from '../../../src/machines/feature/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver } from '../machineDriver.js';

const options = defaultOptions.features;
const throttled = fc.record({
  code: fc.constantFrom(20028, 20028, 1100100, 1100308, 11264, null),
  channel: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { freq: 12 }),
  afterMs: fc.constantFrom(0, 1, 1_000, options.throttleWindowMs - 1, options.throttleWindowMs),
});

/** Few channels, often. */
const crowded = fc.record({
  code: fc.constantFrom(20028, 11264, null),
  channel: fc.constantFrom('a', 'a', 'a', 'a', 'a', 'a', 'a', 'b'),
  afterMs: fc.constantFrom(0, 1),
});

describe('a limit', () => {
  test('[F11] [F12] of one channel is never told as the host’s; of the host when QQ says so, when no channel was meant, or when several channels meet it at once', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(throttled, { maxLength: 30, size: 'medium' }), fc.array(crowded, { maxLength: 30 })),
        (list) => {
          const chart = createMachineDriver(featureMachine, { id: 'feature:externalApiCalls', options });
          let recent: { readonly channel: string; readonly at: number }[] = [];
          for (const { code, channel, afterMs } of list) {
            chart.wait(afterMs);
            const at = chart.now;
            recent = recent.filter((one) => at - one.at < options.throttleWindowMs);
            if (channel !== null && code !== 20028) recent.push({ channel, at });
            const isSeveral =
              recent.length >= options.throttlesMax &&
              new Set(recent.map((one) => one.channel)).size >= options.throttledChannels;
            const isHosts = channel === null || code === 1100100 || code === 1100308 || (code !== 20028 && isSeveral);
            chart.send({ type: 'call.throttled', code, channel, retryAfterMs: 5_000 });
            expect([chart.state, code, channel]).toEqual([isHosts ? 'suspended' : 'enabled', code, channel]);
            if (isHosts) return;
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('[F16] [F17] a limit in force never ends earlier for another one, and never later than the longest', () => {
    const throttles = fc.array(
      fc.record({
        retryAfterMs: fc.option(fc.integer({ min: 0, max: 2 * options.rateLimitedMs })),
        afterMs: fc.integer({ min: 0, max: options.rateLimitedMs / 4 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(throttles, (list) => {
        const chart = createMachineDriver(featureMachine, { id: 'feature:externalApiCalls', options });
        let until = 0;
        for (const { retryAfterMs, afterMs } of list) {
          chart.send({ type: 'call.throttled', code: 1100100, channel: null, retryAfterMs });
          const asked = Math.min(retryAfterMs ?? options.rateLimitedMs, options.rateLimitedMs);
          until = Math.max(until, chart.now + asked);
          chart.wait(afterMs);
          expect([chart.now, chart.state]).toEqual([chart.now, chart.now < until ? 'suspended' : 'enabled']);
          if (chart.state === 'enabled') until = 0;
        }
      }),
      { numRuns: 300 },
    );
  });
});
