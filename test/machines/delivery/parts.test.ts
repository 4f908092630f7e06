import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deliveryMachine } from '../../../src/machines/delivery/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver } from '../machineDriver.js';

const { retry, delivery, lane } = defaultOptions;
const TEXT_MAX = 40;
const options = {
  retry,
  lane,
  delivery: { ...delivery, textMax: TEXT_MAX, lateMs: 1e9, replyWindowMs: { ...delivery.replyWindowMs, guild: 1e9 } },
  timeoutMs: 1_000,
};
const id = 'delivery:m7.0';

type Kind = 'transient' | 'throttled';
interface Call {
  readonly part: { readonly number: number; readonly of: number; readonly text: string };
  readonly attempt: number;
}

/** What one long text's calls were, when each part's calls fail as told before one is taken. */
function sent(text: string, failures: readonly (readonly Kind[])[]) {
  const chart = createMachineDriver(deliveryMachine, {
    id,
    message: 'message:m7',
    messageId: 'm7',
    ordinal: 0,
    place: { kind: 'guild', guildId: 'g', channelId: 'c' },
    lane: 'lane:c',
    author: 'u',
    receivedAt: 1_000_000,
    form: { text, embed: false },
    operator: false,
    options,
    locale: 'en',
  });
  const calls: Call[] = [];
  const pauses: number[] = [];
  for (let part = 0; chart.snapshot.status === 'active'; part += 1) {
    for (const end of [...(failures[part] ?? []), 'ok'] as const) {
      if (chart.state === 'backingOff') {
        pauses.push((chart.snapshot.context as { pauseMs: number }).pauseMs);
        chart.wait(400_000);
      }
      if (chart.state === 'continuing') chart.wait(lane.paceMs);
      if (chart.state === 'queued') chart.send({ type: 'turn.granted', deliveries: [id] });
      chart.send({
        type: 'permit.granted',
        delivery: id,
        breaker: 'b',
        permit: { id: 'p', generation: 1 },
        probe: false,
      });
      calls.push(chart.emitted.find(({ type }) => type === 'call.start') as never);
      if (end === 'ok')
        chart.send({
          type: 'call.succeeded',
          class: 'ok',
          status: 200,
          code: null,
          latencyMs: 1,
          messageId: 'r',
          breakerOpen: false,
        });
      else
        chart.send({
          type: 'call.failed',
          class: end,
          status: 500,
          code: null,
          latencyMs: 1,
          retryAfterMs: 5_000,
          traceId: null,
          breakerOpen: false,
        });
    }
  }
  return { calls, pauses, state: chart.state };
}

const words = fc
  .array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 20, maxLength: 60, size: 'medium' })
  .map((list) => list.join(' '));
const failures = fc.array(
  fc.array(fc.constantFrom<Kind>('transient', 'throttled'), { maxLength: retry.retriesMax + 2 }),
  { maxLength: 8 },
);

describe('a long text', () => {
  test('[D26] [D5] [D7] [D16] each part is sent in order until it is taken, and has attempts of its own; too fast spends none', () => {
    fc.assert(
      fc.property(words, failures, (text, fails) => {
        const { calls, pauses, state } = sent(text, fails);
        expect(state).toBe('delivered');
        const taken = calls.filter((call, i) => calls[i + 1]?.part.number !== call.part.number).map(({ part }) => part);
        expect(taken.map((part) => part.text).join('')).toBe(text);
        expect(taken.map(({ number }) => number)).toEqual(taken.map((_, i) => i + 1));
        expect(taken.every((part) => part.text.length <= TEXT_MAX && part.of === taken.length)).toBe(true);
        const attempts = taken.map((_, i) =>
          calls.filter(({ part }) => part.number === i + 1).map(({ attempt }) => attempt),
        );
        const slow: boolean[] = [];
        const wanted = taken.map((_, i) => {
          let attempt = 1;
          return [
            ...(fails[i] ?? []).map((kind) => {
              const is = attempt;
              if (kind === 'transient') attempt += 1;
              slow.push(kind === 'throttled' || is > retry.retriesMax);
              return is;
            }),
            attempt,
          ];
        });
        expect(attempts).toEqual(wanted);
        expect(pauses).toHaveLength(slow.length);
        for (const [i, pauseMs] of pauses.entries()) {
          if (slow[i]) expect(pauseMs).toBeGreaterThanOrEqual(Math.min(5_000, retry.slowScheduleMs / 2));
          else expect(pauseMs).toBeLessThanOrEqual(retry.capMs);
        }
      }),
      { numRuns: 60 },
    );
  });
});
