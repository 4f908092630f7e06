import { describe } from '@jest/globals';
import { botMachine } from '../../../src/machines/bot/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, elapsed, testRows } from '../rows.js';

const ready: Event = { type: 'gateway.readied', resumed: false };
const stop: Event = { type: 'stop.requested', signal: 'SIGTERM' };
const gatewayStopped: Event = { type: 'gateway.stopped', code: 4915, reason: 'banned' };
const tokenRefused: Event = { type: 'token.refused', code: 100016 };
const exits = (code: number) => ({ type: 'process.exit', code });

describe(botMachine.id, () => {
  testRows(botMachine, { options: defaultOptions.bot }, [
    { rule: 'O1', does: 'starts', when: 'start', to: 'starting' },
    {
      rule: 'O2',
      does: 'starts anew in each life',
      given: [ready, stop],
      when: { type: 'run.started', epoch: 2, options: defaultOptions, machineVersions: {} },
      to: 'starting',
    },
    {
      rule: 'O3',
      does: 'runs once the gateway is ready',
      when: ready,
      to: 'running',
      says: { type: 'module.notify', event: 'ready' },
    },
    { rule: 'O4', does: 'exits 77 when the gateway stops at the start', when: gatewayStopped, to: 'stopped', says: exits(77) },
    { rule: 'O5', does: 'exits 77 when the credentials are refused', when: tokenRefused, to: 'stopped', says: exits(77) },
    { rule: 'O6', does: 'drains when told to stop at the start', when: stop, to: 'draining', emits: ['drain.started'] },
    { rule: 'O7', does: 'exits 77 when the gateway stops later', given: [ready], when: gatewayStopped, to: 'stopped', says: exits(77) },
    { rule: 'O8', does: 'exits 77 when the credentials are refused later', given: [ready], when: tokenRefused, to: 'stopped', says: exits(77) },
    { rule: 'O9', does: 'drains when told to stop', given: [ready], when: stop, to: 'draining', emits: ['drain.started'] },
    { rule: 'O12', does: 'drains and exits 75 when the recovery loop is stuck', given: [ready], when: { type: 'recovery.stuck' }, to: 'draining', context: { exitCode: 75 } },
    {
      rule: 'O10',
      does: 'exits 0 when drained',
      given: [ready, stop],
      when: { type: 'intake.drained' },
      to: 'stopped',
      says: exits(0),
    },
    { rule: 'O11', does: 'exits 0 when the drain takes too long', given: [ready, stop], when: elapsed(botMachine, 'drainMs'), to: 'stopped', says: exits(0) },
  ]);
});
