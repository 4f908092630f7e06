import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Journal } from '../../../src/actors/ports.js';
import {
  type OptionChanges,
  WHAT_IF_RECORDS_MAX,
  type WhatIfResult,
  whatIf,
} from '../../../src/actors/whatIf/whatIf.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { MINUTE, recorded, troubled } from '../../replay/journals.js';
import { arrivalsOf } from '../../replay/liveRun.js';

const isRecorded = (result: WhatIfResult): void => {
  expect(result.divergence).toBeNull();
  expect(result.firstDifference).toBeNull();
  expect(result.inferred).toMatchObject({ calls: 0, callShare: 0, messages: 0 });
  expect(result.effects).toMatchObject({ moved: 0, inferred: 0, dropped: 0 });
  expect(result.whatIf).toEqual(result.recorded);
  expect(result.series.whatIf).toEqual(result.series.recorded);
};

let journal: Journal;
beforeAll(async () => {
  ({ journal } = await recorded(troubled));
});

describe('a what-if without a change is the recorded run', () => {
  test('over random troubles, kills and operators, whole and in stretches', async () => {
    const spells = fc.array(fc.tuple(fc.integer({ min: 0, max: 120_000 }), fc.integer({ min: 1_000, max: 60_000 })), {
      maxLength: 2,
    });
    const scenario = fc.record({
      seed: fc.integer({ min: 1, max: 1_000 }),
      outages: spells,
      embedsRefused: spells,
      throttled: spells,
      // Shortly after a message came, so that a handler or a call dies with the process.
      kills: fc.array(fc.tuple(fc.integer({ min: 5, max: 80 }), fc.integer({ min: 1, max: 120 })), { maxLength: 3 }),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      to: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, outages, embedsRefused, throttled, kills, from, to }) => {
        const asSpells = (list: readonly (readonly [number, number])[]) =>
          list.map(([at, ms]) => [at, at + ms] as const);
        const run = { seed, durationMs: 2.5 * MINUTE, messagesPerMinute: 40 };
        const arrivals = arrivalsOf(run);
        const { journal } = await recorded({
          ...run,
          weather: {
            outages: asSpells(outages),
            embedsRefused: asSpells(embedsRefused),
            throttled: asSpells(throttled),
            noise: 0.05,
          },
          kills: kills.map(([nth, ms]) => arrivals[nth]!.at + ms).sort((a, b) => a - b),
        });
        const { seq: last } = await journal.position();
        isRecorded(await whatIf(journal, topology, { set: {} }));
        const [first, second] = [from, to].map((share) => 1 + Math.floor(share * (last - 1))).sort((a, b) => a - b);
        isRecorded(await whatIf(journal, topology, { set: {}, from: first!, to: second! }));
      }),
      { numRuns: 4 },
    );
  });

  test('of a bot that reads its channels back, too', async () => {
    const gateway = { ...defaultOptions.gateway, intents: 1 << 9 };
    const weather = { ...troubled.weather, outages: [[MINUTE, 4 * MINUTE]] as const };
    const { journal } = await recorded({ ...troubled, weather, options: { ...defaultOptions, gateway } });
    const records = await journal.read(0, 100_000);
    expect(records.filter(({ fact }) => fact.type === 'channel.checked').length).toBeGreaterThan(0);
    isRecorded(await whatIf(journal, topology, { set: {} }));
  });

  test('also when an option is set to the value that it had', async () => {
    const set = { 'circuitBreaker.failureThreshold': defaultOptions.circuitBreaker.failureThreshold };
    isRecorded(await whatIf(journal, topology, { set }));
    isRecorded(await whatIf(journal, topology, { set, from: 700 }));
  });
});

describe('a what-if with a change', () => {
  const ask = (set: OptionChanges, more: object = {}): Promise<WhatIfResult> =>
    whatIf(journal, topology, { set, ...more });
  const known = new Map<string, Promise<WhatIfResult>>();
  /** Asked once for all tests: it is the same each time. */
  const asked = (set: OptionChanges): Promise<WhatIfResult> => {
    const key = JSON.stringify(set);
    const result = known.get(key) ?? ask(set);
    known.set(key, result);
    return result;
  };
  const threshold = (n: number): OptionChanges => ({
    'circuitBreaker.failureThreshold': n,
    'circuitBreaker.failureRate': 1,
    'circuitBreaker.minimumCalls': 1_000_000,
  });
  const firstOpening = ({ series }: WhatIfResult): number =>
    series.whatIf.marks.find(({ actor, what }) => actor === 'breaker:messages' && what === 'open')?.at ??
    Number.POSITIVE_INFINITY;

  test('is the same each time', async () => {
    expect(await ask(threshold(2))).toEqual(await ask(threshold(2)));
  });

  test('the lower the threshold, the earlier the first opening', async () => {
    const openings: number[] = [];
    for (const n of [1, 3, 5, 13]) openings.push(firstOpening(await asked(threshold(n))));
    expect(openings).toEqual([...openings].sort((a, b) => a - b));
    expect(openings[0]!).toBeLessThan(openings.at(-1)!);
  });

  test('never touches the recorded side, and accounts for every message on both', async () => {
    const before = (await asked({})).recorded;
    for (const set of [threshold(1), threshold(50), { 'retry.retriesMax': 0 }, { 'handlers.concurrencyMax': 1 }]) {
      const { recorded: was, whatIf: is } = await asked(set);
      expect(was).toEqual(before);
      const sum = ({ answered, silent, refused, deadLettered, uncertain, inHand }: typeof is): number =>
        answered + silent + refused + deadLettered + uncertain + inHand;
      expect(sum(is)).toBe(sum(was));
    }
  });

  test('drops the outcomes of calls that are not made, infers those of new ones, and names the first difference', async () => {
    const early = await asked(threshold(1));
    expect(early.effects.dropped).toBeGreaterThan(0);
    expect(early.inferred.calls).toBeGreaterThan(0);
    expect(early.inferred.callShare).toBeLessThan(0.5);
    expect(early.firstDifference!.recorded).toContain('"to":"closed"');
    expect(early.firstDifference!.whatIf).toContain('"to":"open"');
    // Without a breaker that opens, more calls run into the outage.
    const late = await ask(threshold(1_000));
    expect(late.whatIf.wastedCalls).toBeGreaterThan(late.recorded.wastedCalls + 20);
  });

  test('fewer handlers at once: the same answers, later, nothing inferred', async () => {
    const { journal: dense } = await recorded({ seed: 1, durationMs: MINUTE / 2, messagesPerMinute: 240 });
    const {
      whatIf: is,
      recorded: was,
      effects,
      inferred,
    } = await whatIf(dense, topology, { set: { 'handlers.concurrencyMax': 1 } });
    expect(is.answered).toBe(was.answered);
    expect(effects.moved).toBeGreaterThan(0);
    expect(inferred.calls).toBeLessThan(inferred.ofCalls / 10);
  });

  test('a handler that may run less long than it did is timed out', async () => {
    const { whatIf: is, recorded: was, firstDifference } = await ask({ 'handlers.timeoutMs': 1 });
    expect(is.answered + is.silent + is.uncertain).toBeGreaterThan(0);
    expect(is.silent).toBeLessThan(was.silent + 1);
    expect(firstDifference!.whatIf).toContain('handlerMs');
  });

  test('begins in the middle with the state that was there, and other options from there on', async () => {
    const { from, whatIf: is, recorded: was, records } = await ask(threshold(1), { from: 800 });
    expect([from.seq, records]).toEqual([800, (await journal.position()).seq - 799]);
    expect(is.breakerOpenings).toBeGreaterThan(was.breakerOpenings);
  });

  test('tells its progress, and stops when told to', async () => {
    const told: number[] = [];
    await ask({}, { onProgress: (done: number) => told.push(done) });
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    const stop = new AbortController();
    const asked = ask({}, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(asked).rejects.toThrow('enough');
  });

  test('refuses an unknown option and an empty stretch', async () => {
    await expect(ask({ 'circuitBreaker.threshold': 3 })).rejects.toThrow(
      'there is no option "circuitBreaker.threshold"',
    );
    await expect(ask({ circuitBreaker: 3 })).rejects.toThrow('there is no option "circuitBreaker"');
    await expect(ask({}, { from: 90, to: 80 })).rejects.toThrow(/no records from 90 to 80/);
  });

  test('[limit whatIf] refuses a stretch that is too long, and says what to do', async () => {
    const position = async () => ({ epoch: 1, seq: WHAT_IF_RECORDS_MAX + 1, at: 0 });
    const long = Object.assign(Object.create(journal) as Journal, { position });
    await expect(whatIf(long, topology, { set: {} })).rejects.toThrow(/choose a stretch with "from" and "to"/);
  });
});

test('what only the other run has under way dies with the process too, and is sent again', async () => {
  const { journal } = await recorded({
    seed: 5,
    durationMs: 2 * MINUTE,
    messagesPerMinute: 240,
    weather: { outages: [[10_000, 70_000]] },
    kills: [30_050, 40_050, 50_050, 60_050],
  });
  const { whatIf: is, recorded: was } = await whatIf(journal, topology, { set: { 'circuitBreaker.mode': 'disabled' } });
  expect(is.calls).toBeGreaterThan(was.calls + 100);
  // A call without an outcome would keep its message in hand for ever.
  expect(is.inHand).toBe(was.inHand);
});
