import { emptyContext } from './context.js';
import { ask, edge, recoverySetup } from './words.js';

// biome-ignore format: one transition a row
export const recoveryMachine = recoverySetup.createMachine({
  id: 'recovery',
  context: ({ input }) => ({ ...emptyContext, options: input.options }),
  initial: { target: 'dormant', description: 'R1 nothing to recover before the bot is connected' },
  on: {
    'run.started': { target: '.dormant', actions: 'beginLife',
      description: 'R2 a new process life waits for its connection' },
    'drain.started': { target: '.dormant', description: 'R3 a drain stops the loop' },
    'recovery.requested': { guard: 'isForced', target: '.idle',
      actions: ['forgetPast', 'markRestored', 'restoreLoad', 'requestProbe'],
      description: 'R6 a forced recovery: everything on, the past forgotten' },
  },
  states: {
    dormant: {
      on: { 'gateway.readied': { target: 'idle', description: 'R7 connected: the loop begins' } },
    },
    idle: {
      entry: 'chooseWait',
      on: {
        'recovery.requested': ask,
        'health.changed': edge,
      },
      after: { checkMs: { target: 'diagnosing', description: 'R8 time for a diagnosis' } },
    },
    diagnosing: {
      type: 'parallel',
      entry: ['clearResults', 'checkNetwork', 'checkMemory', 'checkApi'],
      always: { guard: 'isComplete', target: 'judging', actions: 'noteVerdict', description: 'R9 all checks are back' },
      states: {
        network: {
          initial: 'checking',
          states: {
            checking: {
              on: { 'network.checked': { target: 'checked', actions: 'noteNetwork',
                description: 'R10 the network check is back' } },
              after: { networkMs: { target: 'checked', actions: 'noteNoNetwork',
                description: 'R11 the network check hangs: failed' } },
            },
            checked: {},
          },
        },
        memory: {
          initial: 'checking',
          states: {
            checking: {
              on: { 'process.sampled': { target: 'checked', actions: 'noteSample',
                description: 'R12 the sample of the process is there' } },
              after: { memoryMs: { target: 'checked', actions: 'noteNoSample',
                description: 'R13 no sample: nothing is known, so nothing is done' } },
            },
            checked: {},
          },
        },
        api: {
          initial: 'checking',
          states: {
            checking: {
              on: { 'api.checked': { target: 'checked', actions: 'noteApi',
                description: 'R14 the API check is back' } },
              after: { apiMs: { target: 'checked', actions: 'noteNoApi',
                description: 'R15 the API check hangs: failed' } },
            },
            checked: {},
          },
        },
      },
    },
    judging: {
      always: [
        { guard: 'isNetworkToReset', target: 'acting.resettingConnections', actions: ['tellNetwork', 'countReset'],
          description: 'R16 the host cannot be reached: make connections anew' },
        { guard: 'isNetwork', target: 'escalated', actions: 'tellNetwork',
          description: 'R17 the host cannot be reached, and connections were made anew already' },
        { guard: 'isMemoryToClear', target: 'acting.clearingCaches', actions: 'countClear',
          description: 'R18 memory or event loop: clear caches' },
        { guard: 'isMemoryToReduce', target: 'acting.reducingLoad', actions: 'countReduce',
          description: 'R19 memory or event loop still: reduce load' },
        { guard: 'isMemory', target: 'escalated', description: 'R20 memory or event loop, and nothing is left to do' },
        { guard: 'isAuth', target: 'idle', actions: 'renewToken', description: 'R21 the token is not taken: renew it' },
        { guard: 'isRemote', target: 'idle',
          description: 'R22 only the remote is down: waiting is the right thing to do' },
        { guard: 'isReduced', target: 'idle', actions: ['forgetTries', 'markRestored', 'restoreLoad'],
          description: 'R23 well again: undo the reduction' },
        { target: 'idle', actions: 'forgetTries', description: 'R24 all is well' },
      ],
    },
    acting: {
      initial: 'clearingCaches',
      on: {
        'action.completed': { target: 'verifying', description: 'R25 done: does it help?' },
        'effect.failed': { target: 'verifying', description: 'R26 the action failed: measure all the same' },
        'effect.interrupted': { target: 'verifying', description: 'R27 the action died with its process' },
      },
      after: { actionMs: { target: 'verifying', description: 'R28 the action hangs: measure all the same' } },
      states: {
        clearingCaches: { entry: ['tellCaches', 'clearCaches'] },
        resettingConnections: { entry: ['adviseReconnect', 'resetConnections'] },
        reducingLoad: {
          entry: 'reduceLoad',
          always: { target: '#recovery.verifying', description: 'R29 load is reduced: does it help?' },
        },
      },
    },
    verifying: {
      initial: 'waiting',
      states: {
        waiting: {
          after: {
            verifyMs: [
              { guard: 'isMeasuringNetwork', target: 'measuring', actions: 'checkNetwork',
                description: 'R30 measure the network again' },
              { target: 'measuring', actions: 'checkMemory', description: 'R31 measure the process again' },
            ],
          },
        },
        measuring: {
          on: {
            'network.checked': [
              { guard: 'isReachable', target: '#recovery.idle', actions: 'noteNetwork',
                description: 'R32 the measurement has changed: it helped' },
              { target: '#recovery.judging', actions: 'noteNetwork',
                description: 'R33 nothing has changed: the next step' },
            ],
            'process.sampled': [
              { guard: 'isRelieved', target: '#recovery.idle', actions: 'noteSample',
                description: 'R32 the measurement has changed: it helped' },
              { target: '#recovery.judging', actions: 'noteSample',
                description: 'R33 nothing has changed: the next step' },
            ],
          },
          after: { measureMs: { target: '#recovery.judging', description: 'R34 no measurement: the next step' } },
        },
      },
    },
    escalated: {
      entry: 'chooseWait',
      initial: 'raising',
      states: {
        raising: {
          always: [
            { guard: 'isAlerted', target: 'alerted', description: 'R35 alerted before' },
            { guard: 'wantsExit', target: 'alerted', actions: ['markAlerted', 'alert', 'tellStuck'],
              description: 'R36 nothing helps: alert, and end for a supervisor to start again' },
            { target: 'alerted', actions: ['markAlerted', 'alert'],
              description: 'R37 nothing helps: alert and stay up' },
          ],
        },
        alerted: {
          on: { 'recovery.requested': { ...ask, target: '#recovery.diagnosing' } },
          after: { againMs: { target: '#recovery.diagnosing', description: 'R38 look again' } },
        },
      },
    },
  },
});
