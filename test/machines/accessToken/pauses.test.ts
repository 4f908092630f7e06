import { describe, expect, test } from '@jest/globals';
import { accessTokenMachine } from '../../../src/machines/accessToken/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver } from '../machineDriver.js';

const options = defaultOptions.token;
function rig() {
  const chart = createMachineDriver(accessTokenMachine, { options });
  return {
    chart,
    come: (lifeMs: number) => chart.send({ type: 'token.fetched', ref: 'r', expiresAt: chart.now + lifeMs }),
    reject: () => chart.send({ type: 'token.rejected' }),
    fail: () => chart.send({ type: 'token.fetchFailed', class: 'transient', code: null, status: 503 }),
    get waitMs() {
      return (chart.snapshot.context as { waitMs: number }).waitMs;
    },
  };
}

describe('the access token', () => {
  test('[T10] [T17] [T11] [T21] a refusal in the first 5 s is of a fresh token, from then on of an old one', () => {
    for (const [ageMs, byGateway, byApi] of [
      [4_999, 'doubted', 'doubted'],
      [5_000, 'refreshing', 'refreshing'],
    ] as const) {
      const [gateway, api] = [rig(), rig()];
      for (const { come, chart } of [gateway, api]) {
        come(7_200_000);
        chart.wait(ageMs);
      }
      gateway.reject();
      api.chart.send({ type: 'call.failed', class: 'auth', code: null, status: 401, latencyMs: 1 });
      expect([gateway.chart.state, api.chart.state]).toEqual([byGateway, byApi]);
    }
  });

  test('[T17] pauses after useless tokens are 5 s, doubled up to 5 min, and begin anew after one that was not refused', () => {
    const token = rig();
    const pauses: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      token.come(7_200_000);
      token.reject();
      expect(token.chart.state).toBe('doubted');
      pauses.push(token.waitMs / 1_000);
      token.chart.wait(token.waitMs);
      expect(token.chart.state).toBe('refreshing');
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
    token.come(7_200_000);
    token.chart.wait(5_000);
    token.reject();
    token.come(7_200_000);
    token.reject();
    expect(token.waitMs).toBe(5_000);
  });

  test('[T21] [case B3] what the API refuses is asked for anew within a minute however often: no reply loses its window to it', () => {
    const token = rig();
    const pauses: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      token.come(7_200_000);
      token.chart.send({ type: 'call.failed', class: 'auth', code: null, status: 401, latencyMs: 0 });
      expect(token.chart.state).toBe('doubted');
      pauses.push(token.waitMs / 1_000);
      token.chart.wait(token.waitMs);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60, 60, 60, 60]);
    for (let n = 0; n < 9; n += 1) token.come(0);
    expect(token.waitMs).toBe(options.backOffCapMs);
  });

  test('[T4] a token that had ended when it came pauses as a useless one does; after 10 quiet minutes from the first pause again', () => {
    const token = rig();
    token.come(0);
    expect([token.chart.state, token.waitMs]).toEqual(['valid', 5_000]);
    token.chart.wait(5_000);
    token.come(-1);
    expect(token.waitMs).toBe(10_000);
    token.chart.wait(10_000);
    token.chart.wait(600_001 - 10_000);
    token.come(0);
    expect(token.waitMs).toBe(5_000);
  });

  test('[T8] it is renewed within the overlap, so much before its end that the jitter fits; a short one 5 s before its end', () => {
    const early = Array.from({ length: 60 }, (_, n) => {
      const token = rig();
      for (let i = 0; i < n; i += 1) token.chart.send({ type: 'nothing' }); // so that its fact has an id of its own
      token.come(7_200_000);
      return 7_200_000 - token.waitMs;
    });
    expect(Math.max(...early)).toBeLessThanOrEqual(options.marginMs);
    expect(Math.min(...early)).toBeGreaterThanOrEqual(options.marginMs - 5_000);
    expect(new Set(early).size).toBeGreaterThan(30);
    for (const [lifeMs, waitMs] of [
      [60_000, 55_000],
      [6_001, 1_001],
      [5_000, 1_000],
      [1, 1_000],
    ] as const) {
      const token = rig();
      token.come(lifeMs);
      expect([lifeMs, token.waitMs]).toEqual([lifeMs, waitMs]);
    }
  });

  test('[T6] [T14] [T15] failed fetches back off between half and the whole of a span that doubles; one that succeeded begins anew', () => {
    const token = rig();
    const fails = (n: number): void => {
      const span = Math.min(options.backOffCapMs, options.backOffBaseMs * 2 ** n);
      token.fail();
      expect(token.waitMs).toBeGreaterThanOrEqual(span / 2);
      expect(token.waitMs).toBeLessThanOrEqual(span);
    };
    for (let n = 0; n < 8; n += 1) {
      fails(n);
      expect(token.chart.state).toBe('absent');
      token.chart.wait(token.waitMs);
    }
    token.come(100_000);
    const { expiresAt } = token.chart.snapshot.context as { expiresAt: number };
    token.chart.wait(token.waitMs);
    expect(token.chart.state).toBe('refreshing');
    fails(0);
    expect(token.chart.state).toBe('valid');
    token.chart.wait(token.waitMs);
    token.chart.wait(expiresAt - token.chart.now);
    token.fail();
    expect([token.chart.now, token.chart.state]).toEqual([expiresAt, 'absent']);
  });
});
