import { describe, expect, test } from '@jest/globals';
import { type AnyStateMachine, createActor, createMachine, initialTransition, transition } from 'xstate';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { Interpreted } from '../../../src/actors/system/interpreted.js';
import { topology } from '../../../src/actors/wiring/topology.js';

/** Charts of strangers, each with something that is not in the tables. */
const STRANGERS: readonly (readonly [
  name: string,
  machine: AnyStateMachine,
  events: readonly string[],
  why: string,
])[] = [
  [
    'a history',
    createMachine({
      id: 'a',
      initial: 'on',
      states: {
        on: { initial: 'x', states: { x: { on: { go: 'y' } }, y: {}, back: { type: 'history' } }, on: { off: 'off' } },
        off: { on: { on: 'on.back' } },
      },
    }),
    ['go', 'off', 'on'],
    'state "on.back" is a history',
  ],
  [
    'a wildcard',
    createMachine({ id: 'b', initial: 'x', states: { x: { on: { '*': 'y' } }, y: {} } }),
    ['whatever'],
    'state "x" waits for "*"',
  ],
  [
    'an end inside',
    createMachine({
      id: 'c',
      initial: 'x',
      states: { x: { initial: 'p', states: { p: { on: { go: 'q' } }, q: { type: 'final' } }, onDone: 'y' }, y: {} },
    }),
    ['go'],
    'state "x" waits for "xstate.done.state.c.x"',
  ],
  [
    'two regions that hear the same',
    createMachine({
      id: 'd',
      type: 'parallel',
      states: {
        one: { initial: 'x', states: { x: { on: { go: 'y' } }, y: {} } },
        two: { initial: 'x', states: { x: { on: { go: 'y' } }, y: {} } },
      },
    }),
    ['go'],
    'two regions that both hear "go"',
  ],
];

describe('a chart that is not in the tables runs on XState itself, and one line says why', () => {
  test.each(STRANGERS)('%s', (name, machine, events, why) => {
    const folder = folderOf(machine);
    let ours = folder.start(undefined).snapshot;
    let [theirs] = initialTransition(machine);
    for (const type of events) {
      ours = folder.transition(ours, { type }).snapshot;
      [theirs] = transition(machine, theirs, { type });
    }
    expect(ours.value).toEqual(theirs.value);
    const lines: string[] = [];
    const log = { debug() {}, warn() {}, error() {}, info: (_fields: object, text: string) => void lines.push(text) };
    const told = new Interpreted({ [name]: { machine, lives: 'always' } }, log);
    told.tell();
    told.tell();
    expect(lines).toEqual([`Machine ${name} runs on XState itself, which is slower: ${why}`]);
  });

  test.each(Object.entries(topology.machines))('but %s runs from tables', (_name, { machine }) => {
    expect([...folderOf(machine).interpreted]).toEqual([]);
  });
});

test('XState has the insides that src/actors/charts knows, by these names', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'x',
    states: { x: { entry: 'act', after: { waitMs: { target: 'y', description: 'A1 waited' } } }, y: {} },
  }).provide({ actions: { act: () => undefined }, delays: { waitMs: 5 } }) as AnyStateMachine;
  const root = machine.root as unknown as { readonly [name: string]: unknown };
  const names = [
    'id',
    'key',
    'path',
    'parent',
    'type',
    'order',
    'states',
    'initial',
    'transitions',
    'always',
    'entry',
    'exit',
    'invoke',
    'tags',
    'output',
  ];
  expect(names.filter((name) => !(name in root))).toEqual([]);
  expect(Object.keys(machine.implementations).sort()).toEqual(['actions', 'actors', 'delays', 'guards']);
  const found: string[] = [];
  const actor = createActor(machine, { inspect: ({ type }) => void found.push(type) }).start();
  actor.stop();
  expect(found).toContain('@xstate.microstep');
  expect(typeof (actor.system as unknown as { _sendInspectionEvent: unknown })._sendInspectionEvent).toBe('function');
  const snapshot = actor.getSnapshot() as { readonly _nodes: readonly { readonly id: string }[] };
  expect(snapshot._nodes.map(({ id }) => id)).toEqual(['m', 'm.x']);
  const [[after]] = [...(root.states as { x: { transitions: Map<string, unknown> } }).x.transitions.keys()].map((k) => [
    k,
  ]) as [[string]];
  expect(after).toBe('xstate.after.waitMs.m.x');
  expect(typeof machine.getInitialSnapshot).toBe('function');
  expect(typeof machine.restoreSnapshot).toBe('function');
  expect(typeof machine.resolveState).toBe('function');
});
