import { aside, bornContext, laneSetup } from './words.js';

// biome-ignore format: one transition a row
export const laneMachine = laneSetup.createMachine({
  id: 'lane',
  context: ({ input }) => bornContext(input),
  initial: { target: 'idle', description: 'L10 a lane is made when its channel first needs it' },
  on: {
    'run.started': { actions: 'takeOptions', description: 'L22 a new process life: its options hold from here on' },
  },
  states: {
    idle: {
      always: { guard: 'isTaken', target: 'pacing', description: 'L21 begun anew while turns are out' },
      on: {
        'turn.requested': { target: 'pacing', actions: ['enqueueAndAdvance', 'grant'],
          description: 'L1 the first one goes at once, as far as the pace allows' },
        'turn.returned': { description: 'L11 a turn that was given back before' },
      },
      after: { idleMs: { target: 'retired', description: 'L12 nothing to do for long: forget the lane' } },
    },
    pacing: {
      always: [
        { guard: 'isEmpty', target: 'idle', description: 'L20 nobody left' },
        { guard: 'isSpent', target: 'saturated', description: 'L5 someone waits and the pace is used up' },
      ],
      on: {
        'turn.requested': [
          { guard: 'isFull', actions: 'deny', description: 'L6 no room to wait' },
          { actions: ['enqueueAndAdvance', 'grant'], description: 'L2 take a place; go if pace and order allow' },
        ],
        'turn.returned': [
          aside,
          { guard: 'isBlocking', target: 'blocked', actions: ['giveBack', 'chooseBlock'],
            description: 'L7 QQ limits this channel: pause it' },
          { guard: 'isLast', target: 'idle', actions: 'giveBack', description: 'L4 the last one is back' },
          { actions: ['giveBackAndAdvance', 'grant'], description: 'L3 a place is free: the next may go' },
        ],
      },
    },
    saturated: {
      entry: 'chooseWait',
      on: {
        'turn.requested': [
          { guard: 'isFull', actions: 'deny', description: 'L13 no room to wait' },
          { actions: 'enqueue', description: 'L8 wait for the pace' },
        ],
        'turn.returned': [
          aside,
          { guard: 'isBlocking', target: 'blocked', actions: ['giveBack', 'chooseBlock'],
            description: 'L14 QQ limits this channel: pause it' },
          { target: 'pacing', actions: ['giveBackAndAdvance', 'grant'], description: 'L9 a place is free: look again' },
        ],
      },
      after: {
        paceMs: { target: 'pacing', actions: ['advance', 'grant'], description: 'L15 the pace allows the next' },
      },
    },
    blocked: {
      on: {
        'turn.requested': [
          { guard: 'isFull', actions: 'deny', description: 'L16 no room to wait' },
          { actions: 'enqueue', description: 'L17 wait for the pause to end' },
        ],
        'turn.returned': { actions: 'giveBack', description: 'L18 a turn comes back during the pause' },
      },
      after: { blockedMs: { target: 'pacing', actions: ['advance', 'grant'], description: 'L19 the pause is over' } },
    },
    retired: { type: 'final' },
  },
});
