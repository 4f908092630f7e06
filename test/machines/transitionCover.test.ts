import { expect, test } from '@jest/globals';
import { assign, emit, setup } from 'xstate';
import { transitionCover } from './transitionCover.js';

const lamp = setup({
  types: {} as {
    context: { presses: number };
    events: { type: 'pressed'; hard?: boolean } | { type: 'broken' } | { type: 'noise' };
    input: { presses: number };
  },
  guards: { isHard: ({ event }) => event.type === 'pressed' && event.hard === true },
  delays: { glowMs: 500 },
  actions: {
    count: assign({ presses: ({ context }) => context.presses + 1 }),
    cry: emit({ type: 'cried' }),
  },
}).createMachine({
  id: 'lamp',
  context: ({ input }) => ({ presses: input.presses }),
  initial: 'dark',
  states: {
    dark: {
      on: {
        pressed: [
          { guard: 'isHard', target: 'gone', description: 'L2 too hard' },
          { target: 'lit', actions: 'count', description: 'L1 lights' },
        ],
      },
    },
    lit: { after: { glowMs: { target: 'dark', description: 'L3 goes out' } } },
    gone: { on: { broken: { actions: 'cry', description: 'L4 cries' } } },
    never: { on: { pressed: { target: 'dark', description: 'L5 cannot be' } } },
  },
});
const key = (snapshot: { value: unknown }) => JSON.stringify(snapshot.value);
const events = [{ type: 'pressed' }, { type: 'pressed', hard: true }, { type: 'broken' }, { type: 'noise' }];
const inputs = [{ presses: 0 }];

test('takes every transition in reach, delays and guarded rows too, and names the one that is not', () => {
  const cover = transitionCover(lamp, { inputs, events, key });
  expect(cover.untaken).toEqual(['lamp.never pressed #0 (L5 cannot be)']);
  expect([...cover.rules].sort()).toEqual(['L1', 'L2', 'L3', 'L4']);
});

test('lists a cell as ignored only if no variant of the event was heard there', () => {
  const { ignoredCells } = transitionCover(lamp, { inputs, events, key });
  expect(ignoredCells).toEqual([
    'dark: broken',
    'dark: noise',
    'gone: noise',
    'gone: pressed',
    'lit: broken',
    'lit: noise',
    'lit: pressed',
  ]);
});

test('stamps each event, later than the one before it', () => {
  const { edges } = transitionCover(lamp, { inputs, events, key, stepMs: 7 });
  const at = (state: string): unknown[] => [
    ...new Set(edges.flatMap((e) => (e.from.value === state ? [e.event.at] : []))),
  ];
  expect([at('dark'), at('lit')]).toEqual([[7], [14]]);
});

test('stops with advice where a context grows for ever', () => {
  expect(() => transitionCover(lamp, { inputs, events, limit: 50 })).toThrow(
    'lamp: more than 50 states; mask in "key" what grows, or raise "limit"',
  );
});
