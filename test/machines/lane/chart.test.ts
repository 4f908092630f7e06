import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { laneMachine } from '../../../src/machines/lane/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver } from '../machineDriver.js';
import { type Event, elapsed, testRows } from '../rows.js';

const options = { ...defaultOptions.lane, queueMax: 3 };
const ask = (delivery: string, key = delivery, at = 0): Event => ({
  type: 'turn.requested',
  delivery,
  lane: 'l',
  key,
  at,
});
const back = (delivery: string, more: { key?: string; at?: number; startedAt?: number | null; blockedMs?: number; answered?: boolean } = {}): Event => ({
  type: 'turn.returned',
  delivery,
  lane: 'l',
  key: more.key ?? delivery,
  startedAt: more.startedAt === undefined ? (more.at ?? 0) : more.startedAt,
  blockedMs: more.blockedMs ?? null,
  ...(more.answered === undefined ? {} : { answered: more.answered }),
  at: more.at ?? 0,
});
const timer = (name: string, at = 0): Event => elapsed(laneMachine, name, at);
const names = (n: number, from = 0): string[] => Array.from({ length: n }, (_, i) => `d${from + i}`);
const five = names(5).map((d) => ask(d));
const spent = [
  ...five,
  ...names(5)
    .map((d) => back(d, { at: 10, startedAt: 0 }))
    .slice(0, 4),
  ask('e1', 'e1', 20),
];
/** A target that has failed so often in a row. */
const failing = (times: number): Event[] => Array.from({ length: times }, (_, i) => [ask(`f${i}`, `f${i}`, i * 2_000), back(`f${i}`, { at: i * 2_000, answered: false })]).flat();
const asideAgain: Event[] = [timer('blockedMs', 20_000), ask('g', 'g', 20_000)];
const granting = (...deliveries: string[]) => ({ type: 'turn.granted', deliveries });

describe(laneMachine.id, () => {
  testRows(laneMachine, { options }, [
    { rule: 'L10', does: 'is idle when made', when: 'start', to: 'idle' },
    { rule: 'L1', does: 'lets the first one go at once', when: ask('d0'), to: 'pacing', says: granting('d0') },
    { rule: 'L11', does: 'ignores a turn that was given back before', when: back('d0'), to: 'idle', emits: [] },
    { rule: 'L12', does: 'is forgotten after long idleness', when: timer('idleMs'), to: 'retired' },
    { rule: 'L2', does: 'lets another author go beside the first', given: [ask('d0')], when: ask('d1'), to: 'pacing', says: granting('d1') },
    { rule: 'L2', does: 'keeps a reply to the same author behind the first', given: [ask('d0', 'u')], when: ask('d1', 'u'), to: 'pacing', says: granting() },
    {
      rule: 'L3',
      does: 'lets the next of the author go when the first is back',
      given: [ask('d0', 'u'), ask('d1', 'u')],
      when: back('d0', { key: 'u' }),
      to: 'pacing',
      says: granting('d1'),
    },
    { rule: 'L4', does: 'is idle when nobody is left', given: [ask('d0')], when: back('d0'), to: 'idle' },
    { rule: 'L21', does: 'goes on with the turns that are out when it begins anew', input: { holders: { d0: 'u' }, sentAt: [1] }, when: 'start', to: 'pacing', context: { holders: { d0: 'u' }, behind: { u: [] }, sentAt: [1] } },
    { rule: 'L22', does: 'takes the options of a new life', given: [ask('d0')], when: { type: 'run.started', options: { ...defaultOptions, lane: { ...options, paceMax: 2 } } }, to: 'pacing', context: { options: { paceMax: 2 } } },
    { rule: 'L20', does: 'is idle when the one who waited last has died in the queue', given: [ask('d0'), back('d0', { blockedMs: 9, startedAt: null }), ask('d1'), back('d1', { startedAt: null })], when: timer('blockedMs', 10), to: 'idle' },
    {
      rule: 'L5',
      does: '[limit pace] is saturated when someone waits for the pace',
      given: [...five, ...names(4).map((d) => back(d, { at: 10, startedAt: 0 }))],
      when: ask('e1', 'e1', 20),
      to: 'saturated',
      context: { waitMs: 990 },
    },
    { rule: 'L6', does: '[limit lane] denies a turn past the queue', given: [...five, ask('x1'), ask('x2'), ask('x3')], when: ask('x4'), to: 'pacing', emits: ['turn.denied'] },
    {
      rule: 'L7',
      does: 'pauses the channel that QQ limits',
      given: [ask('d0'), ask('d1')],
      when: back('d0', { blockedMs: 700 }),
      to: 'blocked',
      context: { waitMs: 700 },
    },
    { rule: 'L23', does: '[core 37] is set aside when its target fails on', given: [...failing(5), ask('d0', 'd0', 20_000)], when: back('d0', { at: 20_000, answered: false }), to: 'blocked', context: { waitMs: 5_000, failures: 6 } },
    { rule: 'L23', does: '[core 37] is set aside for longer each time', given: [...failing(6), ...asideAgain], when: back('g', { at: 20_000, answered: false }), to: 'blocked', context: { waitMs: 10_000, failures: 7 } },
    {
      rule: 'L23',
      does: '[limit laneAside] is set aside no longer than the longest time',
      given: [...failing(6), ...Array.from({ length: 30 }, () => [...asideAgain, back('g', { at: 20_000, answered: false })]).flat(), ...asideAgain],
      when: back('g', { at: 20_000, answered: false }),
      to: 'blocked',
      context: { waitMs: 300_000 },
    },
    { rule: 'L23', does: 'is set aside also while the pace is used up', given: [...failing(5), ...spent.map((event) => ({ ...event, at: (event.at ?? 0) + 20_000 }))], when: back('d4', { at: 20_030, answered: false }), to: 'blocked' },
    { rule: 'L3', does: 'forgets the failures of a target that answers', given: [...failing(5), ask('d0', 'd0', 20_000), ask('d1', 'd1', 20_000)], when: back('d0', { at: 20_000, answered: true }), to: 'pacing', context: { failures: 0 } },
    { rule: 'L19', does: '[core 37] lets one alone try a target that failed on', given: [...failing(6), ...asideAgain.slice(1), ask('h', 'h', 20_000)], when: timer('blockedMs', 20_000), to: 'pacing', says: granting('g') },
    { rule: 'L19', does: '[core 37] lets one alone try such a target, of the answers to commands too', given: [...failing(6), ...['g', 'h', 'i'].map((name) => ({ ...ask(name, name, 20_000), urgent: true }))], when: timer('blockedMs', 20_000), to: 'pacing', says: granting('i') },
    { rule: 'L2', does: '[core 37] lets the answer to a command wait for the one that tries such a target', given: [...failing(6), ...asideAgain], when: { ...ask('h', 'h', 20_010), urgent: true }, to: 'pacing', says: granting() },
    { rule: 'L8', does: 'lets new ones wait for the pace', given: spent, when: ask('e2', 'e2', 30), to: 'saturated', emits: [] },
    {
      rule: 'L9',
      does: 'looks again when a place is free',
      given: spent,
      when: back('d4', { at: 1_500, startedAt: 0 }),
      to: 'pacing',
      says: granting('e1'),
    },
    { rule: 'L13', does: 'denies a turn past the queue while saturated', given: [...spent, ask('e2', 'e2', 30), ask('e3', 'e3', 30)], when: ask('e4', 'e4', 30), to: 'saturated', emits: ['turn.denied'] },
    {
      rule: 'L14',
      does: 'pauses from saturated too',
      given: spent,
      when: back('d4', { at: 30, blockedMs: 500 }),
      to: 'blocked',
    },
    { rule: 'L15', does: 'lets the next go when the pace allows', given: spent, when: timer('paceMs', 1_010), to: 'pacing', says: granting('e1') },
    {
      rule: 'L16',
      does: 'denies a turn past the queue while blocked',
      given: [ask('d0'), back('d0', { blockedMs: 9 }), ask('x1'), ask('x2'), ask('x3')],
      when: ask('x4'),
      to: 'blocked',
      emits: ['turn.denied'],
    },
    {
      rule: 'L17',
      does: 'lets new ones wait for the end of the pause',
      given: [ask('d0'), back('d0', { blockedMs: 9 })],
      when: ask('d1'),
      to: 'blocked',
      emits: [],
    },
    {
      rule: 'L18',
      does: 'takes turns back during the pause',
      given: [ask('d0'), ask('d1'), back('d0', { blockedMs: 9 })],
      when: back('d1'),
      to: 'blocked',
      emits: [],
      context: { holders: {} },
    },
    {
      rule: 'L19',
      does: 'goes on after the pause',
      given: [ask('d0'), back('d0', { blockedMs: 9, startedAt: null }), ask('d1')],
      when: timer('blockedMs', 10),
      to: 'pacing',
      says: granting('d1'),
    },
  ]);

  test('[L12] [case S5] a lane is forgotten after 10 s, after a failure a minute; never before its pace is over', () => {
    const idleFor = (paceMs: number, answered: boolean): number => {
      const lane = createMachineDriver(laneMachine, { options: { ...options, paceMs } });
      lane.send({ type: 'turn.requested', delivery: 'd', lane: 'l', key: 'd', urgent: false });
      lane.send({ type: 'turn.returned', delivery: 'd', lane: 'l', key: 'd', startedAt: lane.now, blockedMs: null, answered });
      const before = lane.now;
      for (; lane.state !== 'retired' && lane.now - before < 1_000_000; ) lane.wait(1_000);
      return lane.now - before;
    };
    expect([idleFor(1_000, true), idleFor(1_000, false), idleFor(90_000, true)]).toEqual([10_000, 60_000, 90_000]);
  });

  test('[L2] keeps pace and order, and serves everybody, on random work', () => {
    const folder = folderOf(laneMachine);
    const job = fc.record({
      author: fc.integer({ min: 0, max: 3 }),
      gapMs: fc.integer({ min: 0, max: 300 }),
      callMs: fc.integer({ min: 1, max: 900 }),
      retries: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 40 }), (jobs) => {
        let now = 0;
        let serial = 0;
        const agenda: { at: number; n: number; event: Event }[] = [];
        const plan = (at: number, event: Event) => void agenda.push({ at, n: serial++, event: { ...event, at } });
        let arrival = 0;
        const left = new Map<string, number>();
        jobs.forEach((j, i) => {
          arrival += j.gapMs;
          left.set(`d${i}`, j.retries);
          plan(arrival, ask(`d${i}`, `u${j.author}`));
        });
        const starts: number[] = [];
        const busy = new Set<string>();
        const done: string[] = [];
        let fold = folder.start({ options: { ...defaultOptions.lane, queueMax: 1_000 } });
        let armed: { at: number; timer: string } | null = null;
        for (let guard = 0; guard < 5_000; guard += 1) {
          agenda.sort((a, b) => a.at - b.at || a.n - b.n);
          const next = agenda[0];
          if (fold.snapshot.value !== 'idle' && armed && (!next || armed.at <= next.at)) {
            agenda.unshift({ at: armed.at, n: -1, event: elapsed(laneMachine, armed.timer, armed.at) });
            armed = null;
          }
          const item = agenda.shift();
          if (!item) break;
          now = item.at;
          if (item.event.type === 'turn.returned') busy.delete(item.event.key as string);
          fold = folder.transition(fold.snapshot, { id: 'e', ...item.event } as Event & { id: string });
          for (const change of fold.timers) armed = change.armed ? { at: now + change.delayMs, timer: change.timer } : null;
          for (const emitted of fold.emitted) {
            for (const delivery of (emitted as unknown as { deliveries: string[] }).deliveries) {
              const work = jobs[Number(delivery.slice(1))]!;
              const key = `u${work.author}`;
              expect(busy.has(key)).toBe(false);
              busy.add(key);
              starts.push(now);
              plan(now + work.callMs, back(delivery, { key, startedAt: now }));
              const retries = left.get(delivery)!;
              if (retries === 0) done.push(delivery);
              else {
                left.set(delivery, retries - 1);
                plan(now + work.callMs + 1, ask(delivery, key));
              }
            }
          }
        }
        expect(done.sort()).toEqual(jobs.map((_, i) => `d${i}`).sort());
        for (let i = 5; i < starts.length; i += 1) expect(starts[i]! - starts[i - 5]!).toBeGreaterThanOrEqual(1_000);
      }),
      { numRuns: 200 },
    );
  });
});
