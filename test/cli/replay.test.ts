import { beforeAll, describe, expect, test } from '@jest/globals';
import { fold } from '../../src/actors/fold/fold.js';
import type { Journal } from '../../src/actors/ports.js';
import { whatIf } from '../../src/actors/whatIf/whatIf.js';
import { topology } from '../../src/actors/wiring/topology.js';
import { measureFold } from '../../src/cli/replay/meter.js';
import { type Extent, extentOf, placeOf, UsageError } from '../../src/cli/replay/place.js';
import { actorOf, actorsOf, actorsText, actorText } from '../../src/cli/replay/showState.js';
import { whatIfText } from '../../src/cli/replay/showWhatIf.js';
import { replayTextsFor } from '../../src/cli/replay/texts.js';
import { verificationText, verify } from '../../src/cli/replay/verify.js';
import { recorded, troubled } from '../replay/journals.js';
import { START } from '../replay/liveRun.js';

const texts = replayTextsFor('en');
let journal: Journal;
let extent: Extent;
let last: number;
beforeAll(async () => {
  ({ journal } = await recorded({ ...troubled, durationMs: 150_000, kills: [90_000] }));
  extent = await extentOf(journal, texts);
  last = extent.last.seq;
});
const iso = (ms: number): string => new Date(START + ms).toISOString();
const atOf = async (seq: number): Promise<number> => (await journal.read(seq - 1, 1))[0]!.at;

describe('a place in a journal', () => {
  const place = (option: '--at' | '--from' | '--to', text: string) => placeOf(option, text, journal, extent, texts);

  test('is a record, or the last record at or before a time; a time of day is the last one in the journal', async () => {
    expect([await place('--at', '41'), await place('--at', String(last))]).toEqual([41, last]);
    const seq = await place('--at', iso(60_000));
    expect(await atOf(seq)).toBeLessThanOrEqual(START + 60_000);
    expect(await atOf(seq + 1)).toBeGreaterThan(START + 60_000);
    const local = new Date(START + 60_000);
    const clock = [local.getHours(), local.getMinutes(), local.getSeconds()].map((n) => String(n).padStart(2, '0'));
    expect(await place('--at', clock.join(':'))).toBe(seq);
    expect(await place('--at', '2099-01-01')).toBe(last);
  });

  test('a stretch begins with the first record at or after its time, and ends with the last one at or before it', async () => {
    const [from, to] = [await place('--from', iso(60_000)), await place('--to', iso(60_000))];
    expect([from, await atOf(to)]).toEqual([to + 1, expect.any(Number)]);
    // Several records of one moment all belong to it.
    let seq = 2;
    while ((await atOf(seq)) !== (await atOf(seq + 1))) seq += 1;
    const moment = new Date(await atOf(seq)).toISOString();
    expect(await atOf((await place('--from', moment)) - 1)).toBeLessThan(await atOf(seq));
    expect(await place('--to', moment)).toBeGreaterThanOrEqual(seq + 1);
    expect(await place('--from', iso(-1))).toBe(1);
  });

  test.each([
    ['--at', '0', 'records are counted from 1'],
    ['--at', '999999', '--at 999999: the last record is'],
    ['--at', '2020-01-01', '--at 2020-01-01: the first record is 1 (2026-01-01T00:00:00.000Z)'],
    ['--to', '2020-01-01', '--to 2020-01-01: the first record is 1'],
    ['--from', '2099-01-01', '--from 2099-01-01: the last record is'],
    ['--at', 'soon', '--at: "soon" is neither a record number nor a time'],
  ] as const)('%s %s is refused with what would be right', async (option, text, message) => {
    await expect(place(option, text)).rejects.toThrow(message);
    await expect(place(option, text)).rejects.toBeInstanceOf(UsageError);
  });

  test('an empty journal has none', async () => {
    await expect(
      extentOf(
        { ...journal, position: async () => ({ seq: 0, at: 0, epoch: 0 }), read: async () => [] } as Journal,
        texts,
      ),
    ).rejects.toThrow('the journal has no records yet');
  });
});

describe('the state at a point', () => {
  test('has every actor, and one of them with its context, deadlines and open effects', async () => {
    const records = await journal.read(0, last);
    const opened = records.find(({ steps }) =>
      steps.some(({ actor, to }) => actor === 'breaker:messages' && to === 'open'),
    );
    const { state } = await fold(journal, topology, { upTo: opened!.seq });
    const actors = actorsOf(state);
    expect(actors.find(({ id }) => id === 'breaker:messages')).toMatchObject({
      machine: 'circuitBreaker',
      value: 'open',
    });
    expect(actorsText(actors, state, texts)).toMatch(/breaker:messages +open +B\d+/);
    const breaker = actorOf(state, 'breaker:messages', texts) as { timers: { timer: string; dueAt: string }[] };
    expect(breaker).toMatchObject({ context: { failures: expect.any(Number) }, timers: [{ timer: 'openMs' }] });
    expect(Date.parse(breaker.timers[0]!.dueAt)).toBeGreaterThan(state.at);
    expect(actorText(breaker, texts)).toContain('"timer":"openMs"');
    const message = actors.find(({ id }) => id.startsWith('message:'))!.id;
    const { state: then } = await fold(journal, topology);
    expect(actorText(actorOf(then, message, texts), texts)).toMatch(/has ended: (answered|silent|deadLettered)/);
    expect(() => actorOf(state, 'breaker:message', texts)).toThrow('did you mean breaker:messages?');
  });
});

describe('verification', () => {
  test('tells counts, rate and shares', async () => {
    const result = await verify(journal, last, () => undefined);
    expect(result).toMatchObject({ records: last, epochs: 2, divergence: null });
    expect(verificationText(result, texts)).toMatch(
      /^verified: \d+ records of 2 process lives .* \d+ records a second\ntime: reading/,
    );
  });

  test('tells the first difference, both sides, when it was and which machines wrote it', async () => {
    const { store, journal: other } = await recorded({ ...troubled, durationMs: 150_000, kills: [90_000] });
    const seq = await placeOf('--at', iso(110_000), other, extent, texts);
    let at = seq - 1;
    while (!store.records[at]!.includes('"B')) at += 1;
    store.records[at] = store.records[at]!.replace(/"B(\d+)"/, '"B99"');
    store.records = store.records.map((line) => line.replace(/"circuitBreaker":"[0-9a-f]+"/, '"circuitBreaker":"7"'));
    const result = await verify(other, last, () => undefined);
    expect(result.divergence).toMatchObject({
      seq: at + 1,
      actor: 'breaker:messages',
      recordedBy: { epoch: 2, machine: 'circuitBreaker', version: '7', present: expect.stringMatching(/^[0-9a-f]+$/) },
    });
    const text = verificationText(result, texts);
    expect(text).toContain(`First difference at seq ${at + 1} (`);
    expect(text).toContain('"B99"');
    expect(text).toContain('recorded by process life 2, machine circuitBreaker 7; here it is ');
  });

  test('measures shares that make one, and leaves nothing wrapped', async () => {
    const { parse } = JSON;
    const { shares, result } = await measureFold(journal, topology, (metered, options) =>
      fold(metered, topology, { ...options, fromStart: true }),
    );
    expect(result.divergence).toBeNull();
    // However long the journal, a fold holds no list of what it has been through.
    expect([result.state.touched.actors.size, result.state.touched.effects.size]).toEqual([0, 0]);
    const parts = Object.values(shares);
    expect(parts.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(parts.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 1);
    expect(shares.xstate).toBeGreaterThan(0);
    expect(shares.jsonParsing).toBeGreaterThan(0);
    expect(JSON.parse).toBe(parse);
  });
});

test('a what-if is told side by side, with what is inferred, in both languages', async () => {
  const result = await whatIf(journal, topology, { set: { 'circuitBreaker.failureThreshold': 1 } });
  const text = whatIfText(result, texts);
  expect(text).toContain('What if circuitBreaker.failureThreshold=1, records 1 to');
  expect(text).toMatch(new RegExp(`answered +${result.recorded.answered} +${result.whatIf.answered}\n`));
  expect(text).toMatch(/First difference at seq \d+/);
  expect(text).toContain(
    `inferred from the nearest recorded call: ${result.inferred.calls} of ${result.inferred.ofCalls} calls`,
  );
  expect(whatIfText(result, replayTextsFor('zh'))).toContain('假如 circuitBreaker.failureThreshold=1');
  const none = await whatIf(journal, topology, { set: {} });
  expect(whatIfText(none, texts)).toContain('No record differs.');
});
