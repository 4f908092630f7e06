import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AnyMachineSnapshot, assign, emit, initialTransition, raise, setup, transition } from 'xstate';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { lampMachine } from '../toyTopology.js';

const at = (type: string) => ({ type, at: 0, id: 'e' });

describe('the reused inert scope', () => {
  test('[core 1] equals transition() in state and actions on random events', () => {
    const folder = folderOf(lampMachine);
    const events = fc.array(fc.constantFrom('lamp.pressed', 'xstate.after.litMs.lamp.lit', 'nothing.known'), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(events, (types) => {
        let [official, officialActions] = initialTransition(lampMachine, { ms: 5 });
        let fold = folder.start({ ms: 5 });
        for (const type of types) {
          [official, officialActions] = transition(lampMachine, official, at(type));
          fold = folder.transition(fold.snapshot, at(type));
          expect((fold.snapshot as AnyMachineSnapshot).toJSON()).toEqual(official.toJSON());
          const actions = officialActions as { type: string; params?: unknown }[];
          const emits = actions
            .filter((a) => a.type === 'xstate.emit')
            .map((a) => (a.params as { event: object }).event);
          const armed = actions.filter((a) => a.type === 'xstate.raise').length;
          const cancelled = actions.filter((a) => a.type === 'xstate.cancel').length;
          expect(fold.emitted).toEqual(emits);
          expect(fold.timers.filter((t) => t.armed)).toHaveLength(armed);
          expect(fold.timers.filter((t) => !t.armed)).toHaveLength(cancelled);
        }
      }),
    );
  });

  test.each([
    [
      'a function action',
      setup({ actions: { act: () => undefined } }).createMachine({ id: 'm', on: { go: { actions: 'act' } } }),
      /m: action "act" would do something itself/,
    ],
    [
      'a delayed raise',
      setup({}).createMachine({ id: 'm', on: { go: { actions: raise({ type: 'x' }, { delay: 5 }) } } }),
      /m: delayed raise of x/,
    ],
  ])('[core 8] refuses %s, naming machine and action', (_what, machine, message) => {
    const folder = folderOf(machine);
    const { snapshot } = folder.start({});
    expect(() => folder.transition(snapshot, { type: 'go' })).toThrow(message);
  });

  test.each([
    ['NaN', Number.NaN],
    ['negative', -1],
    ['infinite', Number.POSITIVE_INFINITY],
    ['missing', undefined as unknown as number],
  ])('[core 13] refuses a %s delay, naming machine, state and delay', (_what, ms) => {
    const machine = setup({ delays: { waitMs: () => ms } }).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: { after: { waitMs: 'a' } } },
    });
    const folder = folderOf(machine);
    const { snapshot } = folder.start({});
    expect(() => folder.transition(snapshot, { type: 'go' })).toThrow(/m: state "m\.b": delay "waitMs" is/);
  });

  test('[core 13] refuses a delay name that is not declared, instead of firing at once', () => {
    const machine = setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: { after: { misspelt: 'a' } as never } },
    });
    const folder = folderOf(machine);
    const { snapshot } = folder.start({});
    expect(() => folder.transition(snapshot, { type: 'go' })).toThrow(/delay "misspelt" is undefined/);
  });

  test('[core 12] refuses a machine in which a delay name stands in two states', () => {
    const machine = setup({ delays: { waitMs: 1 } }).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { after: { waitMs: 'b' } }, b: { after: { waitMs: 'a' } } },
    });
    expect(() => folderOf(machine)).toThrow('m: delay "waitMs" stands in two states');
  });

  test('[core 10] clears what was collected before a throw', () => {
    const machine = setup({
      types: {} as { context: { n: number }; events: { type: 'go' | 'calm' } },
      actions: {
        tell: emit({ type: 'told' }),
        boom: assign({
          n: () => {
            throw new Error('boom');
          },
        }),
      },
    }).createMachine({
      id: 'm',
      context: { n: 0 },
      on: { go: { actions: ['tell', 'boom'] }, calm: { description: 'X1 nothing' } },
    });
    const folder = folderOf(machine);
    const { snapshot } = folder.start({});
    expect(() => folder.transition(snapshot, { type: 'go' })).toThrow('boom');
    const calm = folder.transition(snapshot, { type: 'calm' });
    expect([calm.emitted, calm.microsteps.length]).toEqual([[], 1]);
  });

  test('[core 10] counts a snapshot born with status error as a throw', () => {
    const machine = setup({ types: {} as { context: { n: number }; input: { a: { b: number } } } }).createMachine({
      id: 'm',
      context: ({ input }) => ({ n: input.a.b }),
    });
    expect(() => folderOf(machine).start({})).toThrow(TypeError);
  });

  test('[core 10] stops a chart that never comes to rest', () => {
    const machine = setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    });
    const folder = folderOf(machine);
    const { snapshot } = folder.start({});
    expect(() => folder.transition(snapshot, { type: 'go' })).toThrow(/Infinite loop/);
  });

  test('[core 24] refuses a state that no longer exists', () => {
    expect(() => folderOf(lampMachine).restore({ status: 'active', value: 'broken', context: {} })).toThrow(/broken/);
  });
});
