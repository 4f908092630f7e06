import { describe, expect, test } from '@jest/globals';
import { OWN_MESSAGES_MAX, ownMessagesMachine } from '../../../src/machines/ownMessages/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver } from '../machineDriver.js';

const rig = () => createMachineDriver(ownMessagesMachine, { epoch: 3, permissionMs: 1_000 }, 100);
const read = (chart: ReturnType<typeof rig>, matches: readonly string[], more: object = {}): unknown => {
  chart.send({
    type: 'channel.checked',
    class: 'ok',
    code: null,
    effectId: 'x',
    delivery: 'd',
    matches,
    isWhole: true,
    isAlone: true,
    receivedAt: chart.now,
    ...more,
  });
  return chart.emitted[0]?.verdict;
};

describe('what is known of our own messages', () => {
  test('[Y8] [Y9] [Y10] is there only when one is unknown, nobody else writes there, and every id since the question is known', () => {
    for (const isAlone of [true, false]) {
      for (const isWhole of [true, false]) {
        for (const asked of [-1, 0, 1]) {
          for (const matches of [[], ['known'], ['known', 'new'], ['new']]) {
            const chart = rig();
            chart.send({ type: 'message.sent', message: 'known' });
            const isNew = matches.includes('new');
            const wanted = isNew && isAlone && asked >= 0 ? 'there' : !isNew && isWhole ? 'absent' : 'unknown';
            const verdict = read(chart, matches, { isAlone, isWhole, receivedAt: chart.now + asked });
            expect([isAlone, isWhole, asked, matches, verdict]).toEqual([isAlone, isWhole, asked, matches, wanted]);
            // It belongs to that reply now: the next one that looks does not take it.
            if (wanted === 'there') expect(read(chart, ['new'])).toBe('absent');
          }
        }
      }
    }
  });

  test('[Y2] [Y3] the life after the last one goes on, any later one begins anew', () => {
    for (const [epoch, verdict] of [
      [4, 'absent'],
      [5, 'there'],
      [9, 'there'],
    ] as const) {
      const chart = rig();
      chart.send({ type: 'message.sent', message: 'known' });
      chart.wait(10);
      chart.send({ type: 'run.started', epoch, options: defaultOptions });
      chart.wait(10);
      expect([epoch, read(chart, ['known'])]).toEqual([epoch, verdict]);
      const since = (chart.snapshot.context as { since: number }).since;
      expect(since).toBe(epoch === 4 ? 100 : 110);
    }
  });

  test('[Y5] past the ids remembered, what was sent before the oldest is no longer told apart', () => {
    const chart = rig();
    for (let i = 0; i <= OWN_MESSAGES_MAX; i += 1) {
      chart.send({ type: 'message.sent', message: `m${i}` });
      chart.wait(1);
    }
    const context = chart.snapshot.context as { known: unknown[]; since: number };
    expect([context.known.length, context.since]).toEqual([OWN_MESSAGES_MAX, 100]);
    chart.send({ type: 'message.sent', message: 'one more' });
    expect((chart.snapshot.context as { since: number }).since).toBe(101);
    expect([read(chart, ['m0'], { receivedAt: 100 }), read(chart, ['m1'], { receivedAt: 101 })]).toEqual([
      'unknown',
      'there',
    ]);
  });
});
