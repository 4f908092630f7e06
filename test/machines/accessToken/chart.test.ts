import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { accessTokenMachine } from '../../../src/machines/accessToken/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, elapsed, testRows } from '../rows.js';

const fetched = (ref: string, at = 0, expiresAt = at + 7_200_000): Event => ({
  type: 'token.fetched',
  effectId: 'x',
  ref,
  expiresAt,
  at,
});
const failed = (kind: string, at = 0): Event => ({
  type: 'token.fetchFailed',
  effectId: 'x',
  class: kind,
  code: 100016,
  status: 200,
  at,
});
const timer = (name: string, at = 0): Event => elapsed(accessTokenMachine, name, at);
const adapterFailed: Event = { type: 'effect.failed', effectId: 'x', error: 'boom' };
const valid = [fetched('r1')];
const doubted = [...valid, { type: 'token.rejected', at: 4_999 }];
const refreshing = [...valid, timer('refreshMs', 7_150_000)];

describe(accessTokenMachine.id, () => {
  testRows(accessTokenMachine, { options: defaultOptions.token }, [
    { rule: 'T1', does: 'fetches a token first', when: 'start', to: 'fetching' },
    {
      rule: 'T2',
      does: 'fetches anew in a new process life',
      given: valid,
      when: { type: 'run.started', epoch: 2, options: defaultOptions, machineVersions: {} },
      to: 'fetching',
      emits: ['token.fetch'],
      context: { ref: null },
    },
    { rule: 'T3', does: 'fetches again after the pause', given: [failed('transient')], when: timer('retryMs'), to: 'fetching', emits: ['token.fetch'] },
    {
      rule: 'T4',
      does: 'announces a token',
      when: fetched('r1'),
      to: 'valid',
      says: { type: 'token.changed', ref: 'r1' },
    },
    {
      rule: 'T5',
      does: 'never tries again when QQ refuses the credentials',
      when: failed('fatal'),
      to: 'refused',
      says: { type: 'token.refused', code: 100016 },
    },
    { rule: 'T6', does: 'pauses when no token comes', when: failed('transient'), to: 'absent', emits: [] },
    { rule: 'T7', does: 'pauses when the adapter fails', when: adapterFailed, to: 'absent' },
    {
      rule: 'T8',
      does: 'renews before the end',
      given: valid,
      when: timer('refreshMs', 7_150_000),
      to: 'refreshing',
      emits: ['token.fetch'],
      context: { ref: 'r1' },
    },
    {
      rule: 'T9',
      does: 'fetches when the adapter has lost it',
      given: valid,
      when: { type: 'token.lost', ref: 'r1' },
      to: 'fetching',
    },
    {
      rule: 'T10',
      does: 'renews when the gateway refuses it',
      given: valid,
      when: { type: 'token.rejected', at: 60_000 },
      to: 'refreshing',
    },
    {
      rule: 'T11',
      does: 'renews when the API refuses it',
      given: valid,
      when: { type: 'call.failed', class: 'auth', latencyMs: 9, at: 60_000 },
      to: 'refreshing',
    },
    {
      rule: 'T20',
      does: '[case B3] says again that it serves when the token before it was refused',
      given: [fetched('r1', 1_000)],
      when: { type: 'call.failed', class: 'auth', latencyMs: 900, at: 1_500 },
      to: 'valid',
      says: { type: 'token.changed', ref: 'r1' },
    },
    {
      rule: 'T21',
      does: '[case B3] pauses before the next one when the API refuses a fresh one',
      given: [fetched('r1', 1_000)],
      when: { type: 'call.failed', class: 'auth', latencyMs: 90, at: 1_500 },
      to: 'doubted',
      context: { waitMs: 5_000 },
    },
    {
      rule: 'T12',
      does: 'announces the newer token',
      given: refreshing,
      when: fetched('r2', 7_150_000),
      to: 'valid',
      says: { type: 'token.changed', ref: 'r2' },
    },
    { rule: 'T13', does: 'stops when a renewal is refused for good', given: refreshing, when: failed('fatal', 7_150_000), to: 'refused' },
    {
      rule: 'T14',
      does: 'keeps the old token while it serves',
      given: refreshing,
      when: failed('transient', 7_150_000),
      to: 'valid',
      emits: [],
      context: { ref: 'r1' },
    },
    { rule: 'T15', does: 'pauses when the old token has ended too', given: refreshing, when: failed('transient', 7_300_000), to: 'absent' },
    { rule: 'T16', does: 'pauses when the adapter fails in a renewal', given: refreshing, when: adapterFailed, to: 'absent' },
    { rule: 'T17', does: 'doubts a token that is refused as soon as it came', given: valid, when: { type: 'token.rejected', at: 4_999 }, to: 'doubted', emits: [] },
    { rule: 'T18', does: 'fetches when the adapter has lost it meanwhile', given: doubted, when: { type: 'token.lost', ref: 'r1' }, to: 'fetching' },
    { rule: 'T19', does: 'renews after the pause', given: doubted, when: timer('uselessMs', 10_000), to: 'refreshing', emits: ['token.fetch'] },
  ]);

  test('[T17] renews a token that was refused as soon as it came after a pause that grows to 5 minutes, so that a refusal makes no loop', () => {
    const folder = folderOf(accessTokenMachine);
    let fold = folder.start({ options: defaultOptions.token });
    const pauses: number[] = [];
    let at = 0;
    for (let i = 0; i < 9; i += 1) {
      for (const event of [fetched(`r${i}`, at), { type: 'token.rejected', at: at + 4_999 }]) fold = folder.transition(fold.snapshot, { id: `e${i}`, ...event });
      const armed = fold.timers.find((change) => change.timer === 'uselessMs') as { delayMs: number };
      pauses.push(armed.delayMs);
      at += armed.delayMs + 4_999;
      fold = folder.transition(fold.snapshot, { id: `t${i}`, ...elapsed(accessTokenMachine, 'uselessMs', at) });
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });
  test('[T8] a token that has ended when it comes is renewed later each time', () => {
    const folder = folderOf(accessTokenMachine);
    let fold = folder.start({ options: defaultOptions.token });
    const waits: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      fold = folder.transition(fold.snapshot, { id: `e${i}`, ...fetched('r', 1_000, 1_000) });
      waits.push((fold.timers.find((change) => change.timer === 'refreshMs') as { delayMs: number }).delayMs);
      fold = folder.transition(fold.snapshot, { id: `t${i}`, ...elapsed(accessTokenMachine, 'refreshMs', 1_000) });
    }
    expect(waits).toEqual([5_000, 10_000, 20_000]);
  });

  test.each([
    [7_200_000, 7_150_000, 7_155_000],
    [60_000, 55_000, 55_000],
    [20_000, 15_000, 15_000],
    [3_000, 1_000, 1_000],
    [0, 5_000, 5_000],
  ])('[T8] renews a token of %i ms after %i to %i ms', (lifeMs, least, most) => {
    const folder = folderOf(accessTokenMachine);
    const { snapshot } = folder.start({ options: defaultOptions.token });
    const fold = folder.transition(snapshot, { id: 'e', ...fetched('r', 1_000, 1_000 + lifeMs) });
    const armed = fold.timers.find((change) => change.timer === 'refreshMs');
    expect(armed).toBeDefined();
    const { delayMs } = armed as { delayMs: number };
    expect(delayMs).toBeGreaterThanOrEqual(least);
    expect(delayMs).toBeLessThanOrEqual(most);
  });
});
