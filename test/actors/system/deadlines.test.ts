import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPatience } from '../../../src/actors/step/routes.js';
import type { ActorState, Timer } from '../../../src/actors/step/state.js';
import { Deadlines } from '../../../src/actors/system/deadlines.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { createManualClock } from '../../../src/adapters/process/manualClock.js';
import { randomFrom } from '../../../src/machines/kit/randomness.js';

/** Deadlines beside a plain list of what must fire. */
function rig(skewMs = 0) {
  const clock = createManualClock(0);
  const actors = new Map<string, ActorState>();
  const fired: string[] = [];
  const looks = { count: 0 };
  let seq = 0;
  const deadlines = new Deadlines(
    clock,
    () => skewMs,
    (id) => {
      looks.count += 1;
      return actors.get(id);
    },
    () => actors.entries(),
    ({ actor, timer, armedAtSeq }) => {
      fired.push(`${clock.now() + skewMs} ${actor} ${timer} ${armedAtSeq}`);
      change(actor, { [timer]: null });
    },
  );
  function change(actor: string, timers: { [timer: string]: number | null }): void {
    seq += 1;
    const before = actors.get(actor);
    const armed: { [timer: string]: Timer } = { ...before?.timers };
    for (const [timer, dueAt] of Object.entries(timers)) {
      if (dueAt === null) delete armed[timer];
      else armed[timer] = { dueAt, armedAtSeq: seq };
    }
    const after = { timers: armed } as object as ActorState;
    actors.set(actor, after);
    deadlines.track(actor, before, after);
  }
  return {
    clock,
    deadlines,
    fired,
    looks,
    change,
    end: (actor: string) => {
      deadlines.track(actor, actors.get(actor), null);
      actors.delete(actor);
    },
    /** What is armed and due until `to`: earliest first, what was armed first wins a tie. */
    dueUntil: (to: number) =>
      [...actors]
        .flatMap(([actor, { timers }]) =>
          Object.entries(timers).map(([timer, arming]) => ({ actor, timer, ...arming })),
        )
        .filter(({ dueAt }) => dueAt <= to)
        .sort((a, b) => a.dueAt - b.dueAt || a.armedAtSeq - b.armedAtSeq),
  };
}

const ACTORS = ['a', 'b', 'c', 'd', 'e', 'f'];
const acts = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        arm: fc.constantFrom(...ACTORS),
        timer: fc.constantFrom('x', 'y'),
        inMs: fc.integer({ min: 0, max: 12 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ cancel: fc.constantFrom(...ACTORS), timer: fc.constantFrom('x', 'y') }) },
    { weight: 1, arbitrary: fc.record({ end: fc.constantFrom(...ACTORS) }) },
    { weight: 1, arbitrary: fc.constant({ rebuild: true as const }) },
    { weight: 3, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 10 }) }) },
  ),
  { maxLength: 60, size: 'medium' },
);

describe('the deadlines', () => {
  test('[core 14] fire all that is live, each at its time, in order of time and of arming, and nothing else', () => {
    fc.assert(
      fc.property(acts, fc.constantFrom(0, 7), (list, skewMs) => {
        const { clock, deadlines, fired, change, end, dueUntil } = rig(skewMs);
        for (const act of list) {
          const now = clock.now() + skewMs;
          if ('arm' in act) change(act.arm, { [act.timer]: now + act.inMs });
          else if ('cancel' in act) change(act.cancel, { [act.timer]: null });
          else if ('end' in act) end(act.end);
          else if ('rebuild' in act) deadlines.rebuild();
          else {
            const wanted = dueUntil(now + act.passMs).map(
              ({ actor, timer, armedAtSeq, dueAt }) => `${Math.max(dueAt, now)} ${actor} ${timer} ${armedAtSeq}`,
            );
            fired.length = 0;
            deadlines.wake();
            clock.advance(act.passMs);
            expect(fired).toEqual(wanted);
          }
          deadlines.wake();
          if (clock.pending.length > 1) expect(clock.pending).toHaveLength(1);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('[core 14] keep their order when stale ones are dropped, also where many are due at once', () => {
    const { clock, deadlines, fired, change, dueUntil } = rig();
    // Many ties among the near ones, and far ones without an order.
    const pace = (i: number): number => 1_000 + (i % 3 === 0 ? (i * 7_919) % 50 : (i * 7_919) % 99_991);
    for (let i = 0; i < 700; i += 1) change(`keep${i}`, { x: pace(i) });
    // Others move their one deadline, so that most of what stands in the heap is stale.
    for (let i = 0; i < 3_000; i += 1) change(`move${i % 40}`, { x: pace(i) });
    expect(deadlines.size).toBeLessThan(3_000);
    const wanted = dueUntil(200_000);
    deadlines.wake();
    expect(clock.pending).toEqual([wanted[0]!.dueAt]);
    clock.advance(200_000);
    expect(wanted).toHaveLength(740);
    expect(fired).toEqual(
      wanted.map(({ actor, timer, armedAtSeq, dueAt }) => `${dueAt} ${actor} ${timer} ${armedAtSeq}`),
    );
    expect([deadlines.size, clock.pending]).toEqual([0, []]);
  });

  test('[core 14] the heap stays within what is live, however long deadlines move', () => {
    const { deadlines, change } = rig();
    for (let i = 0; i < 20_000; i += 1) change(`a${i % 10}`, { x: 1_000_000 + i });
    expect(deadlines.size).toBeLessThanOrEqual(1_001);
  });

  test('[core 14] are a heap again after whatever was stale is dropped', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { clock, deadlines, fired, change, dueUntil } = rig();
      const random = (i: number, purpose: string): number => randomFrom(`${seed} ${i}`, purpose);
      for (let i = 0; i <= 1_000; i += 1) change(`a${i}`, { x: Math.floor(random(i, 'due') * 5_000) });
      for (let i = 0; i <= 1_000; i += 1)
        if (random(i, 'ends') < (seed % 2 === 0 ? 0.9 : 0.997)) change(`a${i}`, { x: null });
      change('last', { x: 2_500 });
      expect(deadlines.size).toBeLessThan(200);
      const wanted = dueUntil(5_000).map(({ actor }) => actor);
      deadlines.wake();
      clock.advance(5_000);
      expect([seed, fired.map((line) => line.split(' ')[1])]).toEqual([seed, wanted]);
    }
  });

  test('[core 14] dropping the stale ones costs a little for each that is armed, however many are live', () => {
    const { deadlines, looks, change } = rig();
    for (let i = 0; i < 4_000; i += 1) change(`live${i}`, { x: 1_000_000 + i });
    for (let i = 0; i < 4_000; i += 1) change('moving', { x: 500_000 - i });
    expect(deadlines.size).toBeLessThan(8_001);
    expect(looks.count).toBeLessThan(10 * 8_000);
  });

  test('[core 14] after a stop nothing fires', () => {
    const { clock, deadlines, fired, change } = rig();
    change('a', { x: 5 });
    deadlines.wake();
    deadlines.stop();
    clock.advance(10);
    expect([fired, clock.pending]).toEqual([[], []]);
  });
});

describe('[core 36] time that the process did not have', () => {
  const parts = fc.array(
    fc.oneof(
      fc.record({
        arm: fc.constantFrom(...ACTORS),
        timer: fc.constantFrom('patience', 'schedule'),
        inMs: fc.integer({ min: 0, max: 60 }),
      }),
      fc.record({ passMs: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ stallMs: fc.integer({ min: 1, max: 90 }) }),
    ),
    { maxLength: 60, size: 'medium' },
  );
  test('does not count in patience with somebody, and counts in a schedule', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const clock = createManualClock(0);
        const actors = new Map<string, ActorState>();
        /** Until when, in time had or in all time. */
        const until = new Map<string, number>();
        const timeOf = (timer: string): number => (timer === 'patience' ? clock.livedMs() : clock.now());
        const change = (actor: string, timer: string, arming: Timer | null): void => {
          const before = actors.get(actor);
          const { [timer]: _old, ...timers } = before?.timers ?? {};
          const after = {
            machine: 'm',
            timers: arming ? { ...timers, [timer]: arming } : timers,
          } as object as ActorState;
          actors.set(actor, after);
          deadlines.track(actor, before, after);
        };
        const deadlines = new Deadlines(
          clock,
          () => 0,
          (id) => actors.get(id),
          () => actors.entries(),
          ({ actor, timer }) => {
            expect(timeOf(timer)).toBeGreaterThanOrEqual(until.get(`${actor} ${timer}`)!);
            until.delete(`${actor} ${timer}`);
            change(actor, timer, null);
          },
          (machine, timer) => machine === 'm' && timer === 'patience',
        );
        for (const [seq, act] of list.entries()) {
          if ('arm' in act) {
            until.set(`${act.arm} ${act.timer}`, timeOf(act.timer) + act.inMs);
            change(act.arm, act.timer, { dueAt: clock.now() + act.inMs, armedAtSeq: seq + 1 });
          }
          deadlines.wake();
          if ('passMs' in act) clock.advance(act.passMs);
          if ('stallMs' in act) clock.stall(act.stallMs);
          if ('arm' in act) continue;
          for (const [key, at] of until) expect(at).toBeGreaterThan(timeOf(key.split(' ')[1]!));
        }
      }),
      { numRuns: 300 },
    );
  });
  test('is told apart by what the charts of the bot wait for: a foreign call and a probe have their whole time', () => {
    expect([
      isPatience(topology, 'externalCall', 'callMs'),
      isPatience(topology, 'circuitBreaker', 'leaseMs'),
      isPatience(topology, 'message', 'handlerMs'),
      isPatience(topology, 'delivery', 'windowMs'),
      isPatience(topology, 'lane', 'paceMs'),
      isPatience(topology, 'none', 'callMs'),
    ]).toEqual([true, true, true, false, false, false]);
  });
});
