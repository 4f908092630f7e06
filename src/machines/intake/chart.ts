import { emptyContext, pickInput } from './context.js';
import { intakeSetup } from './words.js';

// biome-ignore format: one transition a row
export const intakeMachine = intakeSetup.createMachine({
  id: 'intake',
  context: ({ input }) => ({ ...emptyContext, ...pickInput(input) }),
  initial: { target: 'open', description: 'I1 the desk is open from the start' },
  on: {
    'run.started': { target: '.open', actions: ['beginLife', 'restore'],
      description: 'I2 a new process life opens the desk; what was in hand still is' },
    'message.received': { actions: 'countBot', description: 'I3 a message by a bot is refused and never handled' },
    'message.duplicated': { actions: 'countDuplicate', description: 'I4 a duplicate is counted, never handled' },
    'load.reduced': { actions: 'reduce',
      description: 'I18 load is reduced: half the handlers at once, low work is held back' },
    'load.restored': { actions: 'restore', description: 'I19 the reduction is over: held work goes on' },
    'slot.requested': [
      { guard: 'isOverfilled', actions: ['takeIn', 'denyUnlinked'],
        description: 'I37 no gateway session, and as much is in hand as is kept for one: refused in silence' },
      { guard: 'isMuted', actions: ['takeIn', 'countFlood', 'denyMuted'],
        description: 'I15 too many commands by one user, who has been told: refused in silence' },
      { guard: 'isFlood', actions: ['takeIn', 'countFlood', 'denyFlood'],
        description: 'I16 too many commands by one user: refused, once' },
      { guard: 'isHeldBack', actions: 'hold', description: 'I17 low work waits while load is reduced' },
      { guard: 'hasSlot', actions: ['takeSlot', 'grant'], description: 'I5 a handler slot is free' },
      { guard: 'hasRoom', actions: 'wait', description: 'I6 all slots are taken: wait in line' },
      { guard: 'isToldOfLate', actions: ['takeIn', 'denyAgain'],
        description: 'I29 the line is full, and its writer has been told within the minute: refused in silence' },
      { actions: ['takeIn', 'rememberTold', 'deny'], description: 'I7 the line is full: refuse' },
    ],
    'message.ended': { actions: 'countEnding', description: 'I12 a message has ended' },
    'message.setAside': { actions: 'setAside',
      description: 'I36 a message waits for what only comes by its source: it is no reason to pause that' },
    'drain.started': [
      { guard: 'isEmpty', target: '.draining', actions: 'announceDrained',
        description: 'I10 a drain with nothing in hand is over at once' },
      { target: '.draining', description: 'I11 a drain waits for what is in hand' },
    ],
    'operator.retried': [
      { guard: 'isUnknown', description: 'I21 not among the dead letters: refused' },
      { guard: 'isTooLate', description: 'I22 its reply window is over: refused, never an active push' },
      { guard: 'isTooOften', description: 'I23 handled again too often: refused' },
      { actions: ['handAgain', 'takeBack'], description: 'I24 a dead letter is handled again, as a run of its own' },
    ],
    'gateway.readied': { actions: 'link', description: 'I32 the gateway session stands: what is in hand can end' },
    'gateway.lost': { actions: 'unlink',
      description: 'I33 no gateway session: nothing can be sent until it is back, and for that it must be read' },
    'memory.tightened': { actions: 'tighten', description: 'I30 the heap is nearly full: only a few at once' },
    'memory.eased': { actions: 'ease', description: 'I31 there is room in the heap again' },
    'slot.cancelled': { actions: 'leaveLine', description: 'I34 it no longer waits' },
    'slot.released': [
      { guard: 'isOverfull', actions: 'freeSlot',
        description: 'I20 fewer slots than before: this one is not given on' },
      { guard: 'isWaitedFor', actions: ['passSlot', 'grant'], description: 'I8 the slot goes to the first in line' },
      { actions: 'freeSlot', description: 'I9 the slot is free' },
    ],
  },
  states: {
    open: {
      always: [
        { guard: 'isStillFull', target: 'full', actions: 'noteFull',
          description: 'I35 born anew, and its sources are paused' },
        { guard: 'isCrowded', target: 'full', actions: ['pauseSources', 'tellPaused'],
          description: 'I26 in hand is as much as ended lately: nothing more is read' },
      ],
    },
    full: {
      always: { guard: 'hasEased', target: 'open', actions: ['resumeSources', 'tellResumed'],
        description: 'I27 half of it has ended: reading goes on' },
    },
    draining: {
      on: {
        'drain.started': { description: 'I28 a drain is under way' },
        'message.ended': [
          { guard: 'isLast', actions: ['countEnding', 'announceDrained'],
            description: 'I13 the last message in hand has ended' },
          { actions: 'countEnding', description: 'I14 a message has ended during a drain' },
        ],
        'operator.retried': { description: 'I25 nothing is taken in during a drain: refused' },
      },
    },
  },
});
