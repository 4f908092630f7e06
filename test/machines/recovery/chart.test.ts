import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { recoveryMachine } from '../../../src/machines/recovery/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, elapsed, testRows } from '../rows.js';

const input = { options: defaultOptions.recovery };
const timer = (name: string, at = 0): Event => elapsed(recoveryMachine, name, at);
const readied: Event = { type: 'gateway.readied', resumed: false };
const check = timer('checkMs');
const network = (ok = true, at = 0): Event => ({ type: 'network.checked', effectId: 'n', ok, code: ok ? null : 'ECONNREFUSED', latencyMs: 1, at });
const api = (kind = 'ok', at = 0): Event => ({ type: 'api.checked', effectId: 'a', class: kind, status: kind === 'ok' ? 200 : 503, code: null, latencyMs: 1, at });
const sample = (heapShare = 0.2, loopP99Ms = 10, at = 0): Event => ({ type: 'process.sampled', effectId: 'm', heapShare, loopP99Ms, appendFailures: 0, appendMaxMs: 1, at });
const run: Event = { type: 'run.started', epoch: 2, options: defaultOptions, machineVersions: {} };
const asked = (force = false): Event => ({ type: 'recovery.requested', by: 'm', force, breakers: [] });
const done = (action: string): Event => ({ type: 'action.completed', effectId: 'x', action });
const DIAGNOSING = { diagnosing: { network: 'checking', memory: 'checking', api: 'checking' } };

const idle = [readied];
const diagnosing = [...idle, check];
const bothOk = [...diagnosing, network(), sample()];
const unreachable = [...diagnosing, sample(), api('transient')];
const resetting = [...unreachable, network(false)];
/** The third bad sample in a row. */
const strained = [...idle, ...[1, 2, 3].flatMap(() => [check, network(), api(), sample(0.9)])];
const measuringMemory = [...strained, done('clearCaches'), timer('verifyMs')];
const reducing = [...measuringMemory, sample(0.9)];
const measuringNetwork = [...resetting, done('resetConnections'), timer('verifyMs')];
const escalated = [...measuringNetwork, network(false)];

describe('recovery', () => {
  testRows(recoveryMachine, input, [
    { rule: 'R1', does: 'sleeps until the bot is connected', when: 'start', to: 'dormant' },
    { rule: 'R2', does: 'sleeps again in a new life', given: diagnosing, when: run, to: 'dormant' },
    { rule: 'R3', does: 'stops with a drain', given: idle, when: { type: 'drain.started' }, to: 'dormant' },
    { rule: 'R4', does: 'diagnoses when asked, and lets the breaker probe', given: idle, when: asked(), to: DIAGNOSING, emits: ['probe.requested', 'check.run', 'check.run', 'check.run'] },
    { rule: 'R5', does: 'diagnoses at once when a part gets worse', given: idle, when: { type: 'health.changed', part: 'send', to: 'degraded' }, to: DIAGNOSING },
    { rule: 'R6', does: 'forgets everything when forced', given: escalated, when: asked(true), to: 'idle', emits: ['load.restored', 'probe.requested'], context: { tried: [], past: {}, isAlerted: false } },
    { rule: 'R7', does: 'begins with the connection', when: readied, to: 'idle' },
    { rule: 'R8', does: 'diagnoses when its time has come', given: idle, when: check, to: DIAGNOSING },
    { rule: 'R9', does: 'judges when all checks are back', given: bothOk, when: api(), to: 'idle', context: { verdict: 'well' } },
    { rule: 'R10', does: 'takes the network check', given: diagnosing, when: network(), to: { diagnosing: { network: 'checked', memory: 'checking', api: 'checking' } } },
    { rule: 'R11', does: 'fails a network check that hangs', given: unreachable, when: timer('networkMs'), to: { acting: 'resettingConnections' }, context: { network: { ok: false, code: 'TIMED_OUT', latencyMs: 5_000 } } },
    { rule: 'R12', does: 'takes the sample of the process', given: diagnosing, when: sample(), to: { diagnosing: { network: 'checking', memory: 'checked', api: 'checking' } } },
    { rule: 'R13', does: 'does without a sample', given: [...diagnosing, network(), api()], when: timer('memoryMs'), to: 'idle', context: { verdict: 'well' } },
    { rule: 'R14', does: 'takes the API check', given: diagnosing, when: api(), to: { diagnosing: { network: 'checking', memory: 'checking', api: 'checked' } } },
    { rule: 'R15', does: 'fails an API check that hangs', given: bothOk, when: timer('apiMs'), to: 'idle', context: { verdict: 'remote' } },
    { rule: 'R16', does: 'makes connections anew when the host cannot be reached', given: unreachable, when: network(false), to: { acting: 'resettingConnections' }, emits: ['network.failed', 'reconnect.advised', 'action.run'], context: { verdict: 'network' } },
    { rule: 'R17', does: 'alerts when that was done already', given: [...escalated, timer('againMs'), sample(), api()], when: network(false), to: { escalated: 'alerted' } },
    { rule: 'R18', does: 'clears caches after three bad samples in a row', given: strained.slice(0, -1), when: sample(0.9), to: { acting: 'clearingCaches' }, emits: ['caches.cleared', 'action.run'] },
    { rule: 'R18', does: 'counts a slow event loop like a full heap', given: strained.slice(0, -1), when: sample(0.2, 500), to: { acting: 'clearingCaches' } },
    { rule: 'R19', does: 'reduces load when that was not enough', given: measuringMemory, when: sample(0.9), to: { verifying: 'waiting' }, emits: ['load.reduced'], context: { isReduced: true } },
    { rule: 'R20', does: 'alerts when nothing is left to do', given: [...reducing, timer('verifyMs')], when: sample(0.9), to: { escalated: 'alerted' }, emits: ['module.notify'] },
    { rule: 'R21', does: 'renews a token that is not taken', given: bothOk, when: api('auth'), to: 'idle', emits: ['token.rejected'] },
    { rule: 'R22', does: 'does nothing while only the remote is down', given: bothOk, when: api('transient'), to: 'idle', emits: [], context: { verdict: 'remote', tried: [] } },
    { rule: 'R23', does: 'undoes the reduction when things are well', given: [...reducing, timer('verifyMs'), sample(), check, network(), sample()], when: api(), to: 'idle', emits: ['load.restored'], context: { isReduced: false, tried: [] } },
    { rule: 'R24', does: 'forgets what it tried when all is well', given: bothOk, when: api(), to: 'idle', context: { tried: [] } },
    { rule: 'R25', does: 'measures after an action', given: resetting, when: done('resetConnections'), to: { verifying: 'waiting' } },
    { rule: 'R26', does: 'measures after an action that failed', given: resetting, when: { type: 'effect.failed', effectId: 'x', error: 'e' }, to: { verifying: 'waiting' } },
    { rule: 'R27', does: 'measures after an action cut off', given: resetting, when: { type: 'effect.interrupted', effectId: 'x' }, to: { verifying: 'waiting' } },
    { rule: 'R28', does: 'measures after an action that hangs', given: resetting, when: timer('actionMs'), to: { verifying: 'waiting' } },
    { rule: 'R29', does: 'measures after load was reduced', given: measuringMemory, when: sample(0.9), to: { verifying: 'waiting' } },
    { rule: 'R30', does: 'measures the network again', given: [...resetting, done('x')], when: timer('verifyMs'), to: { verifying: 'measuring' }, says: { type: 'check.run', check: 'network' } },
    { rule: 'R31', does: 'measures the process again', given: [...strained, done('x')], when: timer('verifyMs'), to: { verifying: 'measuring' }, says: { type: 'check.run', check: 'memory' } },
    { rule: 'R32', does: 'is content with a changed measurement', given: measuringNetwork, when: network(), to: 'idle' },
    { rule: 'R33', does: 'goes on when nothing has changed', given: measuringNetwork, when: network(false), to: { escalated: 'alerted' } },
    { rule: 'R34', does: 'goes on without a measurement', given: measuringMemory, when: timer('measureMs'), to: { verifying: 'waiting' }, emits: ['load.reduced'] },
    { rule: 'R35', does: 'alerts once', given: [...escalated, timer('againMs'), sample(), api()], when: network(false), to: { escalated: 'alerted' }, emits: ['network.failed'] },
    { rule: 'R36', does: 'ends the process where that is wanted', input: { options: { ...defaultOptions.recovery, exitWhenStuck: true } }, given: measuringNetwork, when: network(false), to: { escalated: 'alerted' }, emits: ['network.failed', 'module.notify', 'recovery.stuck'] },
    { rule: 'R37', does: 'stays up otherwise', given: measuringNetwork, when: network(false), to: { escalated: 'alerted' }, emits: ['network.failed', 'module.notify'] },
    { rule: 'R38', does: 'looks again', given: escalated, when: timer('againMs'), to: DIAGNOSING },
  ]);

  test('[R8] the wait between two diagnoses differs by up to a fifth each way', () => {
    const folder = folderOf(recoveryMachine);
    const { snapshot } = folder.start({ at: 0, id: 'recovery', ...input });
    const waits = Array.from({ length: 200 }, (_, i) => (folder.transition(snapshot, { at: 0, ...readied, id: `e${i}` }).snapshot.context as { waitMs: number }).waitMs);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(24_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(36_000);
    expect(new Set(waits).size).toBeGreaterThan(100);
  });

  test('[R16] [limit recoveryActions] the same action rests for two minutes, doubling, and runs three times in an hour at most', () => {
    const folder = folderOf(recoveryMachine);
    let { snapshot } = folder.start({ at: 0, id: 'recovery', ...input });
    const send = (event: Event, at: number): void => {
      snapshot = folder.transition(snapshot, { id: 'e', ...event, at }).snapshot;
    };
    send(readied, 0);
    const acted: number[] = [];
    for (let at = 0; at < 3_600_000; at += 30_000) {
      send(check, at);
      for (const event of [sample(), api('transient'), network(false)]) send(event, at);
      if (JSON.stringify(snapshot.value).startsWith('{"acting"')) {
        acted.push(at / 1_000);
        for (const event of [done('resetConnections'), timer('verifyMs'), network()]) send(event, at);
      } else send(asked(), at);
      // Things are well for a moment: what was tried is forgotten, the cool-down is not.
      if (snapshot.value === 'idle') send(check, at);
      for (const event of [sample(), api(), network()]) send(event, at);
    }
    expect(acted).toEqual([0, 120, 360]);
  });
});
