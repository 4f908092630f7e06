/** Options by their dotted names, to build on: what is set besides wins. */
export const presets: { readonly [preset: string]: { readonly [option: string]: unknown } } = {
  default: {},
  /**
   * The plain textbook policies: five failures in a row open the breaker for a minute, no rates, no growth, no jitter,
   * no slow start; three retries after 1, 2 and 4 s.
   */
  example: {
    'circuitBreaker.failureThreshold': 5,
    'circuitBreaker.targetFailures': 'each',
    'circuitBreaker.failureRate': 1,
    'circuitBreaker.slowRate': 1,
    'circuitBreaker.minimumCalls': 1_000_000,
    'circuitBreaker.openMs': 60_000,
    'circuitBreaker.openFactor': 1,
    'circuitBreaker.openEarlyMaxMs': 60_000,
    'circuitBreaker.openLateMs': 60_000,
    'circuitBreaker.openJitter': 'none',
    'circuitBreaker.rampShares': [1],
    'circuitBreaker.rampMs': 0,
    'retry.retriesMax': 3,
    'retry.baseMs': 1_000,
    'retry.factor': 2,
    'retry.jitter': 'none',
    'retry.capMs': 86_400_000,
    'recovery.checkMs': 30_000,
    'features.rateLimitedMs': 300_000,
    'delivery.rungPauseMs': 100,
    'lane.asideAfter': 1_000_000,
  },
};
