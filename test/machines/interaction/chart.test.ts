import { describe } from '@jest/globals';
import { interactionMachine } from '../../../src/machines/interaction/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, elapsed, testRows } from '../rows.js';

const failed = (kind: string): Event => ({ type: 'call.failed', effectId: 'x', class: kind, status: 500, code: null, latencyMs: 1, retryAfterMs: null, traceId: null });
const timer = (name: string): Event => elapsed(interactionMachine, name);

describe(interactionMachine.id, () => {
  testRows(interactionMachine, { interaction: 'i1', options: defaultOptions.interactions }, [
    { rule: 'N1', does: 'acknowledges at once', when: 'start', to: 'acknowledging', says: { type: 'interaction.acknowledge', interaction: 'i1', timeoutMs: 3_000 } },
    { rule: 'N2', does: 'gives up after 3 s', when: timer('deadlineMs'), to: 'missed' },
    { rule: 'N3', does: 'ends when QQ has it', when: { type: 'call.succeeded', effectId: 'x', class: 'ok', status: 204, code: null, latencyMs: 1, messageId: null }, to: 'acknowledged' },
    { rule: 'N4', does: 'tries again when it failed', when: failed('transient'), to: 'pausing', emits: [] },
    { rule: 'N5', does: 'gives up when QQ refuses it', when: failed('local'), to: 'missed', context: { reason: 'local 500' } },
    { rule: 'N6', does: 'repeats what a kill cut off', when: { type: 'effect.interrupted', effectId: 'x' }, to: 'acknowledging', emits: ['interaction.acknowledge'] },
    { rule: 'N7', does: 'gives up when the adapter fails', when: { type: 'effect.failed', effectId: 'x', error: 'e' }, to: 'missed' },
    { rule: 'N8', does: 'tries again after the pause', given: [failed('auth')], when: timer('retryMs'), to: 'acknowledging', emits: ['interaction.acknowledge'] },
  ]);
});
