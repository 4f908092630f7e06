import type { Card } from '../vocabulary/card.js';
import { setBy } from '../vocabulary/options/options.js';
import { recoveryMachine } from './chart.js';
import { type RecoveryContext, withOptions } from './context.js';
import { recoveryEventTypes } from './words.js';

export const recoveryCard: Card<RecoveryContext> = {
  machine: recoveryMachine,
  events: recoveryEventTypes,
  lives: 'always',
  group: 'life',
  options: withOptions,
  delays: {
    networkMs: 'patience',
    memoryMs: 'patience',
    apiMs: 'patience',
    actionMs: 'patience',
    measureMs: 'patience',
    checkMs: 'schedule',
    againMs: 'schedule',
    verifyMs: 'schedule',
  },
  states: {
    dormant: { tone: 'idle' },
    idle: { tone: 'idle', isRest: true },
    diagnosing: { tone: 'warn' },
    judging: { tone: 'warn' },
    acting: { tone: 'warn' },
    verifying: { tone: 'warn' },
    escalated: { tone: 'bad' },
  },
  log: {
    R3: { level: 'info', text: 'Recovery monitoring stopped' },
    R4: { level: 'info', text: 'Manual recovery initiated' },
    R5: { level: 'debug', text: 'Performing a health check at once: a part got worse' },
    R6: { level: 'info', text: 'Manual recovery initiated: everything is reset' },
    R8: { level: 'debug', text: 'Performing automated health check' },
    R16: { level: 'warn', text: 'Health check failed (network): entering degraded mode, resetting connections' },
    R18: { level: 'warn', text: 'Health check failed (memory), initiating recovery: clearing caches' },
    R19: { level: 'warn', text: 'Recovery goes on: reducing load' },
    R22: { level: 'info', text: 'Only the remote is down: waiting' },
    R23: { level: 'info', text: 'Load is no longer reduced' },
    R32: { level: 'info', text: 'Recovery completed: the measurement has changed' },
    R36: { level: 'error', text: 'Recovery: nothing helps, and the process ends for a restart' },
    R37: { level: 'error', text: 'Recovery: nothing helps; look at GET /actors and the checks in the journal' },
  },
  limits: [
    setBy(
      'recovery.actionsMax',
      'recoveryActions',
      'runs of the same recovery action in an hour',
      'the action rests; the loop alerts',
    ),
  ],
  context: {
    nullable: {
      network: [{ ok: true, code: null, latencyMs: 0 }],
      memory: [{ ok: true, heapShare: 0, loopP99Ms: 0 }],
      api: [{ class: '', status: null, code: null }],
      verdict: ['well'],
    },
    optional: {},
    needed: {},
  },
};
