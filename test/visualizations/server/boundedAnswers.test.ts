import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Record } from '../../../src/actors/ports.js';
import {
  type BoundedJson,
  CONTEXT_BYTES_MAX,
  CUT,
  DIFF_MAX,
  type Moment,
  TEXT_MAX,
} from '../../../visualizations/src/protocol.js';
import { boundedJson } from '../../../visualizations/src/server/answers/boundedJson.js';
import { differencesOf } from '../../../visualizations/src/server/answers/differences.js';
import { summaryOf } from '../../../visualizations/src/server/index/readRecord.js';
import { closeAll, makeJournal, serveJournal } from './inspectionRig.js';

afterAll(closeAll);
const bytesOf = ({ json }: BoundedJson): number => Buffer.byteLength(JSON.stringify(json));

describe('values of any size', () => {
  test('[limit inspectedContext] a context of 5 MB is cut, and says so', () => {
    for (const huge of [
      { text: 'x'.repeat(5_000_000) },
      { list: Array.from({ length: 100_000 }, (_, i) => ({ i, text: 'some text of a list' })) },
      { deep: JSON.parse(`${'{"a":'.repeat(500)}"${'y'.repeat(5_000_000)}"${'}'.repeat(500)}`) },
      Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`key${i}`, i])),
    ]) {
      const bounded = boundedJson(huge);
      expect(bounded.isCut).toBe(true);
      expect(bounded.bytes).toBeGreaterThan(2_000_000);
      expect(bytesOf(bounded)).toBeLessThanOrEqual(CONTEXT_BYTES_MAX);
      expect(JSON.stringify(bounded.json)).toContain(CUT);
    }
  });
  test('what fits is left as it is; a text that looks like a cut is not taken for one', () => {
    const value = { a: [1, 'two', null, { b: true }] };
    expect(boundedJson(value)).toEqual({ json: value, bytes: JSON.stringify(value).length, isCut: false });
    const sly = boundedJson({ name: `${CUT} 12 more` });
    expect(sly).toMatchObject({ json: { name: ` ${CUT} 12 more` }, isCut: false });
  });
  test('whatever comes, the bound holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 40, max: 2_000 }), (value, max) => {
        const bounded = boundedJson(value, max);
        expect(bytesOf(bounded)).toBeLessThanOrEqual(Math.max(max, 40));
        expect(bounded.isCut).toBe(Buffer.byteLength(JSON.stringify(value)) > max);
      }),
    );
  });
});

describe('differences', () => {
  test('are told place by place', () => {
    const before = { same: { a: 1 }, changed: { b: [1, 2] }, gone: true, kind: [1] };
    const after = { same: { a: 1 }, changed: { b: [1, 3, 4] }, come: null, kind: { 0: 1 } };
    expect(differencesOf(before, after)).toEqual({
      diff: [
        { path: 'changed.b.1', before: 2, after: 3 },
        { path: 'changed.b.2', after: 4 },
        { path: 'gone', before: true },
        { path: 'kind', before: [1], after: { 0: 1 } },
        { path: 'come', after: null },
      ],
      diffTotal: 5,
    });
  });
  test('[limit differences] are counted where they are too many to tell', () => {
    const many = Object.fromEntries(Array.from({ length: DIFF_MAX + 50 }, (_, i) => [`k${i}`, i]));
    const { diff, diffTotal } = differencesOf({}, many);
    expect([diff.length, diffTotal]).toEqual([DIFF_MAX, DIFF_MAX + 50]);
  });
});

test('hostile texts of a message come as data, cut and whole in their characters', () => {
  const content = `<script>alert(1)</script>\u202e${'\u{1F600}'.repeat(10_000)}`;
  const message = { id: 'm', place: { kind: 'guild', guildId: 'g', channelId: 'c' }, author: { id: 'u' }, content };
  const record = {
    seq: 1,
    id: 'f',
    at: 1,
    epoch: 1,
    fact: { type: 'message.received', message },
    steps: [],
    effects: [],
  };
  const { text } = summaryOf(record as unknown as Record);
  expect(text.length).toBeLessThanOrEqual(TEXT_MAX);
  expect(text.startsWith('<script>')).toBe(true);
  expect(text.isWellFormed()).toBe(true);
});

test('[limit momentActors] 10,000 actors: a moment is a few hundred of them and the numbers of the rest', async () => {
  const { path, bot } = await makeJournal(60, true);
  await bot.pass(1_000);
  const begun = bot.system.state.actors.size;
  // QQ is away: every reply waits.
  for (let i = 0; bot.system.state.actors.size < begun + 10_000; i += 1) {
    bot.say('is anybody there?', { channel: `away${i}`, author: `a${i}` });
    if (i % 500 === 499) await bot.pass(1);
  }
  const served = await serveJournal(path);
  const { seq } = bot.system.state;
  const most = await served.settled<Moment>(`moment?seq=${seq}&perGroup=500`);
  expect(Math.max(...most.groups.map(({ actors }) => actors.length))).toBe(500);
  await served.get('moment?perGroup=501', 400);
  const moment = await served.settled<Moment>(`moment?seq=${seq}`);
  const total = moment.groups.reduce((sum, group) => sum + group.total, 0);
  expect(total).toBe(bot.system.state.actors.size);
  expect(total).toBeGreaterThan(10_000);
  expect(JSON.stringify(moment).length).toBeLessThan(150_000);
});
