import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { externalCallMachine } from '../../../src/machines/externalCall/chart.js';
import { type Event, elapsed, testRows } from '../rows.js';

const input = { id: 'external:r.0', run: 'r', ordinal: 0, breaker: 'breaker:external:weather', isFeatureOn: true, isBreakerOpen: false, timeoutMs: 1_000, permitMs: 5_000 };
const granted: Event = { type: 'permit.granted', delivery: 'external:r.0', breaker: input.breaker, permit: { id: 'p', generation: 1 }, probe: false };

describe('externalCall', () => {
  testRows(externalCallMachine, input, [
    { rule: 'X5', does: 'runs under a permit', when: granted, to: 'calling', emits: ['external.run'] },
    { rule: 'X6', does: 'is refused when too many wait', when: { type: 'permit.denied', delivery: 'x' }, to: 'refused', says: { type: 'external.refuse', reason: 'tooMany' } },
    { rule: 'X7', does: 'is refused without a permit in time', when: elapsed(externalCallMachine, 'permitMs'), to: 'refused', emits: ['external.refuse'] },
    { rule: 'X8', does: 'ends well', given: [granted], when: { type: 'external.succeeded', effectId: 'e', latencyMs: 1 }, to: 'succeeded' },
    { rule: 'X9', does: 'fails', given: [granted], when: { type: 'external.failed', effectId: 'e', class: 'transient', latencyMs: 1, error: 'E' }, to: 'failed' },
    { rule: 'X10', does: 'dies with its process', given: [granted], when: { type: 'effect.interrupted', effectId: 'e' }, to: 'failed' },
    { rule: 'X11', does: 'fails when the adapter does', given: [granted], when: { type: 'effect.failed', effectId: 'e', error: 'E' }, to: 'failed' },
    { rule: 'X12', does: 'does not last for ever', given: [granted], when: elapsed(externalCallMachine, 'callMs'), to: 'failed' },
    { rule: 'X13', does: 'is withdrawn when its handler has ended', when: { type: 'run.ended' }, to: 'withdrawn', emits: [] },
  ]);

  test.each([
    ['[X1, X4] asks its breaker', {}, 'awaitingPermit', ['permit.requested']],
    ['[X2] is refused at once while the feature is off', { isFeatureOn: false }, 'refused', ['external.refuse']],
    ['[X3] is refused at once while its breaker is open', { isBreakerOpen: true }, 'refused', ['external.refuse']],
  ])('%s', (_title, more, to, emits) => {
    const { snapshot, emitted } = folderOf(externalCallMachine).start({ at: 0, ...input, ...more });
    expect(snapshot.value).toBe(to);
    expect(emitted.map((event) => event.type)).toEqual(emits);
  });
});
