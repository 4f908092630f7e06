import { describe, expect, test } from '@jest/globals';
import type { AnyMachineSnapshot } from 'xstate';
import { SIGNALS_MAX } from '../../../src/actors/step/deliveries.js';
import { deepFreeze } from '../../../src/actors/step/freeze.js';
import { type Changes, SystemState } from '../../../src/actors/step/state.js';
import { step } from '../../../src/actors/step/step.js';
import type { Stamped } from '../../../src/machines/vocabulary/base.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { order, toyTopology } from '../toyTopology.js';

const boot: Stamped<Fact> = {
  type: 'run.started',
  epoch: 1,
  behaviour: 1,
  options: defaultOptions,
  machineVersions: {},
  id: 'boot',
  at: 0,
};

function booted(): SystemState {
  const state = new SystemState();
  run(state, boot);
  return state;
}

/** Steps twice on deep-frozen input, holds both equal, applies and returns the changes. */
function run(state: SystemState, fact: Stamped<Fact>): Changes {
  deepFreeze(fact);
  for (const [, actor] of state.actors.entries()) deepFreeze(actor.snapshot.context);
  const first = step(toyTopology, state, fact);
  const second = step(toyTopology, state, fact);
  const bytes = ({ actors, ...rest }: Changes) =>
    JSON.stringify([
      rest,
      [...actors].map(([id, a]) => [id, a && { ...a, snapshot: (a.snapshot as AnyMachineSnapshot).toJSON() }]),
    ]);
  expect(bytes(second)).toBe(bytes(first));
  state.apply(first);
  return first;
}

describe('step', () => {
  test('[core 1] returns changes only and applies nothing', () => {
    const state = booted();
    const changes = step(toyTopology, state, order('press'));
    expect([...changes.actors.keys()]).toEqual(['lamp', 'echo']);
    expect(state.actor('lamp')?.snapshot.value).toBe('dark');
  });

  test('[core 1] applies nothing when it throws', () => {
    const state = booted();
    expect(() => step(toyTopology, state, order('babble'))).toThrow(`more than ${SIGNALS_MAX} signals`);
    expect(state.actor('echo')?.snapshot.context).toMatchObject({ heard: 0 });
    expect(state.seq).toBe(1);
  });

  test('[core 3] touches only the actors that the fact concerns, however many there are', () => {
    const state = booted();
    for (let i = 0; i < 500; i += 1) run(state, order(`job ${i}`));
    const changes = run(state, order('press'));
    expect(changes.actors.size).toBe(2);
  });

  test('[core 4] takes options from run.started into the state', () => {
    expect(booted().options).toEqual(defaultOptions);
  });

  test('[core 5] never lets time go back', () => {
    const state = booted();
    run(state, order('press', 5_000));
    expect(run(state, order('press', 4_000)).at).toBe(5_000);
  });

  test('[core 6] derives effect ids and event ids from the id of the fact', () => {
    const state = booted();
    const fact = order('job a');
    const changes = run(state, fact);
    expect(changes.effects.map((effect) => effect.id)).toEqual([`${fact.id}.0`]);
    const press = order('press');
    run(state, press);
    expect(state.actor('lamp')?.snapshot.context).toMatchObject({ lastId: `${press.id}.e1` });
  });

  test('[core 9] drops an event to an actor that has ended, and records it', () => {
    const state = booted();
    const effect = run(state, order('job a')).effects[0]!;
    run(state, { type: 'token.fetched', effectId: effect.id, ref: 'r', expiresAt: 1, id: 'x', at: 2_000 });
    expect(state.actor('job:a')).toBeUndefined();
    const changes = run(state, order('unknown a', 3_000));
    expect(changes.steps).toEqual([{ actor: 'job:a', event: 'job.unknown', from: 'done', to: 'done', rules: [] }]);
    expect(state.ended('job:a', 3_000)).toEqual({ machine: 'job', value: 'done', reason: null, parent: 'parent' });
  });

  test('[core 10] reverts the actor that throws, ends an ephemeral one and signals actor.crashed', () => {
    const state = booted();
    run(state, order('job a'));
    const changes = run(state, order('poison a'));
    expect(changes.steps[0]).toEqual({ actor: 'job:a', event: 'job.poisoned', from: 'working', to: null, rules: [] });
    expect(state.actor('job:a')).toBeUndefined();
    expect(state.actor('lamp')?.snapshot.value).toBe('lit');
    expect(changes.effects).toEqual([]);
  });

  test('[core 10] tells the sender of a signal that its receiver never was', () => {
    const state = booted();
    const changes = run(state, order('ask'));
    expect(changes.steps.map((s) => [s.actor, s.event, s.rules])).toEqual([
      ['echo', 'echo.asked', ['X11']],
      ['nobody', 'nobody.asked', []],
      ['echo', 'signal.undeliverable', ['X12']],
    ]);
  });

  test('[core 12] arms a timer on entry with the seq that armed it, and cancels it on exit', () => {
    const state = booted();
    run(state, order('press', 1_000));
    expect(state.actor('lamp')?.timers).toEqual({ litMs: { dueAt: 2_000, armedAtSeq: 2 } });
    run(state, order('press', 1_500));
    expect(state.actor('lamp')?.timers).toEqual({ litMs: { dueAt: 2_500, armedAtSeq: 3 } });
  });

  test.each([
    ['an older arming', { armedAtSeq: 2, at: 9_000 }],
    ['too early', { armedAtSeq: 3, at: 2_499 }],
  ])('[core 12] ignores the firing of %s, and records it', (_what, { armedAtSeq, at }) => {
    const state = booted();
    run(state, order('press', 1_000));
    run(state, order('press', 1_500));
    const changes = run(state, { type: 'timer.elapsed', actor: 'lamp', timer: 'litMs', armedAtSeq, id: 't', at });
    expect(changes.steps).toEqual([{ actor: 'lamp', event: 'timer.elapsed', from: 'lit', to: 'lit', rules: [] }]);
    expect(state.actor('lamp')?.snapshot.value).toBe('lit');
  });

  test('[core 12] takes the firing of the live arming once', () => {
    const state = booted();
    run(state, order('press', 1_000));
    const elapsed = { type: 'timer.elapsed', actor: 'lamp', timer: 'litMs', armedAtSeq: 2, at: 2_000 } as const;
    expect(run(state, { ...elapsed, id: 't1' }).steps).toEqual([
      { actor: 'lamp', event: 'timer.elapsed', from: 'lit', to: 'dark', rules: ['X4'] },
    ]);
    expect(run(state, { ...elapsed, id: 't2' }).steps[0]?.rules).toEqual([]);
  });

  test('[core 16] records the rules of the transitions really taken, ignored events included', () => {
    const state = booted();
    expect(run(state, order('press')).steps.map((s) => [s.actor, s.from, s.to, s.rules])).toEqual([
      ['lamp', 'dark', 'lit', ['X2']],
      ['echo', 'listening', 'listening', ['X13']],
    ]);
    run(state, order('job a'));
    expect(run(state, order('unknown a')).steps).toEqual([
      { actor: 'job:a', event: 'job.unknown', from: 'working', to: 'working', rules: [] },
    ]);
  });

  test('[core 20] keeps an effect open until its outcome, and closes it then', () => {
    const state = booted();
    const effect = run(state, order('job a')).effects[0]!;
    expect(state.openEffect(effect.id)).toEqual(effect);
    run(state, { type: 'token.fetched', effectId: effect.id, ref: 'r', expiresAt: 1, id: 'x', at: 2_000 });
    expect(state.openEffect(effect.id)).toBeUndefined();
  });

  test('[core 23] takes a quarantined actor out and closes what it left open', () => {
    const state = booted();
    const effect = run(state, order('job a')).effects[0]!;
    const changes = run(state, {
      type: 'actor.quarantined',
      actor: 'job:a',
      seq: 2,
      recorded: '{}',
      recomputed: 'null',
      id: 'q',
      at: 2_000,
    });
    expect(state.actor('job:a')).toBeUndefined();
    expect(state.openEffect(effect.id)).toBeUndefined();
    expect(changes.effects).toEqual([]);
  });
});

describe('SystemState', () => {
  test('[core 2] drops what was pending and keeps what was durable', () => {
    const state = booted();
    state.merge();
    run(state, order('press'));
    expect([state.seq, state.actor('lamp')?.snapshot.value]).toEqual([2, 'lit']);
    state.drop();
    expect([state.seq, state.actor('lamp')?.snapshot.value]).toEqual([1, 'dark']);
  });

  test('[core 19] remembers message ids by count and age, whatever the batches were', () => {
    const [one, many] = [new SystemState(), new SystemState()];
    for (let i = 0; i < 10_005; i += 1) {
      for (const state of [one, many]) state.seen.add(`m${i}`, i, null);
      many.merge();
    }
    one.merge();
    for (const state of [one, many]) {
      expect(state.hasSeen('m4', 10_005)).toBe(false);
      expect(state.hasSeen('m5', 10_005)).toBe(true);
      expect(state.hasSeen('m10004', 10_005 + 86_400_000)).toBe(false);
      expect(state.seen.size).toBeLessThanOrEqual((10_000 * 9) / 8);
    }
  });
});
