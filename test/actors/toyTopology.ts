import type { EventObject } from 'xstate';
import { assign, emit, setup } from 'xstate';
import type { Topology } from '../../src/actors/step/routes.js';
import type { Stamped } from '../../src/machines/vocabulary/base.js';
import type { Fact } from '../../src/machines/vocabulary/facts/facts.js';

/**
 * A system of three toy machines for the tests of the core: `lamp` (a singleton with a timer), `job` (ephemeral, asks for
 * an effect), `echo` (answers signals, for ever if told so). Facts are borrowed: `stop.requested` carries the order in
 * `signal`.
 */
type LampEvent = { type: string; at: number; id: string; order?: string };

export const lampMachine = setup({
  types: {} as { context: { count: number; ms: number; lastId: string }; events: LampEvent; input: { ms?: number } },
  actions: {
    count: assign({ count: ({ context }) => context.count + 1, lastId: ({ event }) => event.id }),
    tell: emit(({ context }) => ({ type: 'lamp.counted', count: context.count })),
  },
  delays: { litMs: ({ context }) => context.ms },
}).createMachine({
  id: 'lamp',
  context: ({ input }) => ({ count: 0, ms: input.ms ?? 1_000, lastId: '' }),
  initial: { target: 'dark', description: 'X1 a lamp is dark at first' },
  states: {
    dark: { on: { 'lamp.pressed': { target: 'lit', actions: ['count', 'tell'], description: 'X2 pressed: lit' } } },
    lit: {
      on: {
        'lamp.pressed': { target: 'lit', reenter: true, actions: 'count', description: 'X3 pressed again: lit anew' },
      },
      after: { litMs: { target: 'dark', description: 'X4 the time is over' } },
    },
  },
});

export const jobMachine = setup({
  types: {} as {
    context: { name: string; message: string };
    events: LampEvent;
    input: { name: string };
  },
  guards: {
    explode: () => {
      throw new TypeError('guard exploded');
    },
  },
  actions: {
    start: emit(({ context }) => ({ type: 'token.fetch', note: context.name })),
    tellDone: emit(({ context }) => ({ type: 'job.done', name: context.name })),
  },
}).createMachine({
  id: 'job',
  context: ({ input }) => ({ name: input.name, message: 'parent' }),
  initial: { target: 'working', description: 'X5 a job works at once' },
  states: {
    working: {
      entry: 'start',
      on: {
        'token.fetched': { target: 'done', description: 'X6 the outcome ends it' },
        'effect.interrupted': { target: 'working', reenter: true, description: 'X7 interrupted: again' },
        'job.poisoned': { guard: 'explode', target: 'done', actions: 'tellDone', description: 'X8 never taken' },
      },
    },
    done: { type: 'final', entry: 'tellDone' },
  },
});

export const echoMachine = setup({
  types: {} as { context: { heard: number }; events: LampEvent },
  actions: {
    hear: assign({ heard: ({ context }) => context.heard + 1 }),
    answer: emit({ type: 'echo.answered' }),
    ask: emit({ type: 'nobody.asked' }),
  },
}).createMachine({
  id: 'echo',
  context: { heard: 0 },
  initial: { target: 'listening', description: 'X9 an echo listens' },
  states: {
    listening: {
      on: {
        'echo.answered': { actions: ['hear', 'answer'], description: 'X10 answers itself' },
        'echo.asked': { actions: 'ask', description: 'X11 asks someone who never was' },
        'signal.undeliverable': { actions: 'hear', description: 'X12 hears that nobody was there' },
        'lamp.counted': { actions: 'hear', description: 'X13 hears the lamp' },
      },
    },
  },
});

export const toyTopology: Topology = {
  machines: {
    lamp: { machine: lampMachine, lives: 'always' },
    job: { machine: jobMachine, lives: 'once' },
    echo: { machine: echoMachine, lives: 'always' },
  },
  effects: { 'token.fetch': { awaited: true } },
  routeFact(fact, effect) {
    if (fact.type === 'run.started') {
      return ['lamp', 'echo'].map((to) => ({ to, spawn: { machine: to, input: {}, deliver: false } }));
    }
    if (effect) return [{ to: effect.actor }];
    if (fact.type !== 'stop.requested') return [];
    const [verb, name = ''] = fact.signal.split(' ');
    if (verb === 'press') return [{ to: 'lamp', event: { type: 'lamp.pressed' } }];
    if (verb === 'job') return [{ to: `job:${name}`, spawn: { machine: 'job', input: { name }, deliver: false } }];
    if (verb === 'poison') return [{ to: `job:${name}`, event: { type: 'job.poisoned' } }];
    if (verb === 'babble') return [{ to: 'echo', event: { type: 'echo.answered' } }];
    if (verb === 'ask') return [{ to: 'echo', event: { type: 'echo.asked' } }];
    return [{ to: `job:${name}`, event: { type: 'job.unknown' } }];
  },
  routeSignal(signal: EventObject) {
    if (signal.type === 'nobody.asked') return [{ to: 'nobody' }];
    if (signal.type === 'job.done' || signal.type === 'actor.crashed')
      return [{ to: 'lamp', event: { type: 'lamp.pressed' } }];
    return [{ to: 'echo' }];
  },
};

let serial = 0;
/** An order for the toy system: `press`, `job NAME`, `poison NAME`, `babble`, `ask`. */
export function order(signal: string, at = 1_000): Stamped<Fact> {
  serial += 1;
  return { type: 'stop.requested', signal, id: `f${serial}`, at };
}
