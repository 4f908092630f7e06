import { describe, expect, test } from '@jest/globals';
import type { EventObject } from 'xstate';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { deliveryMachine } from '../../../src/machines/delivery/chart.js';
import { randomFrom } from '../../../src/machines/kit/randomness.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { elapsed } from '../rows.js';

const { retry, delivery, lane } = defaultOptions;
const WINDOW_MS = 300_000;
const PERMIT = { breaker: 'breaker:messages', permit: { id: 'p', generation: 1 }, probe: false };
/** What it may be in after its window: over, or something is out whose end is near and tells what became of it. */
const AFTER = [
  'delivered',
  'uncertain',
  'deadLettered',
  'sending',
  'doubting',
  'awaitingReading',
  'reading',
  'underAudit',
];
const CODES = [null, 304003, 304019, 40054007, 304082, 11298];
const CLASSES = ['transient', 'ambiguous', 'throttled', 'auth', 'rejectedForm', 'rejectedTarget', 'local'];

const failures = CLASSES.flatMap((kind) =>
  CODES.flatMap((code) =>
    [true, false].map((breakerOpen) => ({
      type: 'call.failed',
      class: kind,
      code,
      status: 500,
      latencyMs: 9,
      retryAfterMs: null,
      breakerOpen,
    })),
  ),
);
const events = [
  { type: 'turn.granted', deliveries: ['d'] },
  { type: 'turn.denied', delivery: 'd' },
  { type: 'permit.granted', delivery: 'd', ...PERMIT },
  { type: 'permit.denied', delivery: 'd' },
  { type: 'effect.interrupted', effectId: 'x' },
  { type: 'effect.failed', effectId: 'x', error: 'e' },
  ...['ok', 'underAudit'].map((kind) => ({
    type: 'call.succeeded',
    class: kind,
    code: null,
    latencyMs: 9,
    messageId: 'r',
    breakerOpen: false,
  })),
  ...['there', 'absent', 'unknown'].map((verdict) => ({ type: 'doubt.settled', delivery: 'd', verdict })),
  ...['backOffMs', 'rungPauseMs', 'partPauseMs', 'doubtMs', 'readingWaitMs'].map((timer) =>
    elapsed(deliveryMachine, timer),
  ),
];
const inputOf = (seed: number): object => ({
  id: 'd',
  message: 'message:m',
  messageId: 'm',
  ordinal: 0,
  place: { kind: seed % 2 ? 'group' : 'guild', guildId: 'g', channelId: 'c' },
  lane: 'lane:c',
  author: 'u',
  receivedAt: 0,
  form: {
    text: 'x'.repeat(seed % 3 ? 20 : 400),
    embed: true,
    ...(seed % 5 ? {} : { image: 'https://p.example/a.png' }),
  },
  operator: false,
  options: {
    retry,
    delivery: { ...delivery, textMax: 100, replyWindowMs: { ...delivery.replyWindowMs, group: WINDOW_MS } },
    lane,
    timeoutMs: 30_000,
  },
  locale: 'en',
  at: seed % 7 ? 0 : 400_000,
  ...(seed % 4 ? {} : { readsBack: true }),
});

/** One delivery to whom anything happens, around the end of its window; timers fire in time unless `stalls`. */
function live(seed: number, stalls: boolean): string[] {
  const folder = folderOf(deliveryMachine);
  const luck = (n: number, of: number): number => Math.floor(randomFrom(`${seed}.${n}`) * of);
  let fold = folder.start(inputOf(seed));
  const wrong: string[] = [];
  let at = seed % 7 ? luck(-1, 2) * 299_000 : 400_000;
  let isTimed = true;
  const hear = (event: object): void => {
    fold = folder.transition(fold.snapshot, { id: `${seed}.${at}`, at, ...event } as unknown as EventObject);
    const call = fold.emitted.find(({ type }) => type === 'call.start');
    if (call && at >= WINDOW_MS) wrong.push(`seed ${seed}: call.start at ${at}`);
    const { value } = fold.snapshot;
    if (at >= WINDOW_MS && !stalls && !AFTER.includes(String(value))) wrong.push(`seed ${seed}: ${value} at ${at}`);
  };
  if (at >= WINDOW_MS && !AFTER.includes(String(fold.snapshot.value)))
    wrong.push(`seed ${seed}: born ${fold.snapshot.value}`);
  for (let n = 0; n < 40 && fold.snapshot.status === 'active'; n += 1) {
    at += luck(3 * n, 3) ? luck(3 * n + 1, 200) : 0;
    if (at >= WINDOW_MS && isTimed && !stalls) {
      isTimed = false;
      hear(elapsed(deliveryMachine, 'windowMs'));
    }
    // What goes on comes more often than what goes wrong.
    const pool = luck(3 * n + 2, 2) ? events : failures;
    hear(pool[luck(100 + n, pool.length)]!);
  }
  return wrong;
}

describe('core 35', () => {
  test('[case L4] [core 35] nothing is sent after the window, and nothing waits after it, whatever happens and when', () => {
    const wrong = Array.from({ length: 3_000 }, (_, seed) => [...live(seed, false), ...live(seed, true)]).flat();
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});
