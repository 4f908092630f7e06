import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  emit,
  initialTransition,
  setup,
  transition,
} from 'xstate';
import { folderOf } from '../../../src/actors/charts/inertScope.js';

/** A chart whose actions show in which order they ran: each is one step of a sum that does not commute, and tells what it saw. */
function chartOf(lists: { readonly [place: string]: readonly string[] }): AnyStateMachine {
  const of = (place: string): string[] => [...(lists[place] ?? [])];
  return setup({
    types: {} as {
      context: { n: number; m: number; trail: string };
      events: { type: 'go' | 'stay' | 'again' | 'down' | 'end' };
    },
    actions: {
      double: assign({ n: ({ context }) => (context.n * 2) % 1_000_003 }),
      add: assign(({ context }) => ({ n: context.n + 1, trail: `${context.trail}+`.slice(-12) })),
      // Both parts of one assign see what was before it.
      swap: assign({ n: ({ context }) => context.m, m: ({ context }) => context.n }),
      tell: emit(({ context }) => ({ type: 'told', n: context.n, m: context.m, trail: context.trail })),
    },
    delays: { waitMs: ({ context }) => context.n },
  }).createMachine({
    id: 'm',
    context: { n: 3, m: 1, trail: '' },
    initial: 'a',
    entry: of('rootEntry'),
    states: {
      a: {
        entry: of('aEntry'),
        exit: of('aExit'),
        on: {
          go: { target: 'b', actions: of('go') },
          stay: { actions: of('stay') },
          again: { target: 'a', reenter: true, actions: of('again') },
        },
      },
      b: {
        entry: of('bEntry'),
        exit: of('bExit'),
        initial: 'one',
        after: { waitMs: 'a' },
        on: { go: { target: 'a', actions: of('back') }, end: { target: 'over', actions: of('end') } },
        states: {
          one: { entry: of('oneEntry'), exit: of('oneExit'), on: { down: { target: 'two', actions: of('down') } } },
          two: { entry: of('twoEntry'), exit: of('twoExit'), on: { down: { target: 'one', actions: of('up') } } },
        },
      },
      over: { type: 'final', entry: of('overEntry') },
    },
  } as never) as object as AnyStateMachine;
}
const PLACES = [
  'rootEntry',
  'aEntry',
  'aExit',
  'go',
  'stay',
  'again',
  'bEntry',
  'bExit',
  'back',
  'end',
  'oneEntry',
  'oneExit',
  'down',
  'twoEntry',
  'twoExit',
  'up',
  'overEntry',
];
const lists = fc.record(
  Object.fromEntries(
    PLACES.map((place) => [place, fc.array(fc.constantFrom('double', 'add', 'swap', 'tell'), { maxLength: 3 })]),
  ),
);
const events = fc.array(fc.constantFrom('go', 'stay', 'again', 'down', 'down', 'end'), { minLength: 1, maxLength: 8 });

interface Official {
  readonly type: string;
  readonly params?: unknown;
}
const told = (actions: readonly unknown[]): unknown[] =>
  (actions as Official[])
    .filter(({ type }) => type === 'xstate.emit')
    .map(({ params }) => (params as { event: unknown }).event);
const armed = (actions: readonly unknown[]): unknown[] =>
  (actions as Official[])
    .filter(({ type }) => type === 'xstate.raise')
    .map(({ params }) => (params as { delay: number }).delay);

describe('the actions of a chart', () => {
  test('[core 1] leave, then the transition, then enter, each seeing what those before it did: as XState, on random charts', () => {
    fc.assert(
      fc.property(lists, events, (actions, types) => {
        const machine = chartOf(actions);
        const folder = folderOf(machine);
        let [official, done] = initialTransition(machine);
        let fold = folder.start({});
        for (const type of ['', ...types]) {
          if (type !== '') {
            [official, done] = transition(machine, official, { type });
            if (official.status !== 'active' && fold.snapshot.status !== 'active') break;
            fold = folder.transition(fold.snapshot, { type });
          }
          expect((fold.snapshot as AnyMachineSnapshot).toJSON()).toEqual(official.toJSON());
          expect(fold.emitted).toEqual(told(done));
          expect(fold.timers.flatMap((timer) => (timer.armed ? [timer.delayMs] : []))).toEqual(armed(done));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[core 1] said once in numbers: exit doubles, the transition adds, the entry tells', () => {
    const machine = chartOf({
      aExit: ['double', 'tell'],
      go: ['add', 'tell', 'swap'],
      bEntry: ['tell'],
      oneEntry: ['add', 'tell'],
    });
    const folder = folderOf(machine);
    const { emitted, snapshot } = folder.transition(folder.start({}).snapshot, { type: 'go' });
    expect(emitted.map((event) => (event as object as { n: number }).n)).toEqual([6, 7, 1, 2]);
    expect(snapshot.context).toMatchObject({ n: 2, m: 7 });
  });
});
