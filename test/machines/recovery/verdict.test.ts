import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { recoveryMachine } from '../../../src/machines/recovery/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver } from '../machineDriver.js';

const options = defaultOptions.recovery;
const networks = { answered: true, refused: false } as const;
const memories = ['well', 'full', 'slow', 'unknown'] as const;
const apis = ['ok', 'auth', 'transient', 'ambiguous', 'throttled', 'rejectedTarget', 'fatal'] as const;
/** Bad samples before this one. */
const strains = [0, 1, 2];

/** In words: the most basic part that fails is what is wrong, and only that is acted upon. */
function expected(
  network: keyof typeof networks,
  memory: (typeof memories)[number],
  api: string,
  strain: number,
): readonly [string, string] {
  const inRow = memory === 'well' ? 0 : memory === 'unknown' ? strain : strain + 1;
  if (network === 'refused') return ['network', 'acting.resettingConnections'];
  if (inRow >= 3) return ['memory', 'acting.clearingCaches'];
  if (api === 'auth') return ['auth', 'idle'];
  if (api !== 'ok') return ['remote', 'idle'];
  return ['well', 'idle'];
}

function diagnosed(
  network: keyof typeof networks,
  memory: (typeof memories)[number],
  api: string,
  strain: number,
  order: readonly number[],
) {
  const chart = createMachineDriver(recoveryMachine, { options });
  const sample = (heapShare: number, loopP99Ms: number) =>
    chart.send({ type: 'process.sampled', heapShare, loopP99Ms });
  chart.send({ type: 'gateway.readied', resumed: false });
  const facts = [
    () => chart.send({ type: 'network.checked', ok: networks[network], code: null, latencyMs: 1 }),
    () =>
      memory === 'unknown'
        ? undefined
        : sample(
            memory === 'full' ? options.heapMax + 0.01 : options.heapMax,
            memory === 'slow' ? options.loopP99Ms + 1 : options.loopP99Ms,
          ),
    () => chart.send({ type: 'api.checked', class: api, status: 0, code: null, latencyMs: 1 }),
  ];
  const ask = () => chart.send({ type: 'recovery.requested', by: 'm', force: false, breakers: [] });
  for (let n = 0; n < strain; n += 1) {
    ask();
    sample(1, 0);
    // While the host cannot be reached memory is not what is acted upon, but its samples count.
    chart.send({ type: 'api.checked', class: 'ok', status: 200, code: null, latencyMs: 1 });
    chart.send({ type: 'network.checked', ok: true, code: null, latencyMs: 1 });
    if (chart.state !== 'idle') return null;
  }
  ask();
  for (const i of order) facts[i]!();
  if (memory === 'unknown') chart.wait(options.deadlineMs + 1_000);
  return [(chart.snapshot.context as { verdict: string }).verdict, chart.state] as const;
}

describe('recovery', () => {
  test('[R16] [R18] [R21] [R22] [R24] one verdict by the most basic part that fails, in whatever order the checks come back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(networks) as (keyof typeof networks)[])),
        fc.constantFrom(...memories),
        fc.constantFrom(...apis),
        fc.constantFrom(...strains),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        (network, memory, api, strain, order) => {
          expect(diagnosed(network, memory, api, strain, order)).toEqual(expected(network, memory, api, strain));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('[R18] the third bad sample in a row acts, never the second', () => {
    expect(diagnosed('answered', 'full', 'ok', 1, [0, 1, 2])).toEqual(['well', 'idle']);
    expect(diagnosed('answered', 'slow', 'ok', 2, [0, 1, 2])).toEqual(['memory', 'acting.clearingCaches']);
    expect(diagnosed('answered', 'well', 'ok', 3, [0, 1, 2])).toBeNull();
  });
});
