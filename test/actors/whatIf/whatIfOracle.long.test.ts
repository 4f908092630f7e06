import { describe, expect, test } from '@jest/globals';
import { type OptionChanges, type WhatIfResult, whatIf } from '../../../src/actors/whatIf/whatIf.js';
import { withChanges } from '../../../src/actors/whatIf/whatIfOptions.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { MINUTE, recorded, type Scenario } from '../../replay/journals.js';

describe('a what-if agrees with the bot that really ran so', () => {
  const scenario: Scenario = {
    seed: 2,
    durationMs: 5 * MINUTE,
    messagesPerMinute: 90,
    weather: {
      outages: [
        [30_000, 75_000],
        [2 * MINUTE, 2 * MINUTE + 10_000],
      ],
      embedsRefused: [[3 * MINUTE, 4 * MINUTE]],
    },
  };
  const summaryOf = async (options: OptionChanges, set: OptionChanges = {}): Promise<WhatIfResult> => {
    const { journal } = await recorded({ ...scenario, options: withChanges(defaultOptions, options) });
    return whatIf(journal, topology, { set });
  };
  test.each([
    ['an earlier breaker', {}, { 'circuitBreaker.failureThreshold': 1 }],
    ['a later breaker', {}, { 'circuitBreaker.failureThreshold': 20, 'circuitBreaker.failureRate': 1 }],
    ['longer openings', {}, { 'circuitBreaker.openMs': 20_000 }],
    ['shorter openings', { 'circuitBreaker.openMs': 20_000 }, { 'circuitBreaker.openMs': 1_000 }],
    ['a breaker where there was none', { 'circuitBreaker.mode': 'disabled' }, { 'circuitBreaker.mode': 'enabled' }],
    ['no quick retries', {}, { 'retry.retriesMax': 0 }],
    ['a patient feature', {}, { 'features.refusalsMax': 10, 'features.repeatsMax': 10 }],
    ['no breaker', {}, { 'circuitBreaker.mode': 'disabled' }],
  ] as const)(
    '%s',
    async (_what, before, after) => {
      const asked = await summaryOf(before, after);
      const really = (await summaryOf({ ...before, ...after })).recorded;
      const isNear = (part: number, whole: number, share: number, least: number): boolean =>
        Math.abs(part - whole) <= Math.max(least, share * whole);
      const { whatIf: is } = asked;
      expect([is.calls, really.calls, isNear(is.calls, really.calls, 0.02, 10)]).toContain(true);
      expect([is.wastedCalls, really.wastedCalls, isNear(is.wastedCalls, really.wastedCalls, 0.1, 6)]).toContain(true);
      expect([
        is.breakerOpenings,
        really.breakerOpenings,
        isNear(is.breakerOpenings, really.breakerOpenings, 0.1, 2),
      ]).toContain(true);
      expect([is.degraded, really.degraded, isNear(is.degraded, really.degraded, 0.1, 3)]).toContain(true);
      const ended = (s: typeof is): number => s.answered + s.uncertain + s.deadLettered;
      expect([ended(is), ended(really), isNear(ended(is), ended(really), 0.005, 3)]).toContain(true);
    },
    30_000,
  );
});
